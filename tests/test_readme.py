"""The README tells the truth: its figures are the library's, its picture is the page's."""

import base64
import re
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from scipy.stats import poisson

from analysis import build_panel, evaluate, load_panel, scenario
from analysis.impact import Impact
from analysis.impact.columns import COLUMNS
from analysis.impact.protection_cases import own_money
from analysis.losses.exceedance import return_level, return_levels
from analysis.losses.exposure import FIRST_DAY, REGISTER_DAY
from analysis.losses.loss_sensitivity import expected_by_reach, reach_sensitivity
from analysis.losses.model import annual_loss
from analysis.market.template import write_template
from analysis.report import between, share, yen
from analysis.rules import candidates, catalogue
from analysis.scenario import changed
from analysis.study import cli
from analysis.study.parameters import from_pairs
from analysis.study.sweep_page import PARAMETERS

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def _quoted() -> dict[str, str]:
    chosen = scenario()
    panel = build_panel(chosen)
    industry = evaluate(panel, chosen).tables["industry"].set_index("formula")
    required, cost = industry["required_jpy_mn"], industry["annual_cost_jpy_mn"]
    before = industry["exchanges_without_free_assets"].iloc[0]
    return (
        {
            "smallest": yen(required["fiea_turnover"], 2),
            "largest": yen(required["custody_share_hong_kong"], 3),
            "ratio": f"a factor of {required.max() / required.min():.0f}",
            "net assets": yen(panel["net_assets"].mean(axis=0).sum()),
            "cheapest": yen(cost.min(), 2),
            "dearest": yen(cost.max(), 3),
            "short before": f"about {before:.0f} (mean over the data sets)",
            "small": f"{(panel['net_assets'].mean(axis=0) < 2000).sum()} of the 23",
            "evaluated": f"{len(panel.exchanges)} of 26 registered",
            "candidates": f"{len(catalogue(chosen))} candidate formulas",
        }
        | _bought(evaluate(panel, chosen))
        | _exits(evaluate(panel, chosen).tables["market"])
    )


def _bought(impact: Impact) -> dict[str, str]:
    """What the README says of losses, protection and worth."""
    expected, formulas = impact.industry_loss.mean.mean(), impact.tables["industry"]["formula"]
    open_part = impact.tables["protection"].groupby("formula")["expected_uncovered_loss_jpy_mn"]
    paid = 1 - open_part.sum() / expected
    replayed = impact.tables["replay"].query("incident == 'dmm_bitcoin_2024_05'")
    ratio = impact.tables["appraisal"]["benefit_cost_ratio"]
    rare = return_level(impact.industry_loss, 0.01)[0]
    low, high = np.quantile(impact.industry_loss.mean, [0.05, 0.95])
    full = int((replayed["low"] >= 1).sum())
    single = np.quantile(return_levels(impact.industry_loss, 0.01), [0.05, 0.95])
    owned = own_money(impact)["paid_share_own"]
    return {
        "expected": f"customers lose {yen(expected, 2)} in a year",
        "range": f"({yen(low, 2)} to {yen(high, 2)} over the data sets)",
        "rare": f"{yen(rare, 2)} or more in one of a hundred",
        "in single data sets": f"{between(*single)} in single data sets",
        "paid": f"between {100 * owned.min():.0f} % and {100 * owned.max():.0f} % if cash cannot",
        "paid with new money": f"{100 * paid.max():.0f} % only with money that does not exist",
        "dmm": f"paid in full for certain by {full} of the {len(formulas)}",
        "ratio of benefits": f"{ratio.min():.3f} to {ratio.max():.2f} of the cost",
    } | _choices(impact)


def _choices(impact: Impact) -> dict[str, str]:
    """What the README says of choices of the loss model, and of its tension with the record."""
    values, chosen = impact.panel.values, impact.scenario
    readings = reach_sensitivity(values, chosen, 0.9)["expected_jpy_mn"]
    ends = expected_by_reach(values, chosen, np.array([0.0, 1.0])).mean(axis=-1)
    excluded = annual_loss(values, chosen.with_(operational_losses="excluded"))
    thefts = excluded.mean.sum(axis=-1).mean()
    below = impact.industry_loss.cdf(np.array([[48_200.0]]))[0]
    years = (REGISTER_DAY - FIRST_DAY).days / 365.25
    twice = float(poisson.sf(1, -years * np.log(below)).mean())
    return {
        "readings": f"readings of the record: {between(readings.min(), readings.max())}",
        "never and always": f"nobody observed: {between(*ends)}",
        "thefts": f"thefts alone {yen(thefts)}",
        "two large losses": f"a chance of {share(twice)}",
    }


def _exits(market: pd.DataFrame) -> dict[str, str]:
    """What the README says of exits."""
    added = market.set_index("formula").filter(like="added_exits")
    whole = market.filter(like="baseline_exits").iloc[0]

    rows = whole, *(added.xs(name) for name in ("custody_share_korea", "volume_tiers_press_range"))
    without, korea, floor = ([f"{v:.1f}".removesuffix(".0") for v in row] for row in rows)
    return {
        "exits without": f"about {without[0]} of the 22 that have not left already leave within",
        "their range": f"({without[1]} to {without[2]} over the data sets)",
        "exits by Korea": f"add {korea[0]} ({korea[1]} to {korea[2]})",
        "exits by the floor": f"adds {floor[0]} ({floor[1]} to {floor[2]})",
    }


def test_figures_of_the_readme_are_those_of_the_library() -> None:
    missing = {name: text for name, text in _quoted().items() if text not in README}
    assert not missing


def test_picture_of_the_readme_is_the_figure_of_the_page() -> None:
    page = nbformat.read(ROOT / "notebooks" / "03_reserves.ipynb", as_version=4)
    pictures = [
        base64.b64decode(output["data"]["image/png"])
        for cell in page.cells
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]
    assert (ROOT / "docs" / "reserves_by_formula.png").read_bytes() in pictures


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_every_link_of_the_readme_exists(target: str) -> None:
    assert (ROOT / target).exists()


def test_the_dictionary_of_the_readme_is_that_of_the_tables() -> None:
    chosen = scenario({"include_other_duties": True, "draws": 2})
    written = list(evaluate(build_panel(chosen), chosen).tables["industry"].columns)
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+) \|$", README, re.MULTILINE)
    assert {name: (unit, about) for name, unit, about in rows} == {
        name: (COLUMNS[name].unit, COLUMNS[name].about)
        for name in written
        if not name.removesuffix("_jpy_mn").endswith(("_low", "_high"))
    }


def test_the_snippet_of_the_readme_prints_the_new_formula_among_the_candidates(
    capsys: pytest.CaptureFixture[str],
) -> None:
    (snippet,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    exec(compile(snippet, "README.md", "exec"), {})
    printed = capsys.readouterr().out
    assert len(printed.splitlines()) == len(catalogue(scenario())) + 3
    row = next(line for line in printed.splitlines() if line.startswith("half_percent"))
    # 0.5 % of the customer crypto of all.
    crypto = build_panel(scenario())["customer_crypto"].sum(axis=1).mean()
    assert float(row.split()[1]) == pytest.approx(0.005 * crypto, abs=0.06)


def test_the_readme_names_every_command_and_no_other() -> None:
    named = set(re.findall(r"(?:^|`|/)study ([a-z]+)", README, re.MULTILINE))
    assert named == {
        command.callback.__name__ for command in cli.app.registered_commands if command.callback
    }


@pytest.mark.parametrize("line", re.findall(r"^study run -p .*$", README, re.MULTILINE))
def test_a_run_of_the_readme_is_one(line: str) -> None:
    words = re.sub(" --out .*", "", line).split()[2:]
    pairs = list(zip(words[1::3], words[2::3], strict=True))
    assert words[::3] == ["-p"] * len(pairs)
    candidates(chosen := scenario(from_pairs(pairs)))
    assert len(changed(chosen)) == len(pairs)


def test_the_options_of_the_page_on_a_sweep_are_those_that_it_takes() -> None:
    text = (ROOT / "notebooks" / "sweeps" / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    assert {"sweep", *listed} == set(PARAMETERS)


def test_a_run_on_the_untouched_template_is_as_near_as_the_readme_says(tmp_path: Path) -> None:
    assert "requirements differ by up to 4 %, the number of exchanges short by up to 10 %" in README
    chosen = scenario()
    write_template(tmp_path / "panel.csv", chosen)
    shipped, own = (
        evaluate(panel, chosen).tables["industry"].set_index("formula")
        for panel in (build_panel(chosen), load_panel(tmp_path / "panel.csv", chosen))
    )
    for name, most in {"required_jpy_mn": 0.04, "exchanges_short": 0.1}.items():
        difference = (own[name] / shipped[name] - 1).abs().max()
        assert 0 < difference < most
