"""Design files written for a test."""

from pathlib import Path

from analysis.uncertainty import Design, read_design

HEAD = "title: A test\nquestion: Does it hold?\n"


def design_of(folder: Path, body: str) -> Design:
    """Design of a body under a title and a question, which take two lines."""
    return read_design(written(folder, body))


def written(folder: Path, body: str) -> Path:
    """File with that body."""
    path = folder / "own.yaml"
    path.write_text(HEAD + body, encoding="utf-8")
    return path
