"""Slope and aspect of heights on a grid, slope classes, and their areas by any zone."""
