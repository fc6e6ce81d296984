"""The two doors of the room: the shipped panel, or a panel of the user's."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.data import read
from analysis.market.assemble import assemble, excluded
from analysis.market.complete import complete
from analysis.market.coverage import LEAST_PRINTED, check_balance_sheets, printed_share
from analysis.market.custody import yen_prices
from analysis.market.ground import Ground
from analysis.market.load import prepare, read_panel
from analysis.market.panel import Panel
from analysis.market.shock import STRESSES, shock
from analysis.scenario import Scenario
from analysis.scenario.panel import PanelParameters

Key = tuple[tuple[str, Any], ...]
GROUND = ("base_month", "industry_table", "content")


def build_panel(scenario: Scenario) -> Panel:
    """Panel of the registered exchanges under a scenario.

    The same panel object is returned again for the same panel parameters: its arrays are
    read-only.

    Raises
    ------
    InputError
        A base month outside the data or with mostly imputed balance sheets, or an industry table
        that cannot be used.
    """
    return _build(_key(scenario))


def load_panel(path: str | Path, scenario: Scenario) -> Panel:
    """Panel from a file of the user's in place of the shipped one.

    Columns and units are those of `FIELDS`, values those at the base date; see
    `analysis.market.schema`. Optional columns that are absent, and single blanks, are filled as
    in the shipped panel. The same panel object is returned again for the same content and the
    same panel parameters.

    Raises
    ------
    InputError
        A file that cannot be read, or any cell that breaks the schema.
    """
    return _load(Path(path), _content(path), _key(scenario))


@lru_cache(maxsize=16)
def _build(key: Key) -> Panel:
    return shock(_calm(_without(STRESSES, key)), _scenario(key))


@lru_cache(maxsize=16)
def _calm(key: Key) -> Panel:
    scenario = _scenario(key)
    panel = complete(_shipped(_only(GROUND, key)), scenario)
    check_balance_sheets(panel, scenario.base_month, lambda: _allowed_months(scenario))
    return panel


@lru_cache(maxsize=16)
def _load(path: Path, content: str, key: Key) -> Panel:
    return shock(_calm_users(path, content, _without(STRESSES, key)), _scenario(key))


@lru_cache(maxsize=16)
def _calm_users(path: Path, content: str, key: Key) -> Panel:
    return complete(_users(path, content, _only(GROUND, key)), _scenario(key))


@lru_cache(maxsize=8)
def _shipped(key: Key) -> Ground:
    scenario = _scenario(key)
    return Ground(assemble(scenario), excluded(scenario), scenario)


@lru_cache(maxsize=8)
def _users(path: Path, content: str, key: Key) -> Ground:  # noqa: ARG001
    scenario = _scenario(key)
    nobody = pd.DataFrame(columns=["name", "reason"], index=pd.Index([], name="exchange"))
    return Ground(prepare(read_panel(path), scenario), nobody, scenario)


def _allowed_months(scenario: Scenario) -> list[str]:
    """First month with enough printed balance sheets, and the last month with prices."""
    ends = pd.PeriodIndex(read("market/firm_years")["fiscal_year_end"], freq="M").unique()
    first = ""
    # Backwards: more is printed with every month, so the first failure ends the search.
    for month in sorted((str(end) for end in ends), reverse=True):
        other = scenario.with_(base_month=month, draws=2)
        if printed_share(complete(_shipped(_only(GROUND, _key(other))), other)) < LEAST_PRINTED:
            break
        first = month
    last = str(yen_prices(read("market/prices_monthly")).dropna().index[-1])
    return [first, last] if first else ["no month of the shipped tables"]


def _key(scenario: Scenario) -> Key:
    """Panel parameters, and the content of the user's industry table, which may change."""
    names = PanelParameters.model_fields
    values = ((name, getattr(scenario, name)) for name in names)
    return (*values, ("content", _content(scenario.industry_table)))


def _only(names: Collection[str], key: Key) -> Key:
    return tuple(part for part in key if part[0] in names)


def _without(names: Collection[str], key: Key) -> Key:
    return tuple(part for part in key if part[0] not in names)


def _scenario(key: Key) -> Scenario:
    return Scenario.model_validate(dict(key[:-1]))


def _content(path: str | Path | None) -> str:
    """SHA-256 of a file; nothing where there is none."""
    if path is None or not Path(path).is_file():
        return ""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()
