"""ecopattern: the ecological security pattern of a district, from layers to verdicts and maps."""

__version__ = "0.1.0"
