"""Where customers go when exchanges leave: a nested logit in closed form.

Registered exchanges are one nest, the outside (offshore venues and self-custody) is the other. Mean
utilities that reproduce today's market exactly cancel out: what happens when some leave, or become
better or worse, needs only measured shares (tests hold it to the definition with utilities).

With c_j an exchange's share of the nest, S0 the outside's share of all, s the nesting, u_j a change
of utility in logs of volume, and K the set of those that stay:

    D    = sum over K of c_j exp(u_j / (1 - s))
    nest = (1 - S0) D^(1 - s),  outside after = S0 / (S0 + nest)
    m_j  = exp(u_j / (1 - s)) D^(-s) / (S0 + nest)       for j in K, 0 for the others

At s = 0 this is the plain logit: every survivor and the outside grow alike. As s tends to 1 the
customers of who leaves stay in the nest. Within the nest the odds of two survivors never change.

References
----------
S. Berry, Estimating discrete-choice models of product differentiation, RAND Journal of Economics 25
(1994), eq. 18 (inversion) and 22 to 25 (nested logit). D. McFadden, Modelling the choice of
residential location (1978).
"""

from __future__ import annotations

import numpy as np

from analysis.errors import InputError
from analysis.market.panel import BoolArray, FloatArray

Number = float | FloatArray
TOLERANCE = 1e-9
"""By how much shares may miss one and still count as rounding."""


def if_staying(
    shares: FloatArray,
    stays: BoolArray,
    outside_share: Number,
    nesting: Number,
    utility_change: Number = 0.0,
) -> tuple[FloatArray, FloatArray]:
    """What each exchange would have, given what the others do, as a multiple of what it had.

    For a survivor this is its volume; for who leaves, its volume had it alone stayed.

    Parameters
    ----------
    shares : array (..., exchange)
        Shares of the nest before; they add up to one.
    stays : boolean array (..., exchange)
    outside_share : share of all that is outside before, shape (...,) or a number, 0 to below 1.
    nesting : 0 to below 1.
    utility_change : array (..., exchange)
        Change in logs of volume at fixed inclusive value, see `utility_of`.

    Returns
    -------
    multiplier : array (..., exchange)
        1 for an exchange without a share where nobody with one is left.
    outside : array (...)
        1 where everybody with a share has left.

    Raises
    ------
    InputError
        Shares outside [0, 1], shares that do not add up to one, an outside share or a nesting
        outside its range.
    """
    _check(shares, outside_share, nesting)
    outside, inside = _last(outside_share), _last(nesting)
    grown = np.exp(np.asarray(utility_change) / (1 - inside))
    weights = shares * grown
    others = (weights * stays).sum(axis=-1, keepdims=True)
    inclusive = others + np.where(stays, 0.0, weights)
    some = inclusive > 0
    kept = np.where(some, inclusive, 1.0)
    whole = outside + (1 - outside) * kept ** (1 - inside)
    multiplier = np.where(some, grown * kept**-inside / whole, 1.0)
    left = outside + (1 - outside) * others ** (1 - inside)
    after = np.divide(outside, left, out=np.ones(left.shape), where=others > 0)
    return multiplier, np.asarray(after[..., 0])


def utility_of(semi_elasticity: Number, change: Number, outside_share: Number) -> FloatArray:
    """Change of utility at which a change common to all exchanges moves the nest as measured.

    A semi-elasticity e (% of domestic volume per unit) is a response of the whole nest. In the
    logit a common u moves the nest by S0 u at the margin, so u = (e / 100) change / S0. Without an
    outside nothing can move the nest, and u is 0.
    """
    outside = np.asarray(outside_share, dtype=float)
    moved = np.asarray(semi_elasticity) / 100 * np.asarray(change)
    moved, outside = np.broadcast_arrays(moved, outside)
    return np.asarray(np.divide(moved, outside, out=np.zeros(moved.shape), where=outside > 0))


def _last(number: Number) -> FloatArray:
    """With an axis for exchanges at the end."""
    return np.asarray(number, dtype=float)[..., np.newaxis]


def _check(shares: FloatArray, outside_share: Number, nesting: Number) -> None:
    if not np.all((shares >= 0) & (shares <= 1)):
        worst = shares.ravel()[np.argmax(np.abs(shares - 0.5))]
        raise InputError(f"shares: {worst:g} is outside 0 to 1; divide each volume by their sum")
    if np.any(np.abs(gap := shares.sum(axis=-1) - 1) > TOLERANCE):
        total = 1 + float(gap.ravel()[np.argmax(np.abs(gap))])
        raise InputError(f"shares add up to {total:g}, not to 1; divide each volume by their sum")
    for name, value in (("outside_share", outside_share), ("nesting", nesting)):
        array = np.asarray(value, dtype=float)
        if not np.all((array >= 0) & (array < 1)):
            raise InputError(f"{name} = {array.max():g}; allowed: 0 to below 1")
