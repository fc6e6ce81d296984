"""`python tests/benchmarks/sweep.py [--million]`: sweeps by the library, beside EMAworkbench.

Times are printed, never asserted. The peer runs on a sample of the points, before and after ours,
and is scaled to all of them: every point costs it the same.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import numpy as np
from sweep_peer import by_peer, drawn_points, scenarios

from analysis.impact.many import evaluate_many
from analysis.market import build_panel
from analysis.rules import candidates
from analysis.scenario import scenario

POINTS, DRAWS, PROCESSES = 10_000, 20, 2
FEW = "custody_share_korea, own_funds_mica_class2, fiea_turnover"
BATCH = 10_000
MEGABYTE = 1e3  # in the unit of ru_maxrss on Linux


def seconds(function: Callable[[], object]) -> float:
    """Time of one call."""
    since = time.perf_counter()
    function()
    return time.perf_counter() - since


def against_peer(sample: int = 100) -> None:
    """All formulas on 10,000 points of levers and prices, one process of ours."""
    points, fixed = drawn_points(POINTS), {"draws": DRAWS}
    few = points[:sample]
    by_peer(few[:4], fixed)
    alone = [seconds(lambda: by_peer(few, fixed)) / sample]
    several = [seconds(lambda: by_peer(few, fixed, PROCESSES)) / sample]
    ours = seconds(lambda: evaluate_many(scenarios(points, **fixed))) / POINTS
    with ProcessPoolExecutor(PROCESSES, get_context("fork")) as pool:
        parts = [points[place::PROCESSES] for place in range(PROCESSES)]
        both = seconds(lambda: list(pool.map(_evaluated, parts))) / POINTS
    alone.append(seconds(lambda: by_peer(few, fixed)) / sample)
    several.append(seconds(lambda: by_peer(few, fixed, PROCESSES)) / sample)
    numbers = evaluate_many(scenarios(few, **fixed))["industry"].drop(columns=["point", "formula"])
    same = numbers.equals(by_peer(few, fixed))
    formulas = len(candidates(scenario()))
    print(f"{POINTS:,} points, {formulas} formulas, {DRAWS} draws; same numbers: {same}")
    for name, our, times in (
        ("1 process", ours, alone),
        (f"{PROCESSES} processes", both, several),
    ):
        peer = float(np.mean(times))
        print(f"library, {name:<20}{1000 * our:8.2f} ms a point  {1 / our:8,.0f} a second")
        print(
            f"EMAworkbench, {name:<15}{1000 * peer:8.2f} ms a point  {1 / peer:8,.1f} a second  "
            f"{peer / our:,.0f} times as long (from {sample} points, before and after)"
        )


def _evaluated(points: list[dict[str, float]]) -> int:
    return len(evaluate_many(scenarios(points, draws=DRAWS))["industry"])


def by_size() -> None:
    """Points a second by number of formulas and of data sets."""
    every = candidates(scenario())
    for formula in (every[4].id, FEW, "all"):
        for draws in (20, 100):
            fixed: dict[str, Any] = {"draws": draws, "formula": formula}
            number = 40_000 // draws
            chosen = scenarios(drawn_points(number), **fixed)
            evaluate_many(chosen[:2])
            took = seconds(lambda chosen=chosen: evaluate_many(chosen))  # type: ignore[misc]
            count = len(candidates(chosen[0]))
            print(f"{count:3} formulas, {draws:3} draws     {number / took:8,.0f} points a second")


def growth(number: int) -> None:
    """Few formulas on many points, a batch at a time, in a process of its own."""
    fixed: dict[str, Any] = {"draws": DRAWS, "formula": FEW}
    evaluate_many(scenarios(drawn_points(2), **fixed))
    before, took, done = _peak(), 0.0, 0
    while done < number:
        points = drawn_points(min(BATCH, number - done), seed=done)
        took += seconds(lambda points=points: evaluate_many(scenarios(points, **fixed)))  # type: ignore[misc]
        done += len(points)
    print(
        f"{number:9,} points           {took:8.1f} s  {1000 * took / number:6.3f} s per 1,000  "
        f"peak {_peak():,.0f} MB, {before:,.0f} before"
    )


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE


def rebuilds() -> None:
    """A panel anew: from nothing, with another range, with another stress."""
    base = scenario({"draws": DRAWS})
    first = seconds(lambda: build_panel(base))
    for name in ("seed", "hot_share_high", "price_shock"):
        changes = [
            {"seed": 65 + n} if name == "seed" else {name: 0.01 + n / 1000} for n in range(5)
        ]
        changed = [base.with_(**one) for one in changes]
        times = [seconds(lambda one=one: build_panel(one)) for one in changed]  # type: ignore[misc]
        print(f"panel, other {name:<16}{1000 * min(times):8.2f} ms")
    print(f"panel from nothing           {1000 * first:8.2f} ms")


def main() -> None:
    """Print every figure; each size of the growth in a process of its own."""
    if len(sys.argv) > 1 and sys.argv[1].isdigit():
        growth(int(sys.argv[1]))
        return
    rebuilds()
    by_size()
    against_peer()
    for power in (3, 4, 5, 6) if "--million" in sys.argv else (3, 4, 5):
        subprocess.run([sys.executable, __file__, str(10**power)], check=True)


if __name__ == "__main__":
    main()
