"""A whole run: refused before anything is written, the same bytes twice, checked by its record."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pages import START, texts, write_page
from rich.console import Console

from analysis.data import DATA, hashes
from analysis.errors import InputError
from analysis.market.template import write_template
from analysis.scenario import Scenario, scenario
from analysis.study import record
from analysis.study.progress import RunProgress
from analysis.study.run import Request, RunFailedError, find_pages, request, run
from analysis.study.verify import Check, verify

CODE = record.code_hashes
SMALL = scenario({"draws": 2, "phase_in_years": 5})
MARKET = "from analysis.study.notebook import market\nlen(market(scenario, panel).exchanges)"
FIGURE = """import matplotlib.pyplot as plt
from analysis.report import figure_style, show
import seaborn
figure_style()
figure, axes = plt.subplots()
axes.plot([0, scenario.phase_in_years])
seaborn.stripplot(x=[1.0, 2.0], y=["a", "b"], ax=axes)
show(figure, name="line", caption="A line", source="none", alt="A rising line")"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Two small pages in place of the study's, beside code and data as they are now.

    The files are hashed once, so that a checkout that is edited meanwhile fails no test here.
    """
    folder = tmp_path_factory.mktemp("notebooks")
    write_page(folder / "01_market.ipynb", START, MARKET)
    write_page(folder / "03_reserves.ipynb", START, FIGURE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(record, "NOTEBOOKS", folder)
        code, data = record.code_hashes(), hashes()
        patch.setattr(record, "code_hashes", lambda: code)
        for module in ("record", "verify"):
            patch.setattr(f"analysis.study.{module}.hashes", lambda: data)
        yield folder


@pytest.fixture(scope="module")
def complete(pages: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A complete run of the two pages."""
    assert pages.exists()
    return _run(request(SMALL, None, (), tmp_path_factory.mktemp("runs") / "small"))


def _run(asked: Request) -> Path:
    return run(asked, RunProgress(Console(quiet=True)))


def _failed(checks: Iterator[Check]) -> dict[str, str]:
    return {check.part: check.finding for check in checks if check.passed is False}


def test_a_run_holds_pages_tables_figures_and_record(complete: Path) -> None:
    assert texts(complete / "notebooks" / "01_market.ipynb") == ["23"]
    names = {path.name for path in (complete / "tables").glob("*.csv")}
    assert {"reserves.csv", "compliance_cost.csv", "liquidity.csv", "headline.csv"} <= names
    package = json.loads((complete / "tables" / "datapackage.json").read_text(encoding="utf-8"))
    assert {table["path"] for table in package["resources"]} == names
    assert {path.name for path in (complete / "figures").iterdir()} == {
        "line.png",
        "line.svg",
        "line.txt",
    }
    kept = json.loads((complete / "record.json").read_text(encoding="utf-8"))
    assert kept["parameters"]["phase_in_years"] == 5
    assert kept["seed"] == SMALL.seed
    assert set(kept["notebooks"]) == {"01_market.ipynb", "03_reserves.ipynb"}
    assert str(record.ROOT) not in (complete / "record.json").read_text(encoding="utf-8")


def test_the_same_request_gives_the_same_bytes(complete: Path, tmp_path: Path) -> None:
    again = _run(request(SMALL, None, (), tmp_path / "again"))
    assert record.output_hashes(again) == record.output_hashes(complete)
    first, second = (json.loads((run / "record.json").read_bytes()) for run in (complete, again))
    assert {**second, "about": None} == {**first, "about": None}


def test_a_run_as_made_passes_every_check(complete: Path) -> None:
    checks = list(verify(complete))
    assert [check for check in checks if check.passed is not True] == []
    assert [check.part for check in checks] == [
        *("record", "parameters", "data", "code", "notebooks", "lock", "outputs", "tables again")
    ]


def test_other_code_and_other_data_are_named(
    complete: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, data = record.code_hashes(), hashes()
    edited = {**code, "analysis/errors.py": "0" * 64, "analysis/new.py": "0" * 64}
    monkeypatch.setattr(record, "code_hashes", lambda: edited)
    monkeypatch.setattr("analysis.study.verify.hashes", lambda: {"README.md": data["README.md"]})
    failed = _failed(verify(complete))
    assert failed["code"] == "analysis/errors.py was changed; analysis/new.py was added"
    assert "market/operators.csv is missing" in failed["data"]
    assert set(failed) == {"code", "data"}


def test_the_hashes_of_code_and_data_are_those_of_the_files() -> None:
    def sha256(path: Path) -> str:
        return hashlib.sha256(path.read_bytes()).hexdigest()

    assert CODE()["analysis/errors.py"] == sha256(record.ROOT / "analysis" / "errors.py")
    assert hashes()["market/operators.csv"] == sha256(DATA / "market" / "operators.csv")


@pytest.mark.parametrize(
    ("change", "part", "named"),
    [
        ("tables/reserves.csv", "outputs", "tables/reserves.csv was changed"),
        ("figures/line.png", "outputs", "figures/line.png was changed"),
        ("tables/invented.csv", "outputs", "tables/invented.csv was added"),
    ],
)
def test_a_changed_file_is_named(
    complete: Path, tmp_path: Path, change: str, part: str, named: str
) -> None:
    copy = shutil.copytree(complete, tmp_path / "copy")
    with (copy / change).open("ab") as file:
        file.write(b"\n")
    assert named in _failed(verify(copy))[part]


def test_a_missing_file_and_a_changed_parameter_are_named(complete: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(complete, tmp_path / "copy")
    (copy / "tables" / "liquidity.csv").unlink()
    kept = json.loads((copy / "record.json").read_text(encoding="utf-8"))
    kept["parameters"]["phase_in_years"] = 4
    (copy / "record.json").write_text(json.dumps(kept), encoding="utf-8")
    failed = _failed(verify(copy))
    assert failed["record"] == "record.json was changed: parameters"
    assert failed["outputs"] == "tables/liquidity.csv is missing"
    assert "liquidity_path.csv was changed" in failed["tables again"]


def test_tables_that_fit_their_record_but_not_the_model_are_found(
    complete: Path, tmp_path: Path
) -> None:
    copy = shutil.copytree(complete, tmp_path / "copy")
    table = copy / "tables" / "headline.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("1", "2"), encoding="utf-8")
    kept = json.loads((copy / "record.json").read_text(encoding="utf-8"))
    kept["outputs"] = record.output_hashes(copy)
    parts = {name: kept[name] for name in kept["fingerprint"] if name != "whole"}
    record.write_record({**kept, "fingerprint": record.fingerprint(parts)}, copy)
    assert _failed(verify(copy)) == {"tables again": "headline.csv was changed"}


def test_a_folder_without_a_record_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no record here"):
        list(verify(tmp_path))
    (tmp_path / "record.json").write_text("[]")
    with pytest.raises(InputError, match="not a record"):
        list(verify(tmp_path))


def test_a_failed_page_does_not_stop_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "NOTEBOOKS", tmp_path)
    write_page(tmp_path / "01_broken.ipynb", "1 / 0")
    write_page(tmp_path / "02_sound.ipynb", START, "print(scenario.phase_in_years)")
    with pytest.raises(RunFailedError, match="01_broken: cell 3: ZeroDivisionError") as failed:
        _run(request(SMALL, None, (), tmp_path / "run"))
    assert not (tmp_path / "run").exists()
    assert failed.value.kept == tmp_path / "run.failed"
    kept = tmp_path / "run.failed" / "notebooks"
    assert {path.name for path in kept.iterdir()} == {"01_broken.ipynb", "02_sound.ipynb"}
    assert texts(kept / "02_sound.ipynb") == ["5\n"]


def test_a_run_on_the_template_is_complete(pages: Path, tmp_path: Path) -> None:
    write_template(tmp_path / "panel.csv", SMALL)
    asked = request(SMALL, tmp_path / "panel.csv", ("01",), tmp_path / "run")
    assert asked.pages == (pages / "01_market.ipynb",)
    assert texts(_run(asked) / "notebooks" / "01_market.ipynb") == ["23"]
    kept = json.loads((tmp_path / "run" / "record.json").read_text(encoding="utf-8"))
    assert kept["inputs"]["panel"]["name"] == "panel.csv"


@pytest.mark.usefixtures("pages")
def test_pages_may_be_picked_by_name_or_number() -> None:
    assert [page.stem for page in find_pages()] == ["01_market", "03_reserves"]
    assert [page.stem for page in find_pages(("03",))] == ["03_reserves"]
    assert [page.stem for page in find_pages(("01_market.ipynb",))] == ["01_market"]
    with pytest.raises(InputError, match="no such page; there are 01_market, 03_reserves"):
        find_pages(("02",))


@pytest.mark.usefixtures("pages")
def test_the_folder_is_named_after_what_differs() -> None:
    baseline = request(Scenario(), None, (), None).folder
    assert baseline == Path("runs/baseline")
    assert request(Scenario(), None, ("03",), None).folder == Path("runs/baseline-03")
    changed = request(SMALL, None, (), None).folder
    assert changed.name.startswith("changed_")
    assert request(SMALL.with_(draws=3), None, (), None).folder != changed
