"""Small sweeps written to disk for tests, in the layout that `Results` reads."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.uncertainty.results_files import rows_hash


def write_sweep(
    folder: Path,
    points: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    *,
    levers: Sequence[str] = (),
    uncertainties: Sequence[str] = (),
    method: str = "latin_hypercube",
    failed: Sequence[int] = (),
    per_chunk: int = 3,
    **design: Any,
) -> Path:
    """Write a sweep; points in `failed` get no rows in any table."""
    folder.mkdir(parents=True)
    identity = {
        "name": "test",
        "title": "A sweep of a test",
        "question": "What a test asks.",
        "base": {},
        "levers": list(levers),
        "uncertainties": list(uncertainties),
        "method": method,
        "samples": int(points["sample"].nunique()),
        "seed": 64,
        "ranges": {},
        "tables": list(tables),
        "stop": None,
    }
    written = {"design": {**identity, **design}, "hashes": {"design": "0" * 64}}
    (folder / "design.json").write_text(json.dumps(written), encoding="utf-8")
    points.to_parquet(folder / "points.parquet", index=False)
    for start in range(0, len(points), per_chunk):
        write_chunk(folder, points["point"].iloc[start : start + per_chunk], tables, failed)
    return folder


def write_chunk(
    folder: Path,
    points: pd.Series,
    tables: Mapping[str, pd.DataFrame],
    failed: Sequence[int] = (),
) -> Path:
    """Write one chunk."""
    chunk = folder / "chunks" / f"{points.iloc[0]:08d}-{'0' * 16}"
    chunk.mkdir(parents=True)
    done = [point for point in points if point not in failed]
    hashes = {}
    for name, table in tables.items():
        file = chunk / f"{name}.parquet"
        table[table["point"].isin(done)].to_parquet(file, index=False)
        hashes[name] = hashlib.sha256(file.read_bytes()).hexdigest()
    status = pa.table(
        {
            "point": list(points),
            "status": ["done" if point in done else "failed" for point in points],
            "where": ["" for _ in points],
            "error": ["" if point in done else "it broke" for point in points],
        }
    )
    rows = rows_hash(status.to_pylist())
    stated = {b"sha256": json.dumps(hashes).encode(), b"rows": json.dumps(rows).encode()}
    pq.write_table(status.replace_schema_metadata(stated), chunk / "status.parquet")
    return chunk
