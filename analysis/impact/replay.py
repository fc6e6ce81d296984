"""Replay of past losses: what each formula would have had ready on the day, and for what part.

The question is put to a rule long in force, as it reads at `law_date`. An amount is held in full,
as an entrant must; a rule that accrues starts empty at the operator's registration and runs for the
year ends passed by the day, at constant volume. What is required counts as cash that pays at once;
insurance is shown apart (`paid_share_insured`).

Everything is in yen. Losses and what is known of operators are at the rate of the day, amounts that
a rule fixes in foreign money at the end of the month of the loss. Floor and cap of the scenario are
yen already; where losses are modelled in dollars (`severity_model` yen) these stay at the rate of
`base_month`. Amounts are not taken back through inflation: TRY 500 mn was JPY 23 bn in 2014 and is
under 2 now, so that Turkey's floors pay more of old losses than any law of those days would have.

Hardly anything was published of an operator on that day. Every formula is therefore evaluated at
the corners of what is known (all measures low or high, hot wallets and years apart), and at central
figures where each measure that it looks at has one. That brackets the amount for a formula that is
monotone in every measure, as all shipped ones are. A measure without an upper bound is replaced by
one and by two immense numbers: where the amounts differ, there is no bound.

Formulas on losses were fitted to lists that contain these incidents: their replay is in sample.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.impact.insurance import Terms
from analysis.impact.replay_points import HOT, Points, points
from analysis.impact.replay_record import Record, record
from analysis.market.panel import FloatArray
from analysis.rules import candidates
from analysis.rules.formula import Formula
from analysis.scenario import Scenario

COMPUTED = "computed"
NO_LOSS = "no customer loss"
POOLED = "not computable: the rule pools the whole industry"
SAME = 1e-9
"""Relative difference below which two amounts are one."""


def replay(
    formulas: Sequence[Formula] | None,
    scenario: Scenario,
    incidents: Sequence[str] | None = None,
    known: Record | None = None,
) -> pd.DataFrame:
    """Replay past losses under formulas.

    Parameters
    ----------
    formulas : sequence of Formula, or None for the candidates of the scenario
        At the scenario's base month, from which foreign money is brought to that of the loss.
    scenario : Scenario
        Readings of the law, sweep of the hot share, terms and response of insurance.
    incidents : sequence of str, optional
        Ids of losses; all of the record if left out.
    known : Record, optional
        Operators on the day; the shipped record if left out.

    Returns
    -------
    DataFrame
        One row per formula and incident: `loss_jpy_mn` (customers' part), `paid_share`, its `low`
        and `high`, `held_jpy_mn` with bounds, and `basis`. Blank is not known. A share is given
        where both bounds agree on it, even if the amount is not known. `paid_share_insured` is the
        expected share where insurance replaces all that it may and answers as the scenario says.

    Raises
    ------
    InputError
        No formula, a loss that is not in the record (the nearest is suggested), or no rate of a
        rule's currency in the month of a loss.
    """
    chosen = candidates(scenario) if formulas is None else tuple(formulas)
    if not chosen:
        raise InputError("formulas is empty; give at least one, `study formulas` lists them")
    operators = _selected(record().losses() if known is None else known, incidents)
    at = points(operators, scenario)
    tables = [_replayed(formula, operators, at, scenario) for formula in chosen]
    return pd.concat(tables, ignore_index=True)


def _selected(known: Record, incidents: Sequence[str] | None) -> Record:
    for name in incidents or ():
        if name not in known.incidents:
            near = difflib.get_close_matches(name, known.incidents, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(known.incidents)}"
            raise InputError(f"unknown incident '{name}'; {hint}")
    return known if incidents is None else known.only(incidents)


def _replayed(formula: Formula, known: Record, at: Points, scenario: Scenario) -> pd.DataFrame:
    size = len(known.incidents)
    central, low, high = (np.full(size, np.nan) for _ in range(3))
    basis = [POOLED] * size
    if not formula.pooled:
        held = at.held(formula, scenario.phase_in_years)
        open_, central = _open(held, at)
        low, high = _bounds(held, at)
        basis = _basis(open_, at, low, high, known.loss)
    share_low, share_high = (_share(amount, known.loss, at_most=1.0) for amount in (low, high))
    if formula.pooled:
        share_high = np.full(size, np.nan)
    share = _share(central, known.loss)
    share = np.where(np.isnan(share) & (share_low == share_high), share_low, share)
    return pd.DataFrame(
        {
            "formula": formula.id,
            "incident": known.incidents,
            "occurred_on": known.occurred_on,
            "loss_jpy_mn": known.loss,
            "paid_share": share,
            "low": share_low,
            "high": share_high,
            "paid_share_insured": _insured(central, known.loss, scenario),
            "held_jpy_mn": central,
            "held_low_jpy_mn": low,
            "held_high_jpy_mn": np.where(np.isinf(high), np.nan, high),
            "basis": basis,
        }
    )


def _open(held: FloatArray, at: Points) -> tuple[dict[str, FloatArray], FloatArray]:
    """Measures on whose gap the amount depends, (incident,) by name, and the central amount."""
    depends = {
        name: np.any([~np.isclose(held[a], held[b], rtol=SAME, atol=0) for a, b in pairs], axis=0)
        for name, pairs in at.probes.items()
    }
    without = np.any([moved & ~at.central[name] for name, moved in depends.items()], axis=0)
    return depends, np.where(without, np.nan, held[at.centre])


def _bounds(held: FloatArray, at: Points) -> tuple[FloatArray, FloatArray]:
    """Least and most that the rule can have held; infinite where nothing bounds it from above."""
    low, high = held[at.corners].min(axis=0), held[at.corners].max(axis=0)
    beyond = held[at.higher].max(axis=0)
    return low, np.where(beyond > high * (1 + SAME), np.inf, high)


def _basis(
    open_: dict[str, FloatArray], at: Points, low: FloatArray, high: FloatArray, loss: FloatArray
) -> list[str]:
    """How each number came about, in words."""
    words = []
    for n, amount in enumerate(loss):
        gaps = [name for name, moved in open_.items() if moved[n]]
        lacking = [name for name in gaps if not at.central[name][n] and name != HOT]
        if amount == 0:
            words.append(NO_LOSS)
        elif not gaps:
            words.append(COMPUTED)
        elif lacking and low[n] == 0 and high[n] >= amount:
            words.append(f"not computable: {_said(lacking)} missing")
        else:
            words.append(f"bounded: {_said(gaps)} within bounds")
    return words


def _said(names: Sequence[str]) -> str:
    return ", ".join(name.replace("_", " ") for name in names)


def _share(held: FloatArray, loss: FloatArray, at_most: float = np.nan) -> FloatArray:
    """Part of the loss that is paid; `at_most` where the amount has no bound."""
    part = np.divide(held, loss, out=np.full(loss.shape, np.nan), where=loss > 0)
    return np.where(np.isinf(part), at_most, np.minimum(part, 1.0))


def _insured(held: FloatArray, loss: FloatArray, scenario: Scenario) -> FloatArray:
    """Expected share paid if insurance replaces as much of the amount as it may."""
    terms = Terms.of(scenario)
    cover = np.minimum(terms.insurable_share * held, terms.credit * terms.programme_limit)
    cash = np.minimum(held - cover, loss)
    answers = scenario.insurance_response * (1 - scenario.insurer_default_haircut)
    return _share(cash + answers * np.minimum(cover, loss - cash), loss)
