"""How often customers were paid in full without a duty: the record behind `voluntary_payment`.

One rule for every case: what counts is the share of the customers' loss that they were paid, coins
valued on the day of the loss; coins given back in kind count whole, whatever they were worth by
then, and what was left of balances after a cut is no payment. In full is `IN_FULL` of it or more.
`paid_share` in `losses/outcomes` follows it, and `compensation` where no share was printed.

The parameter is the chance beyond the means of the exchange. Means are seldom known, so losses of
a tenth of customers' assets or more stand for it; below that nearly all were paid.
"""

from __future__ import annotations

import pandas as pd
from scipy.stats import beta

from analysis import data
from analysis.losses.incidents import incidents
from analysis.scenario import Scenario

OWN_MEANS = (
    "own_funds",
    "own_funds_and_loans",
    "fund",
    "group",
    "acquirer",
    "tokens",
    "recovery_and_fund",
)
"""Money of the operator, its owners or who took its place: neither estate nor insurer."""
LARGE = 0.1
"""Share of customers' assets from which a loss counts as beyond the means of the exchange."""
IN_FULL, MOSTLY = 0.95, 0.75
"""Shares of the loss from which it counts as paid in full, and as paid for the most part."""
_TENTH = "a tenth of customers' assets or more"
_START = pd.Timestamp("2018-01-01")


def payment_record(scenario: Scenario) -> pd.DataFrame:
    """Share of events with customers' losses that were paid in full, in several readings.

    `settled` counts events whose outcome is known; `unclear is unpaid` and `promise is payment`
    bound what is not. Owners' money alone counts, but for large losses money of unknown origin
    too. The interval is Jeffreys': a beta distribution with half an event added on each side.
    Firms that paid are still there to say so, so the record flatters.

    Returns
    -------
    DataFrame
        reading, paid, events, share, low, high.
    """
    rows = [
        (name, *_counted(paid & among, among, scenario.interval))
        for name, (paid, among) in _readings(_events()).items()
    ]
    return pd.DataFrame(rows, columns=["reading", "paid", "events", "share", "low", "high"])


def _readings(events: pd.DataFrame) -> dict[str, tuple[pd.Series, pd.Series]]:
    """Events that were paid, and those among which they are counted, by reading."""
    owners, settled = events["money"].isin(OWN_MEANS), events["settled"]
    anyone = owners | events["money"].eq("unknown")
    full = events["paid"].ge(IN_FULL)
    paid, mostly = full & owners, events["paid"].ge(MOSTLY) & anyone
    promised = events["compensation"].eq("full_promised")
    known = settled | promised | events["compensation"].eq("unclear")
    recent = events["occurred_on"] >= _START
    japan = events["jurisdiction"].eq("japan") & (events["occurred_on"] > "2014-01-01")
    large, small = events["size"] >= LARGE, events["size"] < LARGE
    return {
        "settled": (paid, settled),
        "settled, since 2018": (paid, settled & recent),
        "settled, Japan since 2014": (paid, settled & japan),
        "promise is payment": (paid | promised, settled | promised),
        "unclear is unpaid": (paid, known),
        f"settled, {_TENTH}": (full & anyone, settled & large),
        f"settled, {_TENTH}, three quarters are enough": (mostly, settled & large),
        "settled or promised, less than a tenth": (paid | promised, (settled | promised) & small),
    }


def _counted(
    paid: pd.Series, among: pd.Series, interval: float
) -> tuple[int, int, float, float, float]:
    """Events paid, all events, the share, and Jeffreys' interval of it."""
    hits, size, tail = int(paid.sum()), int(among.sum()), (1 - interval) / 2
    low, high = beta.ppf([tail, 1 - tail], hits + 0.5, size - hits + 0.5)
    return hits, size, hits / size, float(low), float(high)


def _events() -> pd.DataFrame:
    """Events with their outcome, the share paid of the loss, and the share of assets lost."""
    listed = incidents()
    events = listed[listed["included"]].merge(data.read("losses/outcomes"), on="incident")
    by_class = events["compensation"].map({"full": 1.0, "partial": 0.0, "none": 0.0})
    shares = data.read("losses/severity_shares").set_index("incident")
    middle = (shares["share_low"].fillna(0.0) + shares["share_high"]) / 2
    return events.assign(
        settled=by_class.notna(),
        paid=events["paid_share"].fillna(by_class).where(by_class.notna(), 0.0),
        size=events["incident"].map(shares["share_central"].fillna(middle)),
    )
