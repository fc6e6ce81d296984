"""Events that stop at the hot wallets, and the checks that both severity models share.

With probability `reach` an event goes beyond the hot wallets and its loss X follows the fit to past
losses; otherwise it is min(X, hot), so that probability 1 - reach of the fit's upper part stands as
an atom at `hot`, the hot wallets' balance.
"""

from __future__ import annotations

import numpy as np

from analysis.errors import InputError
from analysis.market.panel import BoolArray, FloatArray

Number = float | FloatArray


def stop_cdf(below: FloatArray, past_hot: BoolArray, reach: Number) -> FloatArray:
    """Distribution function after the stop, from that of X; `past_hot` is true from `hot` on."""
    return np.asarray(np.where(past_hot, 1 - reach * (1 - below), below))


def stop_mean(
    free: FloatArray, within: FloatArray, past_hot: BoolArray, reach: Number
) -> FloatArray:
    """Mean of the loss cut at c after the stop, from E[min(X, c)] and E[min(X, hot)].

    An event that reaches beyond is cut at c, the others at the smaller of c and `hot`.
    """
    return np.asarray(np.where(past_hot, reach * free + (1 - reach) * within, free))


def require_share(name: str, value: Number) -> None:
    """Refuse what is not a share or probability."""
    found = np.asarray(value, dtype=float)
    _require(name, found, (found >= 0) & (found <= 1), "0 to 1")


def require_positive(name: str, value: Number) -> None:
    """Refuse what is not finite and above 0."""
    found = np.asarray(value, dtype=float)
    _require(name, found, np.isfinite(found) & (found > 0), "finite and above 0")


def require_finite(name: str, value: Number) -> None:
    """Refuse infinities and blanks."""
    found = np.asarray(value, dtype=float)
    _require(name, found, np.isfinite(found), "finite")


def require_amount(name: str, value: Number) -> None:
    """Refuse negative amounts and blanks."""
    found = np.asarray(value, dtype=float)
    _require(name, found, found >= 0, "0 and more, JPY mn")


def _require(name: str, found: FloatArray, fits: BoolArray, allowed: str) -> None:
    if not fits.all():
        worst = found[np.logical_not(fits)].flat[0]
        raise InputError(f"{name} = {worst:g}; allowed: {allowed}; correct the value of {name}")
