from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from spatial.io.atomic import replacing, staged


def test_the_old_file_stays_when_writing_fails(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(OSError, match="disk full"), replacing(path) as temporary:
        temporary.write_text("half", encoding="utf-8")
        raise OSError("disk full")
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old", encoding="utf-8")
    with replacing(path) as temporary:
        temporary.write_text("new", encoding="utf-8")
        assert path.read_text(encoding="utf-8") == "old"
    assert path.read_text(encoding="utf-8") == "new"


def test_a_folder_gets_all_files_or_none(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    with staged(folder) as temporary:
        (temporary / "a.txt").write_text("first", encoding="utf-8")
    with pytest.raises(OSError, match="disk full"), staged(folder) as temporary:
        (temporary / "a.txt").write_text("second", encoding="utf-8")
        raise OSError("disk full")
    assert (folder / "a.txt").read_text(encoding="utf-8") == "first"
    assert [path.name for path in folder.iterdir()] == ["a.txt"]


def test_a_folder_made_for_nothing_is_removed(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="disk full"), staged(tmp_path / "new" / "out"):
        raise OSError("disk full")
    assert list(tmp_path.iterdir()) == []


def test_other_files_in_the_folder_stay(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with staged(tmp_path) as temporary:
        (temporary / "a.txt").touch()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "mine.txt"]


def test_a_killed_process_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old", encoding="utf-8")
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom spatial.io.atomic import replacing\n"
        "with replacing(Path(sys.argv[1])) as temporary:\n"
        "    temporary.write_text('half')\n    print('writing', flush=True)\n    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        process.kill()
        process.wait()
    assert path.read_text(encoding="utf-8") == "old"


def test_a_file_that_cannot_be_replaced_puts_all_back(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("old", encoding="utf-8")
    (tmp_path / "b.txt").mkdir()
    with pytest.raises(OSError, match=r"b\.txt"), staged(tmp_path) as folder:
        for name in ("a.txt", "b.txt"):
            (folder / name).write_text("new", encoding="utf-8")
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "b.txt"]


def test_what_hinders_a_file_is_said_of_that_file(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="no such folder") as caught, replacing(tmp_path / "no such folder" / "a.txt"):
        pass
    assert caught.value.filename == str(tmp_path / "no such folder" / "a.txt")
