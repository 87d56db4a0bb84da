"""Run all benchmarks at full size: ``python -m benchmarks``."""

from benchmarks import command, overlay

command.main()
overlay.main([])
