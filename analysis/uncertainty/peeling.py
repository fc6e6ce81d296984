"""How dense a box the search for conditions finds where there is nothing to be found.

PRIM peels whatever is thin, so that it finds a dense box in noise too: the more parameters and the
fewer points, the denser. The measure is shuffled over the points and peeled again, many times; a
box that is no denser than what noise gives at its size is no condition.

Peeling is that of ema_workbench (lenient objective), in arrays, since its own takes seconds a
time; a test holds the two to the same trajectory. Of few points a twentieth is two or three, and a
single case among them at every edge ends the peeling, so that larger peels are tried too.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from analysis.market.panel import FloatArray

PEELS = (0.05, 0.1, 0.2)
"""Shares of the points of a box that a peel takes off, each tried from the start."""
SHUFFLES = 100
LEVEL = 0.95
BoolArray = np.ndarray


def noise_density(
    conditions: pd.DataFrame, cases: BoolArray, points: int, least: int, seed: int
) -> float:
    """Density that peeling reaches in noise, in boxes of at least so many points.

    Parameters
    ----------
    conditions : numbers as floats, all else as text.
    cases : whether each point is a case, (point,).
    points : size of the box to compare with.
    least : smallest box that is peeled to.
    seed : of the shuffles.

    Returns
    -------
    float
        `LEVEL` quantile over `SHUFFLES` shuffles of the densest box on the way.
    """
    rng = np.random.default_rng(seed)
    values, texts = _columns(conditions)
    densest = np.empty(SHUFFLES)
    for step in range(SHUFFLES):
        shuffled = rng.permutation(cases)
        densest[step] = max(
            float(shuffled[box].mean())
            for peel in PEELS
            for box in trajectory(values, texts, shuffled, least, peel)
            if len(box) >= points
        )
    return float(np.quantile(densest, LEVEL))


def trajectory(
    values: FloatArray, texts: np.ndarray, cases: BoolArray, least: int, peel: float
) -> Iterator[np.ndarray]:
    """Places of the points in each box on the way, all points first.

    Parameters
    ----------
    values : numbers, (point, parameter).
    texts : codes of text, (point, parameter).
    least : fewest points of a box.
    peel : share of the points that a peel takes off.
    """
    box, limited = np.arange(len(cases)), np.zeros(values.shape[1] + texts.shape[1], dtype=bool)
    while True:
        yield box
        inside = cases[box].astype(float)
        peels, of = _peels(values[box], texts[box], peel)
        size = peels.sum(axis=0)
        fewer = (size > 0) & (size < len(box))
        if not fewer.any():
            return
        with np.errstate(divide="ignore", invalid="ignore"):
            gain = (inside @ peels / size - inside.mean()) / (len(box) - size)
        gain = np.where(fewer, gain, -np.inf)
        # Of equal gains the one that limits no further parameter, then the first.
        best = int(np.argmax((gain == gain.max()) * (1 + limited[of])))
        if gain[best] <= 0 or size[best] < least:
            return
        limited[of[best]] = True
        box = box[peels[:, best]]


def _columns(conditions: pd.DataFrame) -> tuple[FloatArray, np.ndarray]:
    numeric = conditions.select_dtypes("number")
    text = conditions.drop(columns=numeric.columns)
    codes = [pd.factorize(text[name])[0] for name in text]
    none = np.empty((len(conditions), 0), dtype=int)
    return numeric.to_numpy(dtype=float), np.column_stack([none, *codes])


def _peels(values: FloatArray, texts: np.ndarray, peel: float) -> tuple[BoolArray, np.ndarray]:
    """Points left by every peel, (point, peel), and the place of its parameter, (peel,)."""
    ordered = np.sort(values, axis=0)
    kept, of = [], []
    for place, column in enumerate(values.T):
        upper, lower = _limit(ordered[:, place], peel), -_limit(-ordered[::-1, place], peel)
        kept += [column <= upper, column >= lower]
        of += [place, place]
    for place, column in enumerate(texts.T, start=values.shape[1]):
        peels = [column != code for code in np.unique(column)]
        kept += peels
        of += [place] * len(peels)
    return np.column_stack(kept), np.array(of)


def _limit(ordered: FloatArray, peel: float) -> float:
    """Limit of a peel from above: between two values; where these are equal, below all equals."""
    place = (len(ordered) - 1) * (1 - peel)
    low, high = int(np.floor(place)), int(np.ceil(place))
    if ordered[low] == ordered[high]:
        low = max(int(np.searchsorted(ordered, ordered[high])) - 1, 0)
    return float((ordered[low] + ordered[high]) / 2)
