"""Coverage of a district by zones, each place counted once."""

from spatial.coverage.cover import Coverage as Coverage
from spatial.coverage.cover import Partition as Partition
from spatial.coverage.cover import cover as cover
