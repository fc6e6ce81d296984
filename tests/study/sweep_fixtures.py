"""What the tests of sweeps share."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from sweep_lab import Lab, contents, copy_checkout, new_lab


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy of the code and the data that nobody edits."""
    return copy_checkout(tmp_path_factory.mktemp("checkout"))


@pytest.fixture
def lab(checkout: Path, tmp_path: Path) -> Iterator[Lab]:
    """Folder in which sweeps are started; those that a failing test leaves there are killed."""
    made = new_lab(checkout, tmp_path / "lab")
    yield made
    for process in made.processes():
        with contextlib.suppress(psutil.Error):
            process.kill()


@pytest.fixture
def here(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """The lab, to be used from this process."""
    monkeypatch.chdir(lab.folder)
    return lab


@pytest.fixture(scope="session")
def undisturbed(
    checkout: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, str]]:
    """The small sweep, run without disturbance: its folder, and the hash of every file."""
    lab = new_lab(checkout, tmp_path_factory.mktemp("undisturbed"))
    lab.study("sweep", lab.design(), "--workers", "2")
    folder = lab.folder / "sweeps" / "small"
    return folder, contents(folder)
