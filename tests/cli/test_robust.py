"""The command as a process: full disks, kills, closed pipes, odd consoles."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.small import at, workspace, write

COMMAND = [sys.executable, "-c", "from spatial.cli.main import run; run()"]
DAY = ["--date", "2026-11-21"]


@pytest.fixture
def job(tmp_path: Path) -> list[str]:
    place = workspace(tmp_path / "ws", {"PBF": {"田": at(0, 0, 100, 100)}, "UDB_OUT": {"外": at(0, 0, 9000, 9000)}})
    site = write(tmp_path / "site.gpkg", {"厂": at(50, 50, 100, 100)}, nature=["WWTP"])
    return ["screen", str(site), "-w", str(place), *DAY, "--out", str(tmp_path / "out"), "--lang", "en"]


def run(args: list[str], **options) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*COMMAND, *args], capture_output=True, check=False, **options)


def content(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir() if path.is_file()}


@pytest.mark.slow
def test_a_full_disk_leaves_the_previous_output(job: list[str], tmp_path: Path) -> None:
    assert run(job).returncode == 1
    before = content(tmp_path / "out")
    assert len(before) == 5
    for limit in (2_000, 60_000, 150_000):
        found = run(job, preexec_fn=lambda limit=limit: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
        assert found.returncode == 2, limit
        assert found.stderr.decode().splitlines()[-1].startswith("Error: "), limit
        assert b"Traceback" not in found.stderr
        assert content(tmp_path / "out") == before
        assert [path.name for path in (tmp_path / "out").iterdir() if path.is_dir()] == []


@pytest.mark.slow
def test_a_kill_half_way_leaves_the_previous_output(job: list[str], tmp_path: Path) -> None:
    assert run(job).returncode == 1
    before = content(tmp_path / "out")
    with subprocess.Popen([*COMMAND, *job], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        # The first sentence about writing has been said, the last file has not been renamed.
        while b"map" not in process.stderr.readline():
            pass
        process.kill()
    assert content(tmp_path / "out") == before


def test_the_same_input_gives_the_same_bytes(job: list[str], tmp_path: Path) -> None:
    run(job)
    before = content(tmp_path / "out")
    run(job)
    # The GeoPackage holds the time of its writing.
    after = content(tmp_path / "out")
    assert {name: digest for name, digest in after.items() if name != "evidence.gpkg"} == {
        name: digest for name, digest in before.items() if name != "evidence.gpkg"
    }


def test_a_reader_that_has_read_enough_is_no_failure() -> None:
    shell = subprocess.run(
        ["bash", "-c", 'set -o pipefail; "$@" | head -1', "-", *COMMAND, "rules", "list", "--lang", "en"],
        capture_output=True,
        check=False,
    )
    assert shell.returncode == 0, shell.stderr
    assert len(shell.stdout.splitlines()) == 1


@pytest.mark.parametrize("encoding", ["gbk", "ascii", "utf-8"])
def test_any_console_can_show_it(job: list[str], encoding: str) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    without_out = job[: job.index("--out")]
    shown = run([*without_out, "--lang", "zh"], env=environment)
    assert shown.returncode == 1
    assert b"Traceback" not in shown.stderr
    as_json = run([*without_out, "--json"], env=environment)
    assert json.loads(as_json.stdout.decode(encoding))["projects"][0]["name"] == "厂"


def test_a_fault_of_the_program_is_a_sentence(monkeypatch, capsys) -> None:
    from spatial.cli import main as module

    monkeypatch.setattr(module._Commands, "main", lambda *_, **__: 1 / 0)
    assert module.main(["--lang", "en"]) == 2
    assert capsys.readouterr().err.startswith("Error: the program met something unexpected (ZeroDivisionError")


def test_a_target_that_is_a_file(job: list[str], tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine", encoding="utf-8")
    found = run(job)
    assert found.returncode == 2
    assert (tmp_path / "out").read_text(encoding="utf-8") == "mine"


def test_an_interrupted_run_says_so(monkeypatch, capsys):
    from spatial.cli import main as command

    def interrupt(*_args, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(command._Commands, "invoke", interrupt)
    assert command.main(["rules", "--lang", "en"]) == 2
    assert capsys.readouterr().err.strip().endswith("interrupted; no result was written.")
