"""One event that costs customers something: the severity, given that it is not zero."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.losses.cells import Where, taken
from analysis.losses.grid import nodes
from analysis.losses.severity import ByShare, Severity
from analysis.market.panel import FloatArray

BESIDE = 1e-12  # relative distance from a jump at which the severity is read on either side


@dataclass(frozen=True, eq=False)
class CostlyEvent:
    """Loss of an event of which it is known that it costs something.

    Attributes
    ----------
    severity : loss of any event.
    atom : amount at which the severity jumps, JPY mn, if there is one.
    shape : of the cells.
    """

    severity: Severity
    atom: FloatArray | None
    shape: tuple[int, ...]

    @cached_property
    def chance(self) -> FloatArray:
        """Probability that an event costs something."""
        return 1 - self.severity.cdf(np.zeros(np.shape(self.severity.held)))

    @cached_property
    def mean(self) -> FloatArray:
        """Mean loss, JPY mn."""
        return _ratio(self.severity.limited_mean(self.severity.held), self.chance)

    @cached_property
    def stop(self) -> FloatArray:
        """The atom, 0 without one."""
        return np.zeros(self.shape) if self.atom is None else np.asarray(self.atom)

    @cached_property
    def jump(self) -> FloatArray:
        """Probability that the loss is the atom."""
        if self.atom is None:
            return np.zeros(self.shape)
        jump = self.cdf(self.stop * (1 + BESIDE)) - self.cdf(self.stop * (1 - BESIDE))
        return np.where((self.stop > 0) & (jump > np.sqrt(BESIDE)), jump, 0.0)

    def cdf(self, amount: FloatArray) -> FloatArray:
        """Probability of a loss of at most `amount`."""
        return self._given(self.severity.cdf(amount))

    def excess(self, amount: FloatArray) -> FloatArray:
        """Mean of the loss above `amount`, JPY mn."""
        cut = _ratio(self.severity.limited_mean(amount), self.chance)
        return np.maximum(self.mean - cut, 0.0)

    def below_nodes(self, span: FloatArray, steps: int) -> FloatArray:
        """`cdf` at the nodes; where spans are one multiple of all holdings, by share."""
        severity, held = self.severity, self.severity.held
        if isinstance(severity, ByShare) and severity.proportional and span.ndim > held.ndim > 1:
            share = np.divide(span, held, out=np.zeros(span.shape), where=held > 0)
            common = share.max(axis=-1, keepdims=True)
            if (np.abs(share - common) <= BESIDE * common)[..., held > 0].all():
                return self._given(severity.cdf_of_share(nodes(common, steps)))
        return self.cdf(nodes(span, steps))

    def take(self, where: Where) -> CostlyEvent:
        """Some cells, with what has been worked out by cell."""
        severity, atom = (taken(one, self.shape, where) for one in (self.severity, self.atom))
        shape = np.broadcast_to(0.0, self.shape)[where].shape
        part = CostlyEvent(severity, atom, shape)
        for name in ("chance", "mean", "jump"):
            vars(part)[name] = taken(getattr(self, name), self.shape, where)
        return part

    def _given(self, chance: FloatArray) -> FloatArray:
        """Chance of at most some loss, for events that cost something."""
        if self._always:
            return chance
        return np.clip(_ratio(chance - (1 - self.chance), self.chance), 0.0, 1.0)

    @cached_property
    def _always(self) -> bool:
        return bool((self.chance == 1).all())


def _ratio(amount: FloatArray, share: FloatArray) -> FloatArray:
    above, under = np.broadcast_arrays(amount, share)
    return np.asarray(np.divide(above, under, out=np.zeros(above.shape), where=under > 0))
