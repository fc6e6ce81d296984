"""Every column of every table is described once, and nothing else is."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from frictionless import Package
from panels import make_panel, share_of_custody

from analysis.impact.columns import COLUMNS, TABLES
from analysis.impact.evaluate import Impact, evaluate
from analysis.impact.package import PACKAGE, package
from analysis.impact.tables import write_tables
from analysis.scenario import Scenario


@cache
def _impact(*, other_duties: bool = True) -> Impact:
    panel = make_panel(draws=4, spread=0.5, imputed=("customer_crypto",))
    chosen = Scenario(include_other_duties=other_duties, interval=0.8)
    return evaluate(panel, chosen, [share_of_custody(0.3, "b"), share_of_custody(0.01, "a")])


def test_what_is_described_is_what_is_written() -> None:
    tables = _impact().tables
    assert set(tables) == set(TABLES)
    assert {column for table in tables.values() for column in table} == set(COLUMNS)


def test_the_unit_in_a_name_is_the_unit_of_the_column() -> None:
    for name, column in COLUMNS.items():
        assert name.endswith("_jpy_mn") == column.unit.startswith("JPY mn"), name
        if "share" in name or "probability" in name:
            assert column.unit == "fraction", name
    for table in _impact().tables.values():
        for name in table.columns:
            if COLUMNS[name].unit == "fraction" and "probability" in name:
                assert table[name].between(0, 1).all()


@pytest.mark.parametrize("other_duties", [True, False])
def test_written_tables_fit_their_description(tmp_path: Path, other_duties: bool) -> None:
    written = write_tables(_impact(other_duties=other_duties), tmp_path)
    assert written[-1] == tmp_path / PACKAGE
    report = Package(str(tmp_path / PACKAGE)).validate()
    assert report.valid, report.flatten(["title", "note"])
    assert {path.name for path in tmp_path.iterdir()} == {f"{name}.csv" for name in TABLES} | {
        PACKAGE
    }


def test_the_description_follows_the_tables_types_and_the_interval() -> None:
    described = package(_impact().tables, _impact().scenario.interval)
    assert "low and high bound 80% of the data sets" in described["description"]
    fields = {
        (table["name"], field["name"]): field
        for table in described["resources"]
        for field in table["schema"]["fields"]
    }
    types = {key: field["type"] for key, field in fields.items()}
    assert types["liquidity", "fundable"] == "boolean"
    assert types["cost_path", "year"] == "integer"
    assert types["reserves", "formula"] == "string"
    assert types["reserves", "required_jpy_mn"] == "number"
    low = fields["reserves", "required_low_jpy_mn"]
    assert low["description"] == "Lower bound of required_jpy_mn over the data sets"
    assert low["unit"] == "JPY mn"


def test_the_key_of_a_table_tells_its_rows_apart() -> None:
    for name, table in _impact().tables.items():
        assert not table.duplicated(list(TABLES[name].key)).any(), name


def test_a_column_in_two_tables_is_the_same_figure() -> None:
    # Sums over exchanges of the table by exchange are the industry's, and a year of the path that
    # lies after the phase-in is the complete reserve.
    tables = _impact().tables
    industry = tables["industry"].set_index("formula")
    for name in ("required_jpy_mn", "annual_cost_jpy_mn", "shortfall_jpy_mn"):
        source = next(t for t in ("reserves", "compliance_cost", "liquidity") if name in tables[t])
        sums = tables[source].groupby("formula")[name].sum()
        pd.testing.assert_series_equal(sums, industry[name], check_like=True, rtol=1e-9)
    path = tables["liquidity_path"].query("year == 10").set_index("formula")
    for name in ("cash_jpy_mn", "insured_jpy_mn", "unfunded_jpy_mn", "exchanges_short"):
        pd.testing.assert_series_equal(path[name], industry[name], check_like=True, rtol=1e-9)


def test_the_file_is_plain_json(tmp_path: Path) -> None:
    write_tables(_impact(), tmp_path)
    text = (tmp_path / PACKAGE).read_text(encoding="utf-8")
    assert json.loads(text) == package(_impact().tables, 0.8)
    assert text.endswith("}\n")
