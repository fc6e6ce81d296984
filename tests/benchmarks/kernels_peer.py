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
    with Kernels({}) as warm, ThreadPoolExecutor(4) as pool:
        rate, lost = per_second(partial(ours, page, warm), range(runs), pool)
        cold = "; ".join(warm.cold_because) or "none"
    print(f"{runs:,} runs on warm kernels    {rate:8.2f} runs/s  lost {lost}  cold: {cold}")


def memory(page: Path) -> None:
    """Private memory of an idle kernel, just started and after the page."""
    used = {}
    for name, warm in (("cold", False), ("warm", True)):
        with Kernels({}, warm=warm) as kernels:
            used[name] = [_private(kernels, path) for path in (None, page)]
    for n, when in enumerate(("just started", "after the page")):
        cold, forked = used["cold"][n], used["warm"][n]
        print(
            f"private memory, {when:<14}  {forked:6.1f} MB forked, {cold:6.1f} MB cold"
            f"  {forked / cold:5.0%}  (goal: a third)"
        )


def _private(kernels: Kernels, page: Path | None) -> float:
    """Memory of one idle kernel that nobody else uses, MB."""
    cells = nbformat.read(page, as_version=4) if page else nbformat.v4.new_notebook()
    manager = kernels.manager_class()(kernel_name="python3")
    client = NotebookClient(cells, km=manager)
    client.execute()
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
