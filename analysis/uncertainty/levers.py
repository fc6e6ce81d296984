"""Combinations of given values: grid, zip, one at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

Combination = dict[str, Any]


def grid(values: Mapping[str, Sequence[Any]]) -> list[Combination]:
    """Every combination, the last name moving fastest."""
    return [dict(zip(values, row, strict=True)) for row in product(*values.values())]


def together(values: Mapping[str, Sequence[Any]]) -> list[Combination]:
    """First with first, second with second."""
    return [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)]


def one_at_a_time(values: Mapping[str, Sequence[Any]]) -> list[Combination]:
    """The base first, then each name at each of its values while the others stay at the base."""
    return [{}, *({name: value} for name, listed in values.items() for value in listed)]
