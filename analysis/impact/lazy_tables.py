"""The tables of an evaluation by name, each made when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import pandas as pd

from analysis.impact import tables
from analysis.impact.exit_rows import entry_table, exits_table, market_table
from analysis.impact.headline import headline
from analysis.impact.industry import industry, size_band_table
from analysis.impact.replay import replay
from analysis.impact.worth import appraisal_table, protection_table

if TYPE_CHECKING:
    from analysis.impact.evaluate import Impact

Maker = Callable[["Impact"], pd.DataFrame]

MAKERS: Mapping[str, Maker] = {
    "reserves": tables.reserves,
    "compliance_cost": tables.compliance_cost,
    "liquidity": tables.liquidity,
    "cost_path": tables.cost_path,
    "liquidity_path": tables.liquidity_path,
    "industry": industry,
    "size_bands": size_band_table,
    "protection": protection_table,
    "replay": lambda impact: replay(impact.formulas, impact.scenario),
    "appraisal": appraisal_table,
    "exits": exits_table,
    "market": market_table,
    "entry": entry_table,
    "headline": lambda impact: headline(
        *(impact.tables[name] for name in ("industry", "protection", "appraisal", "market"))
    ),
}


class Tables(Mapping[str, pd.DataFrame]):
    """Tidy tables by name; a page on cost does not wait for the losses.

    Parameters
    ----------
    impact : Impact
    """

    def __init__(self, impact: Impact) -> None:
        self._impact = impact
        self._made: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._made:
            self._made[name] = MAKERS[name](self._impact)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(MAKERS)

    def __len__(self) -> int:
        return len(MAKERS)
