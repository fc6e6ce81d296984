"""Parquet of which the same rows give the same bytes, and that can be checked byte by byte."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

Metadata = Mapping[str, Any]


def to_bytes(table: pa.Table, metadata: Metadata | None = None) -> bytes:
    """File of a table: fixed options, and no metadata but what is given, as canonical JSON."""
    stated = {
        name: json.dumps(value, sort_keys=True, separators=(",", ":"))
        for name, value in sorted((metadata or {}).items())
    }
    sink = io.BytesIO()
    pq.write_table(
        table.replace_schema_metadata(stated or None),
        sink,
        version="2.6",
        compression="zstd",
        use_dictionary=True,
        write_statistics=True,
        write_page_checksum=True,
    )
    return sink.getvalue()


def from_frame(frame: pd.DataFrame) -> pa.Table:
    """Columns of a frame; one that is empty throughout is text, as it is where it is not."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    fields = [
        pa.field(field.name, pa.large_string() if pa.types.is_null(field.type) else field.type)
        for field in table.schema
    ]
    return table.cast(pa.schema(fields))


def from_bytes(content: bytes) -> tuple[pa.Table, dict[str, Any]]:
    """Table of a file, and the metadata that `to_bytes` was given.

    Raises
    ------
    ValueError
        If the bytes are not what `to_bytes` writes for the rows and metadata that they hold.
    """
    try:
        table = pq.ParquetFile(io.BytesIO(content), page_checksum_verification=True).read()
        stated = table.schema.metadata or {}
        metadata = {name.decode(): json.loads(value) for name, value in stated.items()}
    except (pa.ArrowException, OSError, ValueError) as failure:
        raise ValueError(f"no Parquet file ({str(failure).splitlines()[0]})") from None
    if to_bytes(table, metadata) != content:
        raise ValueError("bytes were changed")
    return table, metadata
