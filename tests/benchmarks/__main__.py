"""`make bench`: how long the set-up, the evaluation and a whole run take, beside a peer.

Times are printed, never asserted: they belong to the machine. The ratio to a peer that runs in
the same minute says more than either number.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from evaluation_twin import plain_formulas, required_one_by_one
from exit_twin import CASH_ONLY, large_panel, leaving_one_by_one, ten_formulas
from loss_peer import benchmark_panel, peer_quantiles

from analysis.exits.hazard import exit_model
from analysis.impact import evaluate
from analysis.market import build_panel
from analysis.scenario import Scenario

ROOT = Path(__file__).resolve().parents[2]


def best(function: Callable[[], object], repeats: int) -> float:
    """Shortest of some runs, in seconds: the least disturbed one."""
    times = []
    for _ in range(repeats):
        since = time.perf_counter()
        function()
        times.append(time.perf_counter() - since)
    return min(times)


def evaluation() -> None:
    """All formulas on the whole panel, against a loop over formula, draw and exchange."""
    baseline = Scenario()
    panel, plain = build_panel(baseline), plain_formulas(baseline)
    arrays = best(lambda: evaluate(panel, baseline, plain), 20)
    losses = best(lambda: evaluate(panel, baseline), 5)
    tables = best(lambda: dict(evaluate(panel, baseline).tables), 3)
    loop = best(lambda: required_one_by_one(panel, baseline, plain), 1)
    cells = len(plain) * panel.draws * len(panel.exchanges)
    print(f"evaluate, {cells:,} cells      {1000 * arrays:8.1f} ms  (goal: below 10 ms)")
    print(f"with quantiles of losses     {1000 * losses:8.1f} ms  (goal: below 100 ms)")
    print(f"evaluate with all tables     {1000 * tables:8.1f} ms")
    print(f"required alone, one by one   {1000 * loop:8.1f} ms  {loop / arrays:,.0f} times as long")


def yearly_losses() -> None:
    """99.9 % quantiles of 26 exchanges, against `aggregate` at the size that is as exact.

    Ours are proved to 0.1 %. The peer gets the smallest grid on which it differs by less than that;
    most of its time goes into making one object for each exchange.
    """
    ours = benchmark_panel().quantile(0.999)
    seconds = best(lambda: benchmark_panel().quantile(0.999), 20)
    for log2 in range(10, 17):
        gap = abs(peer_quantiles(benchmark_panel(), 0.999, log2) / ours - 1).max()
        if gap <= 0.001:
            break
    peer = best(lambda: peer_quantiles(benchmark_panel(), 0.999, log2), 3)
    print(f"99.9 % loss, {ours.size} exchanges    {1000 * seconds:8.1f} ms  proved to 0.1 %")
    longer = f"{peer / seconds:,.0f} times as long, differs by {gap:.2%}"
    print(f"aggregate, 2^{log2} buckets      {1000 * peer:8.1f} ms  {longer}")


def leaving() -> None:
    """Exits and the market after, against one exchange at a time without the market's answer."""
    panel, formulas, some = large_panel(), ten_formulas(), 10
    since = time.perf_counter()
    exit_model(CASH_ONLY, panel.draws)
    fitted = time.perf_counter() - since

    def whole() -> None:
        impact = evaluate(panel, CASH_ONLY, formulas)
        assert impact.exits.policy.shape == impact.market_after.leaving.shape

    alone = best(lambda: evaluate(panel, CASH_ONLY, formulas).exits.policy, 3)
    arrays = best(whole, 3)
    one = evaluate(panel, CASH_ONLY, formulas)
    loop = best(lambda: leaving_one_by_one(one, some), 1) * panel.draws / some
    cells = len(formulas) * panel.draws * len(panel.exchanges)
    print(f"exits fitted, {panel.draws:,} draws    {1000 * fitted:8.1f} ms  once per scenario")
    print(f"exits, {cells:,} cells      {1000 * alone:8.1f} ms")
    print(f"with the market after        {1000 * arrays:8.1f} ms  (goal: below 10 s)")
    longer = f"{loop / alone:,.0f} times as long, from {some} of {panel.draws:,} draws"
    print(f"exits alone, one by one      {1000 * loop:8.1f} ms  {longer}")


def imports() -> None:
    """Start of a process that has imported the study, against one that has imported pandas."""
    for code in ("import pandas", "import analysis.impact"):
        command = [sys.executable, "-c", code]
        seconds = best(partial(subprocess.run, command, cwd=ROOT, check=True), 3)
        print(f"{code:<29}{seconds:8.2f} s")


def whole_run() -> None:
    """`study run` of all pages, against the same pages by plain papermill, one at a time."""
    pages = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
    with tempfile.TemporaryDirectory() as folder:
        run = [sys.executable, "-m", "analysis", "run", "--out", f"{folder}/run"]
        study = best(lambda: subprocess.run(run, cwd=ROOT, check=True, capture_output=True), 1)
        since = time.perf_counter()
        for page in pages:
            single = [sys.executable, "-m", "papermill", str(page), f"{folder}/{page.name}"]
            subprocess.run(single, cwd=ROOT, check=True, capture_output=True)
        plain = time.perf_counter() - since
    print(f"study run, {len(pages)} pages           {study:8.1f} s   (goal: below 60 s for six)")
    print(f"plain papermill, one by one  {plain:8.1f} s   {plain / study:.1f} times as long")


def set_up() -> None:
    """`make setup` in a copy, with whatever package caches are warm."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "clone"
        kept = shutil.ignore_patterns(".venv", ".git", "runs", "*_cache", ".hypothesis")
        shutil.copytree(ROOT, copy, ignore=kept)
        first = best(lambda: _make(copy), 1)
        second = best(lambda: _make(copy), 1)
    print(f"make setup                   {first:8.1f} s   (goal: below 60 s, caches warm)")
    print(f"make setup again             {second:8.1f} s")


def _make(folder: Path) -> None:
    subprocess.run(["make", "setup"], cwd=folder, check=True, capture_output=True)


def main() -> None:
    """Print every figure."""
    evaluation()
    yearly_losses()
    leaving()
    imports()
    if any((ROOT / "notebooks").glob("[0-9]*.ipynb")):
        whole_run()
    if shutil.which("make"):
        set_up()


if __name__ == "__main__":
    main()
