"""Sentences that quote computed values, rounded as a reader would."""

from __future__ import annotations

import math

from IPython.display import Markdown, display


def _significant(value: float, digits: int) -> str:
    """Round to significant digits, with thousands separators and no exponent."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    decimals = digits - 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, decimals)
    return f"{rounded:,.{max(decimals, 0)}f}"


def yen(value_jpy_mn: float, digits: int = 3) -> str:
    """Amount in the unit that fits: JPY mn below 1 bn, JPY bn below 1 tn, JPY tn above.

    Parameters
    ----------
    value_jpy_mn : float
        Amount, JPY million.
    digits : int
        Significant digits.

    Examples
    --------
    >>> yen(48_200), yen(754), yen(1_496_000)
    ('JPY 48.2 bn', 'JPY 754 mn', 'JPY 1.50 tn')
    """
    if not math.isfinite(value_jpy_mn):
        return "not available"
    for unit, scale in (("tn", 1e6), ("bn", 1e3)):
        if abs(value_jpy_mn) >= scale:
            return f"JPY {_significant(value_jpy_mn / scale, digits)} {unit}"
    return f"JPY {_significant(value_jpy_mn, digits)} mn"


def share(value: float, digits: int = 2) -> str:
    """Fraction as a percentage with significant digits.

    Examples
    --------
    >>> share(0.0523), share(1.5)
    ('5.2 %', '150 %')
    """
    return f"{_significant(100 * value, digits)} %" if math.isfinite(value) else "not available"


def between(low_jpy_mn: float, high_jpy_mn: float, digits: int = 2) -> str:
    """Interval of amounts in words.

    Examples
    --------
    >>> between(900, 48_200)
    'JPY 900 mn to JPY 48 bn'
    """
    return f"{yen(low_jpy_mn, digits)} to {yen(high_jpy_mn, digits)}"


def say(text: str) -> None:
    """Show `text` as Markdown in the notebook."""
    display(Markdown(" ".join(text.split())))
