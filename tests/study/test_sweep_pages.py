"""Points that become notebooks: their numbers are the sweep's, to the last bit."""

import struct
from pathlib import Path

import nbformat
import pandas as pd
import pyarrow.parquet as pq
import pytest
from pages import START, texts, write_page
from sweep_lab import PAGE, Lab, contents, copy_checkout, new_lab

from analysis import build_panel, candidates, custom, evaluate, scenario
from analysis.study.page_result import PageDiffersError, _impact, compare
from analysis.uncertainty.results import Results

READ = {"notebooks": ["03_reserves"], "points": [0, 13]}
FRAME = pd.DataFrame({"point": 3, "formula": ["a", "b"], "amount": [0.1, 0.2], "firms": [1, 2]})


def _next_float(value: float) -> float:
    bits = struct.unpack("<q", struct.pack("<d", value))[0]
    return float(struct.unpack("<d", struct.pack("<q", bits + 1))[0])


def test_tables_that_differ_in_one_bit_are_not_the_same() -> None:
    compare("industry", FRAME, FRAME.copy())
    other = FRAME.assign(amount=[0.1, _next_float(0.2)])
    with pytest.raises(PageDiffersError, match=r"industry, column amount, row 1 \(b\)"):
        compare("industry", FRAME, other)
    with pytest.raises(PageDiffersError, match="column firms, row 0"):
        compare("industry", FRAME, FRAME.assign(firms=[5, 2]))
    with pytest.raises(PageDiffersError, match="column firms is not in both"):
        compare("industry", FRAME, FRAME.drop(columns="firms"))
    with pytest.raises(PageDiffersError, match="2 rows here, 1 in the sweep"):
        compare("industry", FRAME, FRAME[:1])
    with pytest.raises(PageDiffersError, match="column amount, row 0"):
        compare("industry", FRAME.assign(amount=0.0), FRAME.assign(amount=-0.0))


def test_columns_of_other_points_alone_are_blank_here_and_left_out() -> None:
    """As those of other duties, where `include_other_duties` is a lever."""
    compare("industry", FRAME, FRAME.assign(more=[float("nan")] * 2)[["more", *FRAME]])
    with pytest.raises(PageDiffersError, match="column more is not in both"):
        compare("industry", FRAME, FRAME.assign(more=[float("nan"), 0.0]))


def test_a_page_with_a_formula_of_its_own_is_held_by_the_candidates() -> None:
    """As page 02, which adds an example to the candidates of its scenario."""
    chosen = scenario({"draws": 2, "formula": "own_funds_mica_class3"})
    exchanges = build_panel(chosen)
    mine = custom("mine", "Mine", lambda e: 0.01 * e.custody, source="a test")
    page = {"scenario": chosen, "panel": None}
    plain = evaluate(exchanges, chosen)
    assert _impact({**page, "impact": plain}) is plain
    both = evaluate(exchanges, chosen, [*candidates(chosen), mine])
    found = _impact({**page, "impact": both})
    compare("industry", found.tables["industry"], plain.tables["industry"])


def test_a_page_equals_the_rows_of_the_sweep_and_says_so(lab: Lab) -> None:
    folder = lab.folder / "out"
    said = lab.study("sweep", lab.design(read=READ), "--out", folder)
    assert "2 notebooks" in said
    rows = Results(folder).query("SELECT * FROM industry ORDER BY point")
    for point, floor in ((0, "0.0\n"), (13, "500.0\n")):
        notebook = folder / "notebooks" / "03_reserves" / f"{point:08d}.ipynb"
        shown = nbformat.read(notebook, as_version=4)
        assert floor in texts_of_code(shown)
        sentence = shown.cells[-1].outputs[0]["data"]["text/markdown"]
        assert f"equal the rows of the sweep for point {point} to the last bit" in sentence
        assert str(lab.folder) not in notebook.read_text(encoding="utf-8")
        own = pq.read_table(notebook.with_suffix(".parquet")).to_pandas()
        assert set(own.pop("table")) == {"industry"}
        compare("industry", own, rows[rows["point"] == point].reset_index(drop=True)[own.columns])
    before = contents(folder)
    reading = pq.read_table(folder / "reading.parquet").to_pandas()
    assert reading["status"].tolist() == ["done", "done"]
    notebook.write_bytes(notebook.read_bytes() + b" ")
    lab.study("sweep", lab.design(read=READ), "--out", folder, "--cold")
    assert contents(folder) == before


def texts_of_code(notebook: nbformat.NotebookNode) -> list[str]:
    """What the code cells printed."""
    return [
        output["text"]
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "stream"
    ]


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """A checkout whose pages fail, take too long, or change what they show."""
    checkout = copy_checkout(tmp_path_factory.mktemp("broken"))
    pages = checkout / "notebooks"
    write_page(
        pages / "04_slow.ipynb",
        START,
        "import time; time.sleep(90 if scenario.floor_jpy_mn else 0)",
    )
    write_page(pages / "05_wrong.ipynb", START, "if scenario.floor_jpy_mn: 1 / 0")
    write_page(
        pages / "06_odd.ipynb", *PAGE, "impact.tables['industry'].loc[0, 'required_jpy_mn'] += 1.0"
    )
    return new_lab(checkout, tmp_path_factory.mktemp("lab"))


def test_pages_that_fail_are_rows_and_the_others_are_there(broken: Lab) -> None:
    names = ["03_reserves", "04_slow", "05_wrong", "06_odd"]
    design = broken.design(read={"notebooks": names, "points": [0, 13]})
    folder = broken.folder / "out"
    said = broken.study("sweep", design, "--out", folder, "--cell-timeout", "25", status=1)
    assert "failed: 05_wrong at point 13" in said
    reading = pq.read_table(folder / "reading.parquet").to_pandas().set_index(["page", "point"])
    assert reading.xs(13, level="point")["status"].to_dict() == {
        **dict.fromkeys(names, "failed"),
        "03_reserves": "done",
    }
    slow, wrong, odd = (reading.loc[(name, 13)] for name in names[1:])
    assert slow["error"] == "the cell outran its limit of 25 s"
    assert "ZeroDivisionError" in wrong["error"]
    assert "table industry, column required_jpy_mn, row 0" in odd["error"]
    assert reading.loc[("05_wrong", 0), "status"] == "done"
    for name in names:
        assert (folder / "notebooks" / name / "00000013.ipynb").is_file()
        table = folder / "notebooks" / name / "00000013.parquet"
        assert table.is_file() == (name == "03_reserves")
    kept = nbformat.read(folder / "notebooks" / "05_wrong" / "00000013.ipynb", as_version=4)
    assert any(
        output.output_type == "error"
        for cell in kept.cells
        if cell.cell_type == "code"
        for output in cell.outputs
    )


def test_plain_papermill_on_a_page_of_a_sweep(lab: Lab, tmp_path: Path) -> None:
    """The executed copy runs again alone: its last cell says that there is nothing to compare."""
    import papermill

    folder = lab.folder / "out"
    design = lab.design(read={"notebooks": ["03_reserves"], "points": [0]})
    lab.study("sweep", design, "--out", folder)
    page, again = folder / "notebooks" / "03_reserves" / "00000000.ipynb", tmp_path / "again.ipynb"
    papermill.execute_notebook(str(page), str(again), progress_bar=False)
    last = nbformat.read(again, as_version=4).cells[-1].outputs[0]
    assert "Outside a sweep" in last["data"]["text/markdown"]
    assert texts(again)[0] == "0.0\n"
