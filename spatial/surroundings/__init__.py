"""What surrounds a zone: distance bands, what is exposed to what, fences."""
