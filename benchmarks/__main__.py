"""Run all benchmarks at full size: ``python -m benchmarks``."""

from benchmarks import command, coverage, national, overlay, prepared, reading, slope

command.main()
prepared.main()
reading.main([])
overlay.main([])
national.main([])
coverage.main([])
slope.main([])
