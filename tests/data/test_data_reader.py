"""Reading a table: types, blanks, copies, hashes and errors."""

from __future__ import annotations

import hashlib

import pandas as pd
import pytest

from analysis import data
from analysis.errors import InputError


@pytest.mark.parametrize("name", data.package())
def test_every_table_reads_with_the_types_of_its_schema(name: str) -> None:
    table = data.read(name)
    kinds = dict(zip(data.fields(name)["name"], data.fields(name)["type"], strict=True))
    assert list(table.columns) == list(kinds)
    assert len(table) > 0
    check = {
        "string": pd.api.types.is_string_dtype,
        "number": pd.api.types.is_float_dtype,
        "integer": pd.api.types.is_integer_dtype,
        "boolean": pd.api.types.is_bool_dtype,
        "date": pd.api.types.is_datetime64_any_dtype,
        "datetime": pd.api.types.is_datetime64_any_dtype,
    }
    for column, kind in kinds.items():
        assert check[kind](table[column]), (column, table[column].dtype)


def test_a_blank_is_missing_and_a_printed_zero_is_zero() -> None:
    years = data.read("market/firm_years")
    # Net assets of bitbank in 2022 are not transcribed; Mercoin had no revenue before its launch.
    bitbank = years[(years["exchange"] == "bitbank") & (years["fiscal_year_end"] == "2022-12-31")]
    mercoin = years[(years["exchange"] == "mercoin") & (years["fiscal_year_end"] == "2022-06-30")]
    assert bitbank["net_assets_jpy_mn"].isna().tolist() == [True]
    assert mercoin["operating_revenue_jpy_mn"].tolist() == [0]


def test_a_change_to_a_copy_does_not_reach_the_next_reader() -> None:
    first = data.read("market/coin_mix")
    first.loc[:, "share"] = 0.0
    assert data.read("market/coin_mix")["share"].sum() > 1


def test_an_unknown_table_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(InputError, match=r"'market/firm_year'; .* 'market/firm_years'"):
        data.read("market/firm_year")
    with pytest.raises(InputError, match="market/operators"):
        data.read("zzz")
    with pytest.raises(InputError, match="unknown table"):
        data.fields("market/nothing")


def test_hashes_bind_every_file_by_relative_name() -> None:
    hashes = data.hashes()
    assert {"datapackage.json", "README.md", "market/operators.csv"} <= set(hashes)
    content = (data.DATA / "market/operators.csv").read_bytes()
    assert hashes["market/operators.csv"] == hashlib.sha256(content).hexdigest()
    assert all(not name.startswith("/") and len(value) == 64 for name, value in hashes.items())
    with pytest.raises(InputError, match=r"no file 'market/none\.csv'"):
        data.sha256("market/none.csv")
