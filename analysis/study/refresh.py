"""`make notebooks`: run the committed notebooks again, in place, at the baseline.

A page whose cells fail is left as it was, so a committed page always shows a complete run.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from analysis.study import record
from analysis.study.execute import execute
from analysis.study.kernels import AT_ONCE, Kernels
from analysis.study.run import find_pages, reason

SWEEPS = "sweep_summary"


def refresh(only: tuple[str, ...] = ()) -> dict[str, str]:
    """Execute the pages at the baseline and replace them; why each of the others failed."""
    failures: dict[str, str] = {}

    def refresh_page(page: Path) -> None:
        fresh = Path(folder) / page.name
        try:
            execute(page, fresh, {}, kernels, lambda done, total: None)  # noqa: ARG005
            shutil.copyfile(fresh, page)
        except Exception as failure:
            failures[page.stem] = reason(failure)

    with (
        tempfile.TemporaryDirectory(prefix="study-") as folder,
        Kernels({}) as kernels,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        list(pool.map(refresh_page, _chosen(only)))
    return failures


def _chosen(only: tuple[str, ...]) -> tuple[Path, ...]:
    """Pages of the study, and the page on sweeps, which is no part of a run."""
    named = tuple(name for name in only if name != SWEEPS)
    pages = find_pages(named) if named or not only else ()
    page = record.NOTEBOOKS / f"{SWEEPS}.ipynb"
    asked = SWEEPS in only or (not only and page.is_file())
    return (*pages, page) if asked else pages


if __name__ == "__main__":
    failed = refresh(tuple(sys.argv[1:]))
    for page, why in sorted(failed.items()):
        sys.stderr.write(f"failed, left as it was: {page}: {why}\n")
    sys.exit(1 if failed else 0)
