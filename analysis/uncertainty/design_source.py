"""A design file while it is read: its content with lines, and the base its names are read in."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, TypeVar

from analysis.errors import InputError, cut
from analysis.scenario import Scenario
from analysis.uncertainty.design_names import Quantity, nearest, quantity, suggestion
from analysis.yaml_lines import Location, Marked

T = TypeVar("T")


@dataclass(frozen=True)
class Source:
    """Content of a design file, the scenario that its base makes, and the names fixed there."""

    marked: Marked
    base: Scenario
    fixed: frozenset[str]

    def at(self, location: Location, make: Callable[[], T]) -> T:
        """What `make` gives; a refusal gets file, line and key in front."""
        try:
            return make()
        except InputError as refusal:
            raise self.marked.error(location, str(refusal)) from None

    def quantity(self, location: Location, name: object) -> Quantity:
        """Parameter of a name written at a location."""
        if not isinstance(name, str):
            raise self.marked.error(location, f"{name!r} is not the name of a parameter")
        found = self.at(location, lambda: quantity(name, self.base))
        if name in self.fixed:
            raise self.marked.error(location, "is fixed in base already; keep one of the two")
        return found

    def checked(self, location: Location, varied: Quantity, value: Any) -> Any:
        """A value of a parameter, in its own type."""
        return self.at(location, lambda: varied.checked(value, self.base))

    def mapping(self, location: Location, value: Any, keys: Collection[str]) -> dict[str, Any]:
        """A mapping with no other keys than these."""
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise self.marked.error(location, f"must be a mapping with {', '.join(keys)}")
        return closed(self.marked, location, value, keys)

    def whole(self, location: Location, value: Any, least: int, most: int) -> int:
        """A whole number between two others."""
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise self.marked.error(
                location, f"{cut(value)}; allowed: a whole number from {least} to {most}"
            )
        return value

    def one_of(self, location: Location, value: Any, known: Collection[str]) -> str:
        """One of some words."""
        if value not in known:
            listed = f"allowed: {', '.join(known)}{nearest(value, known)}"
            raise self.marked.error(location, f"{cut(value)}; {listed}")
        return str(value)

    def listed(self, location: Location, value: Any, what: str) -> list[Any]:
        """A list that is not empty."""
        if not isinstance(value, list) or not value:
            raise self.marked.error(location, f"must be a list of {what}, and not empty")
        return value


def closed(
    marked: Marked, location: Location, value: dict[str, Any], keys: Collection[str]
) -> dict[str, Any]:
    """The mapping, if it has no other keys than these."""
    for key in value:
        if key not in keys:
            hint = suggestion(key, keys)
            raise marked.error((*location, key), f"unknown or misplaced key{hint}")
    return value
