"""How concentrated a market is: Herfindahl index, the three largest, effective number."""

from __future__ import annotations

import numpy as np

from analysis.impact.cost import ratio
from analysis.market.panel import FloatArray


def shares(amounts: FloatArray) -> FloatArray:
    """Shares of the registered exchanges' sum, (..., exchange); NaN where nobody has anything."""
    return ratio(amounts, amounts.sum(axis=-1, keepdims=True))


def market_shares(amounts: FloatArray) -> FloatArray:
    """The same, with equal shares where there is nothing to share."""
    return np.asarray(np.nan_to_num(shares(amounts), nan=1 / amounts.shape[-1]))


def hhi(amounts: FloatArray) -> FloatArray:
    """Sum of squared shares, (...,): 1 for one exchange, 1 / n for n alike."""
    return np.asarray((shares(amounts) ** 2).sum(axis=-1))


def largest(amounts: FloatArray, number: int = 3) -> FloatArray:
    """Share of the `number` largest exchanges, (...,)."""
    return np.asarray(np.sort(shares(amounts), axis=-1)[..., -number:].sum(axis=-1))


def effective_number(amounts: FloatArray) -> FloatArray:
    """Exchanges of equal size that would be as concentrated: one over the Herfindahl index."""
    return 1 / hhi(amounts)
