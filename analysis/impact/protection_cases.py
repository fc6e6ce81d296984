"""What the amounts of an evaluation protect in other cases: other losses, payers, or a shared fund.

The amounts stay as evaluated; only what they meet changes. So a table of these cases says what a
rule, once fixed, would do if the world is not as assumed when it was fixed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.impact.bought import bought_by_each
from analysis.impact.cost import ratio
from analysis.impact.insurance import Mix
from analysis.impact.protection import Protection
from analysis.market.panel import FloatArray
from analysis.scenario import Scenario

if TYPE_CHECKING:
    from analysis.impact.evaluate import Impact


def protection_in(
    impact: Impact,
    scenario: Scenario,
    mix: Mix | None = None,
    shared: Sequence[bool] | None = None,
) -> Protection:
    """Protection of every formula, (formula, draw, exchange), where losses are those of `scenario`.

    Parameters
    ----------
    scenario : Scenario
        Losses and payers; its panel must be that of the evaluation.
    mix : Mix, (formula, draw, exchange), optional
        What is held; the complete reserves of the evaluation if left out.
    shared : one bool per formula, optional
        Whether all that is held pays for whichever exchange has the loss; if left out, where the
        rule pools.

    Raises
    ------
    InputError
        The scenario would draw another panel.
    """
    losses = impact.losses.under(scenario)
    pooled = [formula.pooled for formula in impact.formulas] if shared is None else shared
    held = impact.steady if mix is None else mix
    return bought_by_each(losses, held, pooled, scenario)


def protection_by_case(impact: Impact, cases: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Industry's protection by fixed amounts where one or more parameters are others.

    Parameters
    ----------
    cases : mapping of name to parameters of losses and payers; an empty one is the evaluation.

    Returns
    -------
    DataFrame
        case, formula, expected_loss_jpy_mn, paid_share (of it, by reserve and insurance),
        customers_loss_without_jpy_mn and avoided_jpy_mn (by the rule), means over data sets.
    """
    rows = []
    for name, change in cases.items():
        each = protection_in(impact, impact.scenario.with_(**change))
        expected = over_industry(each.uncovered + each.paid_by_reserve + each.paid_by_insurance)
        rows.append(
            pd.DataFrame(
                {
                    "case": name,
                    "formula": [formula.id for formula in impact.formulas],
                    "expected_loss_jpy_mn": expected,
                    "paid_share": 1 - ratio(over_industry(each.uncovered), expected),
                    "customers_loss_without_jpy_mn": over_industry(each.lost_without),
                    "avoided_jpy_mn": over_industry(each.avoided),
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


def insurers_answer(impact: Impact) -> pd.DataFrame:
    """Share of the expected loss that is paid at once, by what the insurers do.

    Returns
    -------
    DataFrame
        By formula: `cash_only` (the requirement held in cash, nothing insured), `all_answer`,
        `as_assumed`, `none_answers`, and `insured`, the insured share of the requirement.
    """
    mix, scenario = impact.steady, impact.scenario
    always = {"insurance_response": 1.0, "insurer_default_haircut": 0.0}
    nothing = np.zeros_like(mix.cash)
    cash = replace(mix, cash=mix.cash + mix.insured, insured=nothing, limit=nothing)
    # The haircut is a term of the limits bought, which stay: only the answer may change.
    cases = {
        "cash_only": protection_in(impact, scenario, cash),
        "all_answer": protection_in(impact, scenario.with_(**always)),
        "as_assumed": protection_in(impact, scenario),
        "none_answers": protection_in(impact, scenario.with_(insurance_response=0.0)),
    }
    table = pd.DataFrame(
        {name: _paid_share(one) for name, one in cases.items()},
        index=pd.Index([formula.id for formula in impact.formulas], name="formula"),
    )
    insured, required = over_industry(mix.insured), over_industry(impact.required)
    return table.assign(insured=np.nan_to_num(ratio(insured, required)))


def own_money(impact: Impact) -> pd.DataFrame:
    """How far the cash held can come out of net assets, and what is paid at once if it must.

    Returns
    -------
    DataFrame
        By formula: `paid_share` and `paid_share_own` (of the expected loss; the second with no
        cash beyond an exchange's net assets), `cash_jpy_mn`, `beyond_jpy_mn` (cash above net
        assets), `exchanges_beyond` (how many hold more than they own).
    """
    mix, own = impact.steady, np.maximum(impact.panel["net_assets"], 0.0)
    within = protection_in(impact, impact.scenario, replace(mix, cash=np.minimum(mix.cash, own)))
    beyond = np.maximum(mix.cash - own, 0.0)
    return pd.DataFrame(
        {
            "paid_share": _paid_share(impact.appraisal.steady),
            "paid_share_own": _paid_share(within),
            "cash_jpy_mn": over_industry(mix.cash),
            "beyond_jpy_mn": over_industry(beyond),
            "exchanges_beyond": (beyond > 0).sum(axis=-1).mean(axis=-1),
        },
        index=pd.Index([formula.id for formula in impact.formulas], name="formula"),
    )


def sharing(impact: Impact) -> pd.DataFrame:
    """The same money as everybody's own reserve and as one fund.

    Returns
    -------
    DataFrame
        By formula: `alone` and `shared`, share of the expected loss that cash and insurance pay.
    """
    count = len(impact.formulas)
    return pd.DataFrame(
        {
            name: _paid_share(protection_in(impact, impact.scenario, shared=[one_fund] * count))
            for name, one_fund in (("alone", False), ("shared", True))
        },
        index=pd.Index([formula.id for formula in impact.formulas], name="formula"),
    )


def _paid_share(each: Protection) -> FloatArray:
    """Share of the expected loss that reserve and insurance pay, (formula,)."""
    uncovered = over_industry(each.uncovered)
    paid = over_industry(each.paid_by_reserve + each.paid_by_insurance)
    return np.asarray(ratio(paid, paid + uncovered))


def over_industry(array: FloatArray) -> FloatArray:
    """Sum over exchanges, mean over data sets."""
    return np.asarray(array.sum(axis=-1).mean(axis=-1))
