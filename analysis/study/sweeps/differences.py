"""In what two designs differ, in the words of a design file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: Parts of a design's identity that do not move a number: they may differ in one folder.
TITLES = ("name", "title", "question", "read", "show")

_RANGE = "range of "
_SHOWN = 4
_OPTIONS = ("groups", "second_order", "levels")


def numbers(identity: Mapping[str, Any]) -> dict[str, Any]:
    """Parts of a design's identity that move a number."""
    return {name: value for name, value in identity.items() if name not in TITLES}


def differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """What two identities, as plain JSON values, differ in; blank where they are one design.

    Values of levers are in an identity as their hash only, so that of these their number is said,
    or that they differ.
    """
    if numbers(then) == numbers(now):
        return ""
    before, after = _parts(then), _parts(now)
    said = [
        _said(name, before.get(name), after.get(name))
        for name in {**before, **after}
        if before.get(name) != after.get(name)
        # A range comes and goes with its uncertainty, which is said.
        and not (name.startswith(_RANGE) and (name in before) != (name in after))
    ]
    if not said:
        return "the values of its points differ"
    more = [f"{len(said) - _SHOWN} more"] if len(said) > _SHOWN else []
    return "; ".join(said[:_SHOWN] + more)


def _said(name: str, before: str | None, after: str | None) -> str:
    if before is None or after is None:
        return f"{name} is {'new' if before is None else 'gone'}"
    return f"{name}: {before} before, {after} now"


def _parts(identity: Mapping[str, Any]) -> dict[str, str]:
    """Every part by the name that a reader knows, in words."""
    plan = identity.get("plan") or {}
    parts = {
        **{name: identity.get(name) for name in ("method", "samples", "seed", "tables")},
        **{f"base.{name}": value for name, value in identity.get("base", {}).items()},
        **{f"lever {name}": "varied" for name in identity.get("levers", ())},
        **{f"uncertainty {name}": "varied" for name in identity.get("uncertainties", ())},
        **{f"{_RANGE}{name}": value for name, value in identity.get("ranges", {}).items()},
        **{name: plan.get(name) for name in _OPTIONS},
        "stop": identity.get("stop"),
        "number of points": identity.get("n_points"),
    }
    return {name: _words(value) for name, value in parts.items() if value is not None}


def _words(value: Any) -> str:
    if isinstance(value, Mapping) and {"low", "high", "distribution"} <= set(value):
        mode = f" at {value['mode']:g}" if "mode" in value else ""
        shape = value["distribution"].replace("_", "-")
        return f"{value['low']:g} to {value['high']:g}, {shape}{mode}"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_words(one)}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_words, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
