"""What a candidate formula is, and how formulas compose.

A formula holds assumptions only (its parameters); results come out of `required` and `path`.
A reader's own formula is one call of `analysis.rules.custom`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any

import numpy as np

from analysis.errors import InputError
from analysis.market.panel import FloatArray
from analysis.rules.exposure import Exposure

Parameter = float | FloatArray
Combine = Callable[[Sequence[FloatArray]], FloatArray]


@dataclass(frozen=True)
class Reference:
    """Where a rule or a value is written: title, address, pinpoint, day it was read."""

    title: str
    address: str
    pinpoint: str
    retrieved_on: str


def given(value: Parameter | None, absent: float) -> Parameter:
    """Value of a clause that a law may lack: `absent` must be the value that switches it off."""
    return absent if value is None else value


@dataclass(frozen=True)
class Formula(ABC):
    """A candidate reserve formula with its assumptions.

    A parameter may be a number, an array that broadcasts against (..., draw, exchange), such as
    (scenario, 1, 1), or None where the law has no such clause.

    Attributes
    ----------
    id : str
        Short name, unique among the candidates.
    title : str
        One line for tables and figures.
    status : str
        `in force`, `proposed`, `scenario` or `superseded`, where it comes from.
    reference : Reference
        Source of the rule as a whole.
    not_modelled : str
        What the rule says that the formula leaves out.
    currencies : mapping
        Foreign money: parameter to currency. The value itself is in JPY mn at one month's rate.
    """

    id: str = field(kw_only=True)
    title: str = field(kw_only=True)
    status: str = field(kw_only=True)
    reference: Reference = field(kw_only=True)
    last_checked_on: str = field(kw_only=True)
    not_modelled: str = field(kw_only=True, default="")
    currencies: Mapping[str, str] = field(kw_only=True, default_factory=dict, compare=False)

    @abstractmethod
    def required(self, exposure: Exposure) -> FloatArray:
        """Amount that must be held once fully built up, JPY mn, shape (..., exchange)."""

    @property
    def accrues(self) -> bool:
        """Whether the rule fixes a yearly provision rather than an amount to be reached."""
        return False

    @property
    def pooled(self) -> bool:
        """Whether an exchange's amount depends on the other exchanges as well."""
        return False

    @property
    def on_losses(self) -> bool:
        """Whether it reads the distribution of a year's losses, which takes long to work out."""
        return False

    def path(self, exposure: Exposure, years: int, phase_in_years: int) -> FloatArray:
        """Balance at the end of each year, JPY mn, shape (year, ..., exchange).

        A rule that fixes an amount is built up in equal steps over `phase_in_years`; a rule that
        accrues overrides this with its own law of motion.
        """
        amount = self.required(exposure)
        return built_up(years, phase_in_years).reshape(-1, *[1] * amount.ndim) * amount

    def revalued(self, change: Callable[[str], Parameter]) -> Formula:
        """The same where money of a currency is worth `change(currency)` times as many yen."""
        amounts: dict[str, Any] = {
            name: getattr(self, name) * change(currency)
            for name, currency in self.currencies.items()
        }
        return replace(self, **amounts) if amounts else self

    def floor(self, amount: Parameter) -> Formula:
        """At least `amount` JPY mn, reached over the phase-in even where the rule accrues."""
        name = f"at least {_shown(amount)}"
        least = Fixed(**_metadata((self,), name, name), amount=amount)
        return _composed(self, (self, least), _largest, name, f"{name} JPY mn")

    def cap(self, amount: Parameter) -> Formula:
        """At most `amount` JPY mn."""
        name = f"at most {_shown(amount)}"
        title = f"{name} JPY mn"
        return _composed(self, (self,), lambda part: np.minimum(part[0], amount), name, title)

    def times(self, factor: Parameter) -> Formula:
        """`factor` times the amount: a multiplier, or a share of it."""
        name = f"times {_shown(factor)}"
        return _composed(self, (self,), lambda parts: parts[0] * factor, name, name)

    def phase_in(self, years: int) -> Formula:
        """Built up in equal steps over `years`, whatever the scenario says."""
        suffix = f", over {years} years"
        return Phased(
            **_metadata((self,), self.id + suffix, self.title + suffix), base=self, over=years
        )


@dataclass(frozen=True)
class Composed(Formula):
    """Formulas joined cell by cell. Where one of them accrues, the balances are joined instead,
    year by year, so that it keeps accruing; otherwise the joined amount is phased in."""

    parts: tuple[Formula, ...]
    combine: Combine

    @property
    def accrues(self) -> bool:
        """Whether any part accrues."""
        return any(part.accrues for part in self.parts)

    @property
    def pooled(self) -> bool:
        """Whether any part is shared by the exchanges."""
        return any(part.pooled for part in self.parts)

    @property
    def on_losses(self) -> bool:
        """Whether any part reads the distribution of losses."""
        return any(part.on_losses for part in self.parts)

    def revalued(self, change: Callable[[str], Parameter]) -> Formula:
        """Every part revalued; a floor, a cap and a multiplier added here are in yen and stay."""
        return replace(self, parts=tuple(part.revalued(change) for part in self.parts))

    def required(self, exposure: Exposure) -> FloatArray:
        """Joined amount, JPY mn, shape (..., exchange)."""
        return self.combine([part.required(exposure) for part in self.parts])

    def path(self, exposure: Exposure, years: int, phase_in_years: int) -> FloatArray:
        """Joined balance at the end of each year, JPY mn, shape (year, ..., exchange)."""
        if not self.accrues:
            return super().path(exposure, years, phase_in_years)
        return self.combine([part.path(exposure, years, phase_in_years) for part in self.parts])


@dataclass(frozen=True)
class Phased(Formula):
    """A formula with its own phase-in; a rule that accrues is held to the slower of the two."""

    base: Formula
    over: int

    @property
    def pooled(self) -> bool:
        """Whether the base formula is shared by the exchanges."""
        return self.base.pooled

    @property
    def on_losses(self) -> bool:
        """Whether the base formula reads the distribution of losses."""
        return self.base.on_losses

    def revalued(self, change: Callable[[str], Parameter]) -> Formula:
        """The base formula revalued."""
        return replace(self, base=self.base.revalued(change))

    def required(self, exposure: Exposure) -> FloatArray:
        """Amount of the base formula, JPY mn, shape (..., exchange)."""
        return self.base.required(exposure)

    @property
    def accrues(self) -> bool:
        """True: the steps are its own, so a composition must join balances."""
        return True

    def path(self, exposure: Exposure, years: int, phase_in_years: int) -> FloatArray:  # noqa: ARG002
        """Balance at the end of each year, JPY mn, shape (year, ..., exchange)."""
        steps = super().path(exposure, years, self.over)
        if not self.base.accrues:
            return steps
        return np.minimum(self.base.path(exposure, years, self.over), steps)


@dataclass(frozen=True)
class Fixed(Formula):
    """The same amount for every exchange: the floor of a composition."""

    amount: Parameter

    def required(self, exposure: Exposure) -> FloatArray:
        """Amount, JPY mn, shape (..., exchange)."""
        amount, cells = np.asarray(self.amount, dtype=float), exposure.operating_revenue.shape
        return np.broadcast_to(amount, np.broadcast_shapes(amount.shape, cells))


def maximum(*formulas: Formula) -> Formula:
    """Largest of the amounts of several formulas, exchange by exchange."""
    return _joined(formulas, _largest, "largest of")


def total(*formulas: Formula) -> Formula:
    """Sum of the amounts of several formulas."""
    return _joined(formulas, lambda parts: reduce(np.add, parts), "sum of")


def built_up(years: int, phase_in_years: int) -> FloatArray:
    """Share of an amount held at the end of each year, equal steps, shape (year,)."""
    if phase_in_years == 0:
        return np.ones(years)
    return np.minimum(np.arange(1, years + 1) / phase_in_years, 1.0)


def _largest(parts: Sequence[FloatArray]) -> FloatArray:
    return reduce(np.maximum, parts)


def _shown(value: Parameter) -> str:
    return f"{float(value):,.10g}" if np.ndim(value) == 0 else "(varied)"


def _joined(formulas: Sequence[Formula], combine: Combine, words: str) -> Formula:
    if not formulas:
        raise InputError(f"'{words}' needs at least one formula, none was given")
    names = [
        f"{words} " + " and ".join(names)
        for names in zip(*((f.id, f.title) for f in formulas), strict=True)
    ]
    return Composed(**_metadata(formulas, *names), parts=tuple(formulas), combine=combine)


def _composed(
    base: Formula, parts: tuple[Formula, ...], combine: Combine, id_end: str, title_end: str
) -> Formula:
    names = (f"{base.id}, {id_end}", f"{base.title}, {title_end}")
    return Composed(**_metadata((base,), *names), parts=parts, combine=combine)


def _metadata(described: Sequence[Formula], id: str, title: str) -> dict[str, Any]:
    """What a composition says of itself. It is a scenario, even where every part is law."""
    references = list(dict.fromkeys(f.reference for f in described))
    first = references[0]
    reference = Reference(
        "; ".join(r.title for r in references),
        first.address,
        "; ".join(r.pinpoint for r in references),
        min(r.retrieved_on for r in references),
    )
    return {
        "id": id,
        "title": title,
        "status": "scenario",
        "reference": reference,
        "last_checked_on": min(f.last_checked_on for f in described),
        "not_modelled": "; ".join(
            dict.fromkeys(f.not_modelled for f in described if f.not_modelled)
        ),
    }
