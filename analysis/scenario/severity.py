"""How much of its customers' crypto an exchange loses in one event."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from analysis.scenario.parameter import parameter

Sample = Literal["all", "firm", "since_2020", "from_2011"]


class SeverityParameters(BaseModel):
    """How much of its customers' crypto an exchange loses in one event."""

    severity_model: Literal["share", "yen"] = parameter(
        "share",
        unit="model",
        kind="setting",
        source="a share scales with the exchange; amounts in money have a tail without a mean",
        about="Whether a loss is drawn as a share of customer crypto or as an amount in yen, the "
        "lower reading: amounts do not grow with the exchange, and most past ones were small "
        "beside what large exchanges hold today",
    )
    severity_sample: Sample = parameter(
        "all",
        unit="sample",
        kind="setting",
        source="losses 2014-2026; from 2020 on the median share is 5 %, of all years 11 %",
        about="Past losses that are fitted; `firm` leaves weakly measured ones out, `from_2011` "
        "adds the one earlier share, a total loss without a thief",
    )
    severity_multiplier: float = parameter(
        1.0,
        unit="ratio",
        kind="setting",
        swept=(0.2, 5.0),
        source="switching value: at which size of losses a ranking flips",
        about="Multiplies the lost share (at most 1) or the lost amount (at most what is held)",
        gt=0,
        le=1_000,
        allow_inf_nan=False,
    )
    beyond_hot: float | None = parameter(
        None,
        unit="probability",
        kind="evidence",
        swept=(0.0, 1.0),
        shape=("uniform", "the record is the default; a swept value asks what if"),
        source="none: drawn from the record, 5 of 54 thefts of customers' crypto since 2018 went "
        "beyond hot wallets, 4 of 18 since 2024; with thefts of own money 6 of 59 and 4 of 20",
        about="Probability that a theft goes beyond hot wallets; 1 leaves past shares as fitted",
        ge=0,
        le=1,
        allow_inf_nan=False,
    )
