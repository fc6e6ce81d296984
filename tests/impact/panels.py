"""A small synthetic market with round numbers, so that tests can be worked by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.market.panel import FIELDS, FloatArray, Panel
from analysis.rules.exposure import Exposure
from analysis.rules.formula import Formula, Reference

EXCHANGES = ("large", "medium", "small", "loss_making")

DEFAULTS: dict[str, Sequence[float]] = {
    "operating_revenue": (40_000, 4_000, 400, 100),
    "operating_expenses": (20_000, 3_000, 300, 500),
    "operating_profit": (20_000, 1_000, 100, -400),
    "net_income": (14_000, 700, 70, -400),
    "total_assets": (1_200_000, 130_000, 6_000, 900),
    "net_assets": (60_000, 8_000, 900, -100),
    "customer_crypto": (1_000_000, 100_000, 4_000, 600),
    "customer_fiat": (80_000, 9_000, 300, 50),
    "liquid_assets": (100_000, 12_000, 1_200, 200),
    "crypto_owed": (0, 0, 0, 0),
    "hot_share": (0.04, 0.02, 0.0, 0.05),
    "spot_volume": (8_000_000, 900_000, 20_000, 1_000),
    "spot_volume_lag1": (9_000_000, 1_000_000, 10_000, 500),
    "spot_volume_lag2": (5_000_000, 600_000, 5_000, 100),
    "margin_volume": (2_000_000, 0, 0, 0),
    "margin_volume_lag1": (2_500_000, 0, 0, 0),
    "margin_volume_lag2": (1_500_000, 0, 0, 0),
    "order_book_share": (0.9, 0.8, 0.5, 0.2),
    "years_registered": (9, 8, 4, 3),
    "incident_count": (0, 1, 0, 0),
    "incident_loss": (0, 3_000, 0, 0),
}


def make_panel(
    draws: int = 3, spread: float = 0.0, imputed: Sequence[str] = (), **fields: Sequence[float]
) -> Panel:
    """Four exchanges; every draw the same unless `spread`, which scales draws around the mean.

    `fields` replaces values by field; `imputed` names fields whose cells are marked imputed.
    """
    given = {**DEFAULTS, **fields}
    size = len(next(iter(given.values())) if not fields else next(iter(fields.values())))
    names = EXCHANGES[:size]
    scale = 1 + spread * np.linspace(-1, 1, draws)[:, None]
    values: dict[str, FloatArray] = {}
    for name in FIELDS:
        row = np.asarray(given[name][:size], dtype=float)
        values[name] = row * scale if name in imputed else np.tile(row, (draws, 1))
    status = pd.DataFrame(
        {name: ["imputed" if name in imputed else "observed"] * size for name in FIELDS},
        index=list(names),
    )
    method = pd.DataFrame("", index=list(names), columns=list(FIELDS))
    excluded = pd.DataFrame({"reason": []})
    return Panel(names, values, status, method, excluded)


@dataclass(frozen=True)
class ShareOfCustody(Formula):
    """A reserve of a share of customer crypto, for tests."""

    share: float = 0.01

    def required(self, exposure: Exposure) -> FloatArray:
        return np.asarray(self.share * exposure.custody)


def share_of_custody(share: float, name: str = "custody") -> ShareOfCustody:
    """Formula for tests: `share` of customer crypto."""
    return ShareOfCustody(
        id=name,
        title=f"{share:.1%} of customer crypto",
        status="scenario",
        reference=Reference("test", "https://example.org", "none", "2026-11-22"),
        last_checked_on="2026-11-22",
        share=share,
    )
