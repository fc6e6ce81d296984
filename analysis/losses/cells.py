"""Some cells of a distribution, whatever arrays it is made of."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from types import EllipsisType
from typing import Any

import numpy as np

from analysis.losses.grid import Places

Where = tuple[Places | EllipsisType | None, ...]


def taken(value: Any, shape: tuple[int, ...], where: Where) -> Any:
    """Cells of an array, or of every array in a dataclass or sequence; the rest as it is.

    Arrays are broadcast to `shape` first, so what is the same for all exchanges may have one.
    """
    if isinstance(value, np.ndarray):
        return np.broadcast_to(value, shape)[where] if value.ndim else value
    if isinstance(value, list | tuple):
        return type(value)(taken(part, shape, where) for part in value)
    if is_dataclass(value) and not isinstance(value, type):
        parts = {f.name: taken(getattr(value, f.name), shape, where) for f in fields(value)}
        return replace(value, **parts)
    return value
