"""Parameters as people write them: in a file, after `-p`, in a notebook's parameters cell.

Everything ends in `analysis.scenario.scenario`, so a value is refused in one place, with one
message, before any kernel starts and before anything is written.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path, PurePath, PureWindowsPath
from typing import TYPE_CHECKING, Any

from analysis.errors import InputError
from analysis.scenario import Scenario, changed, scenario
from analysis.scenario.rule_names import DOTTED, RULE, joined
from analysis.yaml_lines import read_marked

if TYPE_CHECKING:
    import pandas as pd

#: Parameters of a notebook that are not part of a scenario, with what they are when not given.
NOTEBOOK_ONLY: Mapping[str, Any] = {"panel": None}

#: Parameters whose value is a file of the user: records and notebooks show its base name only.
PATHS = ("panel", "industry_table", "formula_file")

_PROPERTIES: Mapping[str, Mapping[str, Any]] = Scenario.model_json_schema()["properties"]


def known_names() -> tuple[str, ...]:
    """Every name that a notebook accepts, in the order of the scenario."""
    return (*_PROPERTIES, *NOTEBOOK_ONLY)


def unknown(name: str) -> InputError:
    """Refusal of a name, with the nearest one that exists."""
    near = difflib.get_close_matches(name, known_names(), n=1)
    hint = f"did you mean '{near[0]}'?" if near else "`study parameters` lists the names"
    return InputError(f"unknown parameter '{name}'; {hint}")


def from_text(name: str, text: str) -> Any:
    """Value of a parameter from the text after `-p NAME`.

    A text that does not read as the parameter's type is returned as it is: the scenario then
    refuses it and says what is allowed.

    Raises
    ------
    InputError
        If the scenario has no parameter of that name.
    """
    if name in NOTEBOOK_ONLY:
        raise InputError(f"-p {name}: give the file as --{name} FILE")
    if name not in _PROPERTIES and not name.startswith(DOTTED):
        raise unknown(name)
    kinds = _kinds(name)
    if "null" in kinds and text.lower() in {"none", "null", ""}:
        return None
    try:
        return next((read(text) for kind, read in _READERS.items() if kind in kinds), text)
    except (ValueError, KeyError):
        return text


_READERS: Mapping[str, Callable[[str], Any]] = {
    "integer": int,
    "number": float,
    "boolean": lambda text: {"true": True, "yes": True, "false": False, "no": False}[text.lower()],
    "object": json.loads,
}


def _kinds(name: str) -> set[str]:
    """JSON types that a parameter may have; those of formulas are numbers."""
    if name.startswith(DOTTED):
        return {"number"}
    schema = _PROPERTIES[name]
    return {choice.get("type", "string") for choice in schema.get("anyOf", [schema])}


def from_pairs(
    pairs: Iterable[tuple[str, str]], below: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Values from the pairs after `-p`, on top of those of a file; a name given twice is refused.

    Parameters of formulas by their dotted names are joined, also with those of the file; the
    whole mapping `rule_parameters` takes the place of the file's, as any other parameter does.
    """
    values: dict[str, Any] = {}
    for name, text in pairs:
        if name in values:
            raise InputError(f"-p {name} is given twice; give it once")
        values[name] = from_text(name, text)
    given, under = joined(values), dict(below or {})
    if RULE in given and RULE not in values:
        given[RULE] = {**under.get(RULE, {}), **given[RULE]}
    return {**under, **given}


def from_file(path: Path) -> dict[str, Any]:
    """Values from a scenario file: a YAML or JSON mapping of parameter names to values.

    A parameter of a formula may be written in any way that `joined` reads.

    Raises
    ------
    InputError
        Unreadable file, wrong syntax, a key twice or unknown, a value that a scenario refuses;
        the message names file and line.
    """
    marked = read_marked(path, may_be_empty=True)
    try:
        for name in marked.content:
            if name not in _PROPERTIES and not name.startswith(DOTTED):
                raise unknown(name)
        scenario(marked.content)
    except InputError as refusal:
        told = str(refusal)
        about = [name for name in marked.content if re.search(rf"\b{re.escape(name)}\b", told)]
        raise marked.error(tuple(about[:1]), told) from None
    return joined(marked.content)


def base_name(value: Any) -> Any:
    """Last part of a path in the manner of this or another machine; other values as they are."""
    if not isinstance(value, str):
        return value
    return PureWindowsPath(value).name if "\\" in value else PurePath(value).name


def parameters_table(chosen: Scenario, names: Iterable[str] | None = None) -> pd.DataFrame:
    """Table of the parameters for the top of a notebook.

    Parameters
    ----------
    chosen : Scenario
        Parameters of this page.
    names : iterable of str, optional
        Parameters to show; a changed one is always shown. All by default.

    Returns
    -------
    DataFrame
        Columns parameter, value, unit, kind, source, changed ("yes (was ...)" or blank).
    """
    import pandas as pd

    wanted = set(_PROPERTIES if names is None else names)
    if strangers := wanted - set(_PROPERTIES):
        raise unknown(min(strangers))
    differing, values = changed(chosen), chosen.model_dump(mode="json")
    rows = [
        {
            "parameter": name,
            "value": _shown(name, values[name]),
            "unit": schema["unit"],
            "kind": schema["kind"],
            "source": schema["source"],
            "changed": f"yes (was {_shown(name, schema['default'])})" if name in differing else "",
        }
        for name, schema in _PROPERTIES.items()
        if name in wanted or name in differing
    ]
    return pd.DataFrame(rows)


def _shown(name: str, value: Any) -> str:
    if value is None or value == {}:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:,.10g}" if abs(value) >= 10_000 and name != "seed" else f"{value:g}"
    return str(base_name(value)) if name in PATHS else str(value)
