"""How often customers' crypto is lost, how much of it, and how losses of a year add up."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from analysis.scenario.parameter import Share, parameter

OperationalReading = Literal["included", "with_doubtful", "excluded"]


class LossParameters(BaseModel):
    """How often customers' crypto is lost, how much of it, and how losses of a year add up."""

    frequency_multiplier: float = parameter(
        1.0,
        unit="ratio",
        kind="setting",
        swept=(0.1, 10.0),
        source="switching value: at which frequency a ranking flips",
        about="Multiplies the yearly rate of losses of every exchange",
        ge=0,
        le=1_000,
        allow_inf_nan=False,
    )
    population_reading: Literal["low", "central", "high"] = parameter(
        "central",
        unit="reading",
        kind="evidence",
        source="lists of exchanges rated (70 to 240) or listed (210 to 410); central: their mean",
        about="Which number of exchanges worldwide the thefts of a year are set against",
    )
    frequency_trend: Literal["none", "fitted"] = parameter(
        "none",
        unit="model",
        kind="setting",
        source="thefts 2018-2025: slope of -5 % a year, standard error 7 %",
        about="Whether the rate worldwide is the mean of 2018-2025 or that of 2025 by the trend",
    )
    reporting_share: float = parameter(
        0.7,
        unit="share",
        kind="assumption",
        swept=(0.33, 1.0),
        source="thefts counted here over other collectors' counts: 0.2 to 1.8, median 0.8",
        about="Share of the world's losses that the list contains (Japan's record is complete); "
        "the lower it is, the more went unseen and the higher the rate",
        gt=0.01,
        le=1,
        allow_inf_nan=False,
    )
    jurisdiction_variation: float = parameter(
        0.5,
        unit="standard deviation over mean",
        kind="assumption",
        swept=(0.2, 1.5),
        source="Japan, Korea and the rest, 2022-2025: 0 to 0.6 by population_reading, too few",
        about="Spread of the true rate of losses between jurisdictions: small trusts the world",
        ge=0.01,
        le=10,
        allow_inf_nan=False,
    )
    japan_record: Literal["registered", "with_deemed"] = parameter(
        "registered",
        unit="record",
        kind="setting",
        source="Zaif, BITPoint, DMM Bitcoin; with deemed operators Coincheck too",
        about="Whose losses and years make up Japan's record",
    )
    firm_heterogeneity: float = parameter(
        2.0,
        unit="shape of a gamma distribution",
        kind="assumption",
        swept=(0.5, 20.0),
        source="repeated thefts 2018-2026 (4 of 52 platforms) do not identify it",
        about="How alike exchanges are: large means a record says little about an exchange",
        ge=0.05,
        le=10_000,
        allow_inf_nan=False,
    )
    size_elasticity: float = parameter(
        0.0,
        unit="% of rate per % of customer crypto",
        kind="assumption",
        swept=(0.0, 0.56),
        source="Moore and Christin 2013, exchanges to 2013: breach odds by volume imply up to "
        "0.56; no estimate for Japan, so 0",
        about="How much more often, in %, an exchange with 1 % more customer crypto has a theft; "
        "the mean rate of all exchanges stays, so losses move to the large ones",
        ge=0,
        le=1,
        allow_inf_nan=False,
    )
    operational_losses: OperationalReading = parameter(
        "included",
        unit="scope",
        kind="lever",
        source="the Act names hacks; since 2018 1 wrong credit, and 2 cases (FCoin, Zondacrypto) "
        "that may be insolvency or fraud",
        about="Whether losses without a thief count, and whether the two doubtful ones do",
    )
    count_dispersion: float = parameter(
        1.0,
        unit="variance over mean",
        kind="evidence",
        swept=(1.0, 2.0),
        source="thefts 2018-2025: Pearson statistic over its degrees 0.9, so no overdispersion",
        about="Dispersion of the yearly number of losses of one exchange; 1 is Poisson",
        ge=1,
        le=20,
        allow_inf_nan=False,
    )
    common_shock_share: Share = parameter(
        0.1,
        unit="share of the rate",
        kind="assumption",
        swept=(0.0, 0.5),
        source="1 of 3 registered operators lost through a provider; no shock hit two of them",
        about="Part of every exchange's rate that comes from events at a shared provider",
    )
    common_shock_reach: float = parameter(
        0.3,
        unit="probability",
        kind="assumption",
        swept=(0.1, 1.0),
        source="no figure on who shares a custody provider",
        about="Chance that such an event hits the exchange with the highest rate",
        gt=0,
        le=1,
        allow_inf_nan=False,
    )
    loss_steps: int = parameter(
        4096,
        unit="steps",
        kind="setting",
        source="enough for 0.1 % of a 99.9 % quantile up to ten times the rates",
        about="Most grid steps between 0 and an amount of which the probability is asked",
        ge=256,
        le=65_536,
        multiple_of=256,
    )
