"""A figure is kept twice with the same bytes, and never without its texts."""

from pathlib import Path

import matplotlib as mpl
import pytest

mpl.use("agg")

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from analysis.errors import InputError
from analysis.report.figures import FOLDER_VARIABLE, figure_style, show

TEXTS = {"caption": "Reserves.", "source": "study", "alt": "One bar."}


def _figure() -> Figure:
    figure, axes = plt.subplots()
    axes.bar(["a"], [1.0])
    return figure


def test_same_figure_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    figure_style()
    kept = []
    for run in ("first", "second"):
        monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / run))
        show(_figure(), name="bar", **TEXTS)
        kept.append({p.name: p.read_bytes() for p in sorted((tmp_path / run).iterdir())})
    assert sorted(kept[0]) == ["bar.png", "bar.svg", "bar.txt"]
    assert kept[0] == kept[1]


def test_nothing_is_written_without_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    show(_figure(), name="bar", **TEXTS)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("blank", ["caption", "source", "alt"])
def test_a_blank_text_is_refused(blank: str) -> None:
    with pytest.raises(InputError, match=blank):
        show(_figure(), name="bar", **{**TEXTS, blank: " "})


def test_a_path_is_not_a_name() -> None:
    with pytest.raises(InputError, match=r"\.\./bar"):
        show(_figure(), name="../bar", **TEXTS)
