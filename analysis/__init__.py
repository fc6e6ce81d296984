"""What happens to Japan's crypto-asset exchanges when the law makes them hold liability reserves.

>>> from analysis import build_panel, evaluate, scenario
>>> chosen = scenario({"formula": "custody_share_korea", "phase_in_years": 5})
>>> tables = evaluate(build_panel(chosen), chosen).tables
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

# Not deferred: a module of this name would otherwise stand where the function should.
from analysis.scenario import Scenario, scenario

__all__ = [
    "Scenario",
    "build_panel",
    "candidates",
    "custom",
    "evaluate",
    "load_panel",
    "scenario",
]

if TYPE_CHECKING:
    from analysis.impact.evaluate import evaluate
    from analysis.market import build_panel, load_panel
    from analysis.rules import candidates, custom
else:
    _ROOMS = {
        "build_panel": "analysis.market",
        "candidates": "analysis.rules",
        "custom": "analysis.rules",
        "evaluate": "analysis.impact",
        "load_panel": "analysis.market",
    }

    def __getattr__(name: str) -> object:
        """Import a room when it is first asked for: bad input is refused without any of them."""
        if name not in _ROOMS:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = getattr(import_module(_ROOMS[name]), name)
        return globals()[name]

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
