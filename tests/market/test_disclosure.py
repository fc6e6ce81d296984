"""Small cells are suppressed, and nothing gives them back."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import InputError
from analysis.market.disclosure import suppress


def bands(counts: list[int], total: bool = True) -> pd.DataFrame:
    rows = [(f"band {place}", count, 10.0 * count) for place, count in enumerate(counts)]
    if total:
        rows.append(("all", sum(counts), 10.0 * sum(counts)))
    return pd.DataFrame(rows, columns=["band", "exchanges", "required_jpy_mn"])


def shown(counts: list[int], total: bool = True) -> list[bool]:
    return (~suppress(bands(counts, total))["suppressed"]).tolist()


def test_hand_cases() -> None:
    assert shown([5, 8, 10]) == [True, True, True, True]
    # Two exchanges: the total less the others would give them, so the smallest other goes too.
    assert shown([2, 8, 10]) == [False, False, True, True]
    # 2 + 2 = 4 exchanges together: their sum says nothing of either.
    assert shown([2, 2, 10]) == [False, False, True, True]
    # One exchange and empty bands: nothing to hide it with but the total.
    assert shown([1, 0, 0]) == [False, True, True, False]
    # No total row: the others do not reveal it.
    assert shown([2, 8, 10], total=False) == [False, True, True]


def test_values_and_counts_are_blanked_by_group() -> None:
    first = bands([5, 8, 10]).assign(formula="a")
    second = bands([2, 8, 10]).assign(formula="b")
    result = suppress(pd.concat([first, second]), by=("formula",))
    assert result["required_jpy_mn"].isna().tolist() == [*[False] * 4, True, True, False, False]
    assert result["exchanges"].isna().sum() == 2
    assert result["formula"].tolist() == ["a"] * 4 + ["b"] * 4


@given(counts=st.lists(st.integers(0, 12), min_size=1, max_size=6), minimum=st.integers(2, 5))
def test_what_can_be_worked_out_rests_on_enough_exchanges(counts: list[int], minimum: int) -> None:
    result = suppress(bands(counts), minimum)
    hidden = result["suppressed"].to_numpy()
    published = np.array([*counts, sum(counts)])[~hidden]
    assert ((published == 0) | (published >= minimum)).all()
    if not hidden[-1] and hidden.any():
        assert np.array(counts)[hidden[:-1]].sum() >= minimum
        assert hidden[:-1].sum() >= 2


def test_bad_arguments() -> None:
    with pytest.raises(InputError, match="no column 'band'"):
        suppress(pd.DataFrame({"exchanges": [1]}))
    with pytest.raises(InputError, match="minimum_cell = 1"):
        suppress(bands([5]), 1)
