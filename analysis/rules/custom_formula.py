"""A reader's own formula, in one call: a name, a title, a function of the exposure, a source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.errors import InputError
from analysis.market.panel import FloatArray
from analysis.rules.exposure import Exposure
from analysis.rules.formula import Formula, Reference


@dataclass(frozen=True)
class Custom(Formula):
    """A formula given as a function of the exposure."""

    function: Callable[[Exposure], FloatArray]

    def required(self, exposure: Exposure) -> FloatArray:
        """Amount by the function, checked: finite, not negative, one value per exchange.

        Raises
        ------
        InputError
            The function returned something else; the message says how many cells are wrong.
        """
        amount = np.asarray(self.function(exposure), dtype=float)
        shape = exposure.operating_revenue.shape
        try:
            whole: FloatArray = np.broadcast_to(amount, np.broadcast_shapes(amount.shape, shape))
        except ValueError:
            whole = np.empty(0)
        if whole.shape[-1] != shape[-1]:
            message = (
                f"formula '{self.id}' returned shape {amount.shape}, which does not fit {shape}"
            )
            raise InputError(f"{message}; return one value per exchange, exchange last")
        wrong = int(np.count_nonzero(~(whole >= 0) | np.isinf(whole)))
        if wrong:
            raise InputError(
                f"formula '{self.id}' returned {wrong} of {whole.size} amounts that are negative, "
                "infinite or not a number; a reserve is a finite amount of JPY mn, 0 or more"
            )
        return whole


def custom(
    id: str,
    title: str,
    function: Callable[[Exposure], FloatArray],
    source: str | Reference,
    *,
    not_modelled: str = "",
) -> Formula:
    """Formula from a function of the exposure; `source` says where the idea comes from.

    Examples
    --------
    >>> custom("half_percent", "0.5 % of custody", lambda e: 0.005 * e.custody, "own proposal")
    """
    reference = source if isinstance(source, Reference) else Reference(source, "", "", "")
    return Custom(
        id=id,
        title=title,
        status="scenario",
        reference=reference,
        last_checked_on=reference.retrieved_on,
        not_modelled=not_modelled,
        function=function,
    )
