"""In which way exchanges leave: closure, transfer of customers, sale after a stop."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.exits.register import exit_kinds, spells
from analysis.market.panel import FloatArray

WAYS = ("closure", "transfer", "sale")
PRIOR = 0.5
"""Pseudo-exits of each way (Jeffreys): the record has so few that none can be ruled out."""


def kinds_seen(definition: str) -> pd.Series:
    """Exits of registered exchanges whose way is known, by way."""
    return exit_kinds(spells(definition)).reindex(list(WAYS))


def kind_shares(definition: str, draws: int, generator: np.random.Generator) -> FloatArray:
    """Shares of exits by way, Dirichlet given the record, (draw, way) in the order of `WAYS`.

    Exits whose way nobody knows say nothing of it and are left out. No exit on record was forced by
    a reserve, so that these shares are those of other exits.
    """
    return np.asarray(generator.dirichlet(kinds_seen(definition).to_numpy(float) + PRIOR, draws))
