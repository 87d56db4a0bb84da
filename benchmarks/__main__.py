"""Run all benchmarks at full size: ``python -m benchmarks``."""

from benchmarks import command, compiling, coverage, erosion, national, overlay, prepared, province, reading, slope

command.main()
prepared.main()
reading.main([])
overlay.main([])
national.main([])
coverage.main([])
slope.main([])
erosion.main([])
province.main([])
compiling.main()
