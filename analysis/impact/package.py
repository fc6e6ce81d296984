"""The tables' own description, `datapackage.json`: title, unit and meaning, machine-readable.

The form is a Frictionless data package, as for the tables in `data/`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.impact.columns import COLUMNS, TABLES

PACKAGE = "datapackage.json"


def package(tables: Mapping[str, pd.DataFrame], interval: float) -> dict[str, Any]:
    """Descriptor of the tables of an evaluation.

    Parameters
    ----------
    tables : mapping of str to DataFrame
    interval : share of the data sets between `low` and `high`, in (0, 1).
    """
    return {
        "profile": "tabular-data-package",
        "name": "reserve-study-tables",
        "title": "Liability reserves of Japan's crypto-asset exchanges: results of one run",
        "description": (
            "Amounts are means over the completed data sets of the panel, JPY million in prices of "
            f"the base month; low and high bound {interval:.0%} of the data sets. A column means "
            "the same in every table; without the column exchange it is the sum over the "
            "evaluated exchanges. Blank is not available, never zero."
        ),
        "licenses": [{"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}],
        "resources": [_resource(name, table) for name, table in tables.items()],
    }


def write_package(tables: Mapping[str, pd.DataFrame], interval: float, folder: Path) -> Path:
    """Write the descriptor beside the tables, the same bytes for the same tables."""
    text = json.dumps(package(tables, interval), indent=1, ensure_ascii=False)
    path = folder / PACKAGE
    path.write_bytes((text + "\n").encode("utf-8"))
    return path


def _resource(name: str, table: pd.DataFrame) -> dict[str, Any]:
    return {
        "name": name,
        "path": f"{name}.csv",
        "title": TABLES[name].title,
        "profile": "tabular-data-resource",
        "scheme": "file",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\n"},
        "schema": {
            "fields": [_field(column, table[column]) for column in table.columns],
            "primaryKey": list(TABLES[name].key),
        },
    }


def _field(name: str, values: pd.Series) -> dict[str, Any]:
    column = COLUMNS[name]
    kind = {"type": _type(values), "unit": column.unit, "description": column.about}
    # As pandas writes them; the standard's own words are in small letters.
    words = {"trueValues": ["True"], "falseValues": ["False"]} if kind["type"] == "boolean" else {}
    return {"name": name, **kind, **words}


def _type(values: pd.Series) -> str:
    kinds = {"b": "boolean", "i": "integer", "f": "number"}
    return kinds.get(getattr(values.dtype, "kind", "O"), "string")
