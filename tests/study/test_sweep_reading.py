"""Executed pages that are there: why one is executed again, and which do not stay."""

import json
from pathlib import Path

import nbformat
from sweep_lab import copy_checkout, new_lab

READ = {"notebooks": ["03_reserves"], "points": [0, 13]}


def _stems(folder: Path) -> list[str]:
    return sorted(path.stem for path in (folder / "notebooks" / "03_reserves").glob("*.parquet"))


def test_why_a_page_is_executed_again_is_said(tmp_path: Path) -> None:
    lab = new_lab(copy_checkout(tmp_path / "own"), tmp_path / "lab")
    out, template = lab.folder / "out", lab.checkout / "notebooks" / "03_reserves.ipynb"
    command = ("sweep", lab.design(read=READ), "--out", out)
    assert "done again" not in lab.study(*command)
    executed = out / "notebooks" / "03_reserves" / "00000013.ipynb"
    executed.write_bytes(executed.read_bytes() + b" ")
    said = lab.study(*command)
    assert "1 notebook done again: 03_reserves: the executed notebook was changed" in said
    page = nbformat.read(template, as_version=4)
    page.cells[-1].source += "\n# edited"
    nbformat.write(page, template)
    said = lab.study(*command)
    assert "2 notebooks done again: 03_reserves: its template was edited" in said


def test_a_page_that_is_not_asked_for_stays_while_it_is_current(tmp_path: Path) -> None:
    lab = new_lab(copy_checkout(tmp_path / "own"), tmp_path / "lab")
    out, template = lab.folder / "out", lab.checkout / "notebooks" / "03_reserves.ipynb"
    lab.study("sweep", lab.design(read=READ), "--out", out)
    said = lab.study("sweep", lab.design(read={**READ, "points": [0]}), "--out", out)
    assert "removed" not in said
    assert _stems(out) == ["00000000", "00000013"]
    page = nbformat.read(template, as_version=4)
    page.cells[-1].source += "\n# edited"
    nbformat.write(page, template)
    said = lab.study("sweep", lab.design(), "--out", out)
    assert "2 notebooks removed: stale, not asked for" in said
    assert _stems(out) == []
    kept = json.loads((out / "record.json").read_bytes())
    assert not [name for name in kept["outputs"] if name.startswith("notebooks/")]
    assert "FAILED" not in lab.study("verify", out)
