"""What a panel rests on: cells observed, derived, imputed and missing, field by field."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.market.panel import FIELDS, Panel


def check(table: pd.DataFrame, panel: Panel) -> pd.DataFrame:
    """Count the cells of each field by status, and weigh the imputed ones.

    Parameters
    ----------
    table : DataFrame
        Panel before it was completed (`assemble`, or `read_panel`), index exchange.
    panel : Panel
        The same panel completed.

    Returns
    -------
    DataFrame
        Index field; `column` (its name in files), `required` (whether a file must have it),
        `unit`, `observed`, `derived`, `imputed` (cells of the completed panel), `missing` (cells
        blank in the table: imputed, or derived as the panel was completed), `imputed_share`
        (weighted by value: share of the field's absolute total over exchanges that rests on
        imputed cells, mean over draws).
    """
    rows = {}
    for name, field in FIELDS.items():
        status = panel.status[name]
        size = np.abs(panel[name])
        total = size.sum(axis=1)
        imputed = size[:, (status == "imputed").to_numpy()].sum(axis=1)
        given = table[field.column] if field.column in table else pd.Series(dtype=float)
        rows[name] = {
            "column": field.column,
            "required": field.required,
            "unit": field.unit,
            **{kind: int((status == kind).sum()) for kind in ("observed", "derived", "imputed")},
            "missing": len(table) - int(given.notna().sum()),
            "imputed_share": float((imputed / np.where(total > 0, total, 1.0)).mean()),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("field")
