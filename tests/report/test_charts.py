"""Charts that pages share: label places by hand, and cells that say what they hold."""

from __future__ import annotations

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_hex
from matplotlib.text import Text

from analysis.report.charts import (
    NOT_AVAILABLE,
    distinct,
    dots_with_bounds,
    exchange_grid,
    label_lines,
    spread,
)


def test_labels_spread_around_their_middle() -> None:
    # 1.0, 1.1, 5.0 with gap 1: the first two touch and part around 1.05; the third stays.
    np.testing.assert_allclose(spread([1.1, 5.0, 1.0], 1.0), [1.55, 5.0, 0.55])


def test_labels_far_apart_stay() -> None:
    np.testing.assert_array_equal(spread([3.0, 1.0], 0.5), [3.0, 1.0])
    assert spread([], 1.0).size == 0


@given(
    values=st.lists(st.floats(-100, 100), min_size=1, max_size=20),
    gap=st.floats(0.01, 10),
)
def test_labels_keep_distance_order_and_middle(values: list[float], gap: float) -> None:
    placed = spread(values, gap)
    ordered = placed[np.argsort(values, kind="stable")]
    assert (np.diff(ordered) >= gap - 1e-9).all()
    # Moving a block around its middle leaves the mean of all labels where it was.
    assert placed.mean() == pytest.approx(np.mean(values), abs=1e-8)


def test_grid_shows_every_cell_and_greys_what_is_not_available() -> None:
    values = pd.DataFrame({"one": [1.0, np.nan], "two": [3.0, 4.0]}, index=["Zaif", "GAIA"])
    texts = pd.DataFrame({"one": ["1", "–"], "two": ["3", "4"]}, index=values.index)
    figure = exchange_grid(values, texts, colour_label="share, %")
    axes, bar = figure.axes
    assert [text.get_text() for text in axes.texts] == ["1", "3", "–", "4"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Zaif", "GAIA"]
    assert to_hex(axes.get_facecolor()).upper() == NOT_AVAILABLE
    assert bar.get_ylabel() == "share, %"
    plt.close(figure)


def test_first_row_is_at_the_top() -> None:
    figure, axes = plt.subplots()
    dots_with_bounds(axes, np.array([1.0, 2.0]), np.array([0.5, 1.5]), np.array([1.5, 2.5]))
    bottom, top = axes.get_ylim()
    assert bottom > top
    np.testing.assert_array_equal(axes.lines[0].get_xdata(), [1.0, 2.0])
    plt.close(figure)


def test_cell_text_is_dark_on_light_and_light_on_dark() -> None:
    values = pd.DataFrame({"one": [0.0, 1.0]})
    figure = exchange_grid(values, values.astype(str), colour_label="share", cmap="gray")
    assert [text.get_color() for text in figure.axes[0].texts] == ["white", "black"]
    plt.close(figure)


def test_equal_lines_are_drawn_once() -> None:
    lines = pd.DataFrame({"a": [1.0, 2.0], "b": [1.0, 3.0], "c": [1.0, 2.0 + 1e-14]})
    kept = distinct(lines)
    assert list(kept) == ["a (+1)", "b"]
    np.testing.assert_array_equal(kept["b"], lines["b"])


def test_line_labels_do_not_cover_one_another() -> None:
    figure, axes = plt.subplots(layout="constrained")
    lines = pd.DataFrame({f"line {step}": [1.0, 1.0 + step / 1e6] for step in range(8)})
    axes.set(xlim=(0, 1), ylim=(0, 2))
    label_lines(figure, axes, lines, ["black"] * 8)
    figure.draw_without_rendering()
    boxes = sorted((Text.get_window_extent(text) for text in axes.texts), key=lambda box: box.y0)
    assert len(boxes) == 8
    assert all(below.y1 <= above.y0 + 1 for below, above in pairwise(boxes))
    plt.close(figure)


@pytest.mark.parametrize("values", [[0.0, 0.0], [5.0, 5.0], [1e-7, 3e4], [np.nan, np.nan]])
def test_a_log_grid_draws_whatever_it_is_given(values: list[float]) -> None:
    table = pd.DataFrame({"one": values})
    figure = exchange_grid(table, table.map("{:g}".format), colour_label="share", log=True)
    figure.draw_without_rendering()
    low, high = figure.axes[0].collections[0].get_clim()
    assert low is not None
    assert high is not None
    assert 0 < low < high
    plt.close(figure)
