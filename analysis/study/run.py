"""One run: check, evaluate, execute the pages, record; then, and only then, take its place."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from papermill import PapermillExecutionError

from analysis.errors import InputError
from analysis.scenario import Scenario, changed
from analysis.study import record
from analysis.study.execute import execute
from analysis.study.folder import check_destination, failed_name, replacing
from analysis.study.kernels import AT_ONCE, FIGURES, Kernels
from analysis.study.notebook import market
from analysis.study.progress import RunProgress


class RunFailedError(Exception):
    """Pages that failed; the folder that is kept holds them with their tracebacks.

    Attributes
    ----------
    pages : mapping of str to str
        Why each page failed, in one line.
    kept : Path
        Folder of the failed run.
    """

    def __init__(self, pages: Mapping[str, str], kept: Path) -> None:
        super().__init__("; ".join(f"{page}: {reason}" for page, reason in pages.items()))
        self.pages, self.kept = pages, kept


@dataclass(frozen=True)
class Request:
    """What is asked for: parameters, the reader's own panel, pages, where it goes, and how."""

    scenario: Scenario
    panel: Path | None
    pages: tuple[Path, ...]
    folder: Path
    warm: bool = True

    @property
    def given(self) -> dict[str, Any]:
        """Parameters that the notebooks are given: what differs from the baseline."""
        panel = {"panel": str(self.panel)} if self.panel else {}
        return {**changed(self.scenario), **panel}


def request(
    scenario: Scenario,
    panel: Path | None,
    only: tuple[str, ...],
    out: Path | None,
    warm: bool = True,
) -> Request:
    """Checked request; `out` defaults to a folder in `runs/` named after what differs.

    Kernels of several pages are forked from one parent unless `warm` is false.

    Raises
    ------
    InputError
        Unknown page, unreadable panel file, or a folder that cannot be used.
    """
    pages = find_pages(only)
    if panel is not None and not panel.is_file():
        raise InputError(f"--panel {panel}: no such file; give a CSV, Parquet or Excel file")
    folder = out or Path("runs") / _name(scenario, panel, only)
    check_destination(folder)
    return Request(scenario, panel, pages, folder, warm and len(pages) > 1)


def find_pages(only: tuple[str, ...] = (), asked_by: str = "--only") -> tuple[Path, ...]:
    """Notebooks of the study in order, or those named (`03_reserves`, or only `03`)."""
    pages = sorted(record.NOTEBOOKS.glob("[0-9]*.ipynb"))
    if not pages:
        raise InputError(
            f"{record.NOTEBOOKS}: no notebooks; run the study from a clone of its repository"
        )
    for name in only:
        if not any(_is_named(page, name) for page in pages):
            known = ", ".join(page.stem for page in pages)
            raise InputError(f"{asked_by} {name}: no such page; there are {known}")
    return tuple(page for page in pages if not only or any(_is_named(page, n) for n in only))


def _is_named(page: Path, name: str) -> bool:
    stem = name.removesuffix(".ipynb")
    return stem == page.stem or stem == page.stem.partition("_")[0]


def _name(scenario: Scenario, panel: Path | None, only: tuple[str, ...]) -> str:
    """Short name: the same request gets the same folder."""
    differing = [record.plain_parameters(scenario)[name] for name in changed(scenario)]
    base = "baseline"
    if panel or differing:
        panel_hash = record.file_hash(panel) if panel else None
        base = f"changed_{record.digest([changed(scenario), panel_hash])[:8]}"
    return "-".join([base, *(name.removesuffix(".ipynb") for name in only)])


def run(asked: Request, progress: RunProgress) -> Path:
    """Carry out a request and return its folder.

    The panel and the evaluation come first: bad input is refused before anything is written or
    any kernel is started. The pages compute their own numbers from the same library call.

    Raises
    ------
    InputError
        Bad panel or formula.
    RunFailedError
        If a page failed; the other pages were still run.
    """
    from analysis.impact import evaluate, write_tables

    impact = evaluate(market(asked.scenario, asked.panel), asked.scenario)
    progress.say(f"{len(asked.pages)} pages into {asked.folder}")
    with replacing(asked.folder) as partial, progress:
        for name in ("notebooks", "figures"):
            (partial / name).mkdir()
        write_tables(impact, partial / "tables")
        failures = _execute_all(asked, partial, progress)
        if failures:
            raise RunFailedError(failures, failed_name(asked.folder))
        written = record.build_record(asked.scenario, asked.panel, asked.pages, partial)
        record.write_record(written, partial)
    return asked.folder


def _execute_all(asked: Request, partial: Path, progress: RunProgress) -> dict[str, str]:
    """Execute every page, `AT_ONCE` at a time; what failed, by page."""
    failures: dict[str, str] = {}

    def execute_page(page: Path) -> None:
        progress.began(page.stem)
        try:
            execute(
                page,
                partial / "notebooks" / page.name,
                asked.given,
                kernels,
                lambda done, total: progress.advanced(page.stem, done, total),
            )
        except Exception as failure:
            failures[page.stem] = reason(failure)
        if not kernels.stopped:
            progress.ended(page.stem, "failed" if page.stem in failures else "done")

    figures = str(partial / "figures")
    with Kernels({FIGURES: figures}, asked.warm) as kernels, ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            for done in [pool.submit(execute_page, page) for page in asked.pages]:
                done.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            kernels.stop()
            raise
        for why in kernels.cold_because:
            progress.say(f"kernels started cold: {why}")
    return dict(sorted(failures.items()))


def reason(failure: Exception) -> str:
    """Why a page failed, in one line."""
    if isinstance(failure, PapermillExecutionError):
        return f"cell {failure.exec_count}: {failure.ename}: {failure.evalue}".replace("\n", " ")
    return f"{type(failure).__name__}: {failure}".replace("\n", " ")
