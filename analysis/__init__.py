"""What happens to Japan's crypto-asset exchanges when the law makes them hold liability reserves.

>>> from analysis import build_panel, evaluate, scenario
>>> chosen = scenario({"formula": "custody_share_korea", "phase_in_years": 5})
>>> tables = evaluate(build_panel(chosen), chosen).tables
"""

from analysis.impact import evaluate
from analysis.market import build_panel, load_panel
from analysis.rules import candidates, custom
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
