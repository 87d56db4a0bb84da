"""Run all benchmarks at full size: ``python -m benchmarks``."""

from benchmarks import command, overlay, reading, slope

command.main()
reading.main([])
overlay.main([])
slope.main([])
