"""The package `aggregate` on the distributions of a benchmark panel, one exchange at a time."""

from __future__ import annotations

import logging
import warnings
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from analysis.losses.aggregate import AnnualLoss
from analysis.market.panel import FloatArray


@dataclass(frozen=True)
class CappedLognormal:
    """Lognormal loss cut at what is held: a severity that both programs can state exactly."""

    held: FloatArray
    location: FloatArray
    scale: float

    def cdf(self, loss: FloatArray) -> FloatArray:
        deviation = (np.log(np.maximum(loss, 1e-300)) - self.location) / self.scale
        return np.where(loss >= self.held, 1.0, ndtr(deviation))

    def limited_mean(self, loss: FloatArray) -> FloatArray:
        cut = np.minimum(np.maximum(loss, 1e-300), self.held)
        deviation = (np.log(cut) - self.location) / self.scale
        below = np.exp(self.location + self.scale**2 / 2) * ndtr(deviation - self.scale)
        return np.asarray(below + cut * ndtr(-deviation))


def benchmark_panel(exchanges: int = 26) -> AnnualLoss:
    """One data set: 3 billion to 1 trillion yen held, 0.5 to 5 % chance of a loss a year."""
    held = np.geomspace(3e3, 1e6, exchanges)
    severity = CappedLognormal(held, np.log(0.1 * held), 1.6)
    rate = 0.005 * 10 ** (np.arange(exchanges) * 7 % exchanges / exchanges)
    return AnnualLoss(rate, 1.0, severity, atom=held)


def peer_quantiles(loss: AnnualLoss, level: float, log2: int) -> FloatArray:
    """Quantiles of `aggregate`, with 2^log2 buckets up to four times what is held."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the peer's own
        logging.getLogger("aggregate").setLevel(logging.ERROR)
        from aggregate import Aggregate

        severity = loss.severity
        assert isinstance(severity, CappedLognormal)
        found = []
        for number, held in enumerate(severity.held):
            one = Aggregate(
                f"x{number}",
                exp_en=float(np.asarray(loss.frequency)[number]),
                exp_attachment=0,
                exp_limit=held,
                sev_name="lognorm",
                sev_a=severity.scale,
                sev_scale=float(np.exp(severity.location[number])),
                freq_name="poisson",
            )
            one.update(log2=log2, bs=4 * held / 2**log2)
            found.append(float(one.q(level)))
    return np.asarray(found)
