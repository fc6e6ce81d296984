"""A light page made for the benchmark of kernels: six code cells like those of a reader.

It imports the study, builds the panel, evaluates one formula at the given rate, and shows a table,
a figure and a sentence. The study's own pages compute for ten times as long; on them the start of
a kernel counts for less.
"""

from __future__ import annotations

from pathlib import Path

import nbformat

from analysis.study.execute import METADATA

_CELLS = (
    'formula = "custody_share_korea"\nrate_multiplier = 1.0\npanel = None',
    """from analysis.study.notebook import market, start
scenario = start(globals())
import matplotlib.pyplot as plt
from analysis import evaluate
from analysis.report import figure_style, log_axis, say, show, table, yen
figure_style()""",
    "impact = evaluate(market(scenario, panel), scenario)",
    """reserves = impact.tables["reserves"].sort_values("required_jpy_mn")
table(
    reserves[["exchange", "required_jpy_mn", "share_of_net_assets"]].tail(10),
    caption="Ten largest", source="own calculation",
)""",
    """figure, axes = plt.subplots(figsize=(6, 4))
axes.barh(reserves["exchange"], reserves["required_jpy_mn"].clip(lower=1))
log_axis(axes)
axes.set(xlabel="required reserve (JPY mn, log scale)")
show(figure, name="reserves", caption="Reserves", source="own calculation", alt="Bars")""",
    'say(f"Together {yen(reserves.required_jpy_mn.sum())} at {rate_multiplier:g} times the rate.")',
)


def write_light_page(path: Path) -> Path:
    """Write the page to `path`."""
    cells = [nbformat.v4.new_code_cell(cell, id=f"cell-{n}") for n, cell in enumerate(_CELLS)]
    cells[0].metadata["tags"] = ["parameters"]
    page = nbformat.v4.new_notebook(cells=cells)
    page.metadata = nbformat.from_dict(METADATA)
    nbformat.write(page, path)
    return path
