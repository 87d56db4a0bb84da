"""Draw the illustrative layers of a district from its table of facts, the same way every time."""
