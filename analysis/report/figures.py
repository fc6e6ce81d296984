"""Figures: one style, a caption, a source line and alt text for each."""

from __future__ import annotations

import io
import os
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import seaborn as sns
from IPython.display import Image, Markdown, display
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, StrMethodFormatter
from PIL import Image as Picture

from analysis.errors import InputError

#: Folder in which `show` keeps PNG and SVG files; set by the runner.
FOLDER_VARIABLE = "STUDY_FIGURES"

#: Colours told apart by colour-blind readers, by cell status.
STATUS_COLOURS = {
    "observed": "#0072B2",
    "derived": "#56B4E9",
    "imputed": "#E69F00",
    "missing": "#DDDDDD",
}


def figure_style() -> None:
    """Set the style of every figure of the study: colour-blind palette, thin grid, 9-point text."""
    sns.set_theme(style="whitegrid", palette="colorblind", font_scale=0.8)
    mpl.rcParams |= {
        "figure.dpi": 100,
        "savefig.dpi": 110,
        "savefig.bbox": "tight",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "grid.linewidth": 0.5,
        "svg.hashsalt": "study",
        "axes.titlelocation": "left",
    }


def log_axis(axes: Axes) -> None:
    """Logarithmic x axis with plain numbers (1,000, not a power of ten)."""
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.10g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())


def show(figure: Figure, *, name: str, caption: str, source: str, alt: str) -> None:
    """Show a figure with caption and source, and keep it as PNG and SVG where the runner asks.

    Parameters
    ----------
    figure : Figure
        Drawn figure; it is closed.
    name : str
        File name without ending, lower case with underscores.
    caption, source, alt : str
        What the reader sees below the picture, and what a screen reader says. None may be blank.

    Raises
    ------
    InputError
        If a text is blank or the name is not a plain file name.
    """
    for what, text in {"caption": caption, "source": source, "alt": alt}.items():
        if not text.strip():
            raise InputError(f"figure {name}: {what} is blank")
    if not name.replace("_", "").isalnum() or name != name.lower():
        raise InputError(f"figure name {name!r}: lower case letters, digits and underscores only")
    picture = _png(figure)
    if folder := os.environ.get(FOLDER_VARIABLE):
        _keep(figure, Path(folder) / name, picture, alt)
    plt.close(figure)
    display(Image(data=picture, alt=alt))
    display(Markdown(f"**{caption.strip()}** *Source: {source}*"))


def _png(figure: Figure) -> bytes:
    """Picture of at most 256 colours, a third of the size: charts have few, pages have many."""
    drawn, kept = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", metadata={"Software": None})
    with Picture.open(drawn) as full:
        few = full.convert("RGB").quantize(256, dither=Picture.Dither.NONE)
        few.save(kept, format="png", optimize=True, dpi=full.info["dpi"])
    return kept.getvalue()


def _keep(figure: Figure, path: Path, picture: bytes, alt: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".png").write_bytes(picture)
    figure.savefig(path.with_suffix(".svg"), metadata={"Date": None, "Description": alt})
    path.with_suffix(".txt").write_text(alt + "\n", encoding="utf-8", newline="\n")
