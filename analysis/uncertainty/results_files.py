"""Files of a sweep, read: which are whole, and how many points they hold.

Only whole chunks are read: a folder that is still hidden is being written, and a chunk whose tables
do not have the hashes that its `status.parquet` states counts as not there.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from analysis.errors import InputError

HASHES = b"sha256"
"""Key in the metadata of `status.parquet`: JSON of table name to SHA-256 of its file."""


@dataclass(frozen=True)
class Coverage:
    """How many points of a sweep are there."""

    points: int
    done: int
    failed: int

    @property
    def missing(self) -> int:
        """Points that were not reached yet, or whose chunk is damaged."""
        return self.points - self.done - self.failed

    @property
    def complete(self) -> bool:
        """Whether every point has its rows."""
        return self.done == self.points

    def __str__(self) -> str:
        if self.complete:
            return f"all {self.points:,} points are there"
        return (
            f"{self.done:,} of {self.points:,} points are there; {self.failed:,} failed, "
            f"{self.missing:,} are missing"
        )


def read_written(folder: Path) -> dict[str, Any]:
    """Design of the sweep in a folder, with the hashes of what its results were made with.

    Raises
    ------
    InputError
        No sweep there, or a design that cannot be read.
    """
    for name in ("design.json", "points.parquet"):
        if not (folder / name).is_file():
            raise InputError(
                f"sweep {folder}: there is no sweep ({name} is missing); give the folder that "
                "`study sweep` wrote"
            )
    try:
        written = json.loads((folder / "design.json").read_text(encoding="utf-8"))
        return {"design": written["design"], **written}
    except (ValueError, KeyError, TypeError) as failure:
        raise InputError(f"sweep {folder}: design.json cannot be read ({failure!r})") from None


def whole_chunks(folder: Path) -> list[Path]:
    """Chunks in the order of points, without those being written and those that are damaged."""
    return [
        chunk
        for chunk in sorted((folder / "chunks").glob("[0-9]*"))
        if chunk.is_dir() and is_whole(chunk)
    ]


def is_whole(chunk: Path) -> bool:
    """Whether a chunk's tables have the hashes that its status states."""
    try:
        metadata = pq.read_schema(chunk / "status.parquet").metadata or {}
        stated: dict[str, str] = json.loads(metadata[HASHES])
        return all(
            hashlib.sha256((chunk / f"{name}.parquet").read_bytes()).hexdigest() == sha
            for name, sha in stated.items()
        )
    except (OSError, ValueError, KeyError, pa.ArrowException):
        return False
