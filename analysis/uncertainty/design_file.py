"""A design file read and checked in full before anything runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from analysis.scenario import Scenario, scenario
from analysis.scenario.rule_names import DOTTED, by_name
from analysis.uncertainty.design import Design, Stop
from analysis.uncertainty.design_asks import read_pages, read_show, read_stop, read_tables
from analysis.uncertainty.design_checks import check_points
from analysis.uncertainty.design_levers import read_levers
from analysis.uncertainty.design_names import RULE, Quantity, quantity
from analysis.uncertainty.design_points import points_of
from analysis.uncertainty.design_source import Source, closed
from analysis.uncertainty.design_uncertainties import SEED, Sample, read_uncertainties
from analysis.uncertainty.levers import Combination
from analysis.yaml_lines import Location, Marked, read_marked

TOP = ("title", "question", "base", "levers", "uncertainties", "tables", "read", "show", "stop")


def read_design(path: Path) -> Design:
    """Design of a file.

    Raises
    ------
    InputError
        Whatever is wrong with it; the message names file, line and key, the value, what is
        allowed, and the nearest name. Nothing has been started then.
    """
    path = Path(path)
    marked = read_marked(path)
    closed(marked, (), marked.content, TOP)
    titles = {key: _line_of_text(marked, key) for key in ("title", "question")}
    source, base = _based(marked)
    combinations, levers, combine = _levers(source)
    stop = read_stop(source)
    sample = _sample(source, combinations, levers, stop)
    if not levers and sample is None:
        raise marked.error((), "an empty design: give levers, uncertainties or stop")
    varied = [*levers, *(sample.varied if sample else ())]
    points = points_of(source, combinations, levers, sample)
    check_points(source, points, varied, {each.name: _line(marked, each.name) for each in varied})
    pages, read = read_pages(source, len(points))
    return Design(
        name=path.stem,
        **titles,
        base=base,
        levers=tuple(each.name for each in levers),
        uncertainties=tuple(each.name for each in sample.varied) if sample else (),
        method=sample.method if sample else combine,
        samples=sample.samples if sample else 1,
        seed=sample.seed if sample else SEED,
        ranges=sample.ranges if sample else {},
        plan=sample.plan if sample else None,
        tables=read_tables(source),
        pages=pages,
        marked=read,
        stop=stop,
        show=read_show(source),
        points=points,
    )


def _line_of_text(marked: Marked, key: str) -> str:
    text = marked.content.get(key)
    if not isinstance(text, str) or not text.strip():
        raise marked.error((key,), "is missing; say it in one line of text")
    return " ".join(text.split())


def _based(marked: Marked) -> tuple[Source, dict[str, Any]]:
    """The file with its base as a scenario, and as values; formulas' parameters as one mapping."""
    bare = Source(marked, Scenario(), frozenset())
    given = marked.content["base"] if marked.content.get("base") is not None else {}
    if not isinstance(given, dict):
        raise marked.error(("base",), "must be a mapping of names to values")
    fixed: dict[str, Any] = {}
    rules: dict[str, Any] = {}
    for name, value in given.items():
        at = ("base", name)
        if name == RULE and isinstance(value, dict):
            for key, amount in by_name(value.items()):
                written = (key,) if key in value else key.rpartition(".")[::2]
                rules[key] = ((*at, *written), amount)
        elif name.startswith(DOTTED):
            rules[name.removeprefix(DOTTED)] = (at, value)
        else:
            fixed[name] = bare.checked(at, bare.quantity(at, name), value)
    made = bare.at(("base",), lambda: scenario(fixed))
    whole = Source(marked, made, frozenset())
    overrides = {
        key: whole.checked(at, whole.quantity(at, f"{DOTTED}{key}"), value)
        for key, (at, value) in rules.items()
    }
    joined = {**fixed, **({RULE: overrides} if overrides else {})}
    names = frozenset({*joined, *(f"{DOTTED}{key}" for key in overrides)})
    return Source(marked, scenario(joined), names), joined


def _levers(source: Source) -> tuple[list[Combination], list[Quantity], str]:
    if "levers" not in source.marked.content:
        return [{}], [], "list"
    return read_levers(source, source.marked.content["levers"])


def _sample(
    source: Source, combinations: list[Combination], levers: list[Quantity], stop: Stop | None
) -> Sample | None:
    content = source.marked.content
    if stop is not None:
        return _replicates(source, levers, stop)
    if "uncertainties" not in content:
        return None
    taken = {
        each.name: [row.get(each.name, each.default) for row in combinations] for each in levers
    }
    return read_uncertainties(source, content["uncertainties"], taken)


def _replicates(source: Source, levers: list[Quantity], stop: Stop) -> Sample:
    """Seeds of the replicates, one after the other from the base's on."""
    if "uncertainties" in source.marked.content:
        told = "replicates by seed and uncertainties exclude each other; keep one of the two"
        raise source.marked.error(("uncertainties",), told)
    if any(each.name == "seed" for each in levers):
        raise source.marked.error(("levers",), "seed is what replicates differ in; take it out")
    first = source.base.seed
    seeds = quantity("seed", source.base)
    column = np.arange(first, first + stop.most, dtype=np.int64)
    return Sample("seed", stop.most, first, [seeds], {}, columns={"seed": column})


def _line(marked: Marked, name: str) -> Location:
    """Where a varied name is written, as near as the file says."""
    ends = [place for place in marked.lines if place and place[-1] == name and place[0] != "base"]
    if ends:
        return ends[0]
    for place in (("uncertainties", "vary"), ("stop",)):
        if place in marked.lines:
            return place
    return ()
