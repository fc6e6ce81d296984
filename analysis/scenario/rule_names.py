"""Parameters of single formulas, by the names that people write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from analysis.errors import InputError

RULE = "rule_parameters"
DOTTED = f"{RULE}."
FORM = (
    f'numbers, as {{"custody_share_korea.hot_rate": 0.08}} or {DOTTED}custody_share_korea.hot_rate'
)
"""What a reader may give, for messages."""


def joined(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values with the parameters of formulas in one mapping, as the scenario holds them.

    Three spellings are the same: `rule_parameters.FORMULA.NAME: 1`,
    `rule_parameters: {FORMULA.NAME: 1}` and `rule_parameters: {FORMULA: {NAME: 1}}`.

    Raises
    ------
    InputError
        A parameter without its formula, or one that is given twice.
    """
    plain = {name: value for name, value in values.items() if not name.startswith(DOTTED)}
    dotted = {name.removeprefix(DOTTED): v for name, v in values.items() if name not in plain}
    whole = plain.get(RULE, {})
    if not isinstance(whole, Mapping) or not (whole or dotted):
        return plain
    found: dict[str, Any] = {}
    for name, value in by_name([*whole.items(), *dotted.items()]):
        if "." not in name:
            raise InputError(f"{RULE}: '{name}' names no formula; allowed: {FORM}")
        if name in found:
            raise InputError(f"{DOTTED}{name} is given twice; give it once")
        found[name] = value
    return {**plain, RULE: found}


def by_name(given: Iterable[tuple[Any, Any]]) -> Iterator[tuple[str, Any]]:
    """`FORMULA.NAME` and value, also of what is nested by formula."""
    for name, value in given:
        if isinstance(value, Mapping):
            yield from ((f"{name}.{inner}", amount) for inner, amount in value.items())
        else:
            yield str(name), value
