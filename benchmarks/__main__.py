"""Run all benchmarks at full size: ``python -m benchmarks``."""

from benchmarks import overlay

overlay.main([])
