"""What a notebook calls first: its parameters, checked, and the market that they pick.

Papermill only warns of a name that the parameters cell does not have. Here any parameter of the
scenario may be given, whether or not the cell lists it, and any other name stops the page.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.errors import InputError
from analysis.scenario import Scenario, scenario
from analysis.study.parameters import NOTEBOOK_ONLY, known_names, unknown

if TYPE_CHECKING:
    from analysis.market import Panel

_STARTED = "_parameters_read"
_PLAIN = (str, int, float, bool, type(None), list, tuple, dict)


def start(namespace: dict[str, Any]) -> Scenario:
    """Scenario from the parameters cell, called as `start(globals())` in the next cell.

    Parameters
    ----------
    namespace : dict
        The notebook's `globals()`. Names of the scenario and `panel` are its parameters.

    Raises
    ------
    InputError
        If the cell, or papermill, set a name that is no parameter (the nearest is suggested), or
        a value that the scenario refuses.
    """
    names = _parameter_names(namespace)
    strangers = [name for name in names if name not in known_names()]
    if strangers:
        raise unknown(strangers[0])
    values = {name: namespace[name] for name in names if name not in NOTEBOOK_ONLY}
    chosen = scenario({name: _plain(name, value) for name, value in values.items()})
    path = namespace.get("panel")
    if path is not None and not isinstance(path, str):
        raise InputError(f"parameter panel = {path!r}: expected the path of a file, or None")
    namespace[_STARTED] = True
    # Seaborn scatters points by numpy's legacy stream: seeded, two runs draw the same picture.
    np.random.seed(chosen.seed)  # noqa: NPY002
    return chosen


def _parameter_names(namespace: Mapping[str, Any]) -> list[str]:
    """Names set by the parameters cell and by papermill.

    At the first call nothing else has run, so every plain value is meant as a parameter. When a
    reader runs the cell again the page has variables of its own: then only known names count, and
    what the cell run just before has assigned.
    """
    plain = [
        name
        for name, value in namespace.items()
        if name in known_names()
        or (isinstance(value, _PLAIN) and name not in {"In", "Out"} and not name.startswith("_"))
    ]
    if _STARTED not in namespace:
        return plain
    just_before = _assigned(namespace.get("In", []))
    meant = {*known_names(), *(just_before if just_before & set(known_names()) else ())}
    return [name for name in plain if name in meant]


def _assigned(history: Iterable[str]) -> set[str]:
    """Names assigned by the cell that ran before the current one."""
    cells = list(history)
    if len(cells) < 2:
        return set()
    try:
        tree = ast.parse(cells[-2])
    except SyntaxError:
        return set()
    return {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def _plain(name: str, value: Any) -> Any:
    """A mapping that papermill passed on as text is read as JSON."""
    if name == "rule_parameters" and isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def market(chosen: Scenario, panel: str | Path | None = None) -> Panel:
    """Panel of the page: the shipped one, or the reader's own file."""
    from analysis.market import build_panel, load_panel

    return load_panel(panel, chosen) if panel else build_panel(chosen)
