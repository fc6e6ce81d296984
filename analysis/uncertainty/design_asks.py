"""What a design asks of its points: tables, pages to read, and when replicates are enough."""

from __future__ import annotations

import math
import re
from typing import Any, Literal

from analysis.errors import cut
from analysis.impact.columns import COLUMNS
from analysis.impact.lazy_tables import MAKERS
from analysis.rules import candidates
from analysis.scenario import Scenario
from analysis.uncertainty.convergence import LEAST, fewest_seeds
from analysis.uncertainty.design import Stop
from analysis.uncertainty.design_names import suggestion
from analysis.uncertainty.design_source import Source
from analysis.yaml_lines import Location

#: Tables of one row per formula, which a sweep can put beside each other.
TABLES = tuple(name for name in ("industry", "appraisal", "market") if name in MAKERS)

#: Columns that hold numbers.
_OTHERS = ("text", "id", "true or false", "date or month")
FIGURES = tuple(name for name, column in COLUMNS.items() if column.unit not in _OTHERS)


def read_tables(source: Source) -> tuple[str, ...]:
    """Names of tables; `industry` alone by default."""
    here: Location = ("tables",)
    listed = source.listed(here, source.marked.content.get("tables", ["industry"]), "tables")
    names = tuple(source.one_of((*here, i), name, TABLES) for i, name in enumerate(listed))
    if len(set(names)) < len(names):
        raise source.marked.error(here, "a table is there twice; keep one")
    return names


def read_pages(source: Source, n: int) -> tuple[tuple[str, ...], tuple[int, ...] | Literal["all"]]:
    """Pages and points to read; whether a page is there is known where pages are run."""
    if "read" not in source.marked.content:
        return (), ()
    here: Location = ("read",)
    given = source.mapping(here, source.marked.content["read"], ("notebooks", "points"))
    pages = source.listed((*here, "notebooks"), given.get("notebooks"), "pages")
    for place, page in enumerate(pages):
        if not isinstance(page, str) or not re.fullmatch(r"[a-z0-9][a-z0-9_]*", page):
            told = f"{cut(page)} is not the name of a page, such as 03_reserves"
            raise source.marked.error((*here, "notebooks", place), told)
    points = given.get("points")
    if points == "all":
        return tuple(pages), "all"
    listed = source.listed((*here, "points"), points, "points (or all)")
    chosen = [source.whole((*here, "points", i), p, 0, n - 1) for i, p in enumerate(listed)]
    if len(set(chosen)) < len(chosen) or len(set(pages)) < len(pages):
        raise source.marked.error(here, "a page or a point is there twice; keep one")
    return tuple(pages), tuple(chosen)


def read_show(source: Source) -> dict[str, Any]:
    """What the page on the sweep looks at first: a measure, a formula, a threshold."""
    here: Location = ("show",)
    keys = ("measure", "formula", "above")
    given = source.mapping(here, source.marked.content.get("show"), keys)
    if "measure" in given:
        _check_figure(source, (*here, "measure"), given["measure"])
    if "formula" in given:
        known = [one.id for base in (source.base, Scenario()) for one in candidates(base)]
        source.one_of((*here, "formula"), given["formula"], tuple(dict.fromkeys(known)))
    above = given.get("above", 0.0)
    if isinstance(above, bool) or not isinstance(above, int | float) or not math.isfinite(above):
        raise source.marked.error((*here, "above"), f"{cut(above)}; allowed: a number")
    return given


def read_stop(source: Source) -> Stop | None:
    """When replicates by seed are enough."""
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
    for column in tolerance:
        _check_figure(source, (*here, "tolerance", column), column)
    read = {str(k): _tolerance(source, (*here, "tolerance", k), v) for k, v in tolerance.items()}
    least = fewest_seeds(batch)
    if most < least:
        told = (
            f"{most}; allowed: {least} and more, since {LEAST} seeds are the fewest that tell an "
        )
        told += f"error and the answer must hold in two batches of {batch} in a row"
        raise source.marked.error((*here, "most"), told)
    return Stop("seed", batch, most, read)


def _check_figure(source: Source, here: Location, column: object) -> None:
    """Refuse what is no column of figures."""
    if column not in FIGURES:
        told = f"holds {COLUMNS[str(column)].unit}, no figure" if column in COLUMNS else ""
        told = told or f"no table has it{suggestion(column, FIGURES)}"
        raise source.marked.error(here, told)


def _tolerance(source: Source, here: Location, entry: Any) -> float | dict[str, float]:
    """A number, relative but for counts, or `{absolute: number}` in the unit of the column."""
    if isinstance(entry, dict):
        given = source.mapping(here, entry, ("absolute",))
        at = (*here, "absolute")
        return {"absolute": _positive(source, at, given.get("absolute"))}
    return _positive(source, here, entry)


def _positive(source: Source, here: Location, number: Any) -> float:
    if isinstance(number, bool) or not isinstance(number, int | float) or not 0 < number < math.inf:
        told = f"{cut(number)}; allowed: a number above 0, or {{absolute: number}}"
        raise source.marked.error(here, told)
    return float(number)
