"""Bad requests are refused in one message, before anything is written; names are said as given."""

from pathlib import Path
from typing import Any

import pytest
from sweep_lab import BASE, Lab, chunks, refused


@pytest.mark.parametrize("name", ["industry_table", "formula_file"])
@pytest.mark.parametrize("where", ["none.csv", "."])
def test_a_file_that_points_read_is_looked_for_first(here: Lab, name: str, where: str) -> None:
    said = refused(here, here.design(base={**BASE, name: where}))
    assert f"{where}: cannot be read (" in said
    assert name == "formula_file" or said.startswith(f"small: industry_table = {where}: ")


def test_only_a_page_where_no_point_is_marked(here: Lab) -> None:
    said = refused(here, here.design(), "--only", "03_reserves")
    assert "--only 03_reserves: the design marks no point; add --notebooks all" in said


def test_a_page_that_the_design_names_is_said_to_be_the_designs(here: Lab) -> None:
    read = here.design(read={"notebooks": ["99_nope"], "points": [0]})
    assert refused(here, read).startswith("small: read: notebooks: 99_nope: no such page")
    assert refused(here, read, "--only", "98").startswith("--only 98: no such page")


@pytest.mark.parametrize("address", ["", "ucx://127.0.0.1:1", "tls://127.0.0.1:1"])
def test_an_address_that_cannot_work_is_refused_at_once(
    here: Lab, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def local(*_: Any) -> None:
        raise AssertionError("ran locally")

    monkeypatch.setattr("analysis.study.sweeps.workers.Workers.run", local)
    assert "cannot be reached (no " in refused(here, here.design(), "--scheduler", address)


def test_brackets_are_printed_as_they_are(lab: Lab) -> None:
    small: dict[str, Any] = {"uncertainties": None, "title": "Floors [/] and rates"}
    said = lab.study("sweep", lab.design(**small), "--out", "o_[abc]")
    assert "Floors [/] and rates: into o_[abc]\n" in said
    assert said.rstrip().endswith("o_[abc]")
    assert chunks(Path(lab.folder) / "o_[abc]")
