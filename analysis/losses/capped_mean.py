"""Mean of a share that is cut at a cap, by quadrature."""

from __future__ import annotations

import numpy as np
from scipy.special import expit, logit, ndtr

from analysis.losses.hot_wallets import Number
from analysis.market.panel import FloatArray

NODES = 20  # on either side of the bend: relative error below 1e-7 for scales of 0.5 to 4 (tested)
REACH_OF_NORMAL = 8.5  # standard deviations: 1e-17 of the probability lies beyond


def capped_share_mean(cap: FloatArray, location: Number, scale: Number) -> FloatArray:
    """Mean of min(U, cap) for a share U whose logit is normal; no closed form exists.

    With z the normal deviation of `cap`, it is cap P(Z > z) plus the integral of the share times
    the normal density up to z, by Gauss-Legendre quadrature on either side of a share of a half
    (where it bends most; kept within two standard deviations).

    Parameters
    ----------
    cap : array, share of customer crypto in [0, 1].
    location, scale : of the logit; broadcast against `cap`.
    """
    location, scale = np.asarray(location, dtype=float), np.asarray(scale, dtype=float)
    z = np.asarray((logit(cap) - location) / scale)
    top = np.clip(z, -REACH_OF_NORMAL, REACH_OF_NORMAL)
    bend = np.minimum(np.clip(-location / scale, -2.0, 2.0), top)
    below = _normal_mean(np.asarray(-REACH_OF_NORMAL), bend, location, scale)
    return np.asarray(cap * ndtr(-z) + below + _normal_mean(bend, top, location, scale))


def _normal_mean(
    low: FloatArray, high: FloatArray, location: FloatArray, scale: FloatArray
) -> FloatArray:
    """Integral of the share times the standard normal density between two deviations."""
    half, centre = (high - low) / 2, (high + low) / 2
    total = np.zeros(np.broadcast_shapes(half.shape, location.shape, scale.shape))
    for node, weight in zip(*np.polynomial.legendre.leggauss(NODES), strict=True):
        point = centre + half * node
        total += weight * np.exp(-(point**2) / 2) * expit(location + scale * point)
    return np.asarray(half * total / np.sqrt(2 * np.pi))
