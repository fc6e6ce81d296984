"""The legal texts, word for word in plain Python: one exchange, no arrays, numbers from the text.

Each is written from its source and not from the study's code; the fast formulas must agree with
them. Money is in the currency of the text unless the name says JPY mn.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

# Art. 175(1)(i) and (ii), items i, ro, ha, ni, ho, he, to, chi: parts per ten thousand.
ARTICLE_175_ACCRUAL = ("0.2", "0.006", "0.3", "0.0016", "0.3", "0.0096", "0.0012", "0.0024")
ARTICLE_175_CEILING = ("0.8", "0.024", "1.2", "0.0064", "1.2", "0.0384", "0.0048", "0.0096")


def article_175_year(window: Sequence[Sequence[float]], balance: float) -> tuple[float, ...]:
    """Balance, provision and release of the last year of a window of at most three."""
    first = 0.0
    for value, rate in zip(window[-1], ARTICLE_175_ACCRUAL, strict=True):
        first += value * float(rate) / 10_000
    second = 0.0
    for item, rate in enumerate(ARTICLE_175_CEILING):
        best = 0.0
        for year in window:
            best = max(best, year[item])
        second += best * float(rate) / 10_000
    lower = min(first, second - balance)
    provision = lower if lower > 0 else 0.0
    release = balance - second if balance > second else 0.0
    return balance + provision - release, provision, release


def article_175(years: Sequence[Sequence[float]], balance: float) -> list[tuple[float, ...]]:
    """Balance, provision and release of each year; a year is its eight trading values."""
    results: list[tuple[float, ...]] = []
    for number in range(len(years)):
        results.append(article_175_year(years[max(number - 2, 0) : number + 1], balance))
        balance = results[-1][0]
    return results


def korea_krw(hot: float) -> float:
    """At least 5 % of what is in hot wallets, and at least KRW 3 bn for a won exchange."""
    five_percent = hot * 5 / 100
    return five_percent if five_percent > 3_000_000_000 else 3_000_000_000


def hong_kong_hkd(hot: float, cold: float) -> float:
    """Full coverage of hot storage, half of cold storage."""
    return hot + cold / 2


def thailand_2020_thb(hot: float, cold: float) -> float:
    """5 % of hot wallets and 1 % of cold wallets."""
    return hot * 5 / 100 + cold * 1 / 100


def turkey_custodian_try(custody: float) -> float:
    """TRY 500 mn, and nothing more up to TRY 1 bn of custody; 1.5 % of what exceeds it."""
    if custody <= 1_000_000_000:
        return 500_000_000
    return 500_000_000 + (custody - 1_000_000_000) * 15 / 1000


def turkey_platform_try(kept: float) -> float:
    """TRY 150 mn, not below the liquid reserve of 3 % of what the platform keeps itself."""
    reserve = kept * 3 / 100
    return reserve if reserve > 150_000_000 else 150_000_000


def mica_eur(service_class: int, fixed_overheads: float) -> float:
    """Higher of the class minimum of Annex IV and one quarter of fixed overheads."""
    minimum = {2: 125_000, 3: 150_000}[service_class]
    quarter = fixed_overheads / 4
    return quarter if quarter > minimum else minimum


def uk_gbp(fixed_overheads: float, safeguarded: float) -> float:
    """Highest of GBP 150,000, a quarter of overheads, and 0.04 % of assets safeguarded."""
    highest = 150_000.0
    for other in (fixed_overheads / 4, safeguarded * 4 / 10_000):
        if other > highest:
            highest = other
    return highest


def eu_ifr_eur(
    fixed_overheads: float, safeguarded: float, client_money: float, orders_of_the_year: float
) -> float:
    """Highest of EUR 150,000, a quarter of overheads, and K-ASA + K-CMH + K-COH."""
    k_asa = safeguarded * 0.04 / 100
    k_cmh = client_money * 0.4 / 100
    k_coh = orders_of_the_year / 365 * 0.1 / 100
    highest = 150_000.0
    for other in (fixed_overheads / 4, k_asa + k_cmh + k_coh):
        if other > highest:
            highest = other
    return highest


def basel_eur(indicator: float, losses_of_ten_years: float, *, losses_count: bool) -> float:
    """OPE25: component by bucket, times ln(e - 1 + (LC / BIC) to the power of 0.8)."""
    indicator = max(indicator, 0.0)
    if indicator == 0:
        return 0.0
    if indicator <= 1e9:
        component = 0.12 * indicator
    elif indicator <= 30e9:
        component = 0.12 * 1e9 + 0.15 * (indicator - 1e9)
    else:
        component = 0.12 * 1e9 + 0.15 * 29e9 + 0.18 * (indicator - 30e9)
    if not losses_count:
        return component
    loss_component = 15 * (losses_of_ten_years / 10)
    return component * math.log(math.exp(1) - 1 + (loss_component / component) ** 0.8)


def volume_ramp_jpy_mn(volume: float, amounts: Sequence[float], anchors: Sequence[float]) -> float:
    """Flat outside the anchors, a straight line in logarithms between them."""
    (low, high), (least, most) = amounts, anchors
    if volume <= least:
        return low
    if volume >= most:
        return high
    share = (math.log(volume) - math.log(least)) / (math.log(most) - math.log(least))
    return math.exp(math.log(low) + share * (math.log(high) - math.log(low)))


def size_custody_record_jpy_mn(volume: float, custody: float, incidents: int) -> float:
    """Scenario of the study: 0.8 bp and 1 %, multiplier 0.8 to 2, JPY 300 mn to 40 bn."""
    multiplier = 0.8
    for _ in range(incidents):
        multiplier = min(multiplier + 0.4, 2.0)
    value = (volume * 0.8 / 10_000 + custody / 100) * multiplier
    return min(max(value, 300.0), 40_000.0)


def fee_fund_jpy_mn(revenue: float, custody: float, years: int) -> list[float]:
    """10 % of fees a year until the fund is 1 % of custody."""
    fund, balances = 0.0, []
    for _ in range(years):
        fund += max(revenue, 0.0) / 10
        fund = min(fund, custody / 100)
        balances.append(fund)
    return balances


def in_jpy_mn(text_amount: float, currency: str, yen: Mapping[str, float]) -> float:
    """Amount of a foreign text in JPY mn."""
    return text_amount * yen[currency] / 1_000_000


def size_custody_credibility_jpy_mn(
    volume: float, custody: float, incidents: int, years: float
) -> float:
    """Scenario of the study by credibility: shape 2, rate 0.02, ten years of record at most."""
    seen = min(years, 10.0)
    own_weight = seen / (seen + 2 / 0.02)
    own_rate = incidents / seen if seen else 0.0
    if seen:
        expected = own_weight * own_rate + (1 - own_weight) * 0.02
    else:  # losses without years on record: the limit of the line above
        expected = 0.02 + incidents * 0.02 / 2
    multiplier = min(expected / 0.02, 2.0)
    value = (volume * 0.8 / 10_000 + custody / 100) * multiplier
    return min(max(value, 300.0), 40_000.0)


def hot_wallet_loss(
    lost: float, hot: float, *, reach: float, location: float, scale: float
) -> float:
    """Probability that an event takes at most the share `lost`: logit-normal, stopped at `hot`."""
    if lost <= 0:
        return 0.0
    if lost >= 1:
        return 1.0
    deviation = (math.log(lost / (1 - lost)) - location) / scale
    below = (1 + math.erf(deviation / math.sqrt(2))) / 2
    return below if lost < hot else 1 - reach * (1 - below)


def panjer_quantile(
    rate: float, within: Callable[[float], float], step: float, steps: int, level: float
) -> tuple[float, float]:
    """Bounds of a quantile of Poisson many losses, `within` the distribution function of one.

    g_n = rate / n times the sum over j up to n of j f_j g_(n - j) (Panjer 1981, Poisson counts).
    Losses are rounded up to the next step for the upper bound of the quantile, down for the lower.
    """
    bounds = []
    for shift in (1, 0):  # rounded down, rounded up
        mass = [within(0.0)] + [within(j * step) - within((j - 1) * step) for j in range(1, steps)]
        mass = mass[shift:] if shift == 0 else [mass[0] + mass[1], *mass[2:]]
        chance = [math.exp(-rate * (1 - mass[0]))]
        total, amount = chance[0], 0.0
        for n in range(1, len(mass)):
            if total >= level:
                break
            inner = 0.0
            for j in range(1, n + 1):
                inner += j * mass[j] * chance[n - j]
            chance.append(rate / n * inner)
            total, amount = total + chance[n], n * step
        bounds.append(amount)
    return bounds[0], bounds[1]
