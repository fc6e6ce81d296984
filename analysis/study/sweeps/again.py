"""Some points of a sweep evaluated again, from what its folder says of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from analysis.impact.many import evaluate_many
from analysis.study.page_result import as_alone
from analysis.uncertainty.results import Results

#: Points that are tried: the first, the last, and others evenly between.
POINTS = 12


def points_again(folder: Path, panel: Path | None) -> tuple[int, tuple[int, str] | None]:
    """Evaluate some points that are done alone, one by one.

    Returns
    -------
    tuple
        How many were evaluated, and the first point and table whose rows are others.
    """
    results = Results(folder)
    done = results.status.query("status == 'done'")["point"].to_numpy()
    chosen = done[np.unique(np.linspace(0, len(done) - 1, POINTS).astype(int))]
    for point in (int(one) for one in chosen):
        made = evaluate_many([results.scenario(point)], results.tables, panel)
        for name, frame in made.items():
            kept = results.query(f'SELECT * FROM "{name}" WHERE point = {point}')
            frame["point"] = point
            if not _values(frame).equals(_values(as_alone(kept, frame))):
                return len(chosen), (point, name)
    return len(chosen), None


def _values(frame: pd.DataFrame) -> pd.DataFrame:
    """Cells as plain values, blanks as None: equal to the last digit, or not equal."""
    plain = frame.astype(object)
    return plain.where(frame.notna(), None).reset_index(drop=True)
