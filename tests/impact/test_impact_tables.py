"""The tables' columns, order and form on disk."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from panels import EXCHANGES, make_panel, share_of_custody

from analysis.impact.evaluate import Impact, evaluate
from analysis.impact.industry import accounts
from analysis.impact.tables import write_tables
from analysis.scenario import Scenario

FIRST_COLUMNS = {
    "reserves": [
        "formula",
        "exchange",
        "required_jpy_mn",
        "required_low_jpy_mn",
        "required_high_jpy_mn",
        "share_of_custody",
        "share_of_net_assets",
        "imputed_share",
    ],
    "compliance_cost": [
        "formula",
        "exchange",
        "cash_jpy_mn",
        "insured_jpy_mn",
        "annual_cost_jpy_mn",
        "low",
        "high",
        "share_of_revenue",
        "bp_of_volume",
    ],
    "liquidity": [
        "formula",
        "exchange",
        "locked_jpy_mn",
        "share_of_liquid_assets",
        "share_of_net_assets",
        "shortfall_jpy_mn",
        "fundable",
    ],
}


def _impact() -> Impact:
    panel = make_panel(draws=4, spread=0.5, imputed=("customer_crypto",))
    return evaluate(panel, Scenario(), [share_of_custody(0.3, "b"), share_of_custody(0.01, "a")])


@pytest.mark.parametrize("name", FIRST_COLUMNS)
def test_promised_columns(name: str) -> None:
    table = _impact().tables[name]
    assert set(FIRST_COLUMNS[name]) <= set(table.columns)
    assert not table.columns.has_duplicates


def test_rows_keep_the_order_of_formulas_and_exchanges() -> None:
    tables = _impact().tables
    expected = [(formula, exchange) for formula in ("b", "a") for exchange in EXCHANGES]
    for name in FIRST_COLUMNS:
        assert list(tables[name][["formula", "exchange"]].itertuples(index=False)) == expected
    for name in ("industry", "size_bands", "cost_path", "liquidity_path"):
        assert list(tables[name]["formula"].unique()) == ["b", "a"]
    years = tables["cost_path"]["year"]
    assert years.tolist() == list(range(1, 11)) * 2


def test_written_tables_are_the_same_bytes_and_read_back(tmp_path: Path) -> None:
    first = write_tables(_impact(), tmp_path / "one")
    second = write_tables(_impact(), tmp_path / "two")
    assert [path.name for path in first] == [path.name for path in second]
    for left, right in zip(first, second, strict=True):
        assert left.read_bytes() == right.read_bytes()
        assert b"\r" not in left.read_bytes()
        assert b"e+" not in left.read_bytes()
    back = pd.read_csv(tmp_path / "one" / "industry.csv")
    pd.testing.assert_frame_equal(back, _impact().tables["industry"], rtol=1e-5, check_dtype=False)


def test_six_significant_digits_and_blanks(tmp_path: Path) -> None:
    write_tables(_impact(), tmp_path)
    text = (tmp_path / "reserves.csv").read_text(encoding="utf-8").splitlines()
    # 30 % of a mean custody of 1,000,000; low and high are the 5 % and 95 % quantiles of the draws
    # 150,000, 250,000, 350,000, 450,000: 150,000 + 0.15 x 100,000 and 450,000 - 15,000.
    assert text[1].split(",")[:5] == ["b", "large", "300000", "165000", "435000"]
    cost = pd.read_csv(tmp_path / "compliance_cost.csv", dtype=str, keep_default_na=False)
    assert (cost["other_duties_annual_cost_jpy_mn"] == "").all()


def test_accounts_are_the_last_known_at_or_before_the_month() -> None:
    # JVCEA, July 2026: 14,280,598 accounts; June: 14,443,385.
    assert accounts(Scenario(base_month="2026-07")) == 14_280_598
    assert accounts(Scenario(base_month="2026-06")) == 14_443_385
    assert accounts(Scenario(base_month="2026-08")) == 14_280_598
    assert pd.isna(accounts(Scenario(base_month="2018-08")))
