"""`study sweep`: what it refuses, what it does again and why, how it ends."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sweep_lab import Lab, chunks, contents, refused, wait_for

from analysis.errors import InputError
from analysis.impact import evaluate
from analysis.market import build_panel
from analysis.scenario import scenario
from analysis.study import record
from analysis.study.sweeps import plan
from analysis.study.sweeps.request import find_design, request
from analysis.study.sweeps.workers import Workers
from analysis.uncertainty.results import Results

FAILING: dict[str, Any] = {
    "levers": {"vary": {"base_month": ["2026-07", "2019-01"]}},
    "uncertainties": None,
}


def test_a_point_of_a_sweep_is_a_run_of_its_scenario(
    undisturbed: tuple[Path, dict[str, str]],
) -> None:
    results = Results(undisturbed[0])
    assert results.coverage.complete
    rows = results.query("SELECT * FROM industry ORDER BY point")
    for point in (0, 17, 47):
        varied = results.points.set_index("point").loc[point]
        values = {
            name: float(str(varied[name])) for name in (*results.levers, *results.uncertainties)
        }
        chosen = scenario({**results.design["base"], **values})
        alone = evaluate(build_panel(chosen), chosen).tables["industry"]
        there = rows[rows["point"] == point].drop(columns="point").reset_index(drop=True)
        for column in alone.select_dtypes("number"):
            assert there[column].to_numpy().tobytes() == alone[column].to_numpy().tobytes(), column


def test_the_record_binds_every_file(undisturbed: tuple[Path, dict[str, str]]) -> None:
    folder, files = undisturbed
    kept = json.loads((folder / "record.json").read_text(encoding="utf-8"))
    assert kept["outputs"] == {name: sha for name, sha in files.items() if name != "record.json"}
    parts = {name: kept[name] for name in kept["fingerprint"] if name != "whole"}
    assert record.fingerprint(parts) == kept["fingerprint"]
    assert str(folder) not in json.dumps(kept)


def test_what_is_there_is_not_done_again_and_what_is_damaged_is(
    lab: Lab, undisturbed: tuple[Path, dict[str, str]]
) -> None:
    design, folder = lab.design(), lab.folder / "out"
    lab.study("sweep", design, "--out", folder, "--workers", "1")
    assert contents(folder) == undisturbed[1]
    first, second, third, *_ = chunks(folder)
    table = first / "industry.parquet"
    whole = table.read_bytes()
    table.write_bytes(whole[:100] + bytes([whole[100] ^ 1]) + whole[101:])
    (second / "status.parquet").write_bytes((second / "status.parquet").read_bytes()[:-1])
    (third / "industry.parquet").unlink()
    said = lab.study("sweep", design, "--out", folder)
    for chunk in (first, second, third):
        assert f"chunk {chunk.name} done again: " in said
    assert "24 of them evaluated now" in said
    assert contents(folder) == undisturbed[1]
    assert "--force: everything is done again" in lab.study(
        "sweep", design, "--out", folder, "--force"
    )
    assert contents(folder) == undisturbed[1]


def test_two_sweeps_into_one_folder_at_once(lab: Lab) -> None:
    design, folder = lab.design(), lab.folder / "out"
    first = lab.start("sweep", design, "--out", folder)
    wait_for(lambda: chunks(folder), 60)
    first.send_signal(19)  # stopped, so that it surely still holds the folder
    try:
        said = lab.study("sweep", design, "--out", folder, status=2)
    finally:
        first.send_signal(18)
    assert said.count("\n") <= 4
    assert "another sweep is writing into it" in said
    assert (first.wait(60), Results(folder).coverage.complete) == (0, True)
    first.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit")
def test_a_file_that_may_not_grow_ends_with_one_message(lab: Lab) -> None:
    design, folder = lab.design(), lab.folder / "out"
    command = f"ulimit -f 8; exec {sys.executable} -m analysis sweep {design} --out {folder}"
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=lab.folder,
        env={**lab.environment, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1, done.stderr
    assert "cannot be written (File too large)" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not [path for path in folder.rglob("*") if path.name != ".lock"]
    lab.study("sweep", design, "--out", folder)
    assert Results(folder).coverage.complete


def test_a_point_that_fails_is_a_row_and_the_others_are_there(lab: Lab) -> None:
    design, folder = lab.design(**FAILING), lab.folder / "out"
    said = lab.study("sweep", design, "--out", folder, status=1)
    assert "failed: point 1: InputError: base_month = 2019-01" in said
    status = Results(folder).status.set_index("point")
    assert status["status"].to_dict() == {0: "done", 1: "failed"}
    assert "no exchange has a statement" in str(status.loc[1, "error"])
    again = lab.study("sweep", design, "--out", folder, status=1)
    assert "0 of them evaluated now" in again
    assert "failed: point 1" in again


def test_a_sweep_stops_when_its_headlines_are_known(lab: Lab) -> None:
    stop = {"by": "seed", "batch": 4, "most": 12, "tolerance": {"required_jpy_mn": 1e-9}}
    design = lab.design(
        base={"draws": 2, "formula": "custody_share_korea"},
        uncertainties=None,
        levers={"vary": {"floor_jpy_mn": [0, 500]}},
        stop=stop,
    )
    stop["tolerance"] = {"npv_jpy_mn": 0.1}
    unknown = lab.design("unknown", base={"draws": 2}, levers=None, uncertainties=None, stop=stop)
    said = lab.study("sweep", unknown, "--out", lab.folder / "no", status=2)
    assert "names 'npv_jpy_mn', which no table of this sweep has" in said
    assert not (lab.folder / "no").exists()
    said = lab.study("sweep", design, "--out", lab.folder / "out")
    assert "batch 3 of at most 3" in said
    assert "are not within their tolerance after 24 data sets" in said
    assert len(Results(lab.folder / "out").points) == 24
    stop["tolerance"] = {"required_jpy_mn": 10.0}
    design = lab.design("wide", uncertainties=None, levers=None, stop=stop)
    said = lab.study("sweep", design, "--out", lab.folder / "wide_out")
    assert "every headline is within its tolerance after 24 data sets" in said
    results = Results(lab.folder / "wide_out")
    assert results.coverage.complete
    # Eight seeds, and the rule holds once more with four further ones.
    assert results.points["seed"].tolist() == list(range(64, 76))


def test_bad_input_is_refused_and_nothing_is_written(here: Lab) -> None:
    design = here.design()
    (here.folder / "mine").mkdir()
    (here.folder / "mine" / "chapter.md").write_text("mine")
    (here.folder / "panel.csv").write_text("exchange\nfirst\n")
    assert "no such file" in refused(here, "smal")
    assert "unknown parameter" in refused(here, here.design("odd", levers={"vary": {"flor": [1]}}))
    assert "something else than a sweep" in refused(here, design, "--out", "mine")
    assert "is a file" in refused(here, design, "--out", "small.yaml")
    assert "allowed: all, marked, none" in refused(here, design, "--notebooks", "some")
    assert "no such page" in refused(here, design, "--only", "99_none", "--notebooks", "all")
    assert "no such file" in refused(here, design, "--panel", "none.csv")
    assert "panel.csv" in refused(here, design, "--panel", "panel.csv")
    assert "--cell-timeout" in refused(here, design, "--cell-timeout", "0")


def test_a_sweep_of_another_design_isrefused(
    here: Lab, undisturbed: tuple[Path, dict[str, str]]
) -> None:
    folder, files = undisturbed
    other = here.design(levers={"vary": {"floor_jpy_mn": [0, 5]}})
    said = refused(here, other, "--out", folder)
    assert "another design" in said
    assert "--force" in said
    assert contents(folder) == files


def test_more_points_than_one_means_need_yes(here: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "MOST_POINTS", 40)
    said = refused(here, here.design())
    assert "48 points" in said
    assert "add --yes" in said
    monkeypatch.setattr(plan, "MOST_POINTS", 48)
    monkeypatch.setattr(plan, "MOST_SECONDS", 1e-6)
    assert "add --yes" in refused(here, here.design())


def test_a_disk_that_is_too_small_is_said_before(
    here: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full:
        free = 10

    monkeypatch.setattr("shutil.disk_usage", lambda _: Full)
    assert "the disk has 0 MB" in refused(here, here.design())


def test_a_shipped_design_is_found_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sweeps").mkdir()
    (tmp_path / "sweeps" / "phase_in.yaml").write_text("title: x")
    monkeypatch.setattr(record, "NOTEBOOKS", tmp_path)
    assert find_design("phase_in") == tmp_path / "sweeps" / "phase_in.yaml"
    with pytest.raises(InputError, match="did you mean 'phase_in'"):
        find_design("fase_in")


def test_chunks_and_keys_depend_on_the_design_alone(here: Lab) -> None:
    def names(**parts: Any) -> list[str]:
        [group] = plan.batches(request(str(here.design(**parts))))
        assert sorted(p for one in group for p in one.points) == list(range(48))
        return [one.name for one in group]

    assert names() == names()
    assert names(title="Another") == names()
    other = names(base={"draws": 3, "formula": "own_funds_mica_class3"})
    assert not set(other) & set(names())
    shifted = names(levers={"vary": {"floor_jpy_mn": [0, 500, 1000, 2001]}})
    same = [mine == theirs for mine, theirs in zip(shifted, names(), strict=True)]
    assert same == [True] * 4 + [False] * 2


def test_the_estimate_says_what_is_left(here: Lab) -> None:
    asked = request(str(here.design()), out=here.folder / "new")
    [group] = plan.batches(asked)
    with Workers(1) as engine:
        found = plan.estimate(asked, group, 3, engine)
    assert (found.points, found.to_do, found.chunks, found.pages) == (48, 48, 6, 3)
    assert found.seconds is not None
    assert found.seconds > 0
    rows = pd.DataFrame(list(found.lines(2)))
    assert "48 points in 6 chunks; 3 notebooks" in rows[0][0]
