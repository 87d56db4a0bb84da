"""The two ends of the house: reading and writing."""
