"""Severities with closed forms, and slow twins of the yearly loss, for the tests of this room."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.market.panel import FloatArray


@dataclass(frozen=True)
class Exponential:
    """Exponential loss; `held` is so many means that the cut-off has no weight."""

    scale: FloatArray

    @property
    def held(self) -> FloatArray:
        return 60 * self.scale

    def cdf(self, loss: FloatArray) -> FloatArray:
        return -np.expm1(-loss / self.scale)

    def limited_mean(self, loss: FloatArray) -> FloatArray:
        return -self.scale * np.expm1(-loss / self.scale)


@dataclass(frozen=True)
class Uniform:
    """Every loss up to `held` alike."""

    held: FloatArray

    def cdf(self, loss: FloatArray) -> FloatArray:
        return np.asarray(np.clip(loss / self.held, 0, 1))

    def limited_mean(self, loss: FloatArray) -> FloatArray:
        cut = np.minimum(loss, self.held)
        return np.asarray(cut - cut**2 / (2 * self.held))


@dataclass(frozen=True)
class Lattice:
    """Loss of 1, 2, ... units with given chances; the rest of 1 is no loss."""

    chances: tuple[float, ...]
    unit: FloatArray

    @property
    def held(self) -> FloatArray:
        return len(self.chances) * self.unit

    def cdf(self, loss: FloatArray) -> FloatArray:
        total = np.asarray(1 - sum(self.chances) + 0 * loss * self.unit)
        for number, chance in enumerate(self.chances, 1):
            total = total + np.where(loss >= number * self.unit, chance, 0.0)
        return total

    def limited_mean(self, loss: FloatArray) -> FloatArray:
        total = 0 * np.asarray(loss) * self.unit
        for number, chance in enumerate(self.chances, 1):
            total = total + chance * np.minimum(loss, number * self.unit)
        return np.asarray(total)


def panjer(mean: float, dispersion: float, chances: tuple[float, ...], most: int) -> FloatArray:
    """P(S = 0), ..., P(S = most) in units, by Panjer's recursion, one number at a time.

    g_s = sum over x of (a + b x / s) f_x g_(s - x) / (1 - a f_0), H. Panjer, Recursive evaluation
    of a family of compound distributions, ASTIN Bulletin 12 (1981).
    """
    f = [1 - sum(chances), *chances]
    if dispersion == 1:
        a, b, g = 0.0, mean, [float(np.exp(-mean * (1 - f[0])))]
    else:
        a = (dispersion - 1) / dispersion
        r = mean / (dispersion - 1)
        b, g = (r - 1) * a, [(dispersion - (dispersion - 1) * f[0]) ** -r]
    for s in range(1, most + 1):
        total = 0.0
        for x in range(1, min(s, len(f) - 1) + 1):
            total += (a + b * x / s) * f[x] * g[s - x]
        g.append(total / (1 - a * f[0]))
    return np.asarray(g)
