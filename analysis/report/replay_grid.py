"""Heat map of past losses and formulas: what share each would have paid, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import Normalize, to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from analysis.impact.replay_summary import NOTHING, known
from analysis.report.charts import NOT_AVAILABLE, readable_on

NO_LOSS, UNKNOWN = "–", "?"
WIDE = 0.2
"""Distance between bounds from which a cell is grey: its colour would say more than is known."""

HEAD = 0.75
"""Inches above the cells for the names of the losses."""


def replay_grid(
    replayed: pd.DataFrame,
    rows: Mapping[str, str],
    columns: Mapping[str, str],
    *,
    width: float,
    bounds: bool,
) -> Figure:
    """One row per formula and one column per loss, each cell with the per cent paid at once.

    A cell has the colour of the central figure. Where only bounds are known it is hatched: in the
    colour of their middle if they are close, grey if they are `WIDE` or more apart. Plain grey: not
    known (?), or customers lost nothing (–). Title and key say so.

    Parameters
    ----------
    replayed : DataFrame
        From `analysis.impact.replay.replay`.
    rows, columns : mapping
        Label by formula and by incident, in the order to show.
    width : of a cell, inches.
    bounds : whether bounds are written beside a central figure; without, they are rounded to fit.
    """
    shape = (len(rows), len(columns))
    figure, axes = plt.subplots(figsize=(4.4 + width * shape[1], HEAD + 0.24 * max(shape[0], 5)))
    told = replayed.set_index(["formula", "incident"])
    cells = _cells(told.loc[[(one, loss) for one in rows for loss in columns]], bounds)
    text, share, hatched = (cells[name].to_numpy().reshape(shape) for name in cells)
    values, norm = np.ma.masked_invalid(100 * share), Normalize(0, 100)
    mesh = axes.pcolormesh(values, cmap="cividis", norm=norm, edgecolors="white", linewidth=0.4)
    fills = mesh.to_rgba(values)
    for (place, column), words in np.ndenumerate(text):
        blank = np.isnan(share[place, column])
        fill = to_rgba(NOT_AVAILABLE) if blank else tuple(fills[place, column])
        ink = str(readable_on(np.array(fill)))
        _write(axes, (column, place), words, ink, fill if hatched[place, column] else None)
    _dress(axes, list(rows.values()), list(columns.values()))
    lost = int((text != NO_LOSS).any(axis=0).sum())
    _explain(axes, mesh, f"% of customers' loss paid at once: {lost} losses, {shape[0]} rules")
    return figure


def _cells(told: pd.DataFrame, bounds: bool) -> pd.DataFrame:
    """Text of each cell, the share behind its colour (none where nothing is said), and hatching."""
    text = pd.Series([cell_text(row, bounds=bounds) for _, row in told.iterrows()], told.index)
    said = ~text.isin([NO_LOSS, UNKNOWN])
    apart = told["paid_share"].isna() & told["high"].sub(told["low"]).ge(NOTHING)
    near = (told["high"] - told["low"] < WIDE).to_numpy()
    middle = ((told["low"] + told["high"]) / 2).where(near)
    share = told["paid_share"].fillna(middle).where(said)
    return pd.DataFrame({"text": text, "share": share, "hatched": apart & said})


def _dress(axes: Axes, rows: list[str], columns: list[str]) -> None:
    """Names at the left and on top, first row at the top, no frame."""
    axes.set(facecolor=NOT_AVAILABLE, ylim=(len(rows), 0))
    axes.grid(visible=False)
    axes.xaxis.tick_top()
    axes.set_xticks(np.arange(len(columns)) + 0.5, columns)
    axes.set_yticks(np.arange(len(rows)) + 0.5, rows)
    axes.tick_params(labelsize=7.5, length=0)
    for edge in axes.spines.values():
        edge.set_visible(False)


def _explain(axes: Axes, mesh: QuadMesh, title: str) -> None:
    """Title, scale and key: what a cell says can be read from the picture alone."""
    axes.set_title(title, loc="left", fontsize=9, pad=8)
    bar = plt.colorbar(mesh, ax=axes, aspect=40, pad=0.02)
    bar.set_label("% paid at once", fontsize=8)
    bar.ax.tick_params(labelsize=7.5, length=2)
    stripes = Patch(facecolor="white", edgecolor="black", hatch="//////", linewidth=0.4)
    blank = Patch(facecolor=NOT_AVAILABLE, edgecolor="black", linewidth=0.4)
    apart = f"bounds only; grey: {100 * WIDE:.0f} points or more apart"
    words = [apart, f"{UNKNOWN} nothing known, {NO_LOSS} no loss"]
    axes.legend(
        [stripes, blank],
        words,
        loc="upper left",
        bbox_to_anchor=(0.0, -0.01),
        ncols=2,
        frameon=False,
        fontsize=7.5,
        borderaxespad=0.2,
    )


def cell_text(row: pd.Series, *, bounds: bool) -> str:
    """Per cent paid: a number, a number with bounds, bounds alone, or a sign for none.

    Examples
    --------
    >>> row = pd.Series({"loss_jpy_mn": 5.0, "paid_share": 0.066, "low": 0.02, "high": 0.5})
    >>> cell_text(row, bounds=True), cell_text(row.replace(0.066, np.nan), bounds=False)
    ('6.6 (2.0–50)', '2–50')
    """
    if row["loss_jpy_mn"] == 0:
        return NO_LOSS
    number = _number if bounds else _whole
    between = f"{number(row['low'])}–{number(row['high'])}"
    if np.isnan(row["paid_share"]):
        same = row["high"] - row["low"] < NOTHING
        return (_number(row["low"]) if same else between) if known(row) else UNKNOWN
    apart = row["high"] - row["low"] >= NOTHING and bounds
    return _number(row["paid_share"]) + (f" ({between})" if apart else "")


def _number(share: float) -> str:
    per_cent = 100 * share
    return f"{per_cent:.1f}" if 0.05 <= per_cent < 9.95 else f"{per_cent:.0f}"


def _whole(share: float) -> str:
    return "<1" if 0.0005 <= share < 0.005 else f"{100 * share:.0f}"


def _write(
    axes: Axes,
    corner: tuple[int, int],
    text: str,
    ink: str,
    hatched: tuple[float, ...] | None,
) -> None:
    """Text of a cell; stripes and a plain field behind the text where it is hatched."""
    column, place = corner
    label = axes.text(
        column + 0.5, place + 0.5, text, ha="center", va="center", fontsize=7, color=ink
    )
    label.set_in_layout(False)  # inside its cell; measuring hundreds of texts takes seconds
    if hatched is None:
        return
    stripes = Rectangle(corner, 1, 1, fill=False, edgecolor=ink, lw=0, hatch="//////", alpha=0.45)
    axes.add_patch(stripes).set_in_layout(False)
    label.set_bbox({"facecolor": hatched, "edgecolor": "none", "pad": 0.8})
