"""What a record binds, and what it leaves out."""

import json
import shutil
from pathlib import Path

import pytest

from analysis import data
from analysis.errors import InputError
from analysis.study import record


def test_what_editors_leave_in_hidden_places_is_not_hashed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock is a link to nowhere, and a checkpoint a copy of an old state."""
    for folder in ("analysis", "data"):
        (tmp_path / folder / "market" / ".ipynb_checkpoints").mkdir(parents=True)
    shutil.copy(record.ROOT / "analysis" / "errors.py", tmp_path / "analysis")
    (tmp_path / "data" / "market" / "own.csv").write_text("a\n1\n")
    monkeypatch.setattr(record, "ROOT", tmp_path)
    monkeypatch.setattr(data, "DATA", tmp_path / "data")
    (tmp_path / "analysis" / ".#cli.py").symlink_to("someone@somewhere.1234")
    (tmp_path / "analysis" / "market" / ".ipynb_checkpoints" / "panel.py").write_text("old")
    (tmp_path / "data" / "market" / ".ipynb_checkpoints" / "own.csv").write_text("old")
    (tmp_path / "data" / "market" / ".~lock.own.csv#").write_text("someone")
    assert list(record.code_hashes()) == ["analysis/errors.py"]
    assert list(data.hashes()) == ["market/own.csv"]


NO_PAGES = {
    "text": "<<<<<<< HEAD\n",
    "a list": "[]",
    "a mapping of something else": json.dumps({"title": "T"}),
    "nothing": "",
    "not UTF-8": "\udcff",
}


@pytest.mark.parametrize("content", NO_PAGES.values(), ids=NO_PAGES)
def test_a_page_that_is_no_notebook_is_named(tmp_path: Path, content: str) -> None:
    page = tmp_path / "03_reserves.ipynb"
    page.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError, match=r"03_reserves\.ipynb: is no notebook"):
        record.notebook_hashes([page])
