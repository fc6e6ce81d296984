"""What the tests of sweeps share."""

from pathlib import Path

import pytest
from sweep_lab import Lab, contents, copy_checkout, new_lab


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy of the code and the data that nobody edits."""
    return copy_checkout(tmp_path_factory.mktemp("checkout"))


@pytest.fixture
def lab(checkout: Path, tmp_path: Path) -> Lab:
    """Folder in which sweeps are started."""
    return new_lab(checkout, tmp_path / "lab")


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
