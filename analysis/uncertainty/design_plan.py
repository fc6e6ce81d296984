"""How many samples a design draws, with which options, and what is not to be drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from analysis.uncertainty.design_levers import MOST
from analysis.uncertainty.design_names import suggestion
from analysis.uncertainty.design_source import Source
from analysis.uncertainty.samples import Plan
from analysis.yaml_lines import Location

HERE: Location = ("uncertainties",)
#: Options that only some methods have.
OPTIONS = {"second_order": ("sobol",), "levels": ("morris",), "groups": ("sobol", "morris")}


def refuse_options(source: Source, given: dict[str, Any], method: str) -> None:
    """An option of another method does nothing: refused."""
    for option, methods in OPTIONS.items():
        if option in given and method not in methods:
            belongs = f"is an option of {' and '.join(methods)}, not of {method}"
            raise source.marked.error((*HERE, option), belongs)


def read_plan(
    source: Source,
    given: dict[str, Any],
    how: tuple[str, int],
    names: tuple[str, ...],
    pairs: Sequence[tuple[str, str]],
) -> Plan:
    """Plan of a drawn sample.

    Parameters
    ----------
    how : method and seed.
    pairs : names that have an order, each pair one unknown to an estimator that needs groups.
    """
    method, seed = how
    if "samples" not in given:
        raise source.marked.error(HERE, f"samples is missing; {method} needs how many")
    samples = source.whole((*HERE, "samples"), given["samples"], 2, MOST)
    if method == "sobol" and samples & (samples - 1):
        above = 1 << samples.bit_length()
        told = f"{samples} is not a power of two; choose {above // 2} or {above}"
        raise source.marked.error((*HERE, "samples"), told)
    second = given.get("second_order", False)
    if not isinstance(second, bool):
        raise source.marked.error((*HERE, "second_order"), f"{second!r}; allowed: true or false")
    levels = source.whole((*HERE, "levels"), given.get("levels", 4), 2, 100)
    if levels % 2:
        raise source.marked.error((*HERE, "levels"), f"{levels}; Morris needs an even number")
    groups = _groups(source, given.get("groups"), names)
    if method in OPTIONS["groups"]:
        groups = _with_pairs(source, groups, names, pairs)
    plan = Plan(method, samples, seed, names, groups, second, levels)  # type: ignore[arg-type]
    if plan.rows * len(names) > 10 * MOST:
        told = f"{plan.rows:,} rows of {len(names)} parameters; allowed: {10 * MOST:,} values"
        raise source.marked.error((*HERE, "samples"), told)
    return plan


def _groups(source: Source, given: Any, names: tuple[str, ...]) -> tuple[str, ...] | None:
    """Group of each name; a name in none is a group of its own."""
    if given is None:
        return None
    here = (*HERE, "groups")
    if not isinstance(given, dict) or not given:
        raise source.marked.error(here, "must be a mapping of groups to lists of names")
    group: dict[str, str] = {}
    for title, members in given.items():
        for place, name in enumerate(source.listed((*here, title), members, "names")):
            at = (*here, title, place)
            if name not in names:
                raise source.marked.error(at, f"'{name}' is not varied{suggestion(name, names)}")
            if name in group:
                raise source.marked.error(at, f"'{name}' is in {group[name]} already")
            group[name] = title
    if len(set(group.values()) | (set(names) - set(group))) < 2:
        raise source.marked.error(here, "one group holds all; make at least two")
    return tuple(group.get(name, name) for name in names)


def _with_pairs(
    source: Source,
    groups: tuple[str, ...] | None,
    names: tuple[str, ...],
    pairs: Sequence[tuple[str, str]],
) -> tuple[str, ...] | None:
    """Groups in which both names of an ordered pair stand together.

    Each is made of both draws, so that neither has an index by itself.
    """
    group = dict(zip(names, groups or names, strict=True))
    for low, high in pairs:
        if group[low] == low and group[high] == high:
            group[low] = group[high] = f"{low}_to_{_end_of(low, high)}"
        elif group[low] != group[high]:
            told = f"{low} and {high} have an order and are one unknown; put both into one group"
            raise source.marked.error((*HERE, "groups"), told)
    if pairs and len(set(group.values())) < 2:
        told = f"{' and '.join(pairs[0])} have an order and are one unknown; vary another one too"
        raise source.marked.error((*HERE, "vary"), told)
    return tuple(group.values()) if groups or pairs else None


def _end_of(low: str, high: str) -> str:
    """`high` of `hot_share_low` and `hot_share_high`; the second name where they differ more."""
    stem = low.removesuffix("low")
    return high.removeprefix(stem) if high == f"{stem}high" else high
