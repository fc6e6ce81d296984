"""Amounts in words: the unit changes with size, the digits do not lie."""

import math

import pytest

from analysis.report.prose import between, share, yen


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (754, "JPY 754 mn"),
        (0.4444, "JPY 0.444 mn"),
        (48_200, "JPY 48.2 bn"),
        (-970, "JPY -970 mn"),
        (999.96, "JPY 1,000 mn"),
        (1_496_000, "JPY 1.50 tn"),
        (0, "JPY 0 mn"),
        (math.nan, "not available"),
    ],
)
def test_yen_picks_the_unit_by_size(amount: float, words: str) -> None:
    assert yen(amount) == words


def test_share_keeps_two_significant_digits() -> None:
    assert share(0.0523) == "5.2 %"
    assert share(0.00213) == "0.21 %"
    assert share(1.05) == "100 %"


def test_between_names_both_ends() -> None:
    assert between(900, 48_200) == "JPY 900 mn to JPY 48 bn"
