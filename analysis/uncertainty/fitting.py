"""Which estimator fits the sample of a sweep: anything else is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.errors import InputError
from analysis.uncertainty.samples import Plan

FITTING: Mapping[str, tuple[str, ...]] = {
    "sobol": ("sobol", "given_data"),
    "morris": ("morris",),
    "latin_hypercube": ("given_data",),
    "grid": ("given_data",),
}
"""Estimators that fit each method of the uncertainties; others fit none."""
ESTIMATORS = ("sobol", "morris", "given_data")


@dataclass(frozen=True)
class Sample:
    """What an estimator must know of the sample of uncertainties.

    Attributes
    ----------
    method : of the design.
    names : uncertain parameters.
    rows : of the sample, per lever combination.
    plan : of a drawn sample.
    seed : of the resampling that gives intervals.
    """

    method: str
    names: tuple[str, ...]
    rows: int
    plan: Plan | None = None
    seed: int = 64

    @classmethod
    def of(cls, design: Mapping[str, Any], points: pd.DataFrame) -> Sample:
        """Sample of a sweep from the identity of its design and its points."""
        plan = Plan.of(design["plan"]) if design.get("plan") else None
        names = tuple(design["uncertainties"])
        return cls(design["method"], names, int(points["sample"].nunique()), plan, design["seed"])

    def estimator(self, asked: str | None = None) -> str:
        """The estimator asked for, or the first that fits.

        Raises
        ------
        InputError
            None fits, or the one asked for does not.
        """
        fitting = FITTING.get(self.method, ()) if self.names else ()
        if asked is not None and asked not in ESTIMATORS:
            raise InputError(f"estimator '{asked}'; known: {', '.join(ESTIMATORS)}")
        if asked in fitting or (asked is None and fitting):
            return asked or fitting[0]
        designs = {method for method, known in FITTING.items() if asked is None or asked in known}
        needs = " or ".join(sorted(designs))
        what = f"estimator '{asked}' needs" if asked else "sensitivity indices need"
        told = f"; to this one fits {' or '.join(fitting)}" if fitting else ""
        varied = f"method {self.method}" if self.names else "no uncertainties"
        raise InputError(f"{what} a {needs} design; this sweep has {varied}{told}")

    def independent(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows of points drawn independently: of a Sobol' design its two base samples.

        Raises
        ------
        InputError
            The points lie on trajectories (Morris).
        """
        if self.method == "morris":
            raise InputError(
                "points of a morris design lie on trajectories, most alike their neighbours, so "
                "that means and medians over them mislead; choose latin_hypercube or sobol"
            )
        if self.method != "sobol" or self.plan is None:
            return rows
        block = self.plan.rows // self.plan.samples
        return rows[(rows["sample"] % block).isin([0, block - 1])]
