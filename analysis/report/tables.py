"""Tables for people who do not read code: units in headers, rounded values, source below."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd
from IPython.display import HTML, Markdown, display

Formats = Mapping[str, str | Callable[[object], str]]


def table(
    data: pd.DataFrame,
    *,
    caption: str,
    source: str,
    formats: Formats | None = None,
    index: bool = False,
) -> None:
    """Show a table with its caption above and its source below.

    Parameters
    ----------
    data : DataFrame
        Columns in reading order; headers carry the unit, as in "required (JPY mn)".
    caption, source : str
        One line each.
    formats : mapping of str to format or callable, optional
        Per column; numbers without one are shown with thousands separators and no decimals.
    index : bool
        Whether the index is part of the table.
    """
    shown = data.reset_index() if index else data
    default = dict.fromkeys(shown.select_dtypes("number").columns, "{:,.0f}")
    styler = shown.style.format({**default, **(formats or {})}, na_rep="–")
    styler = styler.hide(axis="index").set_uuid("t").set_table_attributes('class="dataframe"')
    display(Markdown(f"**{caption}**"))
    display(HTML(styler.to_html()))
    display(Markdown(f"*Source: {source}*"))
