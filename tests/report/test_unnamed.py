"""Labels without names: they say the size band and the order, and give no name back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.market.panel import BANDS
from analysis.report.unnamed import ANY, exchange_labels, few_differ

EXCHANGES = ("bitflyer", "zaif", "gaia", "mercury", "coincheck", "bitbank", "gmo_coin")
SIZES = ("large", "medium", "small", "small", "large", "large", "small")
CHANCE = np.array([0.3, 0.2, 0.9, 0.1, 0.05, 0.4, 0.5])


def _bands(sizes: tuple[str, ...] = SIZES, names: tuple[str, ...] = EXCHANGES) -> pd.Series:
    values = pd.Categorical(sizes, categories=BANDS, ordered=True)
    return pd.Series(values, index=names, name="band")


def test_order_and_labels_by_hand() -> None:
    # One medium exchange alone would be known: it goes with the small or the large, all in one.
    found = exchange_labels(EXCHANGES, _bands(), CHANCE, named=False)
    assert ANY in set(found["band"])
    assert "medium 1" not in set(found["label"])
    sizes = ("large", "large", "small", "small", "large", "small", "small")
    found = exchange_labels(EXCHANGES, _bands(sizes), CHANCE, named=False)
    assert found["label"].tolist() == [
        "large 1", "large 2", "large 3", "small 1", "small 2", "small 3", "small 4",
    ]  # fmt: skip
    assert found["exchange"].tolist() == [
        "coincheck", "zaif", "bitflyer", "mercury", "bitbank", "gmo_coin", "gaia",
    ]  # fmt: skip
    assert [EXCHANGES[place] for place in found["place"]] == found["exchange"].tolist()


@pytest.mark.parametrize("count", range(1, 8))
def test_no_group_is_smaller_than_three_unless_there_are_fewer_exchanges(count: int) -> None:
    names, sizes = EXCHANGES[:count], SIZES[:count]
    found = exchange_labels(names, _bands(sizes, names), CHANCE[:count], named=False)
    assert found["band"].astype(str).value_counts().min() >= min(3, count)
    assert found["label"].is_unique


def test_labels_do_not_follow_the_order_of_the_panel() -> None:
    turned = list(reversed(range(len(EXCHANGES))))
    names = tuple(EXCHANGES[place] for place in turned)
    sizes = tuple(SIZES[place] for place in turned)
    here = exchange_labels(EXCHANGES, _bands(), CHANCE, named=False)
    there = exchange_labels(names, _bands(sizes, names), CHANCE[turned], named=False)
    pd.testing.assert_frame_equal(here.drop(columns="place"), there.drop(columns="place"))


def test_names_only_where_they_are_asked_for() -> None:
    unnamed = exchange_labels(EXCHANGES, _bands(), CHANCE, named=False)
    named = exchange_labels(EXCHANGES, _bands(), CHANCE, named=True)
    assert "GMO Coin" in set(named["label"])
    assert not set(named["label"]) & set(unnamed["label"])
    assert named["exchange"].tolist() == unnamed["exchange"].tolist()


def test_a_single_yes_hides_the_answers_of_its_group() -> None:
    group = pd.Series(list("aaaaabbbbbbccc"))
    answers = np.array([1, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1], dtype=bool)
    # One of five in a; three and three in b; all of c.
    assert few_differ(answers, group).tolist() == [True] * 5 + [False] * 9
