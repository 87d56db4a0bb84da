"""Have GEOS judge the compiled overlays: ``python -m tools.confirm --pairs 2000000 --seed 1``.

Random pairs of polygons (``tests/overlay/pairs.py``): every one through ``ZoneIndex.areas``, every
tenth batch through ``places`` as well. Prints the largest deviation of each kind, in m2 and, where a
pair shares more than 1 m2, as a share of it; the worst pair of each kind is then computed in
fractions, which says whose error it was. Fails where a deviation is more than rounding explains.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass, field

import numpy as np

from tests.overlay import pairs as drawn

_BATCH = 10_000
_SWEPT = 10
_MAX_VERTICES = (256, 8)
_LARGE_M2 = 1.0


@dataclass
class Worst:
    """The largest deviations of a kind from GEOS, and the worst pair's errors by exact arithmetic."""

    pairs: int = 0
    swept: int = 0
    beyond: int = 0
    kernel_m2: float = 0.0
    kernel_share: float = 0.0
    sweep_m2: float = 0.0
    sweep_share: float = 0.0
    exact_m2: tuple[float, float] = field(default=(0.0, 0.0))


def confirm(rng: np.random.Generator, kind: str, worst: Worst, *, count: int, sweep: bool) -> None:
    """Judge one batch and note what is worse than before."""
    pairs = drawn.draw(rng, kind, count)
    limit = drawn.tolerance_m2(pairs)
    judged = drawn.by_geos(pairs)
    large = judged > _LARGE_M2
    found = drawn.by_kernel(pairs, max_vertices=int(rng.choice(_MAX_VERTICES)))
    error = np.abs(found - judged)
    worst.pairs += len(judged)
    worst.beyond += int((error > limit).sum())
    worst.kernel_share = max(worst.kernel_share, (error[large] / judged[large]).max(initial=0.0))
    if error.max(initial=0.0) > worst.kernel_m2:
        one = int(error.argmax())
        worst.kernel_m2 = float(error[one])
        exact = drawn.exact_area(pairs.left_near[one], pairs.right_near[one])
        worst.exact_m2 = float(abs(found[one] - exact)), float(abs(judged[one] - exact))
    if sweep:
        error = np.abs(drawn.by_sweep(pairs, max_vertices=48) - judged)
        worst.swept += len(judged)
        worst.beyond += int((error > limit).sum())
        worst.sweep_m2 = max(worst.sweep_m2, error.max(initial=0.0))
        worst.sweep_share = max(worst.sweep_share, (error[large] / judged[large]).max(initial=0.0))


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=2_000_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    rng, started = np.random.default_rng(options.seed), time.monotonic()
    found = {kind: Worst() for kind in drawn.KINDS}
    count = min(_BATCH, -(-options.pairs // len(found)))
    turn = 0
    while sum(worst.pairs for worst in found.values()) < options.pairs:
        for kind, worst in found.items():
            confirm(rng, kind, worst, count=count, sweep=turn % _SWEPT == 0)
        turn += 1
    print(
        "| kind | pairs | areas m2 | areas share | worst pair: areas' own error m2 | GEOS's | swept | places m2 | places share |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    for kind, worst in found.items():
        ours, theirs = worst.exact_m2
        print(
            f"| {kind} | {worst.pairs:,} | {worst.kernel_m2:.1e} | {worst.kernel_share:.1e} | {ours:.1e} | {theirs:.1e} "
            f"| {worst.swept:,} | {worst.sweep_m2:.1e} | {worst.sweep_share:.1e} |"
        )
    beyond = sum(worst.beyond for worst in found.values())
    print(
        f"{sum(worst.pairs for worst in found.values()):,} pairs, {beyond} beyond rounding, {time.monotonic() - started:.0f} s"
    )
    sys.exit(1 if beyond else 0)


if __name__ == "__main__":
    main()
