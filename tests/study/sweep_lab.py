"""A checkout of its own for sweeps, and sweeps in processes of their own.

The checkout is a copy, so that no edit made while the tests run changes a hash under them.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml
from pages import START, write_page
from typer.testing import CliRunner

from analysis.errors import InputError
from analysis.study import cli, record

#: Cheap points: two data sets, one formula that needs no loss model.
BASE = {"draws": 2, "formula": "own_funds_mica_class3"}
PAGE = (
    START,
    "from analysis import evaluate\nfrom analysis.study.notebook import market\n"
    "impact = evaluate(market(scenario, panel), scenario)",
    "print(scenario.floor_jpy_mn)",
)


@dataclass(frozen=True)
class Lab:
    """A copy of the code and the data, and a folder in which sweeps are started."""

    checkout: Path
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """Variables with which a process runs the copy, marked to be found again."""
        return {**os.environ, "PYTHONPATH": str(self.checkout), "SWEEP_LAB": str(self.folder)}

    def design(self, name: str = "small", **parts: Any) -> Path:
        """Design file: 4 levers x 12 samples unless `parts` say else."""
        content = {
            "title": "A small sweep",
            "question": "Does it work?",
            "base": BASE,
            "levers": {"vary": {"floor_jpy_mn": [0, 500, 1000, 2000]}},
            "uncertainties": {
                "method": "latin_hypercube",
                "samples": 12,
                "seed": 1,
                "vary": ["cost_of_equity", "price_shock"],
            },
        } | parts
        path = self.folder / f"{name}.yaml"
        kept = {key: value for key, value in content.items() if value is not None}
        path.write_text(yaml.safe_dump(kept, sort_keys=False), encoding="utf-8")
        return path

    def start(self, *arguments: str | Path, **options: Any) -> subprocess.Popen[str]:
        """`study` with some arguments, running."""
        return subprocess.Popen(
            [sys.executable, "-m", "analysis", *map(str, arguments)],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # Tests that are started in the background hand on that Ctrl-C is ignored.
            preexec_fn=_interruptible,
            **options,
        )

    def study(self, *arguments: str | Path, status: int = 0) -> str:
        """What `study` prints on both streams; fails unless it ends with `status`."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=300)
        assert process.returncode == status, out + err
        assert "Traceback" not in err
        return out + err

    def processes(self) -> list[psutil.Process]:
        """Processes that were started from here and still live."""
        found = []
        for process in psutil.process_iter():
            try:
                mine = process.environ().get("SWEEP_LAB") == str(self.folder)
                if mine and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def alone(self) -> list[psutil.Process]:
        """Processes that still live when they have had ten seconds to end."""
        wait_for(lambda: not self.processes(), 10, required=False)
        return self.processes()


def _interruptible() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def new_lab(checkout: Path, folder: Path) -> Lab:
    """Folder that shares a checkout."""
    folder.mkdir(parents=True, exist_ok=True)
    return Lab(checkout, folder)


def copy_checkout(folder: Path) -> Path:
    """Copy of code and data, with one small page in place of the study's."""
    for name in ("analysis", "data"):
        shutil.copytree(record.ROOT / name, folder / name)
    shutil.copy2(record.ROOT / "requirements.lock", folder)
    (folder / "notebooks").mkdir()
    write_page(folder / "notebooks" / "03_reserves.ipynb", *PAGE)
    return folder


def contents(folder: Path) -> dict[str, str]:
    """Hash of every file of a sweep; hidden ones are none of it."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


def refused(lab: Lab, *arguments: str | Path) -> str:
    """What is said to bad input; fails unless nothing is written."""
    before = sorted(lab.folder.rglob("*"))
    with pytest.raises(InputError) as refusal:
        CliRunner().invoke(
            cli.app, ["sweep", *map(str, arguments)], catch_exceptions=False, standalone_mode=False
        )
    assert sorted(lab.folder.rglob("*")) == before
    return str(refusal.value)


def chunks(folder: Path) -> list[Path]:
    """Chunks of a sweep that are there."""
    return sorted((folder / "chunks").glob("[0-9]*")) if (folder / "chunks").is_dir() else []


#: Longest wait, in seconds, for what takes one on an idle machine.
PATIENCE = 120.0


def wait_for(true: Callable[[], object], seconds: float = PATIENCE, required: bool = True) -> None:
    """Wait until something holds."""
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            assert not required, f"not within {seconds} s"
            return
        time.sleep(0.02)
