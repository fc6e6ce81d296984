"""Operators on the day of a past loss: what is known of each, between which bounds.

`data/losses/replay.csv` has one row per loss and measure. Here it becomes arrays over incidents in
yen at the rate of the day: a central figure, a lower and an upper bound, NaN where nothing is
known. The custody that was hot is bounded by what is known of the wallets:

- a printed share or amount counts as printed;
- where the coins left hot wallets, at least the customers' loss was hot;
- what is still open is swept from `hot_share_low` to `hot_share_high`, as in the market panel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress

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
"""What a formula may look at and the table may hold."""
SIGNED = ("net_assets", "operating_revenue")
"""Those that can be below zero."""
BOUNDS = ("low", "value", "high")
_UNITS = {"years_registered": "years", "incident_count": "losses", "hot_share": "share"}
"""Units of what is no money."""
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
        kept = np.isin(self.incidents, list(incidents))
        bounds = (self.low, self.value, self.high)
        return Record(
            tuple(compress(self.incidents, kept)),
            tuple(compress(self.occurred_on, kept)),
            tuple(compress(self.country, kept)),
            tuple(compress(self.platform, kept)),
            *({name: array[kept] for name, array in bound.items()} for bound in bounds),
        )

    def losses(self) -> Record:
        """Those in which something was lost; the others are stories of failure alone."""
        return self.only(list(compress(self.incidents, self.value["loss"] > 0)))

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
        the wrong order, a share outside [0, 1], an unknown unit or currency, or money without a
        rate of the day; the message names the row.
    """
    rows = data.read("losses/replay") if table is None else table.reset_index(drop=True)
    listed = data.read("losses/incidents").set_index("incident")
    _refuse(rows, _contradictions(rows, listed.index))
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


def _contradictions(rows: pd.DataFrame, listed: pd.Index) -> dict[str, pd.Series]:
    """Rows that say nothing or contradict themselves, by what is wrong with them."""
    measure, value, rate = rows["measure"], rows["value"], rows["jpy_per_unit"]
    least, most = rows["low"].fillna(value), rows["high"].fillna(value)
    stated = rows["incident"][measure.eq("customer_loss") & value.notna()]
    money, unit = ~measure.isin(_UNITS), measure.map(_UNITS)
    unit = unit.mask(money, rows["unit"].where(rows["unit"].str.fullmatch("[A-Z]{3} mn", na=False)))
    yen = money & rows["unit"].eq("JPY mn")
    return {
        "no such loss in data/losses/incidents.csv; add it there": ~rows["incident"].isin(listed),
        f"unknown measure; allowed: {', '.join(_MEASURES)}": ~measure.isin(_MEASURES),
        "twice; keep one row of a loss and measure": rows.duplicated(["incident", "measure"]),
        "no value and no bound; leave the row out": value.isna() & least.isna() & most.isna(),
        "not in order; allowed: low <= value <= high": (least > most)
        | (value < least)
        | (value > most),
        "below zero; allowed: 0 and more": ~measure.isin(SIGNED) & (least < 0),
        "not a share; allowed: 0 to 1": measure.eq("hot_share") & (most > 1),
        "unknown unit; allowed: millions of a currency, as 'USD mn', for money; years, losses or "
        "share as the measure has it": rows["unit"].ne(unit),
        "no rate of the day; give jpy_per_unit, 1 for yen": money & ~(rate > 0) | yen & rate.ne(1),
        "the loss has no row customer_loss with a value; add one": ~rows["incident"].isin(stated),
    }


def _refuse(rows: pd.DataFrame, refusals: Mapping[str, pd.Series]) -> None:
    for why, wrong in refusals.items():
        if wrong.any():
            place = int(np.flatnonzero(wrong)[0])
            incident, measure = rows["incident"].iloc[place], rows["measure"].iloc[place]
            raise InputError(f"{FILE}, row {place + 2}, {incident}, {measure}: {why}")


def _check_custody(made: Record, rows: pd.DataFrame) -> None:
    """Customers cannot lose more than was held for them."""
    held = pd.Series(made.high["customer_crypto"], made.incidents)
    loss = pd.Series(made.loss, made.incidents)
    for incident in loss.index[loss > held * (1 + 1e-9)]:
        why = (
            f"customers' loss of {loss[incident]:,.0f} JPY mn is above the {held[incident]:,.0f} "
            "held for them; allowed: at most customer_crypto"
        )
        here = rows["incident"].eq(incident) & rows["measure"].eq("customer_loss")
        _refuse(rows, {why: here})
