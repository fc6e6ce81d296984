"""The market after exits: who follows whom, and who leaves because of that.

One uniform number for each data set and exchange, the same for every formula and for no rule, says
who leaves at which probability, so that formulas differ by what they ask and never by chance. Then:

1. customers lost to the price of the reserve go outside; leavers' customers go where a nested logit
   sends them (`analysis.exits.choice`), volume on shares of volume, custody on shares of custody;
2. revenue follows volume, and the part of expenses that moves with revenue follows it; requirement,
   cost and probabilities are worked out anew;
3. whoever leaves at the new probabilities is added to those who have left, and so on.

Leavers never return, so a set of n exchanges cannot grow more than n times: it ends, always. It is
the largest number of exits that fits together, as it lets firms leave before they see rivals go.
From there a second search lets those come back, one at a time, who would stay now that the others
are gone: `returned`. Where that set is empty both searches agree and the outcome is unique to them.
What survivors gain can lower their probability below that before the answer: others' exits help.

Where nearly all leave, the few that are left multiply beyond anything seen, with own means as they
are: such an outcome says that the market does not survive the rule, and no more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from analysis.errors import InputError
from analysis.exits.choice import Number, if_staying
from analysis.impact.exits import Exits, Prospect
from analysis.market.panel import FloatArray, Panel

BoolArray = NDArray[np.bool_]
LAGS = ("", "_lag1", "_lag2")
Requirement = Callable[[Panel, FloatArray, BoolArray], FloatArray]
"""What is required of a moved market: panel, multiple of custody, and who stays."""


@dataclass(frozen=True, eq=False)
class MarketAfter:
    """A market that has settled; arrays (..., draw, exchange), or (..., draw).

    Attributes
    ----------
    stays : who has not left.
    returned : who has left and would stay, now that the others are gone.
    unsettled : who would leave in turn if those came back: where none, that too is settled.
    leaving : probability of leaving, given what the others do.
    volume, custody : multiples of today's, 0 for who has left; volume with what the price drove
        away.
    outside : share of all volume that is outside, (..., draw).
    rounds : until nobody else left, and until nobody else came back, (..., 2).
    """

    stays: BoolArray
    returned: BoolArray
    unsettled: BoolArray
    leaving: FloatArray
    volume: FloatArray
    custody: FloatArray
    outside: FloatArray
    rounds: NDArray[np.int64]


def joined(parts: Iterable[MarketAfter]) -> MarketAfter:
    """Markets of several formulas, one after another on a new first axis."""
    each = list(parts)
    return MarketAfter(
        **{
            field.name: np.stack([getattr(part, field.name) for part in each])
            for field in fields(MarketAfter)
        }
    )


@dataclass(frozen=True, eq=False)
class Answer:
    """How the market answers to exits under one formula.

    Attributes
    ----------
    exits : what exchanges face.
    requirement : what is required of a moved market.
    due_share : part of it due at the end of the phase-in.
    lost : share of volume that the price drives away, (draw, exchange).
    trust : change of utility of all registered exchanges, by coverage, (draw, 1).
    """

    exits: Exits
    requirement: Requirement
    due_share: Number
    lost: FloatArray
    trust: Number = 0.0

    def settle(self, uniforms: FloatArray, most_rounds: int | None = None) -> MarketAfter:
        """Let exchanges leave until nobody else does, then search for who would come back.

        Parameters
        ----------
        uniforms : array (draw, exchange), from 0 to 1: an exchange leaves where its number is below
            its probability.
        most_rounds : by default one more than there are exchanges, which always suffices.

        Raises
        ------
        InputError
            Not settled after `most_rounds`: how many would still leave, and who has left by then.
        """
        most = self.exits.impact.panel.values["net_assets"].shape[-1] + 1
        stays, leave_rounds = self._leave(uniforms, most if most_rounds is None else most_rounds)
        state, prospect = self._state(stays)
        back, return_rounds = self._come_back(stays, prospect, uniforms, most)
        again = prospect if return_rounds == 0 else self._state(back)[1]
        present = np.where(stays, 1.0, 0.0)
        return MarketAfter(
            stays=stays,
            returned=back & ~stays,
            unsettled=back & (uniforms < again.leaving),
            leaving=prospect.leaving,
            volume=state.volume * (1 - self.lost) * present,
            custody=state.custody * present,
            outside=state.outside,
            rounds=np.array([leave_rounds, return_rounds]),
        )

    def _leave(self, uniforms: FloatArray, most: int) -> tuple[BoolArray, int]:
        stays: BoolArray = np.ones(self.lost.shape, dtype=bool)
        for done in range(most):
            left = stays & (uniforms < self._state(stays)[1].leaving)
            if not left.any():
                return stays, done
            stays = stays & ~left
        gone = (~stays).sum(axis=-1).mean()
        raise InputError(
            f"exits have not settled after {most} rounds: {int(left.sum())} more would leave, "
            f"{gone:.2f} of {stays.shape[-1]} had left on average in the last round; allow "
            f"{stays.shape[-1] + 1} rounds"
        )

    def _come_back(
        self, stays: BoolArray, prospect: Prospect, uniforms: FloatArray, most: int
    ) -> tuple[BoolArray, int]:
        for done in range(most):
            gain = np.where(stays, -np.inf, uniforms - prospect.leaving)
            best = gain.max(axis=-1, keepdims=True)
            willing = best >= 0
            if not willing.any():
                return stays, done
            stays = stays | (willing & (gain == best))
            prospect = self._state(stays)[1]
        return stays, most

    def _state(self, stays: BoolArray) -> tuple[_State, Prospect]:
        """Where customers are, and what exchanges face, if these stay."""
        exits, scenario = self.exits, self.exits.impact.scenario
        panel = exits.impact.panel
        kept = panel["spot_volume"] * (1 - self.lost)
        before, left = panel["spot_volume"].sum(axis=-1), kept.sum(axis=-1)
        away = np.divide(before - left, before, out=np.zeros_like(left), where=before > 0)
        outside = scenario.outside_share + (1 - scenario.outside_share) * away
        volume, after = if_staying(_shares(kept), stays, outside, scenario.nesting, self.trust)
        custody, _ = if_staying(
            np.broadcast_to(_shares(panel["customer_crypto"]), stays.shape),
            stays,
            scenario.outside_share,
            scenario.nesting,
            self.trust,
        )
        market = moved(panel, volume, custody, exits.model.process.variable_share)
        required = self.requirement(market, custody, stays)
        return _State(volume, custody, after), exits.prospect(required, market, self.due_share)


@dataclass(frozen=True, eq=False)
class _State:
    """Multiples of what each exchange has if it stays, and the outside's share."""

    volume: FloatArray
    custody: FloatArray
    outside: FloatArray


def moved(
    panel: Panel, volume: FloatArray, custody: FloatArray, variable_share: FloatArray
) -> Panel:
    """The panel with volume and custody multiplied, and revenue and profit as they follow.

    Revenue follows volume where it is positive; the part `variable_share` of it goes into expenses.
    All years of volume move: the customers had traded before. Net assets and liquid assets stay.

    Parameters
    ----------
    volume, custody : multiples, array (..., draw, exchange).
    variable_share : array (draw, 1).
    """
    more = (volume - 1) * np.maximum(panel["operating_revenue"], 0.0)
    changed: dict[str, FloatArray] = {
        **{f"{m}_volume{lag}": volume for m in ("spot", "margin") for lag in LAGS},
        **dict.fromkeys(("customer_crypto", "customer_fiat", "crypto_owed"), custody),
    }
    values = {name: array * changed.get(name, 1.0) for name, array in panel.values.items()}
    values["operating_revenue"] = panel["operating_revenue"] + more
    values["operating_expenses"] = panel["operating_expenses"] + variable_share * more
    for name in ("operating_profit", "net_income"):
        values[name] = panel[name] + (1 - variable_share) * more
    return replace(panel, values=values)


def _shares(amounts: FloatArray) -> FloatArray:
    """Shares of their sum over exchanges; equal shares where there is nothing to share."""
    whole = amounts.sum(axis=-1, keepdims=True)
    equal = np.full(amounts.shape, 1 / amounts.shape[-1])
    return np.asarray(np.divide(amounts, whole, out=equal, where=whole > 0))
