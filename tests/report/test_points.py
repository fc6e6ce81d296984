"""Labels of a crowded scatter cover nothing."""

from itertools import combinations

import matplotlib as mpl
import numpy as np

mpl.use("agg")

import matplotlib.pyplot as plt

from analysis.report.figures import figure_style
from analysis.report.points import label_points


def test_labels_cover_neither_dots_nor_one_another_nor_leave_the_frame() -> None:
    figure_style()
    rng = np.random.default_rng(7)
    x = np.exp(rng.normal(0, 2, 23))
    y = x * np.exp(rng.normal(0, 1, 23))
    names = [f"Exchange {number} Japan" for number in range(23)]
    figure, axes = plt.subplots(figsize=(8, 5.5))
    axes.scatter(x, y, s=20)
    axes.set(xscale="log", yscale="log", xlim=(x.min() / 3, x.max() * 3))
    label_points(axes, x, y, names)
    figure.canvas.draw()
    frame = axes.get_window_extent()
    boxes = [text.get_window_extent() for text in axes.texts]
    assert [text.get_text() for text in axes.texts] == names
    for a, b in combinations(boxes, 2):
        wide = min(a.x1, b.x1) - max(a.x0, b.x0)
        tall = min(a.y1, b.y1) - max(a.y0, b.y0)
        assert wide <= 0 or tall <= 3, "two labels share more than their margins"
    for box in boxes:
        assert frame.x0 <= box.x0
        assert box.x1 <= frame.x1
        inside = axes.transData.transform(np.column_stack([x, y]))
        hit = (inside > [box.x0, box.y0 + 2]) & (inside < [box.x1, box.y1 - 2])
        assert not hit.all(axis=1).any(), "a label covers a dot"
    plt.close(figure)


def test_a_single_label_stands_right_of_its_dot() -> None:
    figure, axes = plt.subplots()
    axes.set(xlim=(0, 1), ylim=(0, 1))
    label_points(axes, np.array([0.5]), np.array([0.5]), ["one"])
    assert axes.texts[0].get_horizontalalignment() == "left"
    plt.close(figure)
