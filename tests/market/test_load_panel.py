"""A user's panel: round trip, blanks, statuses, and one clear message for each defect."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cross_section import users_panel

from analysis.errors import InputError
from analysis.market import FIELDS, build_panel, load_panel
from analysis.market.load import read_panel
from analysis.scenario import scenario

BASE = scenario({"draws": 4})
CUSTODY = "customer_crypto_jpy_mn"


def saved(table: pd.DataFrame, path: Path) -> Path:
    table.to_csv(path, index=False)
    return path


@pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx"])
def test_round_trip_of_every_format(tmp_path: Path, ending: str) -> None:
    table, path = users_panel(), tmp_path / f"panel.{ending}"
    if ending == "csv":
        table.to_csv(path, index=False)
    elif ending == "xlsx":
        table.to_excel(path, index=False)
    else:
        table.to_parquet(path)
    panel = load_panel(path, BASE)
    assert panel.exchanges == tuple(table["exchange"])
    for name in ("net_assets", "customer_crypto", "operating_revenue"):
        np.testing.assert_allclose(panel[name], [table[f"{name}_jpy_mn"]] * 4)
        assert set(panel.status[name]) == {"observed"}
    assert set(panel.status["hot_share"]) == {"imputed"}
    assert panel.excluded.empty


def test_shipped_panel_survives_a_round_trip(tmp_path: Path) -> None:
    shipped = build_panel(BASE)
    table = pd.DataFrame(
        {field.column: shipped[name][0] for name, field in FIELDS.items()},
        index=pd.Index(shipped.exchanges, name="exchange"),
    )
    for name, field in FIELDS.items():
        table[f"{field.column}_status"] = shipped.status[name]
    panel = load_panel(saved(table.reset_index(), tmp_path / "panel.csv"), BASE)
    for name in FIELDS:
        np.testing.assert_allclose(panel[name][2], shipped[name][0], rtol=1e-9)
    pd.testing.assert_frame_equal(panel.status, shipped.status, check_names=False)


def test_single_blanks_are_imputed_and_arithmetic_comes_first(tmp_path: Path) -> None:
    table = users_panel()
    table.loc[0, CUSTODY] = np.nan
    table.loc[1, "total_assets_jpy_mn"] = np.nan
    table.loc[2, "operating_profit_jpy_mn"] = np.nan
    table.loc[3, ["operating_revenue_jpy_mn", "net_income_jpy_mn"]] = np.nan
    table.loc[4, ["operating_expenses_jpy_mn", "operating_profit_jpy_mn"]] = np.nan
    panel = load_panel(saved(table, tmp_path / "panel.csv"), BASE)
    assert panel.status["customer_crypto"].iloc[0] == "imputed"
    assert panel.status["total_assets"].iloc[1] == "imputed"
    assert panel.status["operating_profit"].iloc[2] == "derived"
    assert panel.status["operating_revenue"].iloc[3] == "derived"
    assert panel.status["net_income"].iloc[3] == "imputed"
    assert panel.status["operating_expenses"].iloc[4] == "imputed"
    np.testing.assert_allclose(
        panel["operating_profit"],
        panel["operating_revenue"] - panel["operating_expenses"],
        atol=0.01,
    )
    assert (panel["net_assets"] <= panel["total_assets"]).all()


def test_profit_alone_ties_drawn_revenue_to_drawn_expenses(tmp_path: Path) -> None:
    table = users_panel()
    table.loc[0, ["operating_revenue_jpy_mn", "operating_expenses_jpy_mn"]] = np.nan
    panel = load_panel(saved(table, tmp_path / "panel.csv"), BASE)
    gap = panel["operating_revenue"] - panel["operating_expenses"] - panel["operating_profit"]
    np.testing.assert_allclose(gap, 0.0, atol=0.01)


def test_printed_volume_is_kept_and_the_rest_goes_to_the_blanks(tmp_path: Path) -> None:
    table = users_panel()
    plain = load_panel(saved(table, tmp_path / "plain.csv"), BASE)
    table["spot_volume_jpy_mn"] = [5e6, *[np.nan] * 11]
    panel = load_panel(saved(table, tmp_path / "panel.csv"), BASE)
    assert (panel["spot_volume"][:, 0] == 5e6).all()
    np.testing.assert_allclose(panel["spot_volume"].sum(axis=1), plain["spot_volume"].sum(axis=1))
    assert panel.status["spot_volume"].tolist() == ["observed", *["imputed"] * 11]


def test_status_columns_and_record_of_known_ids(tmp_path: Path) -> None:
    table = users_panel()
    table.loc[0, "exchange"] = "coincheck"
    table[f"{CUSTODY}_status"] = ["derived", *[""] * 11]
    panel = load_panel(saved(table, tmp_path / "panel.csv"), BASE)
    assert panel.status["customer_crypto"].tolist() == ["derived", *["observed"] * 11]
    assert panel["incident_count"][:, 0].tolist() == [1.0] * 4
    assert panel.status["incident_count"].iloc[1] == "imputed"
    assert panel.status["years_registered"].tolist() == ["derived", *["imputed"] * 11]
    np.testing.assert_allclose(panel["years_registered"], panel["years_registered"][0, 0])


def test_a_part_of_the_industry_must_bring_its_volume(tmp_path: Path) -> None:
    alone = users_panel().assign(spot_volume_jpy_mn=np.nan)
    alone["customer_crypto_jpy_mn"] /= 10
    with pytest.raises(InputError, match="spot_volume_jpy_mn is blank and the panel holds 9%"):
        load_panel(saved(alone, tmp_path / "part.csv"), BASE)
    volumes = [
        FIELDS[name].column for name in FIELDS if name.endswith(("_volume", "_lag1", "_lag2"))
    ]
    brought = alone.assign(**dict.fromkeys(volumes, 1_000.0))
    panel = load_panel(saved(brought, tmp_path / "brought.csv"), BASE)
    assert (panel["spot_volume"] == 1_000).all()


def test_a_panel_in_yen_is_refused(tmp_path: Path) -> None:
    money = users_panel().set_index("exchange") * 1e6
    revenue, expenses = (money[f"operating_{part}_jpy_mn"] for part in ("revenue", "expenses"))
    money["operating_profit_jpy_mn"] = revenue - expenses
    with pytest.raises(InputError, match="give it in JPY million"):
        load_panel(saved(money.reset_index(), tmp_path / "yen.csv"), BASE)


def test_custody_at_the_statement_date_keeps_a_price_fall_out_of_liquid_assets(
    tmp_path: Path,
) -> None:
    fallen = users_panel()
    at_statement = fallen["customer_crypto_jpy_mn"].copy()
    fallen["customer_crypto_jpy_mn"] *= 0.6
    naive = load_panel(saved(fallen, tmp_path / "naive.csv"), BASE)
    fallen["statement_customer_crypto_jpy_mn"] = at_statement
    dated = load_panel(saved(fallen, tmp_path / "dated.csv"), BASE)
    assert (dated["customer_crypto"] == naive["customer_crypto"]).all()
    # The upper bound falls by the 40 % that the naive reading takes for the exchange's own.
    gap = (naive["liquid_assets"] - dated["liquid_assets"]).mean(axis=0).sum()
    assert gap > 0.1 * at_statement.sum()


def edited(**cells: Any) -> pd.DataFrame:
    """A panel with the second exchange's cells changed; text is kept as text."""
    table = users_panel().astype(object)
    for column, value in cells.items():
        table.loc[1, column] = value
    return table


DEFECTS: dict[str, tuple[pd.DataFrame, str]] = {
    "negative custody": (
        edited(**{CUSTODY: -3.0}),
        rf"row 3, column {CUSTODY}: -3 is out of range.*0 or more",
    ),
    "NaN": (edited(**{CUSTODY: "NaN"}), rf"row 3, column {CUSTODY}: 'NaN' is not a finite number"),
    "infinite": (edited(**{CUSTODY: "inf"}), rf"column {CUSTODY}: 'inf' is not a finite number"),
    "text": (edited(**{CUSTODY: "about 5"}), rf"row 3, column {CUSTODY}: 'about 5'"),
    "share above one": (edited(hot_share=1.2), r"row 3, column hot_share: 1.2.*0 to 1"),
    "net above total": (
        edited(net_assets_jpy_mn=9e9),
        r"row 3, column net_assets_jpy_mn: 9e\+09 is above total_assets_jpy_mn",
    ),
    "profit that does not add up": (
        edited(operating_profit_jpy_mn=5.0),
        "row 3, column operating_profit_jpy_mn: 5 is not operating_revenue_jpy_mn less",
    ),
    "missing column": (users_panel().drop(columns=CUSTODY), f"column {CUSTODY}: missing column"),
    "no exchange column": (
        users_panel().drop(columns="exchange"),
        r"column exchange: missing column; .*\(no cell of it may be blank\)",
    ),
    "duplicate exchange": (edited(exchange="exchange_00"), r"row 3.*already in row 2"),
    "blank exchange": (edited(exchange=" "), r"row 3, column exchange: blank"),
    "other unit": (
        users_panel().rename(columns={"net_assets_jpy_mn": "net_assets_jpy_bn"}),
        "column net_assets_jpy_bn: mixed units; .*expected as net_assets_jpy_mn",
    ),
    "unit beside unit": (
        users_panel().assign(net_assets_jpy=1.0),
        "column net_assets_jpy: mixed units",
    ),
    "no unit": (
        users_panel().rename(columns={"net_assets_jpy_mn": "net_assets"}),
        "column net_assets: the unit must be in the name; expected as net_assets_jpy_mn, values in",
    ),
    "share in per cent": (
        users_panel().assign(hot_share_percent=1.0),
        r"column hot_share_percent: mixed units; .*expected as hot_share \(share\)",
    ),
    "unknown column": (
        users_panel().assign(customer_cripto_jpy_mn=1.0),
        f"unknown column; did you mean '{CUSTODY}'",
    ),
    "unknown status": (
        users_panel().assign(hot_share=0.01, hot_share_status="guessed"),
        "column hot_share_status: 'guessed'.*observed, derived, imputed",
    ),
    "empty": (users_panel().head(0), "no row"),
    "too few to impute": (
        users_panel(6).assign(customer_crypto_jpy_mn=np.array([1.0, 2.0, 3.0, *[np.nan] * 3])),
        rf"column {CUSTODY}: 3 cells can be used to impute 3 blanks; allowed: at least 5",
    ),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_each_defect_gives_one_clear_message(tmp_path: Path, defect: str) -> None:
    table, message = DEFECTS[defect]
    with pytest.raises(InputError, match=message) as failure:
        load_panel(saved(table, tmp_path / "panel.csv"), BASE)
    assert "\n" not in str(failure.value)


def test_messages_name_the_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"panel returns\.csv"):
        read_panel(saved(edited(**{CUSTODY: -3.0}), tmp_path / "returns.csv"))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("panel.txt", b"a", "unknown ending '.txt'; allowed: .csv, .parquet, .xlsx"),
        ("panel.csv", b"", "cannot be read"),
        ("panel.csv", b"\xff\xfe\x00\x01", "cannot be read"),
        ("panel.parquet", b"not parquet", "cannot be read"),
        ("panel.xlsx", b"not a workbook", "cannot be read"),
    ],
)
def test_unreadable_files(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_panel(tmp_path / name)


def test_absent_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"panel nowhere\.csv: cannot be read"):
        read_panel(tmp_path / "nowhere.csv")


def test_blank_line_does_not_shift_the_row_in_a_message(tmp_path: Path) -> None:
    path = saved(edited(**{CUSTODY: -3.0}), tmp_path / "panel.csv")
    lines = path.read_text(encoding="utf-8").splitlines()
    lines.insert(1, "")
    path.write_text("\n".join([*lines, "", ""]), encoding="utf-8")
    with pytest.raises(InputError, match="row 4"):
        read_panel(path)
