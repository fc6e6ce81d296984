"""A panel file to start from: the shipped panel as it is known, before anything is drawn.

A header alone would be refused (no row), and an invented row would look like an exchange. Whoever
has better figures has them of the same exchanges: their ids stand here, so that years on the
register, losses on record and order books are found.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from analysis.data import read
from analysis.errors import InputError
from analysis.market.assemble import assemble
from analysis.market.panel import FIELDS
from analysis.market.schema import AT_STATEMENT, KEY
from analysis.scenario import Scenario

DECIMALS = 2
ENDING = ".csv"


def template(scenario: Scenario) -> pd.DataFrame:
    """The shipped panel in the columns of a user's file; blank where nobody printed a figure.

    Returns
    -------
    DataFrame
        `exchange`, `name`, every column of `FIELDS` and `AT_STATEMENT`, numbers to two decimals.
        A field has its `<column>_status` where a cell of it is derived, lest it count as observed.
    """
    known = assemble(scenario)
    names = read("market/operators").set_index(KEY)["name"].reindex(known.index)
    columns: dict[str, pd.Series] = {KEY: known.index.to_series(), "name": names}
    for field in (*FIELDS.values(), AT_STATEMENT):
        columns[field.column] = known[field.column].astype(float).round(DECIMALS)
        status = f"{field.column}_status"
        if status in known and (known[status] == "derived").any():
            columns[status] = known[status]
    return pd.DataFrame(columns).reset_index(drop=True)


def write_template(path: Path, scenario: Scenario) -> pd.DataFrame:
    """Write `template` as a CSV that `load_panel` accepts, and return it.

    Raises
    ------
    InputError
        Another ending than .csv, a file that exists, or a folder that does not or is closed.
    """
    if path.suffix.lower() != ENDING:
        raise InputError(f"template {path}: the template is a CSV; give a name ending in {ENDING}")
    table = template(scenario)
    text = table.to_csv(index=False, lineterminator="\n", float_format="%.15g")
    try:
        with path.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
    except FileExistsError:
        raise InputError(
            f"template {path}: exists and is left as it is; give a name that is new"
        ) from None
    except OSError as failure:
        raise InputError(
            f"template {path}: cannot be written ({failure.strerror}); give a file in a folder "
            "that exists"
        ) from None
    return table
