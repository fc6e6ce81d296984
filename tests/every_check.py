"""Every check of the project, two at a time: `python -m tests.every_check` (or `make test`).

Each check's output is printed when it ends, whole; the last lines say what ran and what failed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 1200

# Most of the time is the unit tests': they share the cores. A file stays with one worker, so what
# its tests have in common is made once.
TESTS = ("pytest", "-q", "tests", "-n", str(min(4, os.cpu_count() or 1)), "--dist", "loadfile")

# nbval runs the cells in the order of the page, so the random order of the other tests is off.
NBVAL = (
    *("pytest", "notebooks", "--nbval", "--nbval-current-env", "-p", "no:randomly", "-q"),
    *("--nbval-sanitize-with", "tests/notebooks/sanitize.cfg", "-W", "default"),
    *("--nbval-cell-timeout", "300", "--nbval-kernel-startup-timeout", "120"),
)


@dataclass(frozen=True)
class Outcome:
    """What a check printed, whether it passed, how long it took."""

    name: str
    passed: bool
    seconds: float
    output: str


def checks() -> dict[str, Sequence[str]]:
    """Modules to run with their arguments, the longest first."""
    found: dict[str, Sequence[str]] = {
        "tests (pytest)": TESTS,
        "types (mypy)": ("mypy",),
        "style (ruff check)": ("ruff", "check"),
        "layout (ruff format)": ("ruff", "format", "--check"),
    }
    if any((ROOT / "notebooks").glob("*.ipynb")):
        found = {"notebooks (nbval)": NBVAL, **found}
    return found


def check(name: str, module: Sequence[str]) -> Outcome:
    """Run one check in a process of its own."""
    since = time.monotonic()
    try:
        done = subprocess.run(
            [sys.executable, "-m", *module],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        passed, output = done.returncode == 0, done.stdout
    except subprocess.TimeoutExpired as late:
        passed, output = False, f"{late.output!r}\nnot done after {SECONDS} s"
    return Outcome(name, passed, time.monotonic() - since, output)


def main() -> int:
    """Run every check and say what failed."""
    outcomes = []
    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(check, name, module) for name, module in checks().items()]
        for done in as_completed(running):
            outcome = done.result()
            outcomes.append(outcome)
            print(f"\n== {outcome.name}\n{outcome.output.strip()}", flush=True)
    print("\n== all checks")
    for outcome in outcomes:
        print(f"{'ok' if outcome.passed else 'FAILED':<8}{outcome.name}, {outcome.seconds:.0f} s")
    failed = sum(not outcome.passed for outcome in outcomes)
    print(f"checks: {len(outcomes) - failed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
