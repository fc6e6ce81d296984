"""Levers of the authority: formula, rate, floor and cap, and the reading of the law."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from analysis.scenario.parameter import Amount, Finite, parameter


class RuleParameters(BaseModel):
    """Levers of the authority: formula, rate, floor and cap, and the reading of the law."""

    formula: str = parameter(
        "all",
        unit="id, ids with commas, or all",
        kind="lever",
        source="see `study formulas`",
        about="Candidate formulas to evaluate",
    )
    formula_file: str | None = parameter(
        None,
        unit="path",
        kind="lever",
        source="user",
        about="A further formula as a YAML file",
    )
    law_date: str = parameter(
        "2026-11-22",
        unit="date",
        kind="setting",
        source="values are keyed by effective date",
        about="Date at which legal parameters are read",
        pattern=r"^20\d\d-\d\d-\d\d$",
    )
    rule_parameters: dict[str, Finite] = parameter(
        {},
        unit="of the parameter",
        kind="lever",
        source="user",
        about="Overrides of single parameters, as {'custody_share_korea.hot_rate': 0.08}",
    )
    rate_multiplier: float = parameter(
        1.0,
        unit="factor",
        kind="lever",
        swept=(0.1, 10.0),
        source="undecided",
        about="Multiplies every amount before floor and cap",
        ge=0,
        le=1e4,
        allow_inf_nan=False,
    )
    floor_jpy_mn: Amount = parameter(
        0.0,
        unit="JPY mn",
        kind="lever",
        swept=(0.0, 3000.0),
        source="undecided",
        about="Least amount any exchange must hold",
    )
    cap_jpy_mn: Amount = parameter(
        1e8,
        unit="JPY mn",
        kind="lever",
        swept=(1000.0, 1e8),
        source="undecided; 1e8 is no cap",
        about="Largest amount any exchange must hold",
    )
    trading_value_reading: Literal["order_book", "spot", "spot_and_margin"] = parameter(
        "spot",
        unit="reading",
        kind="lever",
        source="left to the Cabinet Office Order",
        about="What counts as trading value",
    )
    custody_reading: Literal["gross", "net_of_matched"] = parameter(
        "gross",
        unit="reading",
        kind="lever",
        source="working group report of 2025-12-10, p. 30: hot custody is matched already",
        about="All customer crypto, or only the part not yet matched by own crypto",
    )
