"""The folder of a run: written beside its place, moved there when complete."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from analysis.errors import InputError

RECORD = "record.json"

#: What the folder of a sweep has and that of a run has not.
DESIGN = "design.json"


def check_place(folder: Path) -> None:
    """Refuse a place where no folder can be made or written.

    Raises
    ------
    InputError
        If `folder` is a file, lies below one, or cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"--out {folder}: is a file; give a folder that is new or an earlier run")
    above = next(parent for parent in folder.absolute().parents if parent.exists())
    if not above.is_dir():
        raise InputError(f"--out {folder}: {above} is a file; give a folder elsewhere")
    if not os.access(folder if folder.is_dir() else above, os.W_OK):
        raise InputError(f"--out {folder}: {above} cannot be written; give a folder elsewhere")


def check_destination(folder: Path) -> None:
    """Refuse a place where a run folder cannot go, before anything is computed or written.

    Raises
    ------
    InputError
        If `folder` is a file, lies below one, cannot be written, or holds something that is not a
        run of this study.
    """
    check_place(folder)
    if (folder / DESIGN).is_file():
        raise InputError(f"--out {folder}: holds a sweep; give a folder that is new or a run's")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / RECORD).is_file():
        raise InputError(
            f"--out {folder}: holds something else than a run (no {RECORD}); "
            "give a folder that is new or an earlier run"
        )


def failed_name(folder: Path) -> Path:
    """Where a failed run is kept, so that the last complete one stays as it is."""
    return folder.with_name(f"{folder.name}.failed")


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """New folder that takes the place of `folder` when the block ends well.

    If the block raises, what it wrote is kept as `<folder>.failed` when it holds notebooks, and
    dropped otherwise; `folder` is untouched. A run that was killed leaves only a hidden folder,
    which the next run removes.
    """
    folder = folder.absolute()
    folder.parent.mkdir(parents=True, exist_ok=True)
    _recover(folder)
    partial = folder.with_name(f".{folder.name}.partial-{os.getpid()}")
    partial.mkdir()
    try:
        yield partial
    except Exception:
        shutil.rmtree(failed_name(folder), ignore_errors=True)
        if any(partial.glob("notebooks/*.ipynb")):
            partial.rename(failed_name(folder))
        raise
    else:
        _swap(partial, folder)
        shutil.rmtree(failed_name(folder), ignore_errors=True)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _swap(partial: Path, folder: Path) -> None:
    previous = folder.with_name(f".{folder.name}.previous-{os.getpid()}")
    if folder.exists():
        folder.rename(previous)
    try:
        partial.rename(folder)
    except OSError:
        if previous.exists():
            previous.rename(folder)
        raise
    shutil.rmtree(previous, ignore_errors=True)


def _recover(folder: Path) -> None:
    """Clear what a killed run left; bring back a run that was about to be replaced."""
    for left in folder.parent.glob(f".{folder.name}.*-*"):
        owner = left.name.rpartition("-")[2]
        if owner.isdigit() and int(owner) != os.getpid() and psutil.pid_exists(int(owner)):
            continue
        if ".previous-" in left.name and not folder.exists():
            left.rename(folder)
        else:
            shutil.rmtree(left, ignore_errors=True)
