"""What a reserve costs, what it locks up, and who cannot fund it."""

from analysis.impact.evaluate import Impact, evaluate
from analysis.impact.history import industry_history
from analysis.impact.procyclicality import procyclicality, requirement_series
from analysis.impact.stress import STRESSES, Stress, run_stresses, within_range
from analysis.impact.tables import write_tables

__all__ = [
    "STRESSES",
    "Impact",
    "Stress",
    "evaluate",
    "industry_history",
    "procyclicality",
    "requirement_series",
    "run_stresses",
    "within_range",
    "write_tables",
]
