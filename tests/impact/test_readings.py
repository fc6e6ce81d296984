"""Every reading of the law is run; the scenario's own reading gives evaluate's numbers."""

import pytest
from panels import make_panel

from analysis.impact.evaluate import evaluate
from analysis.impact.readings import readings
from analysis.scenario import scenario


def test_six_readings_of_every_formula() -> None:
    panel, chosen = make_panel(), scenario({"formula": "fiea_turnover,custody_share_korea"})
    table = readings(panel, chosen)
    assert len(table) == 2 * 3 * 2
    own = evaluate(panel, chosen).tables["industry"].set_index("formula")["required_jpy_mn"]
    baseline = table.query("trading_value_reading == 'spot' and custody_reading == 'gross'")
    read = baseline.set_index("formula")["required_jpy_mn"]
    assert read.to_dict() == pytest.approx(own.to_dict())


def test_a_wider_base_never_asks_for_less() -> None:
    table = readings(
        make_panel(), scenario({"formula": "fiea_turnover,custody_share_thailand_2020"})
    )
    keys = ["formula", "trading_value_reading", "custody_reading"]
    amount = table.set_index(keys)["required_jpy_mn"].to_dict()
    trades = ("order_book", "spot", "spot_and_margin")
    narrow, middle, broad = (amount["fiea_turnover", trade, "gross"] for trade in trades)
    assert narrow < middle < broad
    thailand = "custody_share_thailand_2020"
    gap = amount[thailand, "spot", "gross"] - amount[thailand, "spot", "net_of_matched"]
    # 5 % of hot custody goes: 0.05 x (0.04 x 1,000,000 + 0.02 x 100,000 + 0.05 x 600) = 2,101.5
    assert gap == pytest.approx(2101.5)
