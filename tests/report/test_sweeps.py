"""Charts of sweeps: what is drawn is what the tables hold."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from analysis.report import sweep_bars, sweeps
from analysis.report.sweep_texts import listed
from analysis.report.sweep_words import unturned


@pytest.fixture(autouse=True)
def _closed() -> object:
    yield
    plt.close("all")


def _texts(figure: Figure) -> list[str]:
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def _bars(axes: Axes) -> list[Rectangle]:
    return [patch for patch in axes.patches if isinstance(patch, Rectangle)]


def test_labels_are_words_with_units() -> None:
    assert sweeps.parameter_label("rule_parameters.k_factors_uk.custody_rate") == (
        "k factors uk: custody rate"
    )
    assert sweeps.parameter_label("floor_jpy_mn") == "floor (JPY mn)"
    assert sweeps.measure_label("npv_jpy_mn") == "net present value (JPY mn)"
    assert sweeps.sentence("annual cost (JPY mn)") == "Annual cost (JPY mn)"
    assert [sweeps.number(one) for one in (12345.6, 0.01234, True, "lock_up")] == [
        "12,346",
        "0.0123",
        "True",
        "lock up",
    ]


def _curve(values: list[float]) -> pd.DataFrame:
    parts = [
        pd.DataFrame({"formula": name, "at": [0.1, 1.0, 10.0], "median": values})
        for name in ("one", "two")
    ]
    whole = pd.concat(parts, ignore_index=True)
    return whole.assign(low=whole["median"] * 0.9, high=whole["median"] * 1.1, points=5)


def test_a_curve_over_orders_of_magnitude_is_on_log_scales() -> None:
    figure = sweeps.curves(
        {"rate_multiplier": _curve([1.0, 10.0, 100.0])}, "two", {"two": "The second"}, "cost_jpy_mn"
    )
    axes = figure.axes[0]
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert [np.asarray(line.get_ydata()).tolist() for line in axes.lines] == [
        [1.0, 10.0, 100.0]
    ] * 2
    assert [text.get_text() for text in figure.legends[0].texts] == ["The second", "one"]


def test_a_curve_over_readings_has_their_names() -> None:
    found = _curve([3.0, 2.0, 1.0]).assign(at=["order_book", "spot", "spot_and_margin"] * 2)
    axes = sweeps.curves({"trading_value_reading": found}, "one", {}, "cost_jpy_mn").axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == [
        "order book",
        "spot",
        "spot and margin",
    ]


def test_every_cell_of_a_map_has_its_number() -> None:
    found = pd.DataFrame(
        {"a": [1, 1, 2, 2], "b": [0, 5, 0, 5], "median": [10.0, 20.0, 30.0, 4000.0]}
    )
    assert _texts(sweeps.lever_map(found, "a", "b", "cost_jpy_mn")) == ["10", "20", "30", "4,000"]


def test_a_tornado_starts_at_the_base_with_the_longest_bar_on_top() -> None:
    bars = pd.DataFrame(
        {
            "parameter": ["short", "long"],
            "low": 0.0,
            "high": 1.0,
            "base": 10.0,
            "at_low": [9.0, 5.0],
            "at_high": [11.0, 30.0],
            "span": [2.0, 25.0],
            "sure": [False, True],
        }
    )
    axes = sweep_bars.tornado(bars, "cost_jpy_mn", "base").axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        "long (0 to 1)",
        "short (0 to 1)",
    ]
    drawn = [(bar.get_x(), bar.get_width(), bar.get_alpha()) for bar in _bars(axes)]
    assert drawn == [(10.0, -5.0, 1.0), (10.0, -1.0, 0.3), (10.0, 20.0, 1.0), (10.0, 1.0, 0.3)]


def test_indices_and_values_of_information_are_drawn_as_they_are() -> None:
    found = pd.DataFrame(
        {
            "parameter": ["a", "b", "a", "b"],
            "index": ["first", "first", "total", "total"],
            "value": [0.2, 0.6, 0.3, 0.7],
            "low": 0.1,
            "high": 0.9,
        }
    )
    axes = sweep_bars.index_bars(found).axes[0]
    assert [bar.get_width() for bar in _bars(axes)] == [0.6, 0.2, 0.7, 0.3]
    worth = pd.DataFrame(
        {
            "parameter": ["a", "b"],
            "value": [3.0, 0.1],
            "low": 0.0,
            "high": 4.0,
            "noise": 0.5,
            "above_noise": [True, False],
        }
    )
    axes = sweep_bars.worth_bars(worth, "gain").axes[0]
    assert [bar.get_width() for bar in _bars(axes)] == [3.0, 0.1]
    assert axes.patches[0].get_facecolor() != axes.patches[1].get_facecolor()


def test_what_turns_nothing_is_one_sentence_per_set_of_parameters() -> None:
    turned = pd.DataFrame(
        {
            "question": ["p", "p", "q", "q", "r"],
            "parameter": ["a_jpy_mn", "b", "a_jpy_mn", "b", "b"],
            "value": [float("nan")] * 4 + [2.0],
            "found": ["none from 0 to 1", "none from 2 to 3"] * 2 + ["2"],
        }
    )
    assert unturned(turned, str.upper) == [
        "*P; Q*: not by a (JPY mn) (none from 0 to 1), b (none from 2 to 3)."
    ]
    assert listed({"floor_jpy_mn": 500, "treatment": "lock_up"}) == (
        "floor (JPY mn) 500, treatment lock up"
    )
