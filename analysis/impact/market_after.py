"""The market after exits: who follows whom, and who leaves because of that.

One uniform number for each data set and exchange, the same for every formula and for no rule, says
who leaves at which probability, so that formulas differ by what they ask and never by chance. Then:

1. customers lost to the price of the reserve go outside; leavers' customers go where a nested logit
   sends them (`analysis.exits.choice`), volume on shares of volume, custody on shares of custody;
2. revenue follows volume, and the part of expenses that moves with revenue follows it; requirement,
   cost and probabilities are worked out anew;
3. whoever leaves at the new probabilities is added to those who have left, and so on.

All who want to leave at once do so together, before they see each other go, and nobody returns: a
set of n exchanges cannot grow more than n times, so this ends, always. Whoever stays then wants to.
Whoever has left may regret it now that others are gone: `regret` says who, and the outcome is an
equilibrium only where nobody does. It is neither the largest nor the smallest set that fits
together, since an exit can help the others (customers) or burden them (a requirement that grows
with custody, own means that do not).

So a second start looks from the other side: everybody who would leave if alone is out first, then
they return while it pays, and leave while it does not, one at a time, the keenest first. That ends,
too, after at most n returns and n exits. Fewest and most exits are those of the two ends.

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
from analysis.impact.cash_due import Due
from analysis.impact.concentration import market_shares
from analysis.impact.exits import Exits, Prospect
from analysis.impact.moved_market import moved
from analysis.market.panel import BoolArray, FloatArray, Panel

Requirement = Callable[[Panel, FloatArray, BoolArray, BoolArray], FloatArray]
"""What is required of a moved market: panel, multiple of custody, who stays, which data sets."""


@dataclass(frozen=True, eq=False)
class MarketAfter:
    """A market that has settled; arrays (..., draw, exchange), or (..., draw).

    Attributes
    ----------
    stays : who has not left, from the first start.
    regret : who has left and would stay, given who else has.
    stays_second, regret_second : the same from the second start.
    leaving : probability of leaving, given what the others do, from the first start.
    volume, custody : multiples of today's, 0 for who has left; volume with what the price drove
        away.
    outside : share of all volume that is outside, (..., draw).
    rounds : until nobody else left, from either start, (..., 2).
    """

    stays: BoolArray
    regret: BoolArray
    stays_second: BoolArray
    regret_second: BoolArray
    leaving: FloatArray
    volume: FloatArray
    custody: FloatArray
    outside: FloatArray
    rounds: NDArray[np.int64]

    @property
    def exits(self) -> FloatArray:
        """How many have left, from the first start, (..., draw)."""
        return np.asarray((~self.stays).sum(axis=-1), dtype=float)

    @property
    def ends(self) -> tuple[FloatArray, FloatArray]:
        """Fewest and most exits of the two starts, (..., draw) each."""
        second = np.asarray((~self.stays_second).sum(axis=-1), dtype=float)
        return np.minimum(self.exits, second), np.maximum(self.exits, second)

    @property
    def differ(self) -> BoolArray:
        """Whether the two starts leave different markets, (..., draw)."""
        return np.asarray((self.stays != self.stays_second).any(axis=-1))


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
    due : what of it is due within the years counted, and when.
    lost : share of volume that the price drives away, (draw, exchange).
    trust : change of utility of all registered exchanges, by coverage, (draw, 1).
    """

    exits: Exits
    requirement: Requirement
    due: Due
    lost: FloatArray
    trust: Number = 0.0

    def settle(self, uniforms: FloatArray, most_rounds: int | None = None) -> MarketAfter:
        """Let exchanges leave until nobody else does, from both starts.

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
        most = uniforms.shape[-1] + 1
        first = self._together(uniforms, most if most_rounds is None else most_rounds)
        second = self._one_at_a_time(uniforms)
        present = np.where(first.stays, 1.0, 0.0)
        return MarketAfter(
            stays=first.stays,
            regret=~first.stays & (uniforms >= first.prospect.leaving),
            stays_second=second.stays,
            regret_second=~second.stays & (uniforms >= second.prospect.leaving),
            leaving=first.prospect.leaving,
            volume=first.volume * (1 - self.lost) * present,
            custody=first.custody * present,
            outside=first.outside,
            rounds=np.array([first.rounds, second.rounds]),
        )

    def prospect_if(self, stays: BoolArray) -> Prospect:
        """What each exchange faces if these stay; of one that has left, if it alone came back."""
        return self._state(stays).prospect

    def _together(self, uniforms: FloatArray, most: int) -> _State:
        """From everybody being there: all leave who want to, until nobody else does."""
        state = self._state(np.ones(uniforms.shape, dtype=bool))
        while (left := state.stays & (uniforms < state.prospect.leaving)).any():
            if state.rounds + 1 >= most:
                gone = (~state.stays | left).sum(axis=-1).mean()
                raise InputError(
                    f"exits have not settled after {most} rounds: {int(left.sum())} left in the "
                    f"last, {gone:.2f} of {left.shape[-1]} on average in all; allow "
                    f"{left.shape[-1] + 1} rounds"
                )
            state = self._state(state.stays & ~left, state)
        return state

    def _one_at_a_time(self, uniforms: FloatArray) -> _State:
        """From who would stay if alone: the others return, then leave, the keenest first."""
        alone = self._state(np.zeros(uniforms.shape, dtype=bool))
        state = replace(self._state(uniforms >= alone.prospect.leaving, alone), rounds=0)
        for there in (False, True):
            while True:
                gain = np.where(there, -1.0, 1.0) * (uniforms - state.prospect.leaving)
                # Who is indifferent stays.
                wants = (state.stays == there) & ((gain > 0) if there else (gain >= 0))
                if not wants.any():
                    break
                gain = np.where(wants, gain, -np.inf)
                keenest = wants & (np.arange(gain.shape[-1]) == gain.argmax(-1)[..., np.newaxis])
                state = self._state(state.stays ^ keenest, state)
        return state

    def _state(self, stays: BoolArray, last: _State | None = None) -> _State:
        """Where customers are, and what exchanges face, if these stay: one round later."""
        exits, scenario = self.exits, self.exits.impact.scenario
        panel = exits.impact.panel
        kept = panel["spot_volume"] * (1 - self.lost)
        before, left = panel["spot_volume"].sum(axis=-1), kept.sum(axis=-1)
        away = np.divide(before - left, before, out=np.zeros_like(left), where=before > 0)
        outside = scenario.outside_share + (1 - scenario.outside_share) * away
        volume, after = if_staying(
            market_shares(kept), stays, outside, scenario.nesting, self.trust
        )
        custody, _ = if_staying(
            np.broadcast_to(market_shares(panel["customer_crypto"]), stays.shape),
            stays,
            scenario.outside_share,
            scenario.nesting,
            self.trust,
        )
        market = moved(panel, volume, custody, exits.model.process.variable_share)
        required = self._required(market, custody, stays, last)
        prospect = exits.prospect(required, market, self.due)
        rounds = 0 if last is None else last.rounds + 1
        return _State(stays, volume, custody, after, required, prospect, rounds)

    def _required(
        self, market: Panel, custody: FloatArray, stays: BoolArray, last: _State | None
    ) -> FloatArray:
        """What is required now; asked again only of the data sets in which somebody moved."""
        if last is None:
            return self.requirement(market, custody, stays, np.ones(len(stays), dtype=bool))
        changed = (stays != last.stays).any(axis=-1)
        required = last.required.copy()
        if changed.any():
            some = replace(market, values={n: array[changed] for n, array in market.values.items()})
            required[changed] = self.requirement(some, custody[changed], stays[changed], changed)
        return required


@dataclass(frozen=True, eq=False)
class _State:
    """Who stays, multiples of what each has if it stays, and what follows; rounds so far."""

    stays: BoolArray
    volume: FloatArray
    custody: FloatArray
    outside: FloatArray
    required: FloatArray
    prospect: Prospect
    rounds: int
