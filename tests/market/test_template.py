"""The file to start a panel from: what is known, labelled as such, accepted as it is written."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.market import FIELDS, Panel, build_panel, load_panel
from analysis.market.template import write_template
from analysis.scenario import scenario

BASE = scenario({"draws": 4})


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "panel.csv"
    write_template(path, BASE)
    return path


@pytest.fixture(scope="module")
def loaded(written: Path) -> Panel:
    return load_panel(written, BASE)


def test_the_template_is_the_shipped_panel_with_the_same_labels(loaded: Panel) -> None:
    shipped = build_panel(BASE)
    assert loaded.exchanges == shipped.exchanges
    pd.testing.assert_frame_equal(loaded.status, shipped.status, check_names=False)
    for name in FIELDS:
        printed = (shipped.status[name] == "observed").to_numpy()
        np.testing.assert_array_equal(loaded[name][:, printed], shipped[name][:, printed])


def test_a_derived_figure_is_kept_to_two_decimals_and_not_called_observed(written: Path) -> None:
    row = pd.read_csv(written).set_index("exchange").loc["bitbank"]
    # 514,791 printed at 2025-12-31; custody at the base month is that, times the index since.
    assert row["statement_customer_crypto_jpy_mn"] == 514_791
    assert row["customer_crypto_jpy_mn_status"] == "derived"
    assert row["customer_crypto_jpy_mn"] == round(row["customer_crypto_jpy_mn"], 2)


def test_what_nobody_printed_is_blank(written: Path) -> None:
    table = pd.read_csv(written)
    assert table[["hot_share", "liquid_assets_jpy_mn", "spot_volume_jpy_mn"]].isna().all(axis=None)
    assert table["net_assets_jpy_mn"].notna().all()


def test_a_file_that_exists_is_left_as_it_is(tmp_path: Path) -> None:
    mine = tmp_path / "mine.csv"
    mine.write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="exists and is left as it is"):
        write_template(mine, BASE)
    assert mine.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("name", "complaint"),
    [("panel.xlsx", r"a name ending in \.csv"), ("nowhere/panel.csv", "cannot be written")],
)
def test_other_endings_and_absent_folders(tmp_path: Path, name: str, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        write_template(tmp_path / name, BASE)
    assert list(tmp_path.iterdir()) == []
