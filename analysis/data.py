"""Tables of the data package `data/`: read by name, typed by `datapackage.json`, and hashed.

A table is named by its path below `data/` without the suffix, as in `market/firm_years`.
"""

from __future__ import annotations

import difflib
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.errors import InputError

DATA: Path = Path(__file__).resolve().parent.parent / "data"

_REQUIRED = {"string": "str", "number": "float64", "integer": "int64", "boolean": "bool"}
_OPTIONAL = _REQUIRED | {"integer": "Int64", "boolean": "boolean"}
_DATES = {"date", "datetime"}


@cache
def _resources() -> dict[str, dict[str, Any]]:
    """Descriptors of `datapackage.json` by table name."""
    path = DATA / "datapackage.json"
    try:
        descriptor = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError) as failure:
        raise InputError(f"{path}: cannot be read ({failure}); restore the file") from None
    return {resource["name"]: resource for resource in descriptor["resources"]}


def package() -> tuple[str, ...]:
    """Names of all tables, in the order of `datapackage.json`."""
    return tuple(_resources())


def _resource(name: str) -> dict[str, Any]:
    if name not in _resources():
        near = difflib.get_close_matches(name, package(), n=1, cutoff=0.4)
        hint = f"did you mean '{near[0]}'?" if near else f"tables: {', '.join(package())}"
        raise InputError(f"unknown table '{name}'; {hint}")
    return _resources()[name]


def fields(name: str) -> pd.DataFrame:
    """Name, type, unit and description of every column of a table.

    Raises
    ------
    InputError
        Unknown table; the nearest name is suggested.
    """
    listed = [
        {key: field[key] for key in ("name", "type", "unit", "description")}
        for field in _resource(name)["schema"]["fields"]
    ]
    return pd.DataFrame(listed)


def _dtype(field: dict[str, Any]) -> str:
    required = field.get("constraints", {}).get("required", False)
    return (_REQUIRED if required else _OPTIONAL)[field["type"]]


@cache
def _table(name: str) -> pd.DataFrame:
    listed = _resource(name)["schema"]["fields"]
    path = DATA / _resource(name)["path"]
    try:
        table = pd.read_csv(
            path,
            dtype={f["name"]: _dtype(f) for f in listed if f["type"] not in _DATES},
            parse_dates=[f["name"] for f in listed if f["type"] in _DATES],
            keep_default_na=False,
            na_values=[""],
            true_values=["true"],
            false_values=["false"],
            encoding="utf-8",
        )
    except (OSError, ValueError) as failure:
        raise InputError(f"{path}: cannot be read ({failure}); restore the file") from None
    expected = [field["name"] for field in listed]
    if list(table.columns) != expected:
        raise InputError(f"{path}: columns {list(table.columns)}; datapackage.json has {expected}")
    return table


def read(name: str) -> pd.DataFrame:
    """Copy of one table with the types of the data package; a blank cell is missing, never zero.

    Text is `str`, numbers `float64`, days and times `datetime64` (times in UTC); whole numbers are
    `int64` and yes or no is `bool`, or pandas' `Int64` and `boolean` where a cell may be blank.

    Parameters
    ----------
    name : str
        Table, as `market/firm_years`.

    Raises
    ------
    InputError
        Unknown table (the nearest name is suggested), or a file that does not fit its schema.
    """
    return _table(name).copy()


def sha256(name: str) -> str:
    """SHA-256 of a file below `data/`, by its relative name with suffix, in hexadecimal."""
    path = DATA / name
    if not path.is_file():
        raise InputError(f"no file '{name}' below {DATA.name}/; see analysis.data.hashes()")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def hashes() -> dict[str, str]:
    """SHA-256 of every file below `data/` by relative name, sorted: what a record binds.

    What is hidden, or in a hidden folder, is left by editors and is none of it.
    """
    files = sorted(path.relative_to(DATA) for path in DATA.rglob("*") if path.is_file())
    return {name.as_posix(): sha256(name.as_posix()) for name in files if not is_hidden(name)}


def is_hidden(relative: Path) -> bool:
    """Whether a name or a folder above it starts with a dot."""
    return any(part.startswith(".") for part in relative.parts)
