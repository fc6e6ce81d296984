"""Heat map of the replay: what each cell says, and how it says that it is not sure."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Rectangle

from analysis.report.replay_grid import cell_text, replay_grid


@pytest.mark.parametrize(
    ("loss", "central", "low", "high", "text"),
    [
        (10, 1.0, 1.0, 1.0, "100"),
        (10, 0.066, 0.066, 0.066, "6.6"),
        (10, 1.0, 0.5, 1.0, "100 (50–100)"),
        (10, np.nan, 0.2, 1.0, "20–100"),
        (10, np.nan, 0.0, 0.15, "0–15"),
        (10, np.nan, 0.001, 1.0, "?"),
        (10, np.nan, np.nan, np.nan, "?"),
        (10, np.nan, 0.301, 0.302, "30"),
        (0, np.nan, np.nan, np.nan, "–"),
    ],
)
def test_texts(loss: float, central: float, low: float, high: float, text: str) -> None:
    row = pd.Series({"loss_jpy_mn": loss, "paid_share": central, "low": low, "high": high})
    assert cell_text(row, bounds=True) == text


def test_small_bounds_fit_a_narrow_cell() -> None:
    row = pd.Series({"loss_jpy_mn": 1.0, "paid_share": np.nan, "low": 0.004, "high": 0.5})
    assert cell_text(row, bounds=False) == "<1–50"


def test_only_open_cells_are_hatched() -> None:
    columns = ["formula", "incident", "loss_jpy_mn", "paid_share", "low", "high"]
    rows = [
        ("a", "x", 1.0, 0.5, 0.5, 0.5),
        ("a", "y", 1.0, np.nan, 0.2, 1.0),
        ("b", "x", 1.0, np.nan, 0.0, 1.0),
        ("b", "y", 0.0, np.nan, np.nan, np.nan),
    ]
    table = pd.DataFrame(rows, columns=columns)
    figure = replay_grid(table, {"a": "A", "b": "B"}, {"x": "X", "y": "Y"}, width=0.5, bounds=True)
    axes = figure.axes[0]
    hatched = [one for one in axes.patches if isinstance(one, Rectangle) and one.get_hatch()]
    assert [one.get_xy() for one in hatched] == [(1, 0)]
    assert [text.get_text() for text in axes.texts] == ["50", "20–100", "?", "–"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["A", "B"]
    assert axes.get_title(loc="left") == "% of customers' loss paid at once: 2 losses, 2 rules"
    assert figure.axes[1].get_ylabel() == "% paid at once"
    legend = axes.get_legend()
    assert legend is not None
    key = [text.get_text() for text in legend.get_texts()]
    assert key == ["bounds only; grey: 20 points or more apart", "? nothing known, – no loss"]
    plt.close(figure)


def test_wide_bounds_have_no_colour_and_close_ones_that_of_their_middle() -> None:
    rows = [("a", "x", 1.0, np.nan, 0.05, 1.0), ("a", "y", 1.0, np.nan, 0.3, 0.4)]
    columns = ["formula", "incident", "loss_jpy_mn", "paid_share", "low", "high"]
    table = pd.DataFrame(rows, columns=columns)
    figure = replay_grid(table, {"a": "A"}, {"x": "X", "y": "Y"}, width=0.5, bounds=True)
    (mesh,) = figure.axes[0].collections
    shown: np.ma.MaskedArray[Any, Any] = np.ma.asarray(mesh.get_array()).ravel()
    assert list(np.ma.getmaskarray(shown)) == [True, False]
    assert shown[1] == pytest.approx(35.0)  # (30 + 40) / 2
    plt.close(figure)
