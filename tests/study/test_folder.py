"""A run folder appears whole or not at all."""

import os
from pathlib import Path

import pytest

from analysis.errors import InputError
from analysis.study.folder import check_destination, failed_name, replacing


def _complete(folder: Path, text: str) -> None:
    with replacing(folder) as partial:
        (partial / "record.json").write_text(text)


def _broken(folder: Path, raised: type[BaseException], wrote: str) -> None:
    with replacing(folder) as partial:
        (partial / wrote).mkdir()
        (partial / wrote / "01.ipynb").write_text("traceback")
        raise raised


def test_a_complete_run_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "baseline"
    _complete(folder, "first")
    _complete(folder, "second")
    assert (folder / "record.json").read_text() == "second"
    assert list(folder.parent.iterdir()) == [folder]


def test_a_failed_run_is_kept_beside_the_complete_one(tmp_path: Path) -> None:
    folder = tmp_path / "baseline"
    _complete(folder, "good")
    with pytest.raises(RuntimeError):
        _broken(folder, RuntimeError, "notebooks")
    assert (folder / "record.json").read_text() == "good"
    assert (failed_name(folder) / "notebooks" / "01.ipynb").read_text() == "traceback"
    _complete(folder, "better")
    assert list(tmp_path.iterdir()) == [folder]


@pytest.mark.parametrize("raised", [KeyboardInterrupt, RuntimeError])
def test_an_interrupted_run_leaves_nothing(tmp_path: Path, raised: type[BaseException]) -> None:
    with pytest.raises(raised):
        _broken(tmp_path / "baseline", raised, "tables")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_is_cleared(tmp_path: Path) -> None:
    dead, alive = 2**22 + 1, os.getppid()  # above the largest process id that Linux gives
    (tmp_path / f".baseline.partial-{dead}").mkdir()
    (tmp_path / f".baseline.partial-{alive}").mkdir()
    _complete(tmp_path / "baseline", "new")
    assert {path.name for path in tmp_path.iterdir()} == {
        "baseline",
        f".baseline.partial-{alive}",
    }


def test_a_run_killed_while_being_replaced_comes_back(tmp_path: Path) -> None:
    kept = tmp_path / f".baseline.previous-{2**22 + 1}"
    kept.mkdir()
    (kept / "record.json").write_text("complete")
    with pytest.raises(KeyboardInterrupt), replacing(tmp_path / "baseline"):
        raise KeyboardInterrupt
    assert (tmp_path / "baseline" / "record.json").read_text() == "complete"


def test_places_where_a_run_cannot_go_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    with pytest.raises(InputError, match="is a file"):
        check_destination(file)
    with pytest.raises(InputError, match="is a file"):
        check_destination(file / "below" / "it")
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.md").write_text("mine")
    with pytest.raises(InputError, match="something else than a run"):
        check_destination(tmp_path / "thesis")
    (tmp_path / "empty").mkdir()
    check_destination(tmp_path / "empty")
    check_destination(tmp_path / "new" / "run")
    assert {path.name for path in tmp_path.iterdir()} == {"file", "thesis", "empty"}
