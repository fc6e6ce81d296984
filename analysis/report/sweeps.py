"""Charts of sweeps along one lever and two: curves with bands, maps; how names are spelt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from analysis.report.charts import readable_on
from analysis.rules.law import CURRENCIES
from analysis.rules.selection import rule_files
from analysis.scenario import Scenario
from analysis.uncertainty.response import is_number

BLUE, ORANGE, GREY = "#0072B2", "#E69F00", "#9A9A9A"
_COLOURS = ["#D55E00", "#009E73", "#CC78BC", "#CA9161", "#56B4E9"]
NAMED = len(_COLOURS)
PER_ROW = 3
WIDE = 20.0
"""Ratio of the largest to the smallest value from which an axis is logarithmic."""
DECADES = 300.0
"""Ratio below which a logarithmic axis has ticks between powers of ten."""
WIDEST = 1e5
"""Ratio over which an axis with a zero or negative values is logarithmic; linear within."""


def parameter_label(name: str) -> str:
    """A varied name as a reader says it.

    Examples
    --------
    >>> parameter_label("rule_parameters.custody_share_korea.hot_rate")
    'custody share korea: hot rate'
    >>> parameter_label("rule_parameters.custody_share_korea.floor_amount")
    'custody share korea: floor amount (KRW)'
    >>> parameter_label("floor_jpy_mn")
    'floor (JPY mn)'
    """
    formula, _, own = name.removeprefix("rule_parameters.").rpartition(".")
    if not formula:
        return measure_label(own)
    return f"{_spaced(formula)}: {measure_label(own)}{_money(formula, own)}"


@cache
def _money(formula: str, parameter: str) -> str:
    """Unit of a formula's parameter where it is money; a user's own rule is not looked up."""
    files = rule_files(Scenario())
    known = files[formula].preset.parameters if formula in files else {}
    unit = known[parameter].unit if parameter in known else ""
    return f" ({unit})" if unit in {*CURRENCIES, "JPY mn"} else ""


def measure_label(name: str) -> str:
    """A column as a reader says it, with its unit.

    Examples
    --------
    >>> measure_label("annual_cost_jpy_mn"), measure_label("exchanges_short")
    ('annual cost (JPY mn)', 'exchanges short')
    """
    stem, money, _ = name.partition("_jpy_mn")
    spelt = _SPELT.get(stem, _spaced(stem))
    return spelt + (" (JPY mn)" if money else "")


_SPELT = {"npv": "net present value", "required": "requirement"}


def sentence(text: str) -> str:
    """The text with a capital at its start, and nothing else changed."""
    return text[:1].upper() + text[1:]


def curves(
    by_parameter: Mapping[str, pd.DataFrame], chosen: str, titles: Mapping[str, str], measure: str
) -> Figure:
    """One panel per parameter: the chosen formula with its band, the others as thin lines.

    Up to `NAMED` others have a colour and a place in the legend, more are grey.

    Parameters
    ----------
    by_parameter : what `uncertainty.response.along` gives, by parameter.
    """
    figure, panels = _panels(len(by_parameter))
    others = list(dict.fromkeys(f for one in by_parameter.values() for f in one["formula"]))
    others.remove(chosen)
    thin = dict(
        zip(others, _COLOURS if len(others) <= NAMED else [GREY] * len(others), strict=False)
    )
    for axes, (name, found) in zip(panels, by_parameter.items(), strict=True):
        numbers = is_number(found["at"])
        places = {at: at if numbers else place for place, at in enumerate(found["at"].unique())}
        for formula, line in found.assign(at=found["at"].map(places)).groupby("formula"):
            own = formula == chosen
            _line(axes, line, BLUE if own else thin[formula], band=own, joined=numbers)
        if numbers:
            _across(axes, found["at"])
        else:
            axes.set_xticks(range(len(places)), [_spaced(str(at)) for at in places])
            axes.margins(x=0.15)
        axes.set_xlabel(parameter_label(name))
    for axes in panels[::PER_ROW]:
        axes.set_ylabel(measure_label(measure))
    panels[0].yaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))
    _scale(panels[0], pd.concat([one["median"] for one in by_parameter.values()]))
    shown = {chosen: BLUE, **(thin if len(others) <= NAMED else {})}
    lines = [Line2D([], [], color=colour, label=titles.get(f, f)) for f, colour in shown.items()]
    columns = 1 if len(by_parameter) == 1 else 2
    figure.legend(handles=lines, loc="outside lower center", ncols=columns, frameon=False)
    return figure


def _line(axes: Axes, line: pd.DataFrame, colour: str, *, band: bool, joined: bool) -> None:
    """One formula: a line with or without a band, or dots where values have no order."""
    at = line["at"].astype(float)
    if band and joined:
        axes.fill_between(at, line["low"], line["high"], color=colour, alpha=0.2, linewidth=0)
    elif band:
        axes.vlines(at, line["low"], line["high"], color=colour, alpha=0.2, linewidth=9)
    style = ("o-" if band else "-") if joined else ("o" if band else "_")
    size = 3.5 if band else 9.0
    order = 3 if band else 1
    axes.plot(at, line["median"], style, color=colour, linewidth=1.3, markersize=size, zorder=order)


def _across(axes: Axes, at: pd.Series) -> None:
    """Axis of a parameter: logarithmic where it spans a wide range, numbers spelt short."""
    if _is_wide(at):
        axes.set_xscale("log")
        few = at.max() / at.min() < DECADES
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if few else (1,)))
        _spell(axes.xaxis)
    else:
        axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))


def lever_map(found: pd.DataFrame, down: str, across: str, measure: str) -> Figure:
    """Heat map of one formula over two levers, each cell with its median.

    Parameters
    ----------
    found : what `uncertainty.response.surface` gives, one formula.
    """
    wide = found.pivot_table("median", down, across, sort=True, dropna=False)
    values = wide.to_numpy(dtype=float)
    figure, axes = plt.subplots(figsize=(2.2 + 0.7 * wide.shape[1], 1.3 + 0.42 * wide.shape[0]))
    axes.grid(visible=False)
    mesh = axes.pcolormesh(values, cmap="cividis", edgecolors="white", linewidth=0.4)
    for (row, column), ink in np.ndenumerate(readable_on(mesh.to_rgba(values))):
        axes.text(
            column + 0.5,
            row + 0.5,
            number(values[row, column]),
            ha="center",
            va="center",
            fontsize=7.5,
            color=str(ink),
        )
    axes.set_xticks(np.arange(wide.shape[1]) + 0.5, [number(at) for at in wide.columns])
    axes.set_yticks(np.arange(wide.shape[0]) + 0.5, [number(at) for at in wide.index])
    axes.set(xlabel=parameter_label(across), ylabel=parameter_label(down))
    figure.colorbar(mesh, ax=axes, label=measure_label(measure), shrink=0.8)
    return figure


def short(value: float) -> str:
    """A number on an axis.

    Examples
    --------
    >>> short(0.25), short(20_000.0), short(5e8), short(1.5e10)
    ('0.25', '20,000', '500 mn', '15 bn')
    """
    for unit, scale in (("bn", 1e9), ("mn", 1e6)):
        if abs(value) >= scale:
            return f"{value / scale:,.10g} {unit}"
    return f"{value:,.10g}"


def number(value: object) -> str:
    """A value of a parameter or a measure, short."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.number):
        return _spaced(str(value))
    size = abs(float(value))
    return f"{value:,.0f}" if size >= 1000 else f"{value:.3g}"


def _spaced(text: str) -> str:
    return text.replace("_", " ")


def _panels(count: int) -> tuple[Figure, Sequence[Axes]]:
    across = min(count, PER_ROW)
    down = -(-count // across)
    figure, grid = plt.subplots(
        down,
        across,
        figsize=(1.2 + 3.0 * across, 2.7 * down),
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    for spare in grid.flat[count:]:
        spare.remove()
    return figure, list(grid.flat[:count])


def _is_wide(values: pd.Series) -> bool:
    known = values[np.isfinite(values)]
    return bool(len(known) and known.min() > 0 and known.max() / known.min() >= WIDE)


def _scale(axes: Axes, values: pd.Series) -> None:
    """Logarithmic axis of the measure where its sizes span a wide range, linear next to a zero."""
    size = values[np.isfinite(values) & (values != 0)].abs()
    if not len(size) or size.max() / size.min() < WIDE:
        return
    if values.min() > 0:
        axes.set_yscale("log")
    else:
        axes.set_yscale("symlog", linthresh=max(size.min(), size.max() / WIDEST))
    _spell(axes.yaxis)


def _spell(axis: Axis) -> None:
    """Ticks of a logarithmic axis as numbers."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))
    axis.set_minor_formatter(NullFormatter())
