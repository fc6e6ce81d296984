"""A design file read and checked in full before anything runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.impact.columns import COLUMNS
from analysis.impact.lazy_tables import MAKERS
from analysis.scenario import Scenario, scenario
from analysis.uncertainty.design import Design, Stop
from analysis.uncertainty.design_checks import check_points
from analysis.uncertainty.design_levers import MOST, read_levers
from analysis.uncertainty.design_names import RULE, Quantity, quantity, suggestion
from analysis.uncertainty.design_source import Source, closed
from analysis.uncertainty.design_uncertainties import SEED, Sample, read_uncertainties
from analysis.uncertainty.levers import Combination
from analysis.yaml_lines import Location, Marked, read_marked

TOP = ("title", "question", "base", "levers", "uncertainties", "tables", "read", "stop")
#: Tables of one row per formula, which a sweep can put beside each other.
TABLES = tuple(name for name in ("industry", "appraisal", "market") if name in MAKERS)
MOST_VALUES = 100_000_000


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
    top = closed(marked, (), marked.content, TOP)
    titles = {key: _line_of_text(marked, key) for key in ("title", "question")}
    source = _based(marked)
    combinations, levers, combine = _levers(source)
    stop = _stop(source)
    sample = _sample(source, combinations, levers, stop)
    if not levers and sample is None:
        raise marked.error((), "an empty design: give levers, uncertainties or stop")
    varied = [*levers, *(sample.varied if sample else ())]
    points = _points(source, combinations, levers, sample)
    check_points(source, points, varied, {each.name: _line(marked, each.name) for each in varied})
    pages, read = _read(source, len(points))
    return Design(
        name=path.stem,
        **titles,
        base=source.fixed,
        levers=tuple(each.name for each in levers),
        uncertainties=tuple(each.name for each in sample.varied) if sample else (),
        method=sample.method if sample else combine,
        samples=sample.samples if sample else 1,
        seed=sample.seed if sample else SEED,
        ranges=sample.ranges if sample else {},
        plan=sample.plan if sample else None,
        tables=_tables(source, top.get("tables", ["industry"])),
        pages=pages,
        marked=read,
        stop=stop,
        points=points,
    )


def _line_of_text(marked: Marked, key: str) -> str:
    text = marked.content.get(key)
    if not isinstance(text, str) or not text.strip():
        raise marked.error((key,), "is missing; say it in one line of text")
    return " ".join(text.split())


def _based(marked: Marked) -> Source:
    """The file with the scenario of its base; `rule_parameters` may stand one a line."""
    bare = Source(marked, Scenario(), {})
    given = marked.content.get("base") or {}
    if not isinstance(given, dict):
        raise marked.error(("base",), "must be a mapping of names to values")
    fixed: dict[str, Any] = {}
    rules: dict[str, Any] = {}
    for name, value in given.items():
        at = ("base", name)
        if name == RULE and isinstance(value, dict):
            rules |= {key: (("base", RULE, key), amount) for key, amount in value.items()}
        elif name.startswith(f"{RULE}."):
            rules[name.removeprefix(f"{RULE}.")] = (at, value)
        else:
            fixed[name] = bare.checked(at, bare.quantity(at, name), value)
    made = bare.at(("base",), lambda: scenario(fixed))
    whole = Source(marked, made, {})
    overrides = {
        key: whole.checked(at, whole.quantity(at, f"{RULE}.{key}"), value)
        for key, (at, value) in rules.items()
    }
    joined = {**fixed, **({RULE: overrides} if overrides else {})}
    return Source(marked, scenario(joined), _Fixed(joined, overrides))


class _Fixed(dict[str, Any]):
    """Base values; a single parameter of a formula counts as fixed too."""

    def __init__(self, joined: Mapping[str, Any], overrides: Mapping[str, float]) -> None:
        super().__init__(joined)
        self._overrides = frozenset(f"{RULE}.{key}" for key in overrides)

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or name in self._overrides


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


def _points(
    source: Source, combinations: list[Combination], levers: list[Quantity], sample: Sample | None
) -> pd.DataFrame:
    """Every combination of levers meets the same sample, levers outermost."""
    drawn = {each.name: _sampled(sample, each) for each in sample.varied} if sample else {}
    each_has = len(next(iter(drawn.values()))) if drawn else 1
    n = len(combinations) * each_has
    if n > MOST or n * (len(levers) + len(drawn)) > MOST_VALUES:
        raise source.marked.error(
            (), f"{n:,} points; allowed: at most {MOST:,} and {MOST_VALUES:,} values"
        )
    columns: dict[str, Any] = {
        "point": np.arange(n, dtype=np.int64),
        "levers": np.repeat(np.arange(len(combinations), dtype=np.int64), each_has),
        "sample": np.tile(np.arange(each_has, dtype=np.int64), len(combinations)),
    }
    for each in levers:
        values = _column([row.get(each.name, each.default) for row in combinations], each)
        columns[each.name] = np.repeat(values, each_has)
    for name, values in drawn.items():
        columns[name] = np.tile(values, len(combinations))
    # Text stays object: pandas would choose a type of its own.
    return pd.DataFrame(
        {name: pd.Series(values, dtype=values.dtype) for name, values in columns.items()}
    )


def _sampled(sample: Sample, varied: Quantity) -> np.ndarray:
    if varied.name in sample.columns:
        return _column(sample.columns[varied.name].tolist(), varied)
    return _column([row.get(varied.name, varied.default) for row in sample.rows], varied)


def _column(values: list[Any], varied: Quantity) -> np.ndarray:
    if varied.kind == "text" or any(value is None for value in values):
        column = np.empty(len(values), dtype=object)
        column[:] = values
        return column
    types = {"number": np.float64, "integer": np.int64, "boolean": np.bool_}
    return np.asarray(values, dtype=types[varied.kind])


def _tables(source: Source, given: Any) -> tuple[str, ...]:
    here: Location = ("tables",)
    listed = source.listed(here, given, "tables")
    names = tuple(source.one_of((*here, i), name, TABLES) for i, name in enumerate(listed))
    if len(set(names)) < len(names):
        raise source.marked.error(here, "a table is there twice; keep one")
    return names


def _read(source: Source, n: int) -> tuple[tuple[str, ...], tuple[int, ...] | Literal["all"]]:
    """Pages and points to read; whether a page is there is known where pages are run."""
    if "read" not in source.marked.content:
        return (), ()
    here: Location = ("read",)
    given = source.mapping(here, source.marked.content["read"], ("notebooks", "points"))
    pages = source.listed((*here, "notebooks"), given.get("notebooks"), "pages")
    for place, page in enumerate(pages):
        if not isinstance(page, str) or not re.fullmatch(r"[a-z0-9][a-z0-9_]*", page):
            told = f"{page!r} is not the name of a page, such as 03_reserves"
            raise source.marked.error((*here, "notebooks", place), told)
    points = given.get("points")
    if points == "all":
        return tuple(pages), "all"
    listed = source.listed((*here, "points"), points, "points (or all)")
    chosen = [source.whole((*here, "points", i), p, 0, n - 1) for i, p in enumerate(listed)]
    if len(set(chosen)) < len(chosen) or len(set(pages)) < len(pages):
        raise source.marked.error(here, "a page or a point is there twice; keep one")
    return tuple(pages), tuple(chosen)


def _stop(source: Source) -> Stop | None:
    if "stop" not in source.marked.content:
        return None
    here: Location = ("stop",)
    given = source.mapping(
        here, source.marked.content["stop"], ("by", "batch", "most", "tolerance")
    )
    source.one_of((*here, "by"), given.get("by", "seed"), ("seed",))
    last = 2**32 - source.base.seed
    most = source.whole((*here, "most"), given.get("most"), 2, min(100_000, last))
    batch = source.whole((*here, "batch"), given.get("batch", min(4, most)), 1, most)
    tolerance = given.get("tolerance")
    if not isinstance(tolerance, dict) or not tolerance:
        raise source.marked.error(
            (*here, "tolerance"), "must be a mapping of columns to numbers, and not empty"
        )
    for column, number in tolerance.items():
        at = (*here, "tolerance", column)
        if column not in COLUMNS:
            raise source.marked.error(at, f"no table has it{suggestion(column, COLUMNS)}")
        if isinstance(number, bool) or not isinstance(number, int | float) or not number > 0:
            raise source.marked.error(at, f"{number!r}; allowed: a number above 0")
    return Stop("seed", batch, most, {str(k): float(v) for k, v in tolerance.items()})


def _line(marked: Marked, name: str) -> Location:
    """Where a varied name is written, as near as the file says."""
    ends = [place for place in marked.lines if place and place[-1] == name and place[0] != "base"]
    if ends:
        return ends[0]
    for place in (("uncertainties", "vary"), ("stop",)):
        if place in marked.lines:
            return place
    return ()


__all__ = ["InputError", "read_design", "suggestion"]
