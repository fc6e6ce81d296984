"""Where customers go when exchanges leave: a nested logit in closed form.

Registered exchanges are one nest, the outside (offshore venues and self-custody) is the other. Mean
utilities come from measured shares by inversion, so that today's market is reproduced exactly; what
happens when some leave, or become better or worse, then needs no utilities, only shares.

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
from numpy.typing import NDArray

from analysis.errors import InputError
from analysis.market.panel import FloatArray

Number = float | FloatArray
BoolArray = NDArray[np.bool_]
TOLERANCE = 1e-9
"""By how much shares may miss one and still count as rounding."""


def mean_utilities(shares: FloatArray, outside_share: Number, nesting: Number) -> FloatArray:
    """Mean utility of each exchange over the outside's, from measured shares (Berry's inversion).

    delta_j = log(S_j / S0) - nesting log(c_j), with S_j = (1 - S0) c_j.

    Parameters
    ----------
    shares : array (..., exchange)
        Shares c of the nest; they add up to one. Where a share is 0 the utility is minus infinity.
    outside_share : share of all that is outside, above 0 and below 1.
    nesting : 0 to below 1.

    Raises
    ------
    InputError
        Shares outside [0, 1], shares that do not add up to one, no outside, a nesting of 1 or more.
    """
    _check(shares, outside_share, nesting)
    if np.any(np.asarray(outside_share) <= 0):
        raise InputError("outside_share = 0; allowed: above 0, utilities are relative to it")
    outside, inside = _last(outside_share), _last(nesting)
    with np.errstate(divide="ignore"):
        log_share = np.log(shares)
    return np.asarray((1 - inside) * log_share + np.log1p(-outside) - np.log(outside))


def choice_shares(utilities: FloatArray, nesting: Number) -> tuple[FloatArray, FloatArray]:
    """Share of all of each exchange (..., exchange), and of the outside (...), from utilities.

    The plain definition, with sums of exponentials; `multipliers` says the same without utilities.
    """
    inside = _last(nesting)
    weights = np.exp(utilities / (1 - inside))
    total = weights.sum(axis=-1, keepdims=True)
    nest = total ** (1 - inside)
    within = np.divide(weights, total, out=np.zeros(weights.shape), where=total > 0)
    return within * nest / (1 + nest), 1 / (1 + nest[..., 0])


def multipliers(
    shares: FloatArray,
    stays: BoolArray,
    outside_share: Number,
    nesting: Number,
    utility_change: Number = 0.0,
) -> tuple[FloatArray, FloatArray]:
    """Volume of each survivor as a multiple of what it was, and the outside's share afterwards.

    The same arrays as `if_staying`, with 0 for who leaves.

    Returns
    -------
    multiplier : array (..., exchange)
    outside : array (...)
        1 where everybody with a share has left.
    """
    alone, outside = if_staying(shares, stays, outside_share, nesting, utility_change)
    return np.where(stays, alone, 0.0), outside


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
