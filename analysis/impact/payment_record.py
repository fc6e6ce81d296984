"""How often customers were paid in full without a duty: the record behind `voluntary_payment`.

That parameter is the chance beyond the means of the exchange. Means are seldom known, so losses of
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
_START = pd.Timestamp("2018-01-01")


def payment_record(scenario: Scenario) -> pd.DataFrame:
    """Share of events with customers' losses that owners paid in full, in several readings.

    `settled` counts events whose outcome is known; `unclear is unpaid` and `promise is payment`
    bound what is not. The interval is Jeffreys': a beta distribution with half an event added on
    each side. Firms that paid are still there to say so, so the record flatters.

    Returns
    -------
    DataFrame
        reading, paid, events, share, low, high.
    """
    listed = incidents()
    events = listed[listed["included"]].merge(data.read("losses/outcomes"), on="incident")
    out = events["compensation"]
    full = out.eq("full") & events["money"].isin(OWN_MEANS)
    promised = out.eq("full_promised")
    settled = out.isin(["full", "partial", "none"])
    known = out.isin(["full", "full_promised", "partial", "none", "unclear"])
    recent = events["occurred_on"] >= _START
    japan = events["jurisdiction"].eq("japan") & (events["occurred_on"] > "2014-01-01")
    readings = {
        "settled": (full, settled),
        "settled, since 2018": (full, settled & recent),
        "settled, Japan since 2014": (full, settled & japan),
        "promise is payment": (full | promised, settled | promised),
        "unclear is unpaid": (full, known),
    }
    lost = _size(events["incident"])
    paid_by_anyone = full | (out.eq("full") & events["money"].eq("unknown"))
    readings |= {
        "settled, a tenth of customers' assets or more": (
            paid_by_anyone,
            settled & (lost >= LARGE),
        ),
        "settled or promised, less than a tenth": (
            full | promised,
            (settled | promised) & (lost < LARGE),
        ),
    }
    tail = (1 - scenario.interval) / 2
    rows = []
    for name, (paid, among) in readings.items():
        hits, size = int((paid & among).sum()), int(among.sum())
        low, high = beta.ppf([tail, 1 - tail], hits + 0.5, size - hits + 0.5)
        rows.append((name, hits, size, hits / size, low, high))
    return pd.DataFrame(rows, columns=["reading", "paid", "events", "share", "low", "high"])


def _size(incidents_: pd.Series) -> pd.Series:
    """Share of customers' assets lost in each incident: central, else the middle of its bounds."""
    shares = data.read("losses/severity_shares").set_index("incident")
    middle = (shares["share_low"].fillna(0.0) + shares["share_high"]) / 2
    return incidents_.map(shares["share_central"].fillna(middle))
