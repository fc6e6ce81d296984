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
PROTECTION = pd.DataFrame(
    {
        "formula": ["small", "small", "large", "large"],
        "exchange": ["one", "two"] * 2,
        "coverage_given_loss": [0.1, 0.5, 0.9, 1.0],
        "expected_loss_jpy_mn": [300.0, 100.0, 300.0, 100.0],
    }
)
APPRAISAL = pd.DataFrame(
    {
        "formula": ["small", "large"],
        **{
            f"{stem}{bound}{unit}": values
            for stem, unit, values in (
                ("expected_loss", "_jpy_mn", [400.0, 400.0]),
                ("avoided_loss", "_jpy_mn", [3.0, 60.0]),
                ("benefit_cost_ratio", "", [0.03, 0.01]),
                ("benefit_cost_ratio_with_failures", "", [1.5, 0.4]),
                ("npv", "_jpy_mn", [-800.0, -9_000.0]),
            )
            for bound in ("", "_low", "_high")
        },
    }
)
MARKET = pd.DataFrame(
    {
        "formula": ["small", "large"],
        **{f"baseline_exits{bound}": [2.5, 2.5] for bound in ("", "_low", "_high")},
        "added_exits": [0.1, 4.0],
        "added_exits_low": [0.0, 3.0],
        "added_exits_high": [0.2, 5.0],
        "expected_exits": [2.6, 6.5],
        "number_low": [0.0, 3.0],
        "number_high": [6.0, 10.0],
        "baseline_number_low": [0.0, 0.0],
        "baseline_number_high": [5.0, 5.0],
    }
)


def _headline(industry: pd.DataFrame = INDUSTRY) -> pd.DataFrame:
    worth, left = (
        table[table["formula"].isin(industry["formula"])] for table in (APPRAISAL, MARKET)
    )
    return headline(industry, PROTECTION, worth, left)


def test_coverage_is_weighted_by_expected_loss_and_worth_is_that_of_the_appraisal() -> None:
    rows = _headline().set_index("id")
    # (300 x 0.1 + 100 x 0.5) / 400 and (300 x 0.9 + 100 x 1.0) / 400
    assert rows.loc["coverage_given_loss.small", "value"] == pytest.approx(0.2)
    assert rows.loc["coverage_given_loss.large", "value"] == pytest.approx(0.925)
    assert rows.loc["coverage_given_loss.large", ["low", "high"]].isna().all()
    assert rows.loc["expected_loss", "value"] == 400
    assert rows.loc["npv.large", "value"] == -9_000
    assert rows.loc["benefit_cost_ratio_with_failures.small", "value"] == 1.5


def test_exits_are_those_without_a_rule_and_what_each_formula_adds() -> None:
    rows = _headline().set_index("id")
    assert rows.loc["exits.without", "value"] == 2.5
    assert list(rows.loc["exits.added.large", ["value", "low", "high"]]) == [4.0, 3.0, 5.0]
    # The number has bounds of its own, and every statement says which they are.
    assert list(rows.loc["exits.number.large", ["value", "low", "high"]]) == [6.5, 3.0, 10.0]
    assert list(rows.loc["exits.number.without", ["value", "low", "high"]]) == [2.5, 0.0, 5.0]
    exits = rows[rows.index.str.startswith("exits.")]
    assert exits["statement"].str.contains("; bounds: of the ").all()
    number = exits["statement"].str.contains("of the number")
    assert (number == exits.index.str.contains("number")).all()


def test_every_value_stands_in_the_industry_table() -> None:
    table = _headline()
    assert list(table.columns) == COLUMNS
    rows = {row.id: row for row in table.itertuples()}
    large = rows["required.large"]
    assert (large.value, large.low, large.high) == (50e3, 45e3, 60e3)
    assert rows["exchanges_short.small"].value == 3.5
    assert "(large)" in str(rows["span.largest"].statement)


def test_the_span_is_the_largest_over_the_smallest() -> None:
    values = _headline().set_index("id")["value"].to_dict()
    assert values["span.ratio"] == pytest.approx(50.0)


def test_one_formula_has_no_span_and_zero_is_no_smallest() -> None:
    assert not _headline(INDUSTRY.head(1))["id"].str.startswith("span").any()
    zero = INDUSTRY.assign(required_jpy_mn=[0.0, 50_000.0])
    assert not _headline(zero)["id"].str.startswith("span").any()
