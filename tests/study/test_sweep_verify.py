"""`study verify` on a sweep: as made, changed, incomplete, on a panel of one's own."""

from __future__ import annotations

import json
import shutil

import pandas as pd
from sweep_lab import Lab

from analysis.study import record


def _found(said: str) -> dict[str, str]:
    """Outcome by part."""
    lines = [line for line in said.splitlines() if line.startswith(("ok", "FAILED", "not checked"))]
    return {line[12:26].strip(): line[:12].strip() for line in lines}


def test_what_was_changed_is_named(lab: Lab) -> None:
    out, other = lab.folder / "out", lab.folder / "other"
    # A parameter that may have no value is read back from the table of points.
    design = lab.design(
        uncertainties=None,
        levers={
            "list": [
                {"beyond_hot": None, "floor_jpy_mn": 500},
                {"beyond_hot": 0.3, "floor_jpy_mn": 500},
            ]
        },
    )
    lab.study("sweep", design, "--out", out)
    parts = ("record", "data", "code", "notebooks", "lock", "outputs", "points again")
    assert _found(lab.study("verify", out)) == dict.fromkeys(parts, "ok")

    shutil.copytree(out, other)
    points = pd.read_parquet(other / "points.parquet")
    points.assign(floor_jpy_mn=600).to_parquet(other / "points.parquet")
    found = _found(lab.study("verify", other, status=1))
    assert {part for part, word in found.items() if word == "FAILED"} == {"outputs", "points again"}

    # Whoever can change the sweep can write a record that fits it, but not one that the model fits.
    kept = json.loads((other / "record.json").read_bytes())
    kept["outputs"] = record.output_hashes(other)
    del kept["fingerprint"]
    bound = {name: part for name, part in kept.items() if name not in ("schema", "about")}
    kept["fingerprint"] = record.fingerprint(bound)
    (other / "record.json").write_bytes(record.text(kept))
    found = _found(lab.study("verify", other, status=1))
    assert [part for part, word in found.items() if word == "FAILED"] == ["points again"]


def test_a_sweep_without_a_record_is_not_complete(lab: Lab) -> None:
    out = lab.folder / "out"
    lab.study("sweep", lab.design(), "--out", out)
    (out / "record.json").unlink()
    assert "not complete: give the command of the sweep again" in lab.study("verify", out, status=2)


def test_a_panel_of_ones_own_has_to_be_given(lab: Lab) -> None:
    panel, out = lab.folder / "panel.csv", lab.folder / "out"
    lab.study("template", panel)
    lab.study("sweep", lab.design(), "--out", out, "--panel", panel)
    assert _found(lab.study("verify", out))["points again"] == "not checked"
    assert _found(lab.study("verify", out, "--panel", panel))["points again"] == "ok"
    panel.write_text(panel.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    found = _found(lab.study("verify", out, "--panel", panel, status=1))
    assert found["points again"] == "FAILED"
