"""What a reader sees: figures, tables and sentences with computed values."""

from analysis.report.figures import figure_style, log_axis, show
from analysis.report.prose import between, say, share, yen
from analysis.report.tables import table

__all__ = ["between", "figure_style", "log_axis", "say", "share", "show", "table", "yen"]
