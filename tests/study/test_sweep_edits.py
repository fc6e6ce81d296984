"""Files, code and versions that are edited while a sweep runs, or differ from worker to worker."""

from pathlib import Path
from typing import Any

import pytest
from sweep_lab import Lab, chunks, contents, copy_checkout, new_lab, wait_for

from analysis.errors import InputError
from analysis.study.sweeps import cluster
from analysis.study.sweeps.cluster import Cluster, ClusterError
from analysis.study.sweeps.keys import chunk_key, made
from analysis.study.sweeps.packages import locked
from analysis.study.sweeps.reading import Reading
from analysis.study.sweeps.request import Request, request
from analysis.study.sweeps.version import Version
from analysis.uncertainty.results import Results

#: Slow points: each has data sets of its own.
SLOW: dict[str, Any] = {"levers": {"vary": {"seed": list(range(64))}}, "uncertainties": None}
READ = {"notebooks": ["03_reserves"], "points": [0, 13]}


def test_a_panel_that_is_edited_meanwhile_ends_the_sweep_and_nothing_wrong_is_kept(
    lab: Lab,
) -> None:
    panel, out = lab.folder / "panel.csv", lab.folder / "out"
    lab.study("template", panel)
    whole = panel.read_bytes()
    command = ("sweep", lab.design(**SLOW), "--panel", panel, "--workers", "1", "--out")
    process = lab.start(*command, out)
    wait_for(lambda: chunks(out) or process.poll() is not None)
    panel.write_text("exchange\nnobody\n")
    _, err = process.communicate(timeout=120)
    assert (process.returncode, err.count("\n")) == (1, 1), err
    assert "panel.csv changed while the sweep ran; give the same command again" in err
    assert not (out / "record.json").exists()
    assert 0 < len(chunks(out)) < 8
    assert Results(out).coverage.failed == 0
    panel.write_bytes(whole)
    assert "0 of them evaluated now" not in lab.study(*command, out)
    lab.study(*command, lab.folder / "undisturbed")
    assert contents(out) == contents(lab.folder / "undisturbed")


def test_code_that_is_edited_meanwhile_has_everything_done_again(tmp_path: Path) -> None:
    lab = new_lab(copy_checkout(tmp_path / "own"), tmp_path / "lab")
    out, module = lab.folder / "out", lab.checkout / "analysis" / "errors.py"
    whole = module.read_bytes()
    command = ("sweep", lab.design(**SLOW), "--workers", "1", "--out", out)
    process = lab.start(*command)
    wait_for(lambda: chunks(out) or process.poll() is not None)
    module.write_bytes(whole + b"# edited\n")
    _, err = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "error: code changed while the sweep ran" in err
    assert not (out / "record.json").exists()
    module.write_bytes(whole)
    said = lab.study(*command)
    assert "8 chunks done again: code changed while the sweep ran" in said
    assert "64 of them evaluated now" in said


class _Client:
    """A cluster of one worker, which says what it has."""

    def __init__(self, **differing: Any) -> None:
        self.found = {**made().parts, "inputs": {}, "installed": locked(), **differing}

    def run(self, *_: Any, **__: Any) -> dict[str, Any]:
        return {"tcp://there:1": self.found}


def _compare(client: _Client) -> None:
    there = Cluster("tcp://here:8786", ())
    there._client = client
    there._compare()


def test_a_worker_with_another_package_is_named_with_both_versions() -> None:
    mine = locked()
    assert {"python", "scipy", "numpy", "pandas"} <= set(mine)
    _compare(_Client())
    without = {name: version for name, version in mine.items() if name != "ruff"}
    _compare(_Client(installed=without))
    told = f"worker tcp://there:1 has scipy 0.1, here is {mine['scipy']}; install"
    with pytest.raises(InputError, match=told):
        _compare(_Client(installed={**mine, "scipy": "0.1"}))
    with pytest.raises(InputError, match=r"has python 3\.0, here is"):
        _compare(_Client(installed={**mine, "python": "3.0"}))


@pytest.mark.parametrize("part", ["code", "data", "lock", "packages"])
def test_a_worker_that_joins_later_with_another_version_is_refused(
    part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = dict.fromkeys(("code", "data", "lock", "packages"), "1")
    monkeypatch.setattr(cluster, "_parts_there", lambda: {**parts, "inputs": "own"})
    cluster._same_version(Version(parts))
    with pytest.raises(ClusterError, match=f"has other {part}"):
        cluster._same_version(Version({**parts, part: "2"}))


@pytest.fixture
def asked(here: Lab) -> Request:
    return request(str(here.design(read=READ)), out=here.folder / "out")


@pytest.mark.parametrize("part", ["code", "data", "lock", "inputs", "packages"])
def test_every_part_is_in_the_keys_of_chunks_and_pages(asked: Request, part: str) -> None:
    parts = asked.made.parts
    other = {**parts, part: "other"}
    keys = [chunk_key(asked.design, [0, 1], one, asked.design.tables) for one in (parts, other)]
    assert keys[0] != keys[1]
    reading = Reading(asked, (), ())
    before = reading._key("03_reserves", 0)
    object.__setattr__(asked, "made", _Parts(other))
    assert reading._key("03_reserves", 0) != before


class _Parts:
    def __init__(self, parts: dict[str, str]) -> None:
        self.parts = parts


def test_template_and_point_are_in_the_key_of_a_page(asked: Request) -> None:
    reading, other = Reading(asked, (), ()), Reading(asked, (), ())
    keys = {reading._key("03_reserves", point) for point in (0, 13)}
    assert len(keys) == 2
    other.__dict__["_cells"] = dict.fromkeys(reading._cells, "other")
    assert other._key("03_reserves", 0) not in keys
