from __future__ import annotations

import matplotlib as mpl
from hypothesis import settings

mpl.use("Agg")

# The same examples in every run, however slow the machine: a failure can be repeated.
settings.register_profile("steady", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("steady")
