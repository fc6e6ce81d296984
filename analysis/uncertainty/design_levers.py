"""The part `levers` of a design file: what the authority picks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from analysis.uncertainty.design_names import Quantity
from analysis.uncertainty.design_source import Source
from analysis.uncertainty.design_values import values_of_entry
from analysis.uncertainty.levers import Combination, grid, one_at_a_time, together
from analysis.yaml_lines import Location

COMBINE = {"grid": grid, "zip": together, "one_at_a_time": one_at_a_time}


def read_levers(source: Source, entry: Any) -> tuple[list[Combination], list[Quantity], str]:
    """Combinations of levers, the parameters they vary, and how they are combined."""
    here: Location = ("levers",)
    given = source.mapping(here, entry, ("combine", "vary", "list"))
    if "list" in given:
        if len(given) > 1:
            raise source.marked.error(here, "a list stands alone, without combine and vary")
        combinations, varied = read_list(source, (*here, "list"), given["list"])
        return combinations, varied, "list"
    combine = source.one_of((*here, "combine"), given.get("combine", "grid"), tuple(COMBINE))
    if not isinstance(given.get("vary"), dict) or not given["vary"]:
        raise source.marked.error(
            (*here, "vary"), "must be a mapping of names to values, and not empty"
        )
    return combined(source, (*here, "vary"), given["vary"], combine)


def combined(
    source: Source, here: Location, vary: dict[str, Any], combine: str
) -> tuple[list[Combination], list[Quantity], str]:
    """Combinations of the entries of `vary`."""
    varied = [source.quantity((*here, name), name) for name in vary]
    values = {
        each.name: values_of_entry(
            source, (*here, each.name), each, vary[each.name], repeated=combine == "zip"
        )
        for each in varied
    }
    refuse_unequal(source, here, values, combine)
    refuse_too_many(source, here, values, combine)
    combinations = COMBINE[combine](values)
    if combine == "zip":
        _refuse_repeated(source, combinations, lambda _: here)
    return combinations, varied, combine


def read_list(
    source: Source, here: Location, entry: Any
) -> tuple[list[Combination], list[Quantity]]:
    """Combinations as they are written; a name that one leaves out has its base value."""
    combinations: list[Combination] = []
    varied: dict[str, Quantity] = {}
    for place, row in enumerate(source.listed(here, entry, "mappings of names to values")):
        at = (*here, place)
        if not isinstance(row, dict):
            raise source.marked.error(at, "must be a mapping such as {floor_jpy_mn: 500}")
        combination = {}
        for name, value in row.items():
            varied[name] = varied.get(name) or source.quantity((*at, name), name)
            combination[name] = source.checked((*at, name), varied[name], value)
        combinations.append(combination)
    if not varied:
        raise source.marked.error(here, "varies nothing; name a parameter")
    _refuse_repeated(source, combinations, lambda place: (*here, place))
    return combinations, list(varied.values())


def _refuse_repeated(
    source: Source, combinations: list[Combination], where: Callable[[int], Location]
) -> None:
    """A combination that is there twice is evaluated once too often."""
    seen: set[frozenset[tuple[str, Any]]] = set()
    for place, combination in enumerate(combinations):
        values = frozenset(combination.items())
        if values in seen:
            told = ", ".join(f"{name} = {value}" for name, value in combination.items())
            raise source.marked.error(where(place), f"{told} is there twice; keep one")
        seen.add(values)


def refuse_unequal(
    source: Source, here: Location, values: dict[str, list[Any]], combine: str
) -> None:
    """Lists that are zipped have one length."""
    lengths = {name: len(listed) for name, listed in values.items()}
    if combine == "zip" and len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise source.marked.error(here, f"zip needs lists of one length; these have {told}")


MOST = 10_000_000


def refuse_too_many(
    source: Source, here: Location, values: dict[str, list[Any]], combine: str
) -> None:
    """A grid grows fast: refused before it fills the memory."""
    rows = 1
    for listed in values.values():
        rows *= len(listed) if combine == "grid" else 1
    if rows > MOST:
        raise source.marked.error(here, f"{rows:,} combinations; allowed: at most {MOST:,}")
