"""Last cell of a page in a sweep: the page's own tables, held against the sweep's rows.

The cell is appended to the executed copy. It finds its folder by the variable `FOLDER`, so that no
path stands in the page.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.study.sweeps import parquet

if TYPE_CHECKING:
    from analysis.impact import Impact

#: Variable with the folder in which pages find the sweep's rows and leave their own.
FOLDER = "STUDY_SWEEP_PAGES"

#: Files below `<FOLDER>/<page>-<point>/`: the sweep's rows by table, and all tables of the page.
EXPECTED, RESULT = "expected", "result.parquet"


class PageDiffersError(Exception):
    """A page's figure is not that of the sweep."""


def cell(page: str, point: int) -> str:
    """Source of the cell."""
    return (
        "from analysis.study.page_result import same_as_sweep\n\n"
        f'same_as_sweep(globals(), page="{page}", point={point})'
    )


def folder_of(root: Path, page: str, point: int) -> Path:
    """Folder in which one page and the sweep meet."""
    return root / f"{page}-{point:08d}"


def same_as_sweep(namespace: Mapping[str, Any], page: str, point: int) -> None:
    """Write the page's own tables, and say that they are the sweep's rows to the last bit.

    Parameters
    ----------
    namespace : mapping
        The page's `globals()`: its `impact` is taken where it is that of the page's parameters;
        otherwise the page's `scenario` and `panel` are evaluated.
    page, point : of the sweep.

    Raises
    ------
    PageDiffersError
        Names the first figure that differs.
    """
    from IPython.display import Markdown, display

    if FOLDER not in os.environ:
        display(Markdown("Outside a sweep there are no rows to hold this page against."))
        return
    folder = folder_of(Path(os.environ[FOLDER]), page, point)
    impact = _impact(namespace)
    sentences, files = [], {}
    for file in sorted((folder / EXPECTED).glob("*.parquet")):
        expected = parquet.from_bytes(file.read_bytes())[0].to_pandas()
        table = impact.tables[file.stem].copy()
        table.insert(0, "point", point)
        compare(file.stem, table, expected)
        files[file.stem] = table
        sentences.append(f"{file.stem}, {len(table):,} rows x {len(table.columns) - 1} columns")
    (folder / RESULT).write_bytes(_together(files))
    display(
        Markdown(
            f"**One result, two ways.** The tables of this page equal the rows of the sweep for "
            f"point {point} to the last bit: {'; '.join(sentences)}."
        )
    )


def _impact(namespace: Mapping[str, Any]) -> Impact:
    """Evaluation of the page's parameters: its own, unless it is of something else."""
    from analysis.impact import Impact, evaluate
    from analysis.rules import candidates
    from analysis.study.notebook import market
    from analysis.study.parameters import NOTEBOOK_ONLY

    chosen, own = namespace["scenario"], namespace.get("impact")
    if isinstance(own, Impact) and own.scenario == chosen:
        ids = [[one.id for one in formulas] for formulas in (own.formulas, candidates(chosen))]
        if ids[0] == ids[1]:
            return own
    return evaluate(market(chosen, namespace.get("panel", NOTEBOOK_ONLY["panel"])), chosen)


def as_alone(sweep: pd.DataFrame, alone: pd.DataFrame) -> pd.DataFrame:
    """Rows of a sweep in the columns that their point has alone.

    A column that only other points of the sweep have is blank here, and left out.
    """
    blank = [name for name in sweep if name not in alone and sweep[name].isna().all()]
    rows = sweep.drop(columns=blank)
    return rows[list(alone)] if {*rows} == {*alone} else rows


def compare(name: str, page: pd.DataFrame, sweep: pd.DataFrame) -> None:
    """Refuse two tables that differ in a row, a column or a bit.

    Columns that are blank throughout in the sweep and not on the page are those of other points.

    Raises
    ------
    PageDiffersError
        Names table, column and row of the first difference.
    """
    sweep = as_alone(sweep, page)
    if other := sorted({*page} ^ {*sweep}):
        raise PageDiffersError(f"table {name}: the column {other[0]} is not in both")
    if len(page) != len(sweep):
        raise PageDiffersError(f"table {name}: {len(page)} rows here, {len(sweep)} in the sweep")
    for column in page.columns:
        differing = np.flatnonzero(~_same(page[column], sweep[column]))
        if len(differing):
            row = int(differing[0])
            here, there = page[column].iloc[row], sweep[column].iloc[row]
            raise PageDiffersError(
                f"table {name}, column {column}, row {row} ({page.iloc[row].get('formula', '')}): "
                f"{here!r} here, {there!r} in the sweep"
            )


def _same(page: pd.Series[Any], sweep: pd.Series[Any]) -> np.ndarray:
    """Whether each pair of cells is the same; floating-point numbers to the last bit."""
    if page.dtype == sweep.dtype and page.dtype.kind == "f":
        here, there = page.to_numpy(), sweep.to_numpy()
        bits = here.view(f"u{here.itemsize}") == there.view(f"u{there.itemsize}")
        return np.asarray(bits | (np.isnan(here) & np.isnan(there)))
    one, other = page.astype(object), sweep.astype(object)
    return np.asarray((one == other) | (one.isna() & other.isna()), dtype=bool)


def _together(tables: Mapping[str, pd.DataFrame]) -> bytes:
    """All tables in one file, the name of the table in front."""
    import pyarrow as pa

    parts = []
    for name, frame in tables.items():
        parts.append(parquet.from_frame(frame.assign(table=name)))
    whole = pa.concat_tables(parts, promote_options="permissive")
    return parquet.to_bytes(
        whole.select(["table", *(n for n in whole.column_names if n != "table")])
    )
