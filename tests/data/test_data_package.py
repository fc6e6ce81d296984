"""The data package as a whole: schema, sources, names, and nothing that must not be shipped."""

from __future__ import annotations

import csv
import json
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from frictionless import Package

from analysis import data
from analysis.scenario import Scenario

PACKAGE: dict[str, Any] = json.loads((data.DATA / "datapackage.json").read_text(encoding="utf-8"))
RESOURCES: dict[str, dict[str, Any]] = {r["name"]: r for r in PACKAGE["resources"]}
WITH_SOURCE = sorted(
    name
    for name, resource in RESOURCES.items()
    if any(field["name"] == "source_address" for field in resource["schema"]["fields"])
)
# The association forbids redistribution of its table: more than this share of its 95 months by
# 19 columns would be a copy of it, not single figures.
TABLE_SHARE = 0.10


def rows(name: str) -> list[dict[str, str]]:
    with (data.DATA / RESOURCES[name]["path"]).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_package_is_valid() -> None:
    # Types, required cells, ranges, enumerations, primary and foreign keys, all at once.
    report = Package(str(data.DATA / "datapackage.json")).validate()
    assert report.valid, report.flatten(["title", "rowNumber", "fieldName", "message"])[:10]


def test_every_table_is_listed_and_every_listed_table_exists() -> None:
    found = {path.relative_to(data.DATA).as_posix() for path in data.DATA.rglob("*.csv")}
    assert found == {resource["path"] for resource in RESOURCES.values()}


@pytest.mark.parametrize("name", sorted(RESOURCES))
def test_every_column_says_what_it_is_and_in_which_unit(name: str) -> None:
    schema = RESOURCES[name]["schema"]
    assert schema["primaryKey"]
    assert RESOURCES[name]["licenses"]
    for field in schema["fields"]:
        assert len(field["description"]) > 3, field["name"]
        assert field["unit"], field["name"]


def test_every_table_names_its_sources() -> None:
    # Prices and yields point to market/price_sources instead of repeating the address 1,867 times.
    assert set(RESOURCES) - set(WITH_SOURCE) == {"market/prices_monthly", "market/yields_monthly"}
    used = {
        r["source_id"] for n in ("prices_monthly", "yields_monthly") for r in rows(f"market/{n}")
    }
    assert used == {r["source_id"] for r in rows("market/price_sources")}


@pytest.mark.parametrize("name", WITH_SOURCE)
def test_addresses_are_well_formed(name: str) -> None:
    columns = [c for c in rows(name)[0] if c.endswith("address")]
    for row in rows(name):
        assert row["source_address"], row
        for address in (a for c in columns for a in row[c].split("; ") if a):
            parts = urlsplit(address)
            assert parts.scheme in {"http", "https"}, address
            assert re.fullmatch(r"[\w-]+(\.[\w-]+)+", parts.netloc, re.ASCII), address
            assert address.isascii(), address
            assert " " not in address, address


@pytest.mark.parametrize("name", WITH_SOURCE)
def test_rows_carry_date_and_grade_of_their_source(name: str) -> None:
    if name == "market/price_sources":  # a list of sources, graded by `quality`
        assert all(row["quality"] for row in rows(name))
        return
    for row in rows(name):
        assert row["source_title"], row
        assert row["source_date"], row
        assert row["confidence"], row


def test_derived_balances_say_how_and_doubtful_rows_say_why() -> None:
    for row in rows("market/balances"):
        assert bool(row["derivation"]) == (row["status"] == "derived"), row
    for name in WITH_SOURCE:
        for row in rows(name):
            if RESOURCES[name]["path"].startswith("market/") and row.get("confidence") == "low":
                assert row["note"], row


def test_the_association_s_table_is_not_redistributed() -> None:
    cells = [r for r in rows("market/industry_monthly") if r["period_type"] == "month"]
    assert len(cells) < TABLE_SHARE * 95 * 19


@pytest.mark.parametrize("name", ["parameters/cost", "parameters/insurance"])
def test_evidence_supports_parameters_that_exist(name: str) -> None:
    supported = {row["supports"] for row in rows(name)} - {""}
    assert supported
    assert supported <= set(Scenario.model_fields)
    for row in rows(name):
        assert row["value"] or row["low"] or row["high"], row


def test_every_correction_of_the_readme_names_a_table_that_exists() -> None:
    text = (data.DATA / "README.md").read_text(encoding="utf-8")
    for table in set(re.findall(r"`((?:market|rules|parameters|losses)/[a-z_]+)`", text)):
        assert table in RESOURCES, table
    assert all(f"`{name}`" in text for name in RESOURCES)
