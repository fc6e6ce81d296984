"""Samples of the unit cube: one row per sample, one column per uncertain parameter."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np

from analysis.market.panel import FloatArray

Sampler = Literal["latin_hypercube", "sobol", "morris"]
SAMPLERS: tuple[str, ...] = get_args(Sampler)


@dataclass(frozen=True)
class Plan:
    """What makes a sample, and what an estimator must know of it.

    Parameters
    ----------
    method : Sampler
    samples : int
        Rows of a Latin hypercube, base samples N of Sobol, trajectories of Morris.
    seed : int
    names : tuple of str
    groups : tuple of str, optional
        Group of each name; names of one group move together and get one index.
    second_order : bool
        Sobol only: pairs of parameters too, for N(2d + 2) rows instead of N(d + 2).
    levels : int
        Morris only: levels of the grid on which trajectories run.

    Notes
    -----
    Saltelli et al. 2010 (Sobol, scrambled as in Owen 1998), Morris 1991 with the trajectories of
    Campolongo et al. 2007, as SALib makes them; McKay et al. 1979 (Latin hypercube).
    """

    method: Sampler
    samples: int
    seed: int
    names: tuple[str, ...]
    groups: tuple[str, ...] | None = None
    second_order: bool = False
    levels: int = 4
    problem: dict[str, Any] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        named = {} if self.groups is None else {"groups": list(self.groups)}
        problem = {
            "num_vars": len(self.names),
            "names": list(self.names),
            "bounds": [[0.0, 1.0]] * len(self.names),
            **named,
        }
        object.__setattr__(self, "problem", problem)

    @property
    def rows(self) -> int:
        """Rows of the sample."""
        moved = len(self.names if self.groups is None else set(self.groups))
        match self.method:
            case "sobol":
                return self.samples * ((2 * moved if self.second_order else moved) + 2)
            case "morris":
                return self.samples * (moved + 1)
            case _:
                return self.samples

    def unit(self) -> FloatArray:
        """The sample, (rows, names), in [0, 1]; the same bits for the same plan."""
        problem = {**self.problem}
        match self.method:
            case "sobol":
                from SALib.sample import sobol

                made = sobol.sample(
                    problem, self.samples, calc_second_order=self.second_order, seed=self.seed
                )
            case "morris":
                from SALib.sample import morris

                made = morris.sample(problem, self.samples, self.levels, seed=self.seed)
            case _:
                from scipy.stats import qmc

                cube = qmc.LatinHypercube(len(self.names), rng=np.random.default_rng(self.seed))
                made = cube.random(self.samples)
        return np.asarray(made, dtype=float)

    def as_dict(self) -> dict[str, Any]:
        """Plain values; `Plan.of` reads them back."""
        return {
            "method": self.method,
            "samples": self.samples,
            "seed": self.seed,
            "names": list(self.names),
            "groups": None if self.groups is None else list(self.groups),
            "second_order": self.second_order,
            "levels": self.levels,
        }

    @classmethod
    def of(cls, record: dict[str, Any]) -> Plan:
        """Plan from the plain values of a record."""
        groups = None if record["groups"] is None else tuple(record["groups"])
        return cls(**{**record, "names": tuple(record["names"]), "groups": groups})
