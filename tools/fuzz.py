"""Throw damaged files at the readers: ``python -m tools.fuzz --minutes 10``.

Inputs are mutations of generated samples (``tests/traps/formats.py``) and of what was found before,
the same for a seed whatever the machine. Anything but a result or an InputError, more than 5 s or
more than 500 MB is a failure; it is cut down to a small input and kept in
``tests/fuzz/corpus/<target>/``, which ``tests/fuzz/test_corpus.py`` replays for ever.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import random
import re
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from spatial.errors import InputError

CORPUS = Path(__file__).resolve().parents[1] / "tests" / "fuzz" / "corpus"
SECONDS, MEGABYTES = 5, 500
_LONGEST = 200_000
_SMALLER_TRIES = 400
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|inf|nan)")
_MOST_NUMBERS = 2000
#: What a grammar would insert: signs and numbers that mean something to one of the formats.
_WORDS = """@ , ， ; [ ] 【 】 = J1,1,3980000,38410000 nan inf 1e999 -1 0 65535 2147483648 4294967295 1e308 -0 地块 ＠
[地块坐标] X Y 经度 纬度 113.0336 113°60′00″ " "" ' J0 \ufeff 99999999999999999999"""
_TAGS = (
    "0\nSECTION",
    "0\nENDSEC",
    "0\nINSERT\n2\nB\n8\n0",
    "42\n1e300",
    "70\n1",
    "10\nnan",
    "10\n1e308",
    "40\n0",
    "70\n32000",
)
_TOKENS = [token.encode("gb18030") for token in (*_WORDS.split(), *_TAGS, "\t", "\n", "\r", "\0")]


@dataclass(frozen=True)
class Target:
    """A reader, the suffix its input has, and samples to start from."""

    name: str
    suffix: str
    read: Callable[[Path], object]


def _boundary_points(path: Path) -> object:
    from spatial.io.vector import read_vector

    return read_vector(path)


def _points(path: Path) -> object:
    from spatial.io.point_tables import read_csv_points
    from spatial.io.stated import Stated

    return read_csv_points(path, Stated())


def _drawing(path: Path) -> object:
    from spatial.io.drawings import read_drawing
    from spatial.io.stated import Stated

    try:
        return read_drawing(path, Stated())
    except InputError as error:
        layers = error.values.get("names")
        if not isinstance(layers, tuple):
            raise
        return read_drawing(path, Stated(layer=layers[0]))


def _table(path: Path) -> object:
    from spatial.io.dbf import table_text

    return table_text(path)


def _recognition(path: Path) -> object:
    """Read a line whose numbers are all that is known of it: first the label, empty for none, then x and y.

    With and without a district; what was recognised without a label must lie in China, or in the district.
    """
    import geopandas as gpd
    import numpy as np
    import shapely

    from spatial.crs import definition_of
    from spatial.io.stated import Stated
    from spatial.io.vector import read_vector
    from spatial.recognition.candidates import LAT_DEG, LON_DEG, lonlat
    from tests.traps import planes

    label, _, rest = path.read_text("utf-8", errors="replace").partition("\n")
    numbers = [float(word) for word in _NUMBER.findall(rest)][:_MOST_NUMBERS]
    points = np.array(numbers[: len(numbers) // 2 * 2]).reshape(-1, 2)
    shape = shapely.LineString(points) if len(points) > 1 else shapely.MultiPoint(points)
    layer = path.with_suffix(".parquet")
    gpd.GeoDataFrame(geometry=[shape]).to_parquet(layer)
    refused: InputError | None = None
    for place in (None, planes.place()):
        try:
            file = read_vector(layer, Stated(crs=label.strip()), place)
        except InputError as error:
            refused = error
            continue
        read = shapely.get_coordinates(file.features.geometry.array)
        lon, lat = lonlat(read, definition_of(file.crs))
        in_china = ((lon >= LON_DEG[0]) & (lon <= LON_DEG[1]) & (lat >= LAT_DEG[0]) & (lat <= LAT_DEG[1])).all()
        if not label.strip() and (not in_china or (place is not None and not place.holds(lon, lat))):
            raise AssertionError(file.findings)
    if refused is not None:
        raise refused
    return None


def targets() -> dict[str, Target]:
    """Return the readers to test, by name."""
    found = [
        Target("boundary_points", ".txt", _boundary_points),
        Target("point_tables", ".csv", _points),
        Target("drawings", ".dxf", _drawing),
        Target("dbf", ".dbf", _table),
        Target("recognition", ".plane", _recognition),
    ]
    return {target.name: target for target in found}


def seeds(target: Target, folder: Path) -> list[bytes]:
    """Return the samples of a target and what earlier runs have found."""
    from tests.traps import formats, planes

    files = [path for path in sorted(folder.iterdir()) if path.is_file()] or list(formats.write(folder).values())
    own = [path.read_bytes() for path in files if path.suffix == target.suffix and path.is_file()]
    if target.name == "dbf":
        own = [path.read_bytes() for path in sorted(folder.glob("*.dbf"))]
    elif target.name == "drawings":
        own = [small_drawing(), *own]
    elif target.name == "recognition":
        own = planes.numbers()
    kept = [path.read_bytes() for path in sorted((CORPUS / target.name).glob("*"))]
    return own + kept


def small_drawing() -> bytes:
    """Return a drawing of bare entities: far smaller than what a program writes, so mutations hit."""
    tags = (
        "0 SECTION 2 BLOCKS 0 BLOCK 8 0 2 B 70 0 10 0 20 0 0 CIRCLE 8 0 10 1 20 2 40 3 0 ENDBLK 8 0 0 ENDSEC "
        "0 SECTION 2 ENTITIES 0 POLYLINE 8 A 66 1 70 1 0 VERTEX 8 A 10 0 20 0 42 1 0 VERTEX 8 A 10 5 20 0 0 VERTEX 8 A 10 5 20 5 "
        "0 SEQEND 8 A 0 INSERT 8 A 2 B 10 9 20 9 41 2 42 3 50 30 70 2 71 2 44 5 45 5 0 LINE 8 A 10 0 20 0 11 5 21 5 "
        "0 ARC 8 A 10 0 20 0 40 5 50 0 51 90 0 POINT 8 A 10 1 20 1 0 LWPOLYLINE 8 A 90 3 70 1 10 0 20 0 42 0.5 10 5 20 0 10 5 20 5 "
        "0 ELLIPSE 8 A 10 0 20 0 11 5 21 0 40 0.5 41 0 42 6.28 0 SPLINE 8 A 70 8 71 3 72 8 73 4 40 0 40 0 40 0 40 0 40 1 40 1 40 1 40 1 "
        "10 0 20 0 10 1 20 1 10 2 20 0 10 3 20 3 0 ENDSEC 0 EOF"
    )
    return ("\n".join(tags.split(" ")) + "\n").encode()


def mutated(raw: bytes, other: bytes, chance: random.Random) -> bytes:
    """Return a copy with one to eight changes."""
    data = bytearray(raw)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(data) + 1)
        span = min(len(data) - at, int(chance.expovariate(1 / 12)) + 1)
        match chance.randrange(8):
            case 0 if span:
                data[at] = chance.randrange(256)
            case 1:
                del data[at : at + span]
            case 2:
                data[at:at] = data[at : at + span] * chance.choice((1, 2, 50))
            case 3:
                data[at:at] = chance.choice(_TOKENS)
            case 4:
                data[at : at + span] = chance.choice(_TOKENS)
            case 5 if other:
                start = chance.randrange(len(other))
                data[at:at] = other[start : start + chance.randint(1, 400)]
            case 6:
                _change_line(data, chance)
            case _:
                digit = next((place for place in range(at, len(data)) if 48 <= data[place] <= 57), None)  # noqa: PLR2004 -- 0 to 9
                if digit is not None:
                    data[digit] = chance.randrange(48, 58)
    return bytes(data[:_LONGEST])


def _change_line(data: bytearray, chance: random.Random) -> None:
    lines = bytes(data).split(b"\n")
    one, two = chance.randrange(len(lines)), chance.randrange(len(lines))
    match chance.randrange(3):
        case 0:
            lines[one], lines[two] = lines[two], lines[one]
        case 1:
            del lines[one]
        case _:
            lines.insert(two, lines[one])
    data[:] = b"\n".join(lines)


class _TooSlowError(BaseException):
    """More than 5 s; not an Exception, so that no reader can catch it."""


def fault(target: Target, raw: bytes, folder: Path) -> str:
    """Read an input and return what is wrong with how it went, empty where nothing is.

    Parameters
    ----------
    target, raw
        Reader and input.
    folder
        Where the input is written for the reader.
    """
    path = folder / f"input{target.suffix}"
    path.write_bytes(raw)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            target.read(path)
    except InputError as error:
        if not error.text("zh") or not error.text("en"):
            return "no sentence"
    except _TooSlowError:
        return f"more than {SECONDS} s"
    except MemoryError:
        return f"more than {MEGABYTES} MB"
    except Exception as error:  # noqa: BLE001 -- this is what is looked for
        place = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__} in {Path(place.filename).name}:{place.name}"
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return f"more than {MEGABYTES} MB" if grown > MEGABYTES else ""


def timed(target: Target, raw: bytes, folder: Path) -> str:
    """Return :func:`fault` with an alarm after 5 s of work, whatever else the machine does meanwhile."""

    def ring(*_: object) -> None:
        raise _TooSlowError

    signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        return fault(target, raw, folder)
    except _TooSlowError:
        return f"more than {SECONDS} s"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def smaller(target: Target, raw: bytes, wrong: str, folder: Path) -> bytes:
    """Return a smaller input that goes wrong in the same way."""
    size, tries = max(len(raw) // 2, 1), 0
    while size and tries < _SMALLER_TRIES:
        start = 0
        while start < len(raw) and tries < _SMALLER_TRIES:
            cut = raw[:start] + raw[start + size :]
            tries += 1
            if timed(target, cut, folder) == wrong:
                raw = cut
            else:
                start += size
        size //= 2
    return raw


def inputs(target: Target, folder: Path, seed: int) -> Iterator[bytes]:
    """Yield the seeds and then mutations without end, the same for the same seed."""
    known = seeds(target, folder)
    chance = random.Random(f"{seed}{target.name}")  # noqa: S311 -- not for secrets
    yield from known
    while True:
        yield mutated(chance.choice(known), chance.choice(known), chance)


def run(names: list[str], minutes: float, seed: int) -> int:
    """Test the targets in turn and return the number of failures found."""
    logging.disable(logging.CRITICAL)
    limit = 4 << 30
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    failures = 0
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory() as sample_name:
        folder, samples = Path(name), Path(sample_name)
        for target in (targets()[name] for name in names):
            ends, count, seen = time.monotonic() + minutes * 60 / len(names), 0, set[str]()
            for raw in inputs(target, samples, seed):
                if time.monotonic() > ends:
                    break
                count += 1
                wrong = timed(target, raw, folder)
                if wrong and wrong not in seen:
                    seen.add(wrong)
                    small = raw if wrong.startswith("more than") else smaller(target, raw, wrong, folder)
                    kept = CORPUS / target.name / hashlib.sha256(small).hexdigest()[:12]
                    kept.parent.mkdir(parents=True, exist_ok=True)
                    kept.write_bytes(small)
                    print(f"{target.name}: {wrong}: {kept.name} ({len(small)} bytes)", flush=True)
            failures += len(seen)
            print(f"{target.name}: {count} inputs, {len(seen)} failures", flush=True)
    return failures


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("targets", nargs="*", choices=[[], *targets()])
    options = parser.parse_args(arguments)
    sys.exit(1 if run(options.targets or list(targets()), options.minutes, options.seed) else 0)


if __name__ == "__main__":
    main()
