"""Checks of layers and their repair: pure functions on geometries, their plane and their columns."""
