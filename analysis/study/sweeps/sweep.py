"""A sweep from start to end: evaluate what is not there, execute the pages, record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from analysis.study import record
from analysis.study.folder import RECORD
from analysis.study.progress import SweepProgress
from analysis.study.sweeps.chunk import FAILED, Status
from analysis.study.sweeps.engine import Engine
from analysis.study.sweeps.files import write_file
from analysis.study.sweeps.keys import made
from analysis.study.sweeps.lock import locked
from analysis.study.sweeps.page import PageOutcome
from analysis.study.sweeps.plan import Chunk, task
from analysis.study.sweeps.reading import Reading
from analysis.study.sweeps.request import Request
from analysis.study.sweeps.version import EditedError


@dataclass
class Summary:
    """How a sweep ended."""

    points: int = 0
    evaluated: int = 0
    failed: list[Status] = field(default_factory=list)
    pages: list[PageOutcome] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    @property
    def failed_pages(self) -> list[PageOutcome]:
        """Pages that failed."""
        return [one for one in self.pages if one.status == FAILED]


def sweep(
    asked: Request, groups: Sequence[Sequence[Chunk]], engine: Engine, progress: SweepProgress
) -> Summary:
    """Carry out a request.

    Raises
    ------
    InputError
        Another sweep is writing into the folder.
    StorageError
        The disk refuses; what was done stays.
    EditedError
        A file of the user, the code or the data changed meanwhile.
    """
    summary, store = Summary(), asked.store
    with locked(asked.folder):
        store.check(asked.design.identity, asked.force)
        for line in store.prepare(asked.design.identity, asked.made, asked.force):
            progress.say(line)
        store.keep_only(chunk.name for group in groups for chunk in group)
        (asked.folder / RECORD).unlink(missing_ok=True)
        try:
            reached = _evaluate(asked, groups, engine, progress, summary)
            Reading(asked, reached, summary.failed).execute(engine, progress, summary.pages)
        finally:
            edited = _mark_edits(asked)
        if edited:
            raise EditedError(", ".join(edited))
        asked.check_inputs()
        _write_record(asked)
    return summary


def _evaluate(
    asked: Request,
    groups: Sequence[Sequence[Chunk]],
    engine: Engine,
    progress: SweepProgress,
    summary: Summary,
) -> list[Chunk]:
    """Evaluate batch after batch until the design is content; the chunks that were reached."""
    points = asked.design.points
    furthest = _furthest(asked, groups)
    reached: list[Chunk] = []
    for number, group in enumerate(groups):
        reached += group
        shown = [chunk for one in groups[: max(number, furthest) + 1] for chunk in one]
        wanted = {point for chunk in shown for point in chunk.points}
        asked.store.write_points(points[points["point"].isin(wanted)])
        _evaluate_group(asked, group, engine, progress, summary)
        if asked.design.stop is not None and _enough(asked, reached, progress, number, len(groups)):
            break
    asked.store.keep_only(chunk.name for chunk in reached)
    wanted = {point for chunk in reached for point in chunk.points}
    asked.store.write_points(points[points["point"].isin(wanted)])
    summary.points = len(wanted)
    return reached


def _furthest(asked: Request, groups: Sequence[Sequence[Chunk]]) -> int:
    """Last batch of which something is there."""
    there = [
        number
        for number, group in enumerate(groups)
        if any((asked.store.chunks / chunk.name).is_dir() for chunk in group)
    ]
    return max(there, default=0)


def _evaluate_group(
    asked: Request,
    group: Sequence[Chunk],
    engine: Engine,
    progress: SweepProgress,
    summary: Summary,
) -> None:
    left: list[Chunk] = []
    for chunk in group:
        found = asked.store.read(chunk.name, chunk.points)
        if isinstance(found, tuple):
            summary.failed += [one for one in found if one.status == FAILED]
            continue
        if found is not None:
            progress.say(f"chunk {chunk.name} done again: {found}")
        left.append(chunk)
    with progress.points(sum(len(chunk.points) for chunk in left)):
        for outcome in engine.run(task(asked, chunk) for chunk in left):
            if outcome.edited:
                raise EditedError(outcome.edited)
            asked.store.write(outcome)
            summary.failed += outcome.failures
            summary.evaluated += len(outcome.statuses)
            progress.advanced(len(outcome.statuses), len(outcome.failures))


def _enough(
    asked: Request, reached: Sequence[Chunk], progress: SweepProgress, number: int, most: int
) -> bool:
    """Whether every headline is known to its tolerance; says how it stands."""
    from analysis.uncertainty.convergence import converged

    names = [chunk.name for chunk in reached]
    tables = {name: asked.store.table(name, names) for name in asked.design.tables}
    found = converged({n: one for n, one in tables.items() if len(one)}, asked.design)
    progress.say(f"batch {number + 1} of at most {most}: {found}")
    return found.reached


def _mark_edits(asked: Request) -> list[str]:
    """Parts of the checkout that were edited while the sweep ran.

    Which chunks are touched is then unclear, so that the next sweep does all again, even where the
    edit was taken back. Files of the user are checked with every chunk, so that these are clear.
    """
    now = made().parts
    edited = [part for part, sha256 in asked.version.parts.items() if now[part] != sha256]
    if edited:
        asked.store.mark_edited(edited)
    return edited


def _write_record(asked: Request) -> None:
    """Write `record.json`: what the sweep was made of, and the hash of every file of it."""
    parts = {
        "design": asked.design.identity,
        "inputs": dict(asked.made.inputs),
        "data": dict(asked.made.data),
        "code": dict(asked.made.code),
        "notebooks": record.notebook_hashes(_templates(asked)),
        "lock": asked.made.lock,
        "packages": dict(asked.made.packages),
        "outputs": record.output_hashes(asked.folder),
    }
    whole = {
        "schema": record.SWEEP,
        **parts,
        "fingerprint": record.fingerprint(parts),
        "about": record.about(),
    }
    write_file(asked.folder / RECORD, record.text(whole))


def _templates(asked: Request) -> set[Path]:
    """Pages that were executed, now or before."""
    there = {record.NOTEBOOKS / f"{page}.ipynb" for page, _ in asked.store.pages()}
    return {*asked.pages.values(), *there}
