"""Crypto that an exchange holds but owes: from balances to panel, in a file of one's own."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cross_section import users_panel

from analysis.errors import InputError
from analysis.market import build_panel, load_panel
from analysis.market.assemble import assemble
from analysis.market.load import prepare, read_panel
from analysis.market.template import write_template
from analysis.scenario import scenario

BASE = scenario({"draws": 4})


def _saved(table: pd.DataFrame, path: Path) -> Path:
    table.to_csv(path, index=False)
    return path


def test_own_crypto_above_net_assets_is_owed() -> None:
    table = assemble(scenario())
    owed = table["statement_crypto_owed_jpy_mn"].to_dict()
    # bitbank 2025-12-31: own crypto 20,963, net assets 12,775
    assert owed["bitbank"] == pytest.approx(20_963 - 12_775)
    # Coincheck 2025-03-31 prints what it borrowed; SBI VC Trade's own crypto is within net assets
    assert owed["coincheck"] == 44_479
    assert owed["sbi_vc_trade"] == 0
    # The seven that data/README names, less Coincheck 2022.
    assert {name for name, value in owed.items() if value > 0} == {
        *("bitbank", "bittrade", "btcbox", "gmo_coin", "hashkey_japan", "okcoin_japan"),
        "coincheck",
    }


def test_owed_crypto_is_rolled_as_customers_crypto_is() -> None:
    panel = build_panel(scenario({"draws": 20}))
    here = panel.exchanges.index("coincheck")
    # Both printed at 2025-03-31: 44,479 borrowed, customers' 776,234; one ratio in every draw.
    ratio = panel["crypto_owed"][:, here] / panel["customer_crypto"][:, here]
    np.testing.assert_allclose(ratio, 44_479 / 776_234)
    assert panel.status.loc["coincheck", "crypto_owed"] == "derived"
    method = panel.method["crypto_owed"].to_dict()
    assert method["coincheck"] == (
        "printed as borrowed at 2025-03-31, times the industry's customer crypto since then"
    )
    assert "own crypto above net assets" in method["bitbank"]
    assert panel.status.loc["sbi_vc_trade", "crypto_owed"] == "imputed"
    assert (panel["crypto_owed"][:, panel.exchanges.index("sbi_vc_trade")] == 0).all()


def test_owed_crypto_of_a_statement_at_the_base_month() -> None:
    table = assemble(scenario({"base_month": "2025-03"}))
    # Printed as borrowed, and nothing to roll; BTCBOX: own crypto 698.658 less net assets 677.
    assert table.loc["coincheck", "crypto_owed_jpy_mn"] == 44_479
    assert table.loc["coincheck", "crypto_owed_jpy_mn_status"] == "observed"
    assert table.loc["coincheck", "crypto_owed_jpy_mn_method"] == ""
    assert table.loc["btcbox", "crypto_owed_jpy_mn"] == pytest.approx(21.658)
    assert table.loc["btcbox", "crypto_owed_jpy_mn_status"] == "derived"
    assert table.loc["btcbox", "crypto_owed_jpy_mn_method"] == (
        "own crypto above net assets at 2025-03-31"
    )


def test_owed_crypto_of_a_users_panel(tmp_path: Path) -> None:
    table = users_panel()
    table["crypto_owed_jpy_mn"] = [300.0, 0.0, *[np.nan] * 10]
    panel = load_panel(_saved(table, tmp_path / "panel.csv"), BASE)
    assert panel["crypto_owed"][0].tolist() == [300.0, *[0.0] * 11]
    assert panel.status["crypto_owed"].tolist() == ["observed"] * 2 + ["imputed"] * 10
    assert "taken as none" in panel.method["crypto_owed"].iloc[2]
    # Customer crypto twice as large at the statement as at the base date: so was what is owed,
    # and it leaves the upper bound of liquid assets.
    table["statement_customer_crypto_jpy_mn"] = 2 * table["customer_crypto_jpy_mn"]
    then = prepare(read_panel(_saved(table, tmp_path / "other.csv")), BASE)
    assert then["statement_crypto_owed_jpy_mn"].tolist() == [600.0, *[0.0] * 11]


def test_negative_owed_crypto_is_refused(tmp_path: Path) -> None:
    table = users_panel().assign(crypto_owed_jpy_mn=[5.0, -1.0, *[np.nan] * 10])
    with pytest.raises(InputError, match=r"row 3, column crypto_owed_jpy_mn: -1 .*0 or more"):
        load_panel(_saved(table, tmp_path / "panel.csv"), BASE)


def test_owed_crypto_of_the_template_is_that_of_the_shipped_table(tmp_path: Path) -> None:
    # Rolled by the same factor as customer crypto, so the statement's figure comes back.
    written = tmp_path / "panel.csv"
    write_template(written, BASE)
    known, again = assemble(BASE), prepare(read_panel(written), BASE)
    for name in ("coincheck", "bitbank"):
        then = known.loc[name, "statement_crypto_owed_jpy_mn"]
        assert again.loc[name, "statement_crypto_owed_jpy_mn"] == pytest.approx(then, abs=0.1)
    assert pd.read_csv(written).set_index("exchange")["crypto_owed_jpy_mn"].count() == 7
