"""Run all benchmarks at full size: ``python -m benchmarks``."""

from benchmarks import command, coverage, national, overlay, reading

command.main()
reading.main([])
national.main([])
coverage.main([])
overlay.main([])
