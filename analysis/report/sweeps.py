"""Charts of sweeps: curves with bands, maps of two levers, tornadoes, indices with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullFormatter, StrMethodFormatter

from analysis.report.charts import readable_on

BLUE, ORANGE, GREY = "#0072B2", "#E69F00", "#9A9A9A"
_COLOURS = ["#D55E00", "#009E73", "#CC78BC", "#CA9161", "#56B4E9"]
NAMED = len(_COLOURS)
PER_ROW = 3
WIDE = 20.0
"""Ratio of the largest to the smallest value from which an axis is logarithmic."""


def parameter_label(name: str) -> str:
    """A varied name as a reader says it.

    Examples
    --------
    >>> parameter_label("rule_parameters.custody_share_korea.hot_rate")
    'custody share korea: hot rate'
    >>> parameter_label("floor_jpy_mn")
    'floor (JPY mn)'
    """
    formula, _, own = name.removeprefix("rule_parameters.").rpartition(".")
    return (f"{_spaced(formula)}: " if formula else "") + measure_label(own)


def measure_label(name: str) -> str:
    """A column as a reader says it, with its unit.

    Examples
    --------
    >>> measure_label("annual_cost_jpy_mn"), measure_label("exchanges_short")
    ('annual cost (JPY mn)', 'exchanges short')
    """
    stem, money, _ = name.partition("_jpy_mn")
    spelt = "net present value" if stem == "npv" else _spaced(stem)
    return spelt + (" (JPY mn)" if money else "")


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
        numbers = pd.api.types.is_numeric_dtype(found["at"]) and found["at"].dtype != bool
        places = {at: at if numbers else place for place, at in enumerate(found["at"].unique())}
        for formula, line in found.groupby("formula", sort=False):
            at = line["at"].map(places).astype(float)
            if formula != chosen:
                axes.plot(at, line["median"], color=thin[formula], linewidth=1.2, zorder=1)
                continue
            axes.fill_between(at, line["low"], line["high"], color=BLUE, alpha=0.2, linewidth=0)
            axes.plot(at, line["median"], "o-", color=BLUE, markersize=3.5, zorder=3)
        if not numbers:
            axes.set_xticks(range(len(places)), [_spaced(str(at)) for at in places])
        elif _is_wide(found["at"]):
            _log(axes, "x")
        if _is_wide(found["median"]):
            _log(axes, "y")
        axes.set_xlabel(parameter_label(name))
    panels[0].set_ylabel(measure_label(measure))
    shown = {chosen: BLUE, **(thin if len(others) <= NAMED else {})}
    lines = [Line2D([], [], color=colour, label=titles.get(f, f)) for f, colour in shown.items()]
    columns = 1 if len(by_parameter) == 1 else 2
    figure.legend(handles=lines, loc="outside lower center", ncols=columns, frameon=False)
    return figure


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


def tornado(bars: pd.DataFrame, measure: str, most: int = 15) -> Figure:
    """Bars from the base to the measure at both ends of each parameter, pale where not sure.

    Parameters
    ----------
    bars : rows of one formula of `uncertainty.tornado.moved_alone` or `at_tails`.
    """
    shown = bars.sort_values("span", ascending=False, kind="stable").head(most)
    figure, axes = plt.subplots(figsize=(8.5, 0.36 * len(shown) + 1.3))
    place, base = np.arange(len(shown)), float(shown["base"].iloc[0])
    for end, colour, shift in (("low", BLUE, -0.17), ("high", ORANGE, 0.17)):
        reached = shown[f"at_{end}"].to_numpy(dtype=float)
        drawn = axes.barh(place + shift, reached - base, left=base, color=colour, height=0.32)
        drawn.set_label(f"{end} end of the parameter")
        for bar, sure in zip(drawn, shown["sure"], strict=True):
            bar.set_alpha(1.0 if sure else 0.3)
    axes.axvline(base, color="black", linewidth=1)
    ends = zip(shown["parameter"], shown["low"], shown["high"], strict=True)
    names = [
        f"{parameter_label(name)} ({number(low)} to {number(high)})" for name, low, high in ends
    ]
    axes.set_yticks(place, names)
    axes.set(ylim=(len(shown) - 0.4, -0.6), xlabel=f"{measure_label(measure)}; line: base")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, frameon=False)
    return figure


def index_bars(found: pd.DataFrame, most: int = 15) -> Figure:
    """First and total indices of one formula, or mean and spread of effects, with intervals."""
    kinds = list(found["index"].unique())
    largest = found.groupby("parameter")["value"].max().sort_values(ascending=False)
    names = list(largest.head(most).index)
    figure, axes = plt.subplots(figsize=(8.5, 0.42 * len(names) + 1.3))
    step = 0.76 / len(kinds)
    for turn, (kind, colour) in enumerate(zip(kinds, (BLUE, ORANGE), strict=False)):
        one = found[found["index"] == kind].set_index("parameter").loc[names]
        place = np.arange(len(names)) - 0.38 + (turn + 0.5) * step
        axes.barh(place, one["value"], height=step, color=colour, label=_KINDS[kind])
        axes.hlines(place, one["low"], one["high"], color="black", linewidth=1)
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_yticks(np.arange(len(names)), [parameter_label(name) for name in names])
    axes.set(ylim=(len(names) - 0.4, -0.6), xlabel=_UNITS[kinds[0]])
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, frameon=False)
    return figure


def worth_bars(found: pd.DataFrame, unit: str, most: int = 15) -> Figure:
    """Value of information by parameter, with its interval; grey where it is not above noise."""
    shown = found.head(most)
    figure, axes = plt.subplots(figsize=(8.5, 0.36 * len(shown) + 1.2))
    place = np.arange(len(shown))
    axes.barh(place, shown["value"], color=np.where(shown["above_noise"], BLUE, GREY), height=0.62)
    axes.hlines(place, shown["low"], shown["high"], color="black", linewidth=1)
    axes.plot(shown["noise"], place, "|", color=ORANGE, markersize=13, markeredgewidth=2)
    axes.set_yticks(place, [parameter_label(name) for name in shown["parameter"]])
    axes.set(ylim=(len(shown) - 0.4, -0.6), xlabel=f"{unit}; orange: what noise alone reaches")
    return figure


def number(value: object) -> str:
    """A value of a parameter or a measure, short."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.number):
        return _spaced(str(value))
    size = abs(float(value))
    return f"{value:,.0f}" if size >= 1000 else f"{value:.3g}"


_KINDS = {
    "first": "first: alone",
    "total": "total: with interactions",
    "mu_star": "mean size of the effect",
    "sigma": "spread of the effect (interactions, curvature)",
}
_UNITS = {
    "first": "share of the variance; lines: interval",
    "mu_star": "change of the measure over the parameter's whole range",
}


def _spaced(text: str) -> str:
    return text.replace("_", " ")


def _panels(count: int) -> tuple[Figure, Sequence[Axes]]:
    across = min(count, PER_ROW)
    down = -(-count // across)
    figure, grid = plt.subplots(
        down, across, figsize=(1.2 + 3.0 * across, 2.7 * down), squeeze=False, layout="constrained"
    )
    for spare in grid.flat[count:]:
        spare.remove()
    return figure, list(grid.flat[:count])


def _is_wide(values: pd.Series) -> bool:
    known = values[np.isfinite(values)]
    return bool(len(known) and known.min() > 0 and known.max() / known.min() >= WIDE)


def _log(axes: Axes, side: str) -> None:
    (axes.set_xscale if side == "x" else axes.set_yscale)("log")
    own = axes.xaxis if side == "x" else axes.yaxis
    own.set_major_formatter(StrMethodFormatter("{x:,.10g}"))
    own.set_minor_formatter(NullFormatter())
