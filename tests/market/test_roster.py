"""All 26 registered operators are accounted for, with the shipped panel and with a user's."""

from pathlib import Path

import numpy as np
import pandas as pd

from analysis.market import FIELDS, build_panel, load_panel
from analysis.market.assemble import assemble
from analysis.market.load import prepare, read_panel
from analysis.market.roster import NOT_GIVEN, roster, status_grid
from analysis.scenario import scenario


def test_every_operator_of_the_register_has_a_row() -> None:
    chosen = scenario()
    rows = roster(build_panel(chosen), assemble(chosen), chosen.interval)
    assert len(rows) == 26
    assert rows["evaluated"].sum() == 23
    assert set(rows.index[~rows["evaluated"]]) == {"money_partners", "coinbase_kk", "coinhub"}
    assert (rows.loc[~rows["evaluated"], "reason"].str.len() > 10).all()
    assert (rows.loc[rows["evaluated"], "reason"] == "").all()
    assert rows["registration_no"].is_unique
    # bitFlyer, balance sheet of 2025-12-31: customers' crypto-assets of JPY 969,199 mn.
    assert rows.loc["bitflyer", "reported_jpy_mn"] == 969_199
    assert rows.loc["bitflyer", "reported_on"] == "2025-12-31"
    assert np.isnan(rows["reported_jpy_mn"]["binance_japan"])
    assert rows.loc["binance_japan", "reported_on"] == ""
    evaluated = rows[rows["evaluated"]]
    assert (evaluated["low_jpy_mn"] <= evaluated["base_jpy_mn"]).all()
    assert evaluated["base_jpy_mn"].is_monotonic_decreasing


def test_grid_has_a_status_in_every_cell() -> None:
    panel = build_panel(scenario())
    grid = status_grid(panel)
    assert grid.shape == (26, len(FIELDS))
    missing = (grid == "missing").all(axis=1)
    assert missing.sum() == 3
    assert grid[~missing].isin(["observed", "derived", "imputed"]).all(axis=None)


def test_a_users_panel_leaves_the_rest_of_the_register_out(tmp_path: Path) -> None:
    chosen = scenario({"draws": 5})
    path = tmp_path / "own.csv"
    needed = {field.column: [100.0, 200.0] for field in FIELDS.values() if field.required}
    own = pd.DataFrame({"exchange": ["bitflyer", "newcomer"]} | needed)
    own["total_assets_jpy_mn"] = [1000.0, 2000.0]
    own["operating_profit_jpy_mn"] = 0.0
    for name in (name for name in FIELDS if "volume" in name):
        own[FIELDS[name].column] = [500.0, 900.0]
    own.to_csv(path, index=False)
    panel, table = load_panel(path, chosen), prepare(read_panel(path), chosen)
    rows = roster(panel, table, chosen.interval)
    assert list(rows.index[:2]) == ["newcomer", "bitflyer"]
    assert rows.loc["newcomer", "name"] == "newcomer"
    assert (rows["reason"] == NOT_GIVEN).sum() == 25
    assert len(status_grid(panel)) == 27
    assert rows["reported_jpy_mn"].isna().all()
