"""Rasters by blocks: how they are cut, who works on them, and how a killed run goes on."""
