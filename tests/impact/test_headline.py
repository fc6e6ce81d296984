"""Headlines repeat the industry table, and compare formulas only where there are two."""

import pandas as pd
import pytest

from analysis.impact.headline import COLUMNS, headline

INDUSTRY = pd.DataFrame(
    {
        "formula": ["small", "large"],
        "required_jpy_mn": [1_000.0, 50_000.0],
        "required_low_jpy_mn": [900.0, 45_000.0],
        "required_high_jpy_mn": [1_100.0, 60_000.0],
        "annual_cost_jpy_mn": [90.0, 4_500.0],
        "annual_cost_low_jpy_mn": [80.0, 4_000.0],
        "annual_cost_high_jpy_mn": [100.0, 5_000.0],
        "share_of_revenue": [0.001, 0.06],
        "share_of_revenue_low": [0.001, 0.05],
        "share_of_revenue_high": [0.002, 0.07],
        "exchanges_short": [3.5, 13.0],
        "exchanges_short_low": [2.0, 12.0],
        "exchanges_short_high": [5.0, 14.0],
    }
)


def test_every_value_stands_in_the_industry_table() -> None:
    table = headline(INDUSTRY)
    assert list(table.columns) == COLUMNS
    rows = {row.id: row for row in table.itertuples()}
    large = rows["required.large"]
    assert (large.value, large.low, large.high) == (50e3, 45e3, 60e3)
    assert rows["exchanges_short.small"].value == 3.5
    assert "(large)" in str(rows["span.largest"].statement)


def test_the_span_is_the_largest_over_the_smallest() -> None:
    values = headline(INDUSTRY).set_index("id")["value"].to_dict()
    assert values["span.ratio"] == pytest.approx(50.0)


def test_one_formula_has_no_span_and_zero_is_no_smallest() -> None:
    assert not headline(INDUSTRY.head(1))["id"].str.startswith("span").any()
    zero = INDUSTRY.assign(required_jpy_mn=[0.0, 50_000.0])
    assert not headline(zero)["id"].str.startswith("span").any()
