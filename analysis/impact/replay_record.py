"""Operators on the day of a past loss: what is known of each, between which bounds.

`data/losses/replay.csv` has one row per loss and measure. Here it becomes arrays over incidents in
yen: a central figure, a lower and an upper bound, NaN where nothing is known. The custody that was
hot is bounded by what is known of the wallets:

- a printed share or amount counts as printed;
- where the coins left hot wallets, at least the customers' loss was hot;
- what is still open is swept from `hot_share_low` to `hot_share_high`, as in the market panel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis import data
from analysis.errors import InputError
from analysis.market.panel import FloatArray

FILE = "data/losses/replay.csv"
FIELDS = (
    "customer_crypto",
    "customer_fiat",
    *(f"{kind}_volume{lag}" for kind in ("spot", "margin") for lag in ("", "_lag1", "_lag2")),
    "operating_revenue",
    "operating_expenses",
    "net_assets",
    "years_registered",
    "incident_count",
    "incident_loss",
)
"""What a formula may look at and the table may hold; net assets alone can be negative."""
BOUNDS = ("low", "value", "high")
_MEASURES = ("loss", "customer_loss", *FIELDS, "hot_share", "hot_crypto", "reserve_held")


@dataclass(frozen=True, eq=False)
class Record:
    """Operators on the day of a loss; every array is (incident,), money in JPY mn.

    Attributes
    ----------
    incidents : ids of the losses, by date.
    occurred_on, country, platform : of each incident.
    low, value, high : measures by name; NaN where not known.
    """

    incidents: tuple[str, ...]
    occurred_on: tuple[pd.Timestamp, ...]
    country: tuple[str, ...]
    platform: tuple[str, ...]
    low: Mapping[str, FloatArray]
    value: Mapping[str, FloatArray]
    high: Mapping[str, FloatArray]

    @property
    def loss(self) -> FloatArray:
        """Customers' part of the loss, at the prices of the day."""
        return self.value["customer_loss"]

    def only(self, incidents: Sequence[str]) -> Record:
        """The same for some incidents, in the order of the table."""
        kept = [name in set(incidents) for name in self.incidents]

        def some(values: Sequence[Any]) -> tuple[Any, ...]:
            return tuple(one for one, keep in zip(values, kept, strict=True) if keep)

        def cut(arrays: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
            return {name: array[kept] for name, array in arrays.items()}

        return Record(
            some(self.incidents),
            some(self.occurred_on),
            some(self.country),
            some(self.platform),
            cut(self.low),
            cut(self.value),
            cut(self.high),
        )

    def losses(self) -> Record:
        """Those in which something was lost; the others are stories of failure alone."""
        lost = self.value["loss"] > 0
        return self.only([name for name, some in zip(self.incidents, lost, strict=True) if some])

    def hot(self, custody: FloatArray, low: float, high: float) -> tuple[FloatArray, FloatArray]:
        """Least and most customer crypto in hot wallets, for a custody of that size.

        Parameters
        ----------
        custody : array (incident,), JPY mn
        low, high : share swept where nothing is known.
        """
        known = ~np.isnan(self.high["hot_share"])
        least = np.where(known, self.low["hot_share"], low) * custody
        most = np.where(known, self.high["hot_share"], high) * custody
        stolen = np.nan_to_num(self.low["hot_crypto"])
        least = np.clip(np.maximum(least, stolen), 0.0, custody)
        amount = self.high["hot_crypto"]
        most = np.where(np.isnan(amount), np.maximum(most, stolen), amount)
        return least, np.clip(most, least, custody)


def record(table: pd.DataFrame | None = None) -> Record:
    """Record of the operators in `losses/replay`.

    Parameters
    ----------
    table : DataFrame, optional
        Rows with the columns of `losses/replay`; the shipped ones if left out.

    Raises
    ------
    InputError
        A loss that is not in `losses/incidents`, without an amount or above the custody, bounds in
        the wrong order, or a share outside [0, 1]; the message names the row.
    """
    rows = data.read("losses/replay") if table is None else table.reset_index(drop=True)
    listed = data.read("losses/incidents").set_index("incident")
    _check(rows, listed.index)
    order = sorted(rows["incident"].unique(), key=lambda name: (listed.loc[name, "date_low"], name))
    rate = rows["jpy_per_unit"].fillna(1.0)
    arrays = {
        bound: _arrays(rows.assign(amount=_bound(rows, bound) * rate), order) for bound in BOUNDS
    }
    known = listed.loc[order]
    _stolen_from_hot_wallets(arrays, known["wallet_reach"].eq("hot").to_numpy(dtype=bool))
    made = Record(
        tuple(order),
        tuple(known["date_low"]),
        tuple(known["country"]),
        tuple(known["platform"]),
        **arrays,
    )
    _check_custody(made, rows)
    return made


def _bound(rows: pd.DataFrame, bound: str) -> pd.Series:
    """A blank bound is the value itself, where there is one."""
    return rows[bound].fillna(rows["value"])


def _arrays(rows: pd.DataFrame, order: Sequence[str]) -> dict[str, FloatArray]:
    wide = rows.set_index(["incident", "measure"])["amount"].unstack()  # noqa: PD010
    wide = wide.reindex(index=list(order), columns=list(_MEASURES))
    return {name: wide[name].to_numpy(dtype=float) for name in _MEASURES}


def _stolen_from_hot_wallets(
    arrays: Mapping[str, dict[str, FloatArray]], hot: NDArray[np.bool_]
) -> None:
    """What left hot wallets was in them, where no row says how much was."""
    low, loss = arrays["low"]["hot_crypto"], arrays["value"]["customer_loss"]
    unsaid = hot & np.isnan(low) & np.isnan(arrays["high"]["hot_share"])
    arrays["low"]["hot_crypto"] = np.where(unsaid, loss, low)


def _check(rows: pd.DataFrame, listed: pd.Index) -> None:
    """Refuse rows that say nothing or contradict themselves."""
    value, low, high = (rows[name] for name in ("value", "low", "high"))
    least, most = low.fillna(value), high.fillna(value)
    signed = rows["measure"].isin(["net_assets", "operating_revenue"])
    share = rows["measure"].isin(["hot_share"])
    paid = rows["measure"].eq("customer_loss")
    unpaid = ~rows["incident"].isin(rows["incident"][paid & value.notna()])
    refusals = {
        "no such loss in data/losses/incidents.csv; add it there": ~rows["incident"].isin(listed),
        "twice; keep one row of a loss and measure": rows.duplicated(["incident", "measure"]),
        "no value and no bound; leave the row out": value.isna() & low.isna() & high.isna(),
        "not in order; allowed: low <= value <= high": (least > most)
        | (value < least)
        | (value > most),
        "below zero; allowed: 0 and more": ~signed & (least < 0),
        "not a share; allowed: 0 to 1": share & (most > 1),
        "the loss has no row customer_loss with a value; add one": unpaid,
    }
    for why, wrong in refusals.items():
        if wrong.any():
            place = int(np.flatnonzero(wrong)[0])
            incident, measure = rows["incident"].iloc[place], rows["measure"].iloc[place]
            raise InputError(f"{FILE}, row {place + 2}, {incident}, {measure}: {why}")


def _check_custody(made: Record, rows: pd.DataFrame) -> None:
    """Customers cannot lose more than was held for them."""
    held = made.high["customer_crypto"]
    for n in np.flatnonzero(made.loss > held * (1 + 1e-9)):
        here = (rows["incident"] == made.incidents[n]) & (rows["measure"] == "customer_loss")
        place = int(np.flatnonzero(here)[0]) + 2
        raise InputError(
            f"{FILE}, row {place}, {made.incidents[n]}: customers' loss of {made.loss[n]:,.0f} JPY "
            f"mn is above the {held[n]:,.0f} held for them; allowed: at most customer_crypto"
        )
