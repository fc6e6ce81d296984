"""Which exchanges make up one exchange more that is short of cash, in the mean over data sets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from analysis.impact import evaluate
from analysis.market import build_panel, load_panel
from analysis.scenario import Scenario
from analysis.uncertainty.breakpoints import change


def marginal(
    base: Scenario, name: str, value: Any, formula: str, panel: Path | None = None
) -> pd.DataFrame:
    """Chance of each exchange to be short of cash at the base and where a parameter has a value.

    Parameters
    ----------
    name, value : parameter and its value, such as a breakpoint.
    formula : under which.
    panel : file of a panel in place of the study's own.

    Returns
    -------
    DataFrame
        `exchange`, `at_base`, `there` (shares of data sets in which it cannot fund the reserve),
        `change`, the largest change first, those that do not change left out. The changes sum to
        that of `exchanges_short`.
    """
    chosen = base.with_(formula=formula)
    before, after = (
        _short(one, panel) for one in (chosen, chosen.with_(**change(chosen, name, value)))
    )
    both = pd.DataFrame({"at_base": before, "there": after})
    both["change"] = both["there"] - both["at_base"]
    moved = both[both["change"] != 0].sort_values("change", key=abs, ascending=False, kind="stable")
    return moved.rename_axis("exchange").reset_index()


def _short(scenario: Scenario, panel: Path | None) -> pd.Series:
    made = build_panel(scenario) if panel is None else load_panel(panel, scenario)
    firms = evaluate(made, scenario).tables["liquidity"]
    return 1 - firms.set_index("exchange")["fundable_probability"]
