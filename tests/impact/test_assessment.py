"""Official forms are filled from the tables, and bands add up to the industry."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from panels import make_panel, share_of_custody

from analysis.errors import InputError
from analysis.impact.assessment import COLUMNS, NOT_ESTIMATED, assessment
from analysis.impact.evaluate import Impact, evaluate
from analysis.impact.incidence import incidence
from analysis.scenario import Scenario


@cache
def _impact() -> Impact:
    panel = make_panel(draws=4, spread=0.3, imputed=("customer_crypto",))
    formulas = [share_of_custody(0.01, "low"), share_of_custody(0.3, "high")]
    return evaluate(panel, Scenario(), formulas)


def test_every_field_has_a_value_with_a_source_or_a_reason() -> None:
    table = assessment(_impact(), "high")
    assert list(table.columns) == COLUMNS
    assert set(table["form"]) == {"UK", "FCA", "Basel", "Japan"}
    assert not table.duplicated(["form", "field"]).any()
    missing = table["value"] == NOT_ESTIMATED
    assert table.loc[missing, "note"].str.len().gt(0).all()
    assert table.loc[~missing, "source"].str.len().gt(0).all()


def test_named_columns_exist_and_hold_the_value() -> None:
    tables = _impact().tables
    checked = 0
    for row in assessment(_impact(), "high").to_dict("records"):
        source, field = row["source"], row["field"]
        name, _, column = source.partition(".")
        if row["form"] == "Basel" or "," in source or name not in tables or not column:
            continue
        assert column in tables[name], source
        whole = tables[name].set_index("formula")
        if isinstance(row["value"], float) and row["unit"] in {
            "JPY mn",
            "JPY mn per year",
            "ratio",
        }:
            shown = float(whole[column]["high"])
            factor = -1 if field == "Business Net Present Value" else 1
            assert row["value"] == pytest.approx(factor * shown), field
            checked += 1
    assert checked >= 10


def test_forms_agree_where_they_ask_the_same() -> None:
    table = assessment(_impact(), "low").set_index(["form", "field"])["value"]
    assert table["UK", "Net cost to business per year"] == pytest.approx(
        table["Japan", "Compliance cost (junshu hiyo)"]
    )
    assert table["UK", "Organisations in scope by size"] == "2 large, 0 medium, 2 small"
    assert table["Basel", "Institutions in the sample"] == 4


def test_a_formula_that_was_not_evaluated_is_refused() -> None:
    with pytest.raises(InputError, match="give one of: low, high"):
        assessment(_impact(), "other")


def test_bands_add_up_to_the_industry() -> None:
    impact, table = _impact(), incidence(_impact())
    sums = table.groupby("formula", sort=False).sum(numeric_only=True)
    industry = impact.tables["industry"].set_index("formula")
    worth = impact.tables["appraisal"].set_index("formula")
    assert (sums["n_exchanges"] == 4).all()
    for name in ("borne_by_owners_jpy_mn", "borne_by_customers_jpy_mn", "revenue_lost_jpy_mn"):
        np.testing.assert_allclose(sums[name], industry[name])
    for name, column in {
        "benefit_jpy_mn": "annual_benefit_jpy_mn",
        "failures_avoided_jpy_mn": "failures_avoided_jpy_mn",
        "moved_to_customers_jpy_mn": "avoided_loss_jpy_mn",
        "insurers_margin_jpy_mn": "insurers_margin_jpy_mn",
    }.items():
        np.testing.assert_allclose(sums[name], worth[column])
