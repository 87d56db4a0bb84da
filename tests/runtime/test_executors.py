from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pyproj import CRS

from spatial.errors import InputError
from spatial.io.elevation import open_dem
from spatial.runtime import blocks as blocks_module
from spatial.runtime.executors import at_once, ordered
from spatial.terrain.classes import scheme_of
from spatial.terrain.run import Job, write_terrain
from spatial.terrain.zones import slope_class_areas
from tests.terrain.dems import grid, rough, write
from tests.terrain.test_zones import wide


def slowly(number: int) -> int:
    time.sleep(0.002 * (number % 3))
    return number * number


@pytest.mark.parametrize("workers", ["serial", "threads", "threads:1", "threads:4"])
def test_results_come_in_the_order_of_the_items(workers: str) -> None:
    assert list(ordered(slowly, range(25), workers)) == [number**2 for number in range(25)]
    assert list(ordered(slowly, [], workers)) == []


def test_items_are_taken_a_few_ahead_only() -> None:
    taken = []

    def items() -> Iterator[int]:
        for number in range(100):
            taken.append(number)
            yield number

    results = ordered(slowly, items(), "threads:2")
    next(results)
    assert len(taken) <= 1 + at_once("threads:2")
    assert list(results)[-1] == 99 * 99


def test_threads_work_beside_this_one_and_alone_in_serial() -> None:
    def who(_: int) -> int:
        return threading.get_ident()

    assert set(ordered(who, range(4), "serial")) == {threading.get_ident()}
    assert threading.get_ident() not in set(ordered(who, range(4), "threads:2"))


@pytest.mark.parametrize("workers", ["serial", "threads:2"])
def test_an_error_of_one_item_is_raised(workers: str) -> None:
    def fail(number: int) -> int:
        if number == 3:
            raise InputError("grid_empty")
        return number

    with pytest.raises(InputError, match="no cells"):
        list(ordered(fail, range(10), workers))


@pytest.mark.parametrize("workers", ["", "many", "threads:0", "threads:x", "dask:"])
def test_other_words_are_refused(workers: str) -> None:
    with pytest.raises(InputError, match="serial, threads, threads:NUMBER or dask:ADDRESS"):
        list(ordered(slowly, [1], workers))


def test_without_dask_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"pip install \"ecopattern\[dask\]\""):
        list(ordered(slowly, [1], "dask:tcp://127.0.0.1:1"))


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    distributed = pytest.importorskip("distributed", reason="Dask is not installed")
    options = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
    with distributed.LocalCluster(**options) as made:
        yield f"dask:{made.scheduler_address}"


@pytest.mark.filterwarnings("default")
def test_two_workers_of_a_cluster_give_the_same_bytes(
    cluster: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks_module, "setting", {"block_rows": 20, "memory_mib": 1000}.__getitem__)
    dem = open_dem(write(tmp_path / "dem.tif", rough(70, 50, amplitude=120).astype(np.float32), grid(70, 50)))
    zones = np.array([wide(seed) for seed in range(4)])
    tables = [slope_class_areas(dem, zones, CRS(4526), scheme_of("survey"), workers=who) for who in ("serial", cluster)]
    assert tables[0].table["area_m2"].to_numpy().tobytes() == tables[1].table["area_m2"].to_numpy().tobytes()
    for name, who in (("a.tif", "serial"), ("b.tif", cluster)):
        write_terrain(dem, tmp_path / name, Job("slope", workers=who))
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()


def test_a_scheduler_that_does_not_answer_is_said() -> None:
    pytest.importorskip("distributed", reason="Dask is not installed")
    with pytest.raises(InputError, match="does not answer"):
        list(ordered(slowly, [1], "dask:nowhere at all"))
