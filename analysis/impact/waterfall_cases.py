"""Failure waterfall of four Japanese cases, as they went and as they would go without a rescue.

Each case is shown as it went (owners paid at Zaif and DMM Bitcoin) and with nobody stepping
in, under today's insolvency rules and with segregation and return of assets reformed, without
a reserve and, where a formula is given, with what it would have held on the day (the lower
bound where no central figure is known). No policy is counted: none is known in any case.

Zaif's custody was never found: its claim here is what customers lost. Net assets of DMM Bitcoin
and FTX Japan, and what matched hot wallets on the day, are not known and count as none. At Mt.
Gox the coins found later are taken as not lost, which nobody knew on the day.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pandas as pd

from analysis import data
from analysis.errors import InputError
from analysis.impact.replay import replay
from analysis.impact.replay_record import Record, record
from analysis.impact.waterfall import PARTS, Failure, Insolvency, waterfall
from analysis.rules.formula import Formula
from analysis.scenario import Scenario


@dataclass(frozen=True)
class Case:
    """What is known of a case beside `losses/replay` and `losses/outcomes`.

    Attributes
    ----------
    incident, title : id of the loss, and the operator.
    rescued : whether owners or an acquirer paid (`money` in `losses/outcomes`).
    stopped : whether the operator stopped for a reason other than the loss.
    segregated_share : share of what was not lost that stayed out of an estate, where it was seen.
    found_share : share of the coins given up for lost that was found again.
    """

    incident: str
    title: str
    rescued: bool
    stopped: bool = False
    segregated_share: float | None = None
    found_share: float = 0.0


CASES = (
    Case(
        "mt_gox_2014_02",
        "Mt. Gox 2014",
        rescued=False,
        segregated_share=0.0,
        found_share=200_000 / 850_000,
    ),
    Case("zaif_2018_09", "Zaif (Tech Bureau) 2018", rescued=True),
    Case("ftx_japan_2022_11", "FTX Japan 2022", rescued=False, stopped=True, segregated_share=1.0),
    Case("dmm_bitcoin_2024_05", "DMM Bitcoin 2024", rescued=True),
)
AS_IT_WENT, ALONE = "as it went", "nobody steps in"


def waterfall_table(
    scenario: Scenario, formula: Formula | None = None, known: Record | None = None
) -> pd.DataFrame:
    """Who would have paid, and when, in four Japanese cases.

    Returns
    -------
    DataFrame
        One row per case, rescue, reform and reserve: the claim and its parts in JPY mn, share paid,
        mean days, share paid within a year; `observed_paid_share` and `observed_days` as it went.

    Raises
    ------
    InputError
        A formula whose amount cannot be bounded at one operator, such as a pooled fund.
    """
    operators = record() if known is None else known
    rows = []
    for case in CASES:
        reserves = {"none": 0.0}
        if formula is not None:
            reserves[formula.id] = _held(formula, case, scenario, operators)
        loss = _failure(case, operators)
        for name, rescue, reformed in product(reserves, (AS_IT_WENT, ALONE), (False, True)):
            went = (name, rescue, reformed) == ("none", AS_IT_WENT, False)
            rows.append(
                {
                    "case": case.title,
                    "incident": case.incident,
                    "reserve_by": name,
                    "rescue": rescue,
                    "reformed": reformed,
                    **_numbers(case, loss, reserves[name], rescue, reformed, scenario),
                    **_observed(case, went),
                }
            )
    return pd.DataFrame(rows)


def _observed(case: Case, went: bool) -> dict[str, float]:
    """What was paid and when, as it went; blank for what did not happen."""
    outcomes = data.read("losses/outcomes").set_index("incident")
    numbers = outcomes[["paid_share", "days_to_payment"]].astype(float)
    paid, days = numbers.loc[case.incident].to_numpy() if went else (np.nan, np.nan)
    return {"observed_paid_share": float(paid), "observed_days": float(days)}


def _failure(case: Case, operators: Record) -> Failure:
    if case.incident not in operators.incidents:
        raise InputError(f"record has no {case.incident}; add it to data/losses/replay.csv")
    n = operators.incidents.index(case.incident)
    custody = operators.value["customer_crypto"][n]
    if np.isnan(custody):
        custody = operators.low["customer_crypto"][n]
    lost = operators.loss[n] * (1 - case.found_share) / custody
    own = np.nan_to_num(operators.value["net_assets"][n])
    return Failure(float(custody), float(lost), own=float(own), stopped=float(case.stopped))


def _held(formula: Formula, case: Case, scenario: Scenario, operators: Record) -> float:
    (row,) = replay([formula], scenario, [case.incident], operators).to_dict("records")
    central, low = row["held_jpy_mn"], row["held_low_jpy_mn"]
    if np.isnan(low):
        raise InputError(f"formula '{formula.id}' has no amount at one operator; {row['basis']}")
    return float(low if np.isnan(central) else central)


def _numbers(
    case: Case, loss: Failure, reserve: float, rescue: str, reformed: bool, scenario: Scenario
) -> dict[str, float]:
    rules = Insolvency.of(scenario, reformed)
    if case.segregated_share is not None and not reformed:
        rules = replace(rules, segregated_share=case.segregated_share)
    paying = float(case.rescued and rescue == AS_IT_WENT)
    out = waterfall(replace(loss, reserve=reserve, owners=paying), rules)
    amounts = {f"{name}_jpy_mn": float(getattr(out, name)) for name in ("claim", *PARTS)}
    return {
        **amounts,
        "paid_share": float(1 - out.shortfall / out.claim),
        "failure": float(out.failure),
        "days": float(out.days),
        "paid_within_year": float(out.paid_within_year),
    }
