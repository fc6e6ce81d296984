"""Files of a sweep, read: which are whole, and how many points they hold.

Only whole chunks are read: a folder that is still hidden is being written, and a chunk whose tables
do not have the hashes that its `status.parquet` states counts as not there.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.errors import InputError

HASHES, ROWS = b"sha256", b"rows"
"""Keys in the metadata of `status.parquet`: JSON of table name to SHA-256 of its file, and the
SHA-256 of the rows of the status itself."""

ASKED = ("base", "levers", "uncertainties", "method", "ranges", "tables")
"""What results cannot be read without, of the design."""

_AGAIN = "run `study sweep` on its design again, with --force if it refuses the folder"


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
        lacking = [key for key in ASKED if key not in written["design"]]
    except (OSError, ValueError, KeyError, TypeError) as failure:
        raise InputError(
            f"sweep {folder}: design.json cannot be read ({failure!r}); {_AGAIN}"
        ) from None
    if lacking:
        raise InputError(f"sweep {folder}: design.json has no {lacking[0]} under design; {_AGAIN}")
    return dict(written)


def read_points(folder: Path) -> pd.DataFrame:
    """Points of the sweep in a folder.

    Raises
    ------
    InputError
        A table that cannot be read.
    """
    try:
        # Whole in memory first: pandas would say nothing of a file that shrinks while it is read.
        content = io.BytesIO((folder / "points.parquet").read_bytes())
        return pd.read_parquet(content).infer_objects()
    except (OSError, ValueError, pa.ArrowException) as failure:
        raise InputError(
            f"sweep {folder}: points.parquet cannot be read ({str(failure).splitlines()[0]}); "
            f"{_AGAIN}"
        ) from None


def read_status(folder: Path, chunks: Sequence[Path]) -> pd.DataFrame:
    """One row per point of some whole chunks, in the order of points.

    Raises
    ------
    InputError
        A point in two chunks.
    """
    parts = [pq.read_table(chunk / "status.parquet") for chunk in chunks]
    if not parts:
        return pd.DataFrame({"point": [], "status": []})
    status: pd.DataFrame = pa.concat_tables(parts).to_pandas()
    if (twice := status["point"].duplicated()).any():
        raise InputError(
            f"sweep {folder}: point {status.loc[twice, 'point'].iloc[0]} is in two "
            "chunks; run `study sweep` on its design again, which keeps one"
        )
    return status.sort_values("point", ignore_index=True)


def whole_chunks(folder: Path) -> list[Path]:
    """Chunks in the order of points, without those being written and those that are damaged."""
    return [
        chunk
        for chunk in sorted((folder / "chunks").glob("[0-9]*"))
        if chunk.is_dir() and is_whole(chunk)
    ]


def is_whole(chunk: Path) -> bool:
    """Whether a chunk's status and tables have the hashes that the status states."""
    try:
        status = pq.read_table(chunk / "status.parquet", page_checksum_verification=True)
        metadata = status.schema.metadata or {}
        if json.loads(metadata[ROWS]) != rows_hash(status.to_pylist()):
            return False
        stated: dict[str, str] = json.loads(metadata[HASHES])
        return all(
            hashlib.sha256((chunk / f"{name}.parquet").read_bytes()).hexdigest() == sha
            for name, sha in stated.items()
        )
    except (OSError, ValueError, KeyError, pa.ArrowException):
        return False


def rows_hash(rows: Sequence[Mapping[str, Any]]) -> str:
    """SHA-256 of the rows of a status, as JSON of one spelling."""
    text = json.dumps(list(rows), sort_keys=True, indent=1, ensure_ascii=False, default=str)
    return hashlib.sha256((text + "\n").encode()).hexdigest()
