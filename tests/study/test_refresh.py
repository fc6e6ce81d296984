"""The committed pages, run again in place."""

from pathlib import Path

import pytest
from pages import START, texts, write_page

from analysis.study import record
from analysis.study.refresh import refresh


def test_pages_are_replaced_by_the_same_bytes_each_time_and_a_failed_one_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = write_page(tmp_path / "01_good.ipynb", START, "print(scenario.phase_in_years)")
    bad = write_page(tmp_path / "02_bad.ipynb", START, "scenario.no_such_name")
    before = bad.read_bytes()
    monkeypatch.setattr(record, "NOTEBOOKS", tmp_path)
    failures = refresh()
    assert list(failures) == ["02_bad"]
    assert "no_such_name" in failures["02_bad"]
    assert bad.read_bytes() == before
    assert texts(good) == ["3\n"]
    first = good.read_bytes()
    assert refresh(("01",)) == {}
    assert good.read_bytes() == first
