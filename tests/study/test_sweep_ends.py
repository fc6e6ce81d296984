"""Sweeps that are ended from outside, and in places that do not suit sockets: what stays."""

import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sweep_lab import Lab, chunks, contents, wait_for

from analysis.uncertainty.results import Results

OPTIONS = ("--workers", "2")


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Folder of temporary files of the sweeps alone, short enough for sockets."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        monkeypatch.setenv("TMPDIR", folder)
        yield Path(folder)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_sweep_that_is_asked_to_end_leaves_nothing_behind(
    lab: Lab, temporary: Path, number: int
) -> None:
    """As a scheduler, a container or a closed terminal asks."""
    design, folder = lab.design(), lab.folder / "out"
    process = lab.start("sweep", design, "--out", folder, *OPTIONS)
    wait_for(lambda: chunks(folder), 60)
    assert list(temporary.iterdir())
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "the same command goes on" in err
    assert "Traceback" not in err
    assert lab.alone() == []
    assert list(temporary.iterdir()) == []


def test_what_a_killed_sweep_left_goes_with_the_next(
    lab: Lab, temporary: Path, undisturbed: tuple[Path, dict[str, str]]
) -> None:
    design, folder = lab.design(), lab.folder / "out"
    process = lab.start("sweep", design, "--out", folder, *OPTIONS)
    wait_for(lambda: chunks(folder), 60)
    process.kill()
    process.communicate()
    assert lab.alone() == []
    assert list(temporary.iterdir())
    lab.study("sweep", design, "--out", folder, *OPTIONS)
    assert list(temporary.iterdir()) == []
    assert contents(folder) == undisturbed[1]


def test_workers_and_pages_in_a_long_folder_of_temporary_files(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """80 characters are 200 bytes in Japanese: more than a socket's path may have."""
    long = tmp_path / ("一時的な" * 15)
    long.mkdir()
    assert len(os.fsencode(long)) > 150
    monkeypatch.setenv("TMPDIR", str(long))
    design = lab.design(read={"notebooks": ["03_reserves"], "points": [0, 13]})
    lab.study("sweep", design, "--out", lab.folder / "out")
    assert Results(lab.folder / "out").coverage.complete
    assert list(long.iterdir()) == []
