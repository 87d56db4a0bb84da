"""Soil loss that was killed half-way goes on, and a cluster gives what one thread gives: the same bytes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pyproj import CRS

from spatial.erosion.rasters import aligned
from spatial.erosion.run import Inputs, Loss, compute_loss
from spatial.errors import InputError
from spatial.runtime import blocks as blocks_module
from spatial.runtime import restart
from tests import small
from tests.erosion.test_run import SIZE, inputs, raster

TABLES = ("cube", "grades", "sheet", "lost")
ZONES = np.array([small.at(200, 200, 600, 600), small.at(0, 100, 1100, 1000)], dtype=object)


@pytest.fixture(autouse=True)
def low_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"block_rows": 10, "memory_mib": 4096}
    monkeypatch.setattr(blocks_module, "setting", known.__getitem__)


def job(folder: Path, **more: object) -> Inputs:
    cover = np.random.default_rng(7).integers(0, 9, (SIZE, SIZE)).astype(np.uint8)
    return inputs(folder, 9, cover, **more)


def loss_of(told: Inputs) -> Loss:
    return compute_loss(told, ZONES, CRS(small.CRS))


def same(first: Loss, second: Loss) -> None:
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(first, name), getattr(second, name), check_exact=True)
    assert first.raster_t_hm2_a.tobytes() == second.raster_t_hm2_a.tobytes()
    assert first.cells == second.cells


class StoppedError(Exception):
    """Stands for whatever ends a run."""


def stopping(after: int) -> object:
    def stop(done: int, _: int) -> None:
        if done == after:
            raise StoppedError

    return stop


def test_on_the_disk_and_in_memory_it_is_the_same(tmp_path: Path) -> None:
    found = loss_of(job(tmp_path, scratch=tmp_path / "out" / "loss"))
    same(found, loss_of(job(tmp_path)))
    parts = list(found.parts_t_hm2_a())
    assert [len(part) for part in parts] == [10] * 6
    np.testing.assert_array_equal(np.vstack(parts), found.raster_t_hm2_a)
    found.discard()
    assert not (tmp_path / "out").exists()


def test_a_run_that_was_stopped_goes_on(tmp_path: Path) -> None:
    scratch = tmp_path / "loss"
    with pytest.raises(StoppedError):
        loss_of(job(tmp_path, scratch=scratch, workers="serial", progress=stopping(2)))
    seen: list[tuple[int, int]] = []
    again = loss_of(job(tmp_path, scratch=scratch, progress=lambda *told: seen.append(told)))
    assert seen == [(done, 6) for done in (3, 4, 5, 6)]
    same(again, loss_of(job(tmp_path)))


@pytest.mark.parametrize("what", ["rain", "cover", "heights", "zones", "tables"])
def test_another_job_begins_anew(tmp_path: Path, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch, zones = tmp_path / "loss", ZONES
    with pytest.raises(StoppedError):
        loss_of(job(tmp_path, scratch=scratch, workers="serial", progress=stopping(2)))
    seen: list[int] = []
    again = job(tmp_path, scratch=scratch, progress=lambda done, _: seen.append(done))
    if what == "rain":
        again = job(tmp_path, scratch=scratch, progress=again.progress, rain=1901.0)
    elif what == "cover":
        raster(tmp_path / "cover.tif", np.full((SIZE, SIZE), 3, np.uint8), nodata=0)
    elif what == "heights":
        again = inputs(tmp_path, 10, np.ones((SIZE, SIZE), np.uint8), scratch=scratch, progress=again.progress)
    elif what == "tables":
        monkeypatch.setattr(restart, "tables_sha256", lambda: "constants of another day")
    else:
        zones = ZONES[:1]
    compute_loss(again, zones, CRS(small.CRS))
    assert seen == [1, 2, 3, 4, 5, 6]


def test_a_refused_input_leaves_nothing(tmp_path: Path) -> None:
    cover = np.ones((SIZE, SIZE), np.uint8)
    cover[-1, -1] = 77
    with pytest.raises(InputError, match="77"):
        loss_of(inputs(tmp_path, 9, cover, scratch=tmp_path / "out" / "loss", workers="serial"))
    assert not (tmp_path / "out").exists()


_RUN = """
import sys, time
from pathlib import Path
from spatial.runtime import blocks
blocks.setting = {"block_rows": 5, "memory_mib": 4096}.__getitem__
from tests.erosion.test_restart import job, loss_of
def report(done, every):
    print(done, flush=True)
    time.sleep(float(sys.argv[2]))
folder = Path(sys.argv[1])
found = loss_of(job(folder, scratch=folder / "loss", workers="serial", progress=report))
found.raster_t_hm2_a.tofile(folder / "raster.raw")
found.cube.to_parquet(folder / "cube.parquet")
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system cannot kill without warning")
def test_a_killed_process_leaves_its_finished_blocks(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _RUN, str(tmp_path)]
    with subprocess.Popen([*command, "0.2"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        while process.stdout.readline() != "3\n":
            assert process.poll() is None
        os.kill(process.pid, signal.SIGKILL)
    lines = (tmp_path / ".loss.unfinished" / "finished.jsonl").read_text(encoding="utf-8").splitlines()
    finished = [json.loads(line)["block"] for line in lines[1:]]
    assert finished[:3] == [0, 1, 2]
    again = subprocess.run([*command, "0"], check=True, capture_output=True, text=True)
    assert [int(line) for line in again.stdout.split()] == list(range(len(finished) + 1, 13))
    (tmp_path / "other").mkdir()
    whole = subprocess.run([*command[:-1], str(tmp_path / "other"), "0"], check=True, capture_output=True, text=True)
    assert len(whole.stdout.split()) == 12
    for name in ("raster.raw", "cube.parquet"):
        assert (tmp_path / name).read_bytes() == (tmp_path / "other" / name).read_bytes()


def test_an_estimate_counts_the_raster_where_it_is_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The blocks of this small grid and the heights read ahead need a few hundredths of a MiB more than 512.
    monkeypatch.setattr(blocks_module, "setting", {"block_rows": 10, "memory_mib": 100}.__getitem__)
    with pytest.raises(InputError, match="limit of 100 MiB"):
        loss_of(job(tmp_path))


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    distributed = pytest.importorskip("distributed", reason="Dask is not installed")
    options = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
    with distributed.LocalCluster(**options) as made:
        yield f"dask:{made.scheduler_address}"


@pytest.mark.filterwarnings("default")
def test_two_workers_of_a_cluster_give_the_same_bytes(cluster: str, tmp_path: Path) -> None:
    reports: list[int] = []
    rain = raster(tmp_path / "rain.tif", np.full((SIZE, SIZE), 1500.0, np.float32))
    whole = job(tmp_path)
    given = {"rain": aligned(rain, whole.dem.grid, whole.dem.path)}
    scratch = tmp_path / "loss"
    by_cluster = loss_of(
        job(tmp_path, workers=cluster, scratch=scratch, progress=lambda done, _: reports.append(done), **given)
    )
    same(by_cluster, loss_of(job(tmp_path, workers="serial", **given)))
    assert reports == [1, 2, 3, 4, 5, 6]


@pytest.mark.filterwarnings("default")
def test_an_input_that_a_worker_of_a_cluster_refuses_is_said(cluster: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="77"):
        loss_of(inputs(tmp_path, 9, np.full((SIZE, SIZE), 77, np.uint8), workers=cluster))
