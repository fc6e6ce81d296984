"""Runs of one notebook per second: stock papermill, cold kernels, forked kernels.

`python tests/benchmarks/kernels_peer.py` prints all ways from the same minutes and their ratios;
`--runs 1000` runs the fastest way that often and counts what was lost.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import median

import nbformat
import papermill
import psutil
from kernel_page import write_light_page
from nbclient import NotebookClient

from analysis.study.execute import execute
from analysis.study.kernels import Kernels

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[[int], bool]


def stock(page: Path, number: int) -> bool:
    """Run the page as papermill does by default; whether it came out."""
    out = page.with_name(f"stock{number}.ipynb")
    try:
        papermill.execute_notebook(page, out, _parameters(number), progress_bar=False)
    except Exception:
        return False
    return _is_whole(out)


def ours(page: Path, kernels: Kernels, number: int) -> bool:
    """Run the page as the study does; whether it came out."""
    out = page.with_name(f"ours{number}.ipynb")
    try:
        execute(page, out, _parameters(number), kernels, lambda _done, _all: None)
    except Exception:
        return False
    return _is_whole(out)


def _parameters(number: int) -> dict[str, float]:
    """No two runs ask for the same evaluation."""
    return {"rate_multiplier": 0.5 + number / 10_000}


def _is_whole(out: Path) -> bool:
    """Whether the page has its figure and the sentence of its last cell; it is removed."""
    text = out.read_text(encoding="utf-8")
    out.unlink()
    return text.count('"image/png": "') == 1 and "times the rate." in text


def per_second(run: Run, numbers: Sequence[int], pool: Executor | None = None) -> tuple[float, int]:
    """Runs per second, and how many were lost."""
    since = time.perf_counter()
    whole = list(pool.map(run, numbers) if pool else map(run, numbers))
    return len(whole) / (time.perf_counter() - since), whole.count(False)


def throughput(page: Path, rounds: int) -> None:
    """All ways in turn, round after round; medians and ratios to the first."""
    rates: dict[str, list[float]] = {}
    lost: dict[str, int] = {}

    def measure(name: str, run: Run, count: int, pool: Executor | None = None) -> None:
        rate, missing = per_second(run, range(count), pool)
        rates.setdefault(name, []).append(rate)
        lost[name] = lost.get(name, 0) + missing
        print(f"  {name:<29} {rate:6.2f} runs/s", flush=True)

    since = time.perf_counter()
    with (
        Kernels({}, warm=False) as cold,
        Kernels({}) as warm,
        ThreadPoolExecutor(2) as two,
        ThreadPoolExecutor(4) as four,
        ProcessPoolExecutor(2, get_context("spawn")) as processes,
    ):
        assert ours(page, warm, 0), warm.cold_because
        print(f"warm parent ready, first run  {time.perf_counter() - since:8.1f} s")
        list(processes.map(len, ["start", "both"]))
        for _ in range(rounds):
            measure("papermill, one at a time", partial(stock, page), 3)
            measure("papermill, pool of two", partial(stock, page), 4, processes)
            measure("cold kernels, two at once", partial(ours, page, cold), 4, two)
            measure("warm kernels, two at once", partial(ours, page, warm), 20, two)
            measure("warm kernels, four at once", partial(ours, page, warm), 20, four)
        assert not warm.cold_because, warm.cold_because
    first = median(rates["papermill, one at a time"])
    for name, values in rates.items():
        rate = median(values)
        print(f"{name:<29} {rate:8.2f} runs/s  {rate / first:6.1f} times  lost {lost[name]}")


def many(page: Path, runs: int) -> None:
    """One long series with four kernels at once: how many are lost."""
    lost, since = 0, time.perf_counter()
    with Kernels({}) as warm, ThreadPoolExecutor(4) as pool:
        for start in range(0, runs, 100):
            numbers = range(start, min(start + 100, runs))
            rate, missing = per_second(partial(ours, page, warm), numbers, pool)
            lost += missing
            print(f"  {numbers.stop:6,} runs  {rate:6.2f} runs/s  lost {lost}", flush=True)
        cold = "; ".join(warm.cold_because) or "none"
    rate = runs / (time.perf_counter() - since)
    print(f"{runs:,} runs, four at once  {rate:8.2f} runs/s  lost {lost}  started cold: {cold}")


def memory(page: Path) -> None:
    """Private memory of an idle kernel in three states."""
    whole = nbformat.read(page, as_version=4)
    imports = nbformat.v4.new_notebook(cells=whole.cells[:2])
    states = {"bare": nbformat.v4.new_notebook(), "study imported": imports, "page run": whole}
    used = {}
    for name, warm in (("cold", False), ("forked", True)):
        with Kernels({}, warm=warm) as kernels:
            used[name] = [_private(kernels, state) for state in states.values()]
    for state, forked, cold in zip(states, used["forked"], used["cold"], strict=True):
        against = f"{forked:6.1f} MB forked  {cold:6.1f} MB cold  {forked / cold:5.0%}"
        print(f"private memory, {state:<15}{against}  (goal: a third)")


def _private(kernels: Kernels, state: nbformat.NotebookNode) -> float:
    """Memory that one idle kernel shares with nobody once `state` has run in it, MB."""
    manager = kernels.manager_class()(kernel_name="python3")
    NotebookClient(state, km=manager).execute()
    process = psutil.Process(getattr(manager.provisioner, "pid", None))
    return float(process.memory_full_info().uss / 1e6)


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--runs", type=int, default=0, help="only so many, on warm kernels")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(ROOT)
        page = write_light_page(Path(folder) / "light.ipynb")
        if asked.runs:
            many(page, asked.runs)
        else:
            throughput(page, asked.rounds)
            memory(page)


if __name__ == "__main__":
    main()
