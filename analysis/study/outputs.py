"""The tables of a run: one evaluation, written the same way for a run and for its check."""

from __future__ import annotations

from pathlib import Path

from analysis.impact import Impact, evaluate
from analysis.impact.tables import write_table, write_tables
from analysis.impact.headline import headline
from analysis.scenario import Scenario
from analysis.study.notebook import market


def evaluated(scenario: Scenario, panel: Path | None) -> Impact:
    """Evaluation of the shipped panel, or of the reader's own, under a scenario."""
    return evaluate(market(scenario, str(panel) if panel else None), scenario)


def write_outputs(impact: Impact, folder: Path) -> None:
    """Write every table of an evaluation, and the headlines, as CSV into `folder`."""
    write_tables(impact, folder)
    write_table(headline(impact), folder / "headline.csv")
