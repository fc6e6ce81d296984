"""Check a run or a sweep against its record, offline, part by part."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.data import hashes
from analysis.errors import InputError
from analysis.scenario import scenario
from analysis.study import record
from analysis.study.folder import DESIGN, RECORD

#: What a run that passes still does not show.
NOT_PROVED = (
    "Not proved: that the sources are right, that the model is, or who made the run and when. "
    "The record is not signed: whoever can change the run can write a record that fits it."
)


_BOTH = frozenset({"inputs", "data", "code", "notebooks", "lock", "outputs"})
PARTS = {record.SCHEMA: _BOTH | {"parameters", "seed"}, record.SWEEP: _BOTH | {"design"}}
"""Parts that a record of each kind holds."""


@dataclass(frozen=True)
class Check:
    """Outcome of one part: `passed` is None where it could not be checked."""

    part: str
    passed: bool | None
    finding: str


def verify(folder: Path, panel: Path | None = None) -> Iterator[Check]:
    """Checks of the run or the sweep in `folder`, one per part, as they are made.

    Parameters
    ----------
    folder : Path
        Folder of a run or of a sweep.
    panel : Path, optional
        The reader's own panel, where one was used: it is not kept in the folder.

    Raises
    ------
    InputError
        If there is no record to check, or it is not readable.
    """
    kept = _read(folder)
    swept = kept["schema"] == record.SWEEP
    yield _fingerprint(kept)
    if not swept:
        yield _compared("parameters", kept, kept["parameters"], _refused(kept["parameters"]))
    for part, now in _checkout(kept).items():
        yield _files(part, kept[part], now())
    lock = record.file_hash(record.ROOT / "requirements.lock")
    yield _files("lock", {"requirements.lock": kept["lock"]}, {"requirements.lock": lock})
    yield _files("outputs", kept["outputs"], record.output_hashes(folder))
    yield _points_again(kept, folder, panel) if swept else _again(kept, folder, panel)


def _read(folder: Path) -> dict[str, Any]:
    path = folder / RECORD
    try:
        kept = json.loads(path.read_bytes())
    except OSError:
        why = "not complete: give the command of the sweep again"
        if not (folder / DESIGN).is_file():
            why = "give the folder of a run or of a sweep"
        raise InputError(f"{folder}: no record here ({RECORD} not found); {why}") from None
    except ValueError as failure:
        raise InputError(f"{path}: not JSON ({failure})") from None
    if not isinstance(kept, dict) or kept.get("schema") not in PARTS:
        raise InputError(f"{path}: not a record of the kind {' or '.join(PARTS)}")
    if missing := (PARTS[kept["schema"]] | {"fingerprint"}) - set(kept):
        raise InputError(f"{path}: the part {min(missing)} is missing")
    return kept


def _fingerprint(kept: Mapping[str, Any]) -> Check:
    stated = dict(kept["fingerprint"])
    parts = {name: kept[name] for name in stated if name != "whole" and name in kept}
    now = record.fingerprint(parts)
    wrong = sorted(name for name in {*stated, *now} if stated.get(name) != now.get(name))
    wrong = [name for name in wrong if name != "whole"] or wrong
    if wrong:
        return Check("record", False, f"{RECORD} was changed: {', '.join(wrong)}")
    return Check("record", True, f"fingerprint {now['whole'][:16]}")


def _refused(parameters: Mapping[str, Any]) -> str:
    try:
        scenario(parameters)
    except InputError as refusal:
        return str(refusal)
    return ""


def _compared(part: str, kept: Mapping[str, Any], value: Mapping[str, Any], refusal: str) -> Check:
    if refusal:
        return Check(part, False, refusal)
    if kept["seed"] != value.get("seed"):
        return Check(part, False, f"seed {kept['seed']} is not the parameter {value.get('seed')}")
    return Check(part, True, f"{len(value)} values, accepted by the scenario")


def _checkout(kept: Mapping[str, Any]) -> dict[str, Callable[[], record.Hashes]]:
    """Hashes of this checkout, part by part."""
    names = [record.NOTEBOOKS / name for name in kept["notebooks"]]
    return {
        "data": hashes,
        "code": record.code_hashes,
        "notebooks": lambda: record.notebook_hashes(path for path in names if path.is_file()),
    }


def _files(part: str, then: Mapping[str, str], now: Mapping[str, str]) -> Check:
    """Whether the same files hold the same bytes; names those that do not."""
    findings = [
        *(f"{name} was changed" for name in then if name in now and now[name] != then[name]),
        *(f"{name} is missing" for name in then if name not in now),
        *(f"{name} was added" for name in now if name not in then),
    ]
    if findings:
        return Check(part, False, "; ".join(findings))
    return Check(part, True, f"{len(then)} file{'s' if len(then) != 1 else ''}, the same bytes")


def _again(kept: Mapping[str, Any], folder: Path, panel: Path | None) -> Check:
    """Compute the tables again from the recorded parameters, and compare them to the byte."""
    private = {name: entry for name, entry in kept["inputs"].items() if name != "panel"}
    if private:
        return Check("tables again", None, f"the run read {', '.join(sorted(private))}: not here")
    stated = kept["inputs"].get("panel")
    if stated and panel is None:
        return Check("tables again", None, f"the run read {stated['name']}: give it with --panel")
    if stated and panel and record.file_hash(panel) != stated["sha256"]:
        return Check("tables again", False, f"{panel} is not the {stated['name']} of the run")
    if (refusal := _refused(kept["parameters"])) != "":
        return Check("tables again", False, refusal)
    from analysis.impact import evaluate, write_tables
    from analysis.study.notebook import market

    chosen = scenario(kept["parameters"])
    impact = evaluate(market(chosen, panel if stated else None), chosen)
    with tempfile.TemporaryDirectory(prefix="study-") as fresh:
        write_tables(impact, Path(fresh))
        now = record.output_hashes(Path(fresh))
    then = record.output_hashes(folder / "tables")
    return _files("tables again", then, now)


def _points_again(kept: Mapping[str, Any], folder: Path, panel: Path | None) -> Check:
    """Evaluate some points of a sweep again, and compare their rows to the last digit."""
    part, inputs = "points again", dict(kept["inputs"])
    if panel is not None and record.file_hash(panel) not in inputs.values():
        return Check(part, False, f"{panel} is no file of the sweep")
    if others := [name for name in inputs if panel is None or name != panel.name]:
        return Check(part, None, f"the sweep read {', '.join(others)}: give a panel with --panel")
    from analysis.study.sweeps.again import points_again

    count, wrong = points_again(folder, panel)
    if wrong:
        return Check(part, False, f"point {wrong[0]} comes out differently in {wrong[1]}")
    return Check(part, True, f"{count} points evaluated again, the same to the last digit")
