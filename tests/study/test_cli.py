"""The command line: one message for bad input, exit status 2, nothing written."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from analysis.market import FIELDS
from analysis.market.schema import KEY
from analysis.rules import candidates
from analysis.scenario import Scenario
from analysis.study import cli
from analysis.uncertainty.design_names import uncertain_names

PANEL = {
    "exchange": ["first", "second"],
    "operating_revenue_jpy_mn": [1000.0, 2000.0],
    "operating_expenses_jpy_mn": [900.0, 1500.0],
    "operating_profit_jpy_mn": [100.0, 500.0],
    "net_income_jpy_mn": [60.0, 300.0],
    "total_assets_jpy_mn": [60_000.0, 90_000.0],
    "net_assets_jpy_mn": [2000.0, 9000.0],
    "customer_crypto_jpy_mn": [40_000.0, 70_000.0],
    **{f"spot_volume{lag}_jpy_mn": [30_000.0, 80_000.0] for lag in ("", "_lag1", "_lag2")},
    **{f"margin_volume{lag}_jpy_mn": [0.0, 20_000.0] for lag in ("", "_lag1", "_lag2")},
}


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _study(*arguments: str) -> int:
    with pytest.raises(SystemExit) as stopped:
        cli.main(list(arguments))
    return int(stopped.value.code or 0)


def _refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What `study run` says to bad input; fails unless that is one line and nothing is written."""
    before = sorted(Path().rglob("*"))
    assert _study("run", *arguments) == 2
    assert sorted(Path().rglob("*")) == before
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert captured.err.count("\n") == 1
    return captured.err


def _panel(**columns: list[object]) -> str:
    pd.DataFrame(PANEL | columns).to_csv("panel.csv", index=False)
    return "panel.csv"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["-p", "phase_in_year", "5"], "did you mean 'phase_in_years'?"),
        (["-p", "phase_in_years", "five"], "phase_in_years = 'five'"),
        (["-p", "insurable_share", "1.5"], "allowed: 0 to 1"),
        (["-p", "cost_of_equity", "nan"], "cost_of_equity = nan"),
        (["-p", "floor_jpy_mn", "-1"], "floor_jpy_mn = -1"),
        (["-p", "formula", "custody_share_corea"], "custody_share_korea"),
        (
            ["-p", "rule_parameters.custody_share_corea.hot_rate", "0.1"],
            "mean 'custody_share_korea'?",
        ),
        (["-p", "rule_parameters.custody_share_korea.hot_rte", "0.1"], "did you mean 'hot_rate'?"),
        (["-p", "rule_parameters.custody_share_korea.hot_rate", "2"], "allowed: 0 to 1 share"),
        (["-p", "rule_parameters.custody_share_korea.hot_rate", "x"], "hot_rate = 'x'"),
        (["-p", "rule_parameters", "{hot"], "0.08} or rule_parameters.custody_share_korea"),
        (["-p", "phase_in_years"], "give a name and a value"),
        (["--scenario", "nothing.yaml"], "nothing.yaml"),
        (["--panel", "nothing.csv"], "no such file"),
        (["--only", "99_nothing"], "no such page"),
    ],
)
def test_bad_parameters(
    capsys: pytest.CaptureFixture[str], arguments: list[str], complaint: str
) -> None:
    assert complaint in _refusal(capsys, *arguments)


def test_bad_panels(capsys: pytest.CaptureFixture[str]) -> None:
    def complaint(**columns: list[object]) -> str:
        return _refusal(capsys, "--panel", _panel(**columns))

    assert "customer_crypto_jpy_mn" in complaint(customer_crypto_jpy_mn=[-1.0, 5.0])
    assert "second" in complaint(exchange=["second", "second"])
    assert "net_assets" in complaint(net_assets_jpy_mn=["2 bn", 9000.0])
    assert "exchange" in complaint(exchange=["", "second"])


def test_a_panel_without_a_column_or_rows(capsys: pytest.CaptureFixture[str]) -> None:
    table = pd.DataFrame(PANEL)
    table.drop(columns="net_assets_jpy_mn").to_csv("short.csv", index=False)
    assert "net_assets_jpy_mn" in _refusal(capsys, "--panel", "short.csv")
    table.iloc[:0].to_csv("empty.csv", index=False)
    assert "empty.csv" in _refusal(capsys, "--panel", "empty.csv")
    Path("binary.xlsx").write_bytes(b"\x00\x01")
    assert "binary.xlsx" in _refusal(capsys, "--panel", "binary.xlsx")


def test_a_scenario_file_with_an_unknown_key(capsys: pytest.CaptureFixture[str]) -> None:
    Path("s.yaml").write_text("draws: 5\nphase_in: 5\n")
    assert "s.yaml, line 2, phase_in: unknown parameter 'phase_in'" in _refusal(
        capsys, "--scenario", "s.yaml"
    )


def test_a_rule_file_with_an_unknown_key_or_without_a_reference(
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = Path(cli.__file__).parents[2]
    shipped = (root / "data/rules/own_funds/mica_class2.yaml").read_text(encoding="utf-8")
    lines = shipped.splitlines()
    Path("unknown.yaml").write_text(shipped + "\nsurprise: 1\n", encoding="utf-8")
    message = _refusal(capsys, "-p", "formula_file", "unknown.yaml")
    assert "unknown.yaml" in message
    assert "surprise" in message
    top = next(n for n, line in enumerate(lines) if line.startswith("reference:"))
    end = next(n for n in range(top + 1, len(lines)) if not lines[n].startswith(" "))
    Path("bare.yaml").write_text("\n".join(lines[:top] + lines[end:]), encoding="utf-8")
    message = _refusal(capsys, "-p", "formula_file", "bare.yaml")
    assert "bare.yaml" in message
    assert "reference" in message


def test_an_output_folder_that_is_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    Path("out").write_text("mine")
    assert "is a file" in _refusal(capsys, "--out", "out")
    assert Path("out").read_text() == "mine"


def test_a_value_may_be_negative_and_a_pair_may_be_joined() -> None:
    joined = cli._join_pairs(["run", "-p", "price_shock", "-0.5", "-p", "draws=5", "--out", "x"])
    assert joined == ["run", "-p", "price_shock=-0.5", "-p", "draws=5", "--out", "x"]


def test_formulas_lists_every_candidate_with_its_status(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert _study("formulas") == 0
    printed = capsys.readouterr().out
    for formula in candidates(Scenario()):
        assert formula.id in printed
        assert formula.last_checked_on in printed


def test_check_counts_the_shipped_panel_and_names_what_is_left_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert _study("check") == 0
    printed = capsys.readouterr().out
    assert "23 exchanges" in printed
    assert all(name in printed for name in ("money_partners", "coinhub", "coinbase_kk"))


def test_check_counts_a_readers_panel(capsys: pytest.CaptureFixture[str]) -> None:
    assert _study("check", _panel()) == 0
    rows = {line.split()[0]: line.split() for line in capsys.readouterr().out.splitlines() if line}
    assert rows["exchange"] == ["exchange", "yes", "id", "2", "0", "0", "0%"]
    assert rows["net_assets_jpy_mn"][1:] == ["yes", "JPY", "mn", "2", "0", "0", "0%"]
    assert rows["hot_share"] == ["hot_share", "share", "0", "0", "2", "100%"]


def test_check_prints_the_columns_of_a_file_as_they_are_accepted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _study("check")
    counts = capsys.readouterr().out.partition("\n\n")[0].splitlines()[1:]
    printed = {line.split()[0]: line.split()[1] == "yes" for line in counts}
    taken = {KEY: True} | {field.column: field.required for field in FIELDS.values()}
    assert printed == taken


def test_a_template_is_checked_and_not_overwritten(capsys: pytest.CaptureFixture[str]) -> None:
    assert _study("template", "mine.csv") == 0
    assert "23 exchanges into mine.csv" in capsys.readouterr().out
    written = Path("mine.csv").read_bytes()
    assert _study("check", "mine.csv") == 0
    assert "23 exchanges at the end of" in capsys.readouterr().out
    assert _study("template", "mine.csv") == 2
    assert capsys.readouterr().err.startswith("error: template mine.csv: exists")
    assert Path("mine.csv").read_bytes() == written


def test_parameters_are_listed_with_what_is_allowed(capsys: pytest.CaptureFixture[str]) -> None:
    assert _study("parameters") == 0
    rows = capsys.readouterr().out.splitlines()[1:]
    assert [row.split()[0] for row in rows] == list(Scenario.model_fields)
    (row,) = (row.split() for row in rows if row.startswith("insurable_share"))
    assert row[1:9] == ["0.5", "0", "to", "1", "0", "to", "1,", "uniform"]
    (line,) = (row for row in rows if row.startswith("reserve_yield "))
    assert "  0 to 0.03, triangular at 0.01255  " in line


def test_what_all_varies_is_what_is_listed_with_a_range_as_evidence_or_assumption(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _study("parameters")
    kinds = ("evidence", "assumption")
    shapes = (", uniform ", ", log-uniform ", ", triangular at ")
    listed = capsys.readouterr().out.splitlines()
    rows = [row for row in listed if row.split()[-1] in kinds and any(s in row for s in shapes)]
    assert tuple(row.split()[0] for row in rows) == uncertain_names()


def test_bad_input_is_refused_before_the_science_is_imported() -> None:
    slow = "{'pandas', 'scipy', 'statsmodels', 'papermill'}"
    code = f"""import sys
from analysis.study.cli import main
try:
    main(['run', '-p', 'draw', '5'])
finally:
    print(sorted({slow} & set(sys.modules)))"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(cli.__file__).parents[2])},
    )
    assert (done.returncode, done.stdout) == (2, "[]\n")


def test_the_module_is_the_command_and_bad_input_has_no_traceback() -> None:
    root = Path(cli.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "analysis", "run", "-p", "draw", "5"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert done.returncode == 2
    assert done.stderr == "error: unknown parameter 'draw'; did you mean 'draws'?\n"
    assert list(Path().iterdir()) == []
