"""What the description of a column and of a table consists of, and the units they use."""

from __future__ import annotations

from dataclasses import dataclass

MONEY = "JPY mn"
YEARLY = "JPY mn per year"
SHARE = "fraction"
COUNT = "exchanges"


@dataclass(frozen=True)
class Column:
    """Unit and meaning of a column; `bounded` if tables have it with `low` and `high`, too."""

    unit: str
    about: str
    bounded: bool = False


@dataclass(frozen=True)
class TableText:
    """Title of a table, and the columns that tell its rows apart."""

    title: str
    key: tuple[str, ...]
