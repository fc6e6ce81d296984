"""What all tests share: no window for figures, no time limit on a busy machine."""

import os

import pytest
from hypothesis import settings

pytest_plugins = ["sweep_fixtures"]

os.environ["MPLBACKEND"] = "agg"
settings.register_profile("study", deadline=None)
settings.load_profile("study")


@pytest.fixture
def forked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels as the system can, whatever the environment says."""
    monkeypatch.delenv("STUDY_KERNELS", raising=False)
