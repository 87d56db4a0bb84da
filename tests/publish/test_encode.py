"""Bytes that read back as what was written."""

from __future__ import annotations

import datetime as dt
import re

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from spatial.errors import InputError
from spatial.publish.decode import numbers, read_page, sums, unpacked
from spatial.publish.encode import differences, packed, varints, zigzag
from spatial.publish.page import page_text
from spatial.tables.cells import Column
from tests import samples as screenings
from tests.publish import samples

WHOLE = st.lists(st.integers(-(2**40), 2**40), max_size=50).map(lambda found: np.array(found, dtype=np.int64))


@given(WHOLE)
def test_differences_read_back(values: np.ndarray) -> None:
    assert sums(differences(values).tobytes()).tolist() == values.tolist()
    assert numbers(varints(zigzag(values)).tobytes()).tolist() == [2 * v if v >= 0 else -2 * v - 1 for v in values]


def test_a_block_by_hand() -> None:
    block = packed({"a": "红"}, {"one": varints(np.array([300])), "two": varints(np.array([], dtype=np.int64))})
    head, sections = unpacked(block)
    assert head == {"a": "红", "sections": [["one", 2], ["two", 0]]}
    assert sections == {"one": b"\xac\x02", "two": b""}
    assert packed({"a": "红"}, {"one": varints(np.array([300])), "two": varints(np.array([], dtype=np.int64))}) == block


COORDS = st.tuples(st.floats(70, 140), st.floats(0, 55))
SHAPES = st.one_of(
    st.none(),
    COORDS.map(shapely.Point),
    st.lists(COORDS, min_size=2, max_size=6, unique=True).map(shapely.LineString),
    st.tuples(COORDS, st.floats(0.001, 1)).map(lambda found: shapely.Point(found[0]).buffer(found[1], quad_segs=3)),
)


@given(st.lists(SHAPES, max_size=6))
def test_shapes_come_back_within_half_a_quantum(shapes: list[shapely.Geometry | None]) -> None:
    found = read_page(page_text(samples.publication(samples.layer("a", shapes)))).layers[0]
    for before, after in zip(shapes, found.shapes, strict=True):
        assert (before is None) == (after is None)
        if before is not None:
            assert shapely.hausdorff_distance(before, after) <= 0.5e-6 * np.sqrt(2) + 1e-9
            assert before.geom_type == after.geom_type


def test_values_come_back_as_they_were() -> None:
    columns = (
        Column("name", "名称", "text"),
        Column("area_m2", "面积", "m2"),
        Column("day", "日期", "date"),
        Column("many", "个数", "count"),
    )
    rows = (("甲", 73333.33, dt.date(2026, 11, 21), 7), (None, None, None, None), ("</script>", -0.1, None, 0))
    layer = samples.layer("a", [samples.square(0, 0)] * 3, columns=columns, rows=rows, role="WS1", note="来源")
    page = read_page(page_text(samples.publication(layer, facts=(("审图号", "晋S(2026)001号"),))))
    (found,) = page.layers
    assert (found.columns, found.rows, found.role, found.note) == (columns, rows, "WS1", "来源")
    assert page.facts == {"审图号": "晋S(2026)001号"}
    assert (page.title, page.lang, page.lines, page.tolerance_m) == ("样图", "zh", (("示意图", True),), 0.0)


def test_a_page_is_the_same_each_time_and_asks_for_nothing() -> None:
    publication = samples.district()
    text = page_text(publication)
    assert page_text(publication) == text
    assert not re.search(r'(src|href)="\w', text)


def test_the_shell_is_light(tmp_path: samples.Any) -> None:
    from spatial.publish.page import write_page

    report = write_page(samples.publication(samples.layer("a", [samples.square(0, 0)])), tmp_path / "a.html")
    assert report.shell_bytes < 600_000
    assert report.size_bytes == (tmp_path / "a.html").stat().st_size
    assert (report.features, report.vertices, report.marks, report.unplaced) == (1, 5, 0, 0)


def test_small_areas_are_counted_as_marks(tmp_path: samples.Any) -> None:
    from spatial.publish.page import write_page

    small = samples.layer("a", [samples.square(0, 0), samples.square(0.05, 0.05, 1e-4), None])
    report = write_page(samples.publication(small), tmp_path / "a.html")
    assert (report.marks, report.unplaced) == (1, 1)


@pytest.mark.parametrize("text", ["", "<html></html>", '<script type="application/json" id="ep-page">{}</script>'])
def test_another_page_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="no page published"):
        read_page(text)


def test_a_damaged_block_is_refused() -> None:
    text = page_text(samples.publication(samples.layer("a", [samples.square(0, 0)])))
    place = text.index('id="ep-layer-0">') + 40
    with pytest.raises(InputError):
        read_page(text[:place] + text[place + 8 :])


@given(st.sampled_from(screenings.NASTY))
def test_no_text_leaves_its_block(name: str) -> None:
    layer = samples.layer("a", [samples.square(0, 0)], rows=((name,),), title=name, group=name, note=name)
    text = page_text(samples.publication(layer, title=name, lines=((name, True),), watermark=name))
    clean = page_text(samples.publication(samples.layer("a", [samples.square(0, 0)])))
    for mark in ("<script", "</script", "<img", "<h1", "<p"):
        assert text.count(mark) == clean.count(mark)
