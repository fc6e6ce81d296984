"""The market panel: load, check, derive, impute."""

from __future__ import annotations

from analysis.market.build import build_panel, load_panel
from analysis.market.panel import BANDS, FIELDS, Field, FloatArray, Panel, size_bands
from analysis.market.pool import Pooled, pool

__all__ = [
    "BANDS",
    "FIELDS",
    "Field",
    "FloatArray",
    "Panel",
    "Pooled",
    "build_panel",
    "load_panel",
    "pool",
    "size_bands",
]
