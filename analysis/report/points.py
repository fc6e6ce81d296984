"""Labels of a scatter, placed so that they cover neither one another nor the dots."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.textpath import TextPath

from analysis.market.panel import FloatArray

SIZE = 7.0  # points
#: Places around a dot, best first: horizontal and vertical alignment as -1, 0, 1.
_AROUND = [(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1)]
_REACH = (5.0, 9.0, 15.0)  # points from the dot, tried from near to far


def label_points(axes: Axes, x: FloatArray, y: FloatArray, labels: Sequence[str]) -> None:
    """Write each label next to its dot, at the first place that is free.

    Where no place is free the label goes to the place that covers least. Call it when limits,
    scales and size of `axes` are final; far labels get a thin line to their dot.

    Parameters
    ----------
    x, y : array
        Data coordinates, shape (dot,).
    labels : sequence of str
    """
    points = axes.transData.transform(np.column_stack([x, y])) * 72 / axes.figure.dpi
    frame = axes.transAxes.transform([(0, 0), (1, 1)]).ravel() * 72 / axes.figure.dpi
    dots = np.column_stack([points - 2.5, points + 2.5])
    taken = dots
    for place, label in enumerate(labels):
        boxes, offsets = _places(points[place], label)
        others = np.delete(taken, place, axis=0)
        cost = [_covered(box, others) + 10 * _outside(box, frame) for box in boxes]
        best = int(np.argmin(cost))
        horizontal, vertical, reach = offsets[best]
        axes.annotate(
            label,
            (x[place], y[place]),
            xytext=(horizontal * reach, vertical * reach),
            textcoords="offset points",
            ha={1: "left", 0: "center", -1: "right"}[horizontal],
            va={1: "bottom", 0: "center", -1: "top"}[vertical],
            fontsize=SIZE,
            arrowprops={"arrowstyle": "-", "linewidth": 0.4, "color": "0.5"} if reach > 8 else None,
        )
        taken = np.vstack([taken, boxes[best]])


def text_width(text: str, size: float) -> float:
    """Width of a text in points, at most a little too wide, whatever it will be drawn on."""
    return float(np.ptp(TextPath((0, 0), text, size=size).vertices[:, 0])) if text else 0.0


def _places(dot: FloatArray, label: str) -> tuple[list[FloatArray], list[tuple[int, int, float]]]:
    """Boxes (left, bottom, right, top) in points, and the offset of each."""
    width = text_width(label, SIZE)
    boxes, offsets = [], []
    for reach in _REACH:
        for horizontal, vertical in _AROUND:
            left = dot[0] + horizontal * reach + (-width / 2, 0.0, -width)[horizontal]
            bottom = dot[1] + vertical * reach + (-SIZE / 2, 0.0, -SIZE)[vertical]
            boxes.append(np.array([left, bottom, left + width, bottom + SIZE]))
            offsets.append((horizontal, vertical, reach))
    return boxes, offsets


def _covered(box: FloatArray, others: FloatArray) -> float:
    """Area that a box shares with others, square points."""
    width = np.minimum(box[2], others[:, 2]) - np.maximum(box[0], others[:, 0])
    height = np.minimum(box[3], others[:, 3]) - np.maximum(box[1], others[:, 1])
    return float((np.maximum(width, 0) * np.maximum(height, 0)).sum())


def _outside(box: FloatArray, frame: FloatArray) -> float:
    """Points by which a box leaves the frame."""
    over = np.concatenate([frame[:2] - box[:2], box[2:] - frame[2:]])
    return float(np.maximum(over, 0).sum())
