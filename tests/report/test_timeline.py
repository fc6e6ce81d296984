"""No label of the timeline covers another one, and none leaves the picture."""

from itertools import combinations

import matplotlib as mpl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

mpl.use("agg")

import matplotlib.pyplot as plt

from analysis.data import read
from analysis.report.figures import figure_style
from analysis.report.timeline import days, stacked, timeline

LANES = [
    "incident",
    "law",
    "rule-making",
    "working-group",
    "policy",
    "self-regulation",
    "press",
    "tax",
]
SPANS = [("2014-01-01", "2025-01-01"), ("2025-01-01", "2028-06-01")]


def test_labels_do_not_overlap_and_every_event_is_drawn() -> None:
    figure_style()
    events = read("rules/timeline")
    figure = timeline(events, LANES, SPANS)
    figure.canvas.draw()
    drawn = 0
    for axes in figure.axes:
        frame = axes.get_window_extent()
        labels = [text for text in axes.texts if text.get_text() in set(events["label"])]
        drawn += len(labels)
        boxes = [label.get_window_extent() for label in labels]
        assert all(frame.x0 <= box.x0 and box.x1 <= frame.x1 + 2 for box in boxes)
        for (one, a), (two, b) in combinations(zip(labels, boxes, strict=True), 2):
            apart = a.x1 <= b.x0 or b.x1 <= a.x0 or a.y1 <= b.y0 + 1 or b.y1 <= a.y0 + 1
            assert apart, f"{one.get_text()} covers {two.get_text()}"
    plt.close(figure)
    assert drawn == len(events)


def test_the_lanes_cover_every_category() -> None:
    assert set(read("rules/timeline")["category"]) <= set(LANES)


def test_dates_of_any_precision() -> None:
    found = days(pd.Series(["2014-02", "2017-04-01", "2028"]))
    assert found.dt.strftime("%Y-%m-%d").tolist() == ["2014-02-01", "2017-04-01", "2028-01-01"]


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0.1, 20)), max_size=12))
def test_stacked_rows_are_free(spans: list[tuple[float, float]]) -> None:
    starts, ends = [s for s, _ in spans], [s + long for s, long in spans]
    rows = stacked(starts, ends)
    for a, b in combinations(range(len(rows)), 2):
        if rows[a] == rows[b]:
            assert ends[a] <= starts[b] or ends[b] <= starts[a]


@pytest.mark.parametrize("count", [1, 5])
def test_events_of_one_day_take_a_row_each(count: int) -> None:
    assert stacked([0.0] * count, [1.0] * count) == list(range(count))
