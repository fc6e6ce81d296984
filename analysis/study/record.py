"""What a run was made of: parameters, data, code, lock and outputs, bound by a fingerprint.

Hashed parts hold names and hashes only: no path outside the project, no user, no time. What
differs between two honest runs of the same thing (commit, Python, platform) stands under
`about`, outside the fingerprint.
"""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import analysis
from analysis.data import hashes, is_hidden
from analysis.errors import InputError
from analysis.scenario import Scenario
from analysis.study.folder import RECORD
from analysis.study.parameters import PATHS, base_name
from analysis.yaml_lines import shown

SCHEMA, SWEEP = "reserve-study-record/1", "reserve-study-sweep/1"
ROOT = Path(analysis.__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"

Hashes = dict[str, str]


def canonical(value: Any) -> bytes:
    """JSON with one spelling: sorted keys, no spaces, no NaN."""
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode("utf-8")


def digest(value: Any) -> str:
    """SHA-256 of the canonical JSON of a value."""
    return hashlib.sha256(canonical(value)).hexdigest()


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def file_hashes(paths: Iterable[Path], base: Path) -> Hashes:
    """Hash of each file, by its path below `base` with forward slashes."""
    return {path.relative_to(base).as_posix(): file_hash(path) for path in sorted(paths)}


def code_hashes() -> Hashes:
    """Hash of every module of the package; what editors leave in hidden places is none."""
    found = (ROOT / "analysis").rglob("*.py")
    return file_hashes((path for path in found if not is_hidden(path.relative_to(ROOT))), ROOT)


def notebook_hashes(notebooks: Iterable[Path]) -> Hashes:
    """Hash of the cells of each notebook, without outputs: what was to be executed.

    Raises
    ------
    InputError
        A file that is no notebook.
    """
    return {path.name: digest(_cells(path)) for path in sorted(notebooks)}


def _cells(path: Path) -> list[list[str]]:
    import nbformat  # takes seconds, and most commands read no notebook

    invalid = nbformat.ValidationError
    try:
        notebook = nbformat.read(path, as_version=4)
    # The reader takes the parts of what it expects apart without looking.
    except (OSError, LookupError, TypeError, ValueError, AttributeError, invalid) as failure:
        why = str(failure).splitlines()[0][:100] if str(failure) else type(failure).__name__
        raise InputError(f"{shown(path)}: is no notebook ({why}); restore the file") from None
    return [[cell.cell_type, cell.source] for cell in notebook.cells]


def output_hashes(folder: Path) -> Hashes:
    """Hash of every file of a run or a sweep, but its record and what is hidden."""
    found = (path for path in folder.rglob("*") if path.is_file() and path.name != RECORD)
    return file_hashes((path for path in found if not path.name.startswith(".")), folder)


def input_hashes(scenario: Scenario, panel: Path | None) -> dict[str, dict[str, str]]:
    """Base name and hash of each file of the user that the run read."""
    given = {"panel": panel} | {name: getattr(scenario, name, None) for name in PATHS[1:]}
    return {
        name: {"name": Path(path).name, "sha256": file_hash(Path(path))}
        for name, path in given.items()
        if path is not None
    }


def plain_parameters(scenario: Scenario) -> dict[str, Any]:
    """Every parameter as plain JSON, files by base name."""
    values = scenario.model_dump(mode="json")
    return {name: base_name(value) if name in PATHS else value for name, value in values.items()}


def build_record(
    scenario: Scenario, panel: Path | None, notebooks: Iterable[Path], folder: Path
) -> dict[str, Any]:
    """Record of the run whose outputs are in `folder`."""
    parts: dict[str, Any] = {
        "parameters": plain_parameters(scenario),
        "inputs": input_hashes(scenario, panel),
        "data": hashes(),
        "code": code_hashes(),
        "notebooks": notebook_hashes(notebooks),
        "lock": file_hash(ROOT / "requirements.lock"),
        "seed": scenario.seed,
        "outputs": output_hashes(folder),
    }
    return {"schema": SCHEMA, **parts, "fingerprint": fingerprint(parts), "about": about()}


def fingerprint(parts: Mapping[str, Any]) -> dict[str, str]:
    """Hash of each part, and of all parts together under `whole`."""
    hashes = {name: digest(part) for name, part in parts.items()}
    return {**hashes, "whole": digest(hashes)}


def about() -> dict[str, str | None]:
    """Where the run was made, outside the fingerprint."""
    return {
        "commit": _commit(),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
    }


def _commit() -> str | None:
    """Commit of the checkout, marked when files of it were changed; None without git."""
    try:
        commit = _git("rev-parse", "HEAD")
        changed = _git("status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.SubprocessError):
        return None
    return f"{commit} with changes" if changed else commit


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=True, timeout=10
    )
    return done.stdout.strip()


def text(record: Mapping[str, Any]) -> bytes:
    """JSON of a record: readable, sorted, the same bytes for the same record."""
    written = json.dumps(record, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False)
    return (written + "\n").encode("utf-8")


def write_record(record: Mapping[str, Any], folder: Path) -> None:
    """Write `record.json`."""
    (folder / RECORD).write_bytes(text(record))
