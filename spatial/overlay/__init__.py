"""Lay projects over zones: areas, pieces, and what becomes of them.

Everything here works on geometries that are already in one planar equal-area coordinate
system, in metres; projecting is the caller's business.
"""

from spatial.overlay.parts import Closure as Closure
from spatial.overlay.parts import Shares as Shares
from spatial.overlay.parts import closure as closure
from spatial.overlay.parts import entered_part as entered_part
from spatial.overlay.parts import merge_by_project as merge_by_project
from spatial.overlay.parts import net_parts as net_parts
from spatial.overlay.parts import share_out as share_out
from spatial.overlay.parts import split_slivers as split_slivers
from spatial.overlay.zones import Distances as Distances
from spatial.overlay.zones import Pairs as Pairs
from spatial.overlay.zones import Pieces as Pieces
from spatial.overlay.zones import ZoneIndex as ZoneIndex
