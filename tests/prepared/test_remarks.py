from __future__ import annotations

import json

import numpy as np
import pytest

from spatial.findings import Finding
from spatial.prepared.remarks import from_plain, to_plain
from spatial.words import Both, Listed, Text


def test_findings_come_back_from_json_as_they_were():
    values: dict[str, object] = {
        "count": np.int64(3),
        "area": 0.1 + 0.2,
        "where": Text("district_outline", {"file": "区.shp"}),
        "which": Listed((Text("unit_ha"), Both("亩", "mu"))),
        "nothing": None,
    }
    found = Finding("warning", "geometry_mended", "a.shp", "7 (田)", values, (1.5, 2.5))
    back = from_plain(json.loads(json.dumps(to_plain([found]))))
    assert back == (found,)


def test_a_value_of_another_kind_is_refused():
    with pytest.raises(TypeError, match="object"):
        to_plain([Finding("note", "heights_dropped", "a", values={"count": object()})])
