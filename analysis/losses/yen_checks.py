"""Goodness of fit of the loss models, by the distances of Kolmogorov-Smirnov and Anderson-Darling.

Parameters are estimated from the same losses, so textbook tables do not apply: the distances are
set against those of data sets simulated from the fit and fitted again.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import logit, ndtr

from analysis.losses.severity_fit import SeverityFit
from analysis.losses.severity_yen import YenSeverity
from analysis.losses.yen_fit import fit_yen
from analysis.market.panel import FloatArray

TINY = 1e-12


def severity_of(fit: SeverityFit, threshold: float, held: float = np.inf) -> YenSeverity:
    """Distribution at the estimate, in the unit of the losses that were fitted."""
    return YenSeverity(
        held=np.array(held),
        location=fit["location"],
        scale=float(np.exp(fit["log_scale"])),
        threshold=threshold,
        tail_shape=fit["tail_shape"],
        tail_scale=float(np.exp(fit["log_tail_scale"])),
    )


def distances(probabilities: FloatArray) -> FloatArray:
    """Kolmogorov-Smirnov and Anderson-Darling distance of probabilities from the uniform.

    Parameters
    ----------
    probabilities : array (..., loss), distribution function at each loss.

    Returns
    -------
    array (2, ...)

    References
    ----------
    R. B. D'Agostino and M. A. Stephens, Goodness-of-Fit Techniques, 1986, table 4.2 (D, A squared).
    """
    ordered = np.clip(np.sort(probabilities, axis=-1), TINY, 1 - TINY)
    n = ordered.shape[-1]
    rank = np.arange(1, n + 1)
    steps = np.maximum(rank / n - ordered, ordered - (rank - 1) / n).max(axis=-1)
    logs = np.log(ordered) + np.log1p(-ordered[..., ::-1])
    return np.stack([steps, -n - ((2 * rank - 1) * logs).mean(axis=-1)])


def goodness_of_shares(table: pd.DataFrame, samples: int, rng: np.random.Generator) -> pd.DataFrame:
    """Distance of the measured shares from a logit-normal with their own mean and deviation.

    Rows with an upper bound only or a total loss have no place here; rows between two bounds count
    at the middle. The distances do not depend on the true mean and deviation, so standard normal
    samples give their exact distribution.
    """
    inside = (table["low"] > 0) & (table["high"] < 1)
    points = logit(((table["low"] + table["high"]) / 2)[inside].to_numpy(float))
    simulated = _standardised(rng.standard_normal((samples, len(points))))
    return _table(distances(ndtr(_standardised(points))), distances(ndtr(simulated)), len(points))


def _standardised(values: FloatArray) -> FloatArray:
    deviation = values - values.mean(axis=-1, keepdims=True)
    return np.asarray(deviation / values.std(axis=-1, ddof=1, keepdims=True))


def goodness_of_yen(
    losses: FloatArray, threshold: float, samples: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Distance of losses from the spliced model, by parametric bootstrap at a fixed threshold."""
    fit = fit_yen(losses, threshold)
    observed = distances(severity_of(fit, threshold).cdf(losses))
    simulated = []
    for _ in range(samples):
        drawn = simulate(severity_of(fit, threshold), len(losses), rng)
        again = severity_of(fit_yen(drawn, threshold), threshold)
        simulated.append(distances(again.cdf(drawn)))
    return _table(observed, np.stack(simulated, axis=1), len(losses))


def simulate(severity: YenSeverity, losses: int, rng: np.random.Generator) -> FloatArray:
    """Losses from an untruncated severity."""
    normal = severity.location + severity.scale * rng.standard_normal(losses)
    shape = np.asarray(severity.tail_shape)
    waited = rng.exponential(size=losses)
    excess = severity.tail_scale * (np.expm1(shape * waited) / shape if shape else waited)
    body = np.exp(normal)
    return np.asarray(np.where(body <= severity.threshold, body, severity.threshold + excess))


def _table(observed: FloatArray, simulated: FloatArray, rows: int) -> pd.DataFrame:
    beyond = (simulated >= observed[:, None]).sum(axis=1)
    return pd.DataFrame(
        {
            "distance": observed,
            "p_value": (beyond + 1) / (simulated.shape[1] + 1),
            "rows": rows,
        },
        index=pd.Index(["Kolmogorov-Smirnov", "Anderson-Darling"], name="test"),
    )
