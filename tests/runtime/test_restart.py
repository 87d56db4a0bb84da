from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from spatial.io.elevation import open_dem
from spatial.runtime import blocks as blocks_module
from spatial.runtime.blocks import Block
from spatial.runtime.restart import InMemory, Unfinished, key_of
from spatial.terrain.run import Job, write_terrain
from tests.terrain.dems import grid, rough, write

FIRST, SECOND = Block(0, (0, 2), (0, 3)), Block(1, (2, 4), (1, 4))


def test_finished_blocks_are_found_again(tmp_path: Path) -> None:
    kept = Unfinished(tmp_path / "out.tif", "key", 3, "float32")
    kept.add(SECOND, np.full((2, 3), 7, np.float32))
    again = Unfinished(tmp_path / "out.tif", "key", 3, "float32")
    assert (again.has(FIRST), again.has(SECOND)) == (False, True)
    again.add(FIRST, np.zeros((2, 3)))
    assert np.fromfile(again.rows_file, np.float32).tolist() == [0] * 6 + [7] * 6
    again.discard()
    assert list(tmp_path.iterdir()) == []


def test_what_is_told_with_a_block_comes_back_to_the_last_bit(tmp_path: Path) -> None:
    told = {"sums": [[3], [0.1 + 0.2, 1e-300, 2.0**60 + 1]]}
    kept = Unfinished(tmp_path / "out.tif", "key", 3, "float32")
    kept.add(SECOND, np.full((2, 3), 7, np.float32), told)
    kept.add(FIRST, np.ones((2, 3)))
    again = Unfinished(tmp_path / "out.tif", "key", 3, "float32")
    assert again.told(SECOND) == told
    assert again.read((1, 3)).tolist() == [[1, 1, 1], [7, 7, 7]]
    assert again.whole().tolist() == [[1, 1, 1], [1, 1, 1], [7, 7, 7], [7, 7, 7]]
    assert isinstance(again.whole().base, np.memmap)


def test_folders_that_were_made_for_nothing_are_taken_away(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    for name in ("new/deep", "old"):
        Unfinished(tmp_path / name / "out.tif", "key", 3, "float32").discard()
    assert [path.name for path in tmp_path.iterdir()] == ["old"]
    kept = Unfinished(tmp_path / "new" / "out.tif", "key", 3, "float32")
    (tmp_path / "new" / "out.tif").touch()
    kept.discard()
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["out.tif"]


def test_in_memory_it_reads_the_same(tmp_path: Path) -> None:
    values = np.arange(12, dtype=np.float32).reshape(4, 3)
    stores = (Unfinished(tmp_path / "out.tif", "key", 3, "float32"), InMemory((4, 3), "float32"))
    for store in stores:
        for block in (SECOND, FIRST):
            assert not store.has(block)
            store.add(block, values[slice(*block.rows)])
        np.testing.assert_array_equal(store.whole(), values)
        np.testing.assert_array_equal(store.read((1, 4)), values[1:])


def test_blocks_of_another_run_are_thrown_away(tmp_path: Path) -> None:
    Unfinished(tmp_path / "out.tif", "key", 3, "float32").add(FIRST, np.zeros((2, 3)))
    assert not Unfinished(tmp_path / "out.tif", "other", 3, "float32").has(FIRST)


def test_damaged_blocks_and_half_a_line_are_not_taken_for_finished(tmp_path: Path) -> None:
    kept = Unfinished(tmp_path / "out.tif", "key", 3, "float32")
    kept.add(FIRST, np.ones((2, 3)))
    kept.add(SECOND, np.ones((2, 3)))
    with kept.rows_file.open("rb+") as file:
        file.write(b"\0\0\0\0")
    with (kept.folder / "finished.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"block": 2, "cr')
    again = Unfinished(tmp_path / "out.tif", "key", 3, "float32")
    assert [again.has(block) for block in (FIRST, SECOND, Block(2, (4, 6), (3, 6)))] == [False, True, False]


def test_the_key_follows_inputs_and_parameters(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1", encoding="utf-8")
    first = key_of([tmp_path / "a"], {"method": "horn"})
    assert first == key_of([tmp_path / "a"], {"method": "horn"})
    assert first != key_of([tmp_path / "a"], {"method": "other"})
    (tmp_path / "a").write_text("2", encoding="utf-8")
    assert first != key_of([tmp_path / "a"], {"method": "horn"})


class StoppedError(Exception):
    """Stands for whatever ends a run."""


def test_a_run_that_was_stopped_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks_module, "setting", {"block_rows": 10, "memory_mib": 1000}.__getitem__)
    dem = open_dem(write(tmp_path / "dem.tif", rough(60, 20).astype(np.float32), grid(60, 20)))
    write_terrain(dem, tmp_path / "whole.tif", Job("slope"))

    def stop(done: int, _: int) -> None:
        if done == 3:
            raise StoppedError

    with pytest.raises(StoppedError):
        write_terrain(dem, tmp_path / "out.tif", Job("slope", workers="serial", progress=stop))
    assert not (tmp_path / "out.tif").exists()
    seen: list[int] = []
    write_terrain(dem, tmp_path / "out.tif", Job("slope", progress=lambda done, _: seen.append(done)))
    assert seen == [4, 5, 6]
    assert (tmp_path / "out.tif").read_bytes() == (tmp_path / "whole.tif").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dem.tif", "out.tif", "whole.tif"]


def test_other_heights_begin_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks_module, "setting", {"block_rows": 10, "memory_mib": 1000}.__getitem__)

    def stop(done: int, _: int) -> None:
        if done == 2:
            raise StoppedError

    dem = open_dem(write(tmp_path / "dem.tif", rough(40, 20).astype(np.float32), grid(40, 20)))
    with pytest.raises(StoppedError):
        write_terrain(dem, tmp_path / "out.tif", Job("slope", workers="serial", progress=stop))
    seen: list[int] = []
    write(tmp_path / "dem.tif", rough(40, 20, seed=2).astype(np.float32), grid(40, 20))
    write_terrain(dem, tmp_path / "out.tif", Job("slope", progress=lambda done, _: seen.append(done)))
    assert seen == [1, 2, 3, 4]


_RUN = """
import sys, time
from pathlib import Path
from spatial.io.elevation import open_dem
from spatial.runtime import blocks
from spatial.terrain.run import Job, write_terrain
blocks.setting = {"block_rows": 8, "memory_mib": 1000}.__getitem__
def report(done, every):
    print(done, flush=True)
    time.sleep(float(sys.argv[3]))
write_terrain(open_dem(Path(sys.argv[1])), Path(sys.argv[2]), Job("slope", workers="serial", progress=report))
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system cannot kill without warning")
def test_a_killed_process_leaves_its_finished_blocks(tmp_path: Path) -> None:
    dem = write(tmp_path / "dem.tif", rough(80, 20).astype(np.float32), grid(80, 20))
    command = [sys.executable, "-c", _RUN, str(dem), str(tmp_path / "out.tif")]
    with subprocess.Popen([*command, "0.2"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        while process.stdout.readline() != "3\n":
            assert process.poll() is None
        os.kill(process.pid, signal.SIGKILL)
    listed = (tmp_path / ".out.tif.unfinished" / "finished.jsonl").read_text(encoding="utf-8").splitlines()
    finished = [json.loads(line)["block"] for line in listed[1:]]
    assert finished[:3] == [0, 1, 2]
    assert not (tmp_path / "out.tif").exists()
    again = subprocess.run([*command, "0"], check=True, capture_output=True, text=True)
    assert [int(line) for line in again.stdout.split()] == list(range(len(finished) + 1, 11))
