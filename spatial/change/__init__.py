"""What two editions of a layer changed."""
