"""Versions of the installed packages: the lock says what should be there, these say what is."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from importlib import metadata

from analysis.study import record

#: Packages of which another version may give another last digit, or other bytes of a table.
NUMERIC = ("numpy", "pandas", "pyarrow", "scipy", "statsmodels")

_PINNED = re.compile(r"^([A-Za-z0-9._-]+)==", re.MULTILINE)


def numeric() -> dict[str, str]:
    """Versions that are part of every key."""
    return _versions(NUMERIC)


def locked() -> dict[str, str]:
    """Versions of all packages that `requirements.lock` pins and that are installed."""
    text = (record.ROOT / "requirements.lock").read_text(encoding="utf-8")
    return _versions(sorted(set(_PINNED.findall(text))))


def others(then: dict[str, str], now: dict[str, str]) -> list[tuple[str, str, str]]:
    """Packages that are in both with two versions: name, then, now."""
    return [
        (name, then[name], now[name]) for name in then if now.get(name, then[name]) != then[name]
    ]


def _versions(names: Iterable[str]) -> dict[str, str]:
    found = {"python": f"{sys.version_info.major}.{sys.version_info.minor}"}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
