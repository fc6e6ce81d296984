"""Files that are there whole or not at all, whatever stops the process."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

#: Hidden names that this study gives to what is not complete yet.
PARTIAL = ".partial-"


class StorageError(Exception):
    """A file that could not be written: disk full, quota, rights. What was done stays."""

    def __init__(self, path: Path, failure: OSError) -> None:
        reason = failure.strerror or str(failure)
        super().__init__(
            f"{path}: cannot be written ({reason}); what was done is kept: make room and give the "
            "same command again, it goes on from there"
        )


def write_file(path: Path, content: bytes) -> None:
    """Write a file beside its place, flush it to the disk, and move it there.

    Raises
    ------
    StorageError
        If the system refuses; the earlier file, if any, is as it was.
    """
    partial = path.with_name(f"{PARTIAL}{os.getpid()}-{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(partial, content)
        partial.replace(path)
        _sync_folder(path.parent)
    except OSError as failure:
        partial.unlink(missing_ok=True)
        raise StorageError(path, failure) from None


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a new folder with its files beside its place, and move it there.

    Raises
    ------
    StorageError
        If the system refuses; there is no such folder then.
    """
    partial = folder.with_name(f"{PARTIAL}{os.getpid()}-{folder.name}")
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        for name, content in files.items():
            _write(partial / name, content)
        _sync_folder(partial)
        partial.rename(folder)
        _sync_folder(folder.parent)
    except OSError as failure:
        shutil.rmtree(partial, ignore_errors=True)
        raise StorageError(folder, failure) from None


def clear_partial(folder: Path) -> None:
    """Remove what a killed process left half-written, anywhere below a folder."""
    for left in sorted(folder.rglob(f"{PARTIAL}*")):
        remove(left)


def remove(path: Path) -> None:
    """Remove a file or a folder; a folder is hidden first, so that nobody reads half of it."""
    if path.is_dir() and not path.is_symlink():
        hidden = path
        if not path.name.startswith(PARTIAL):
            hidden = path.with_name(f"{PARTIAL}{os.getpid()}-old-{path.name}")
            path.rename(hidden)
        shutil.rmtree(hidden, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make the names in a folder last; Windows does so by itself and cannot open a folder."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
