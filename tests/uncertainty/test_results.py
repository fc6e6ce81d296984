"""Reading a sweep: what is there, what is joined, and what is refused."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from sweep_folders import write_chunk, write_sweep

from analysis.errors import InputError
from analysis.uncertainty.results import Results

POINTS = pd.DataFrame(
    {
        "point": range(8),
        "levers": [0, 0, 0, 0, 1, 1, 1, 1],
        "sample": [0, 1, 2, 3] * 2,
        "floor_jpy_mn": [0.0] * 4 + [500.0] * 4,
        "rule_parameters.custody_share_korea.hot_rate": [0.01, 0.05, 0.1, 0.2] * 2,
    }
)
INDUSTRY = pd.DataFrame(
    {
        "point": [point for point in range(8) for _ in range(2)],
        "formula": ["first", "second"] * 8,
        "required_jpy_mn": [float(value) for value in range(16)],
        "required_low_jpy_mn": 0.0,
        "exchanges_short": 1.0,
        "method": "closed form",
    }
)


def _sweep(folder: Path, **options: object) -> Path:
    return write_sweep(
        folder / "o'brien, two words",  # a quote in a path must not end an SQL string
        POINTS,
        {"industry": INDUSTRY},
        levers=["floor_jpy_mn"],
        uncertainties=["rule_parameters.custody_share_korea.hot_rate"],
        **options,  # type: ignore[arg-type]
    )


def test_a_table_comes_in_the_order_of_points_with_what_was_varied(tmp_path: Path) -> None:
    results = Results(_sweep(tmp_path))
    table = results.table("industry")
    assert list(table["point"]) == list(INDUSTRY["point"])
    assert list(table["required_jpy_mn"]) == list(INDUSTRY["required_jpy_mn"])
    assert table.query("point == 5")["floor_jpy_mn"].tolist() == [500.0, 500.0]
    assert results.coverage.complete
    assert str(results.coverage) == "all 8 points are there"
    few = results.table("industry", ["exchanges_short"])
    assert list(few.columns)[-2:] == ["formula", "exchanges_short"]
    assert "required_jpy_mn" not in few


def test_measures_leave_out_bounds_and_text(tmp_path: Path) -> None:
    assert Results(_sweep(tmp_path)).measures("industry") == ["required_jpy_mn", "exchanges_short"]


def test_a_query_sees_points_tables_and_status(tmp_path: Path) -> None:
    results = Results(_sweep(tmp_path, failed=[7]))
    found = results.query(
        "SELECT floor_jpy_mn, avg(required_jpy_mn) AS mean, count(*) AS n FROM industry "
        "JOIN points USING (point) JOIN status USING (point) WHERE status = 'done' "
        "AND formula = 'second' GROUP BY floor_jpy_mn ORDER BY floor_jpy_mn"
    )
    # Second rows of points 0 to 3 are 1, 3, 5, 7; of points 4 to 6 they are 9, 11, 13.
    assert found["mean"].tolist() == [4.0, 11.0]
    assert found["n"].tolist() == [4, 3]
    with pytest.raises(InputError, match=r"no_such_view.*views points, status, industry"):
        results.query("SELECT * FROM no_such_view")
    with pytest.raises(InputError, match=r"floor_jpy_mn.*varied is in points: .*JOIN points USING"):
        results.query("SELECT floor_jpy_mn, required_jpy_mn FROM industry")


def test_the_example_of_the_docstring_runs_on_the_table_it_names(tmp_path: Path) -> None:
    (shown,) = re.findall(r"`results\.query\((.*?)\)`", Results.query.__doc__ or "", re.DOTALL)
    sql = "".join(re.findall(r'"(.*?)"', shown)).replace("annual_cost_jpy_mn", "required_jpy_mn")
    found = Results(_sweep(tmp_path)).query(sql).sort_values("floor_jpy_mn")
    # Rows 0 to 7 have no floor, 8 to 15 have one.
    assert found["cost"].tolist() == [3.5, 11.5]


def test_failed_and_missing_points_are_counted_apart(tmp_path: Path) -> None:
    folder = _sweep(tmp_path, failed=[1])
    (folder / "chunks" / f"{3:08d}-{'0' * 16}").rename(folder / "chunks" / ".writing")
    results = Results(folder)
    assert (results.coverage.done, results.coverage.failed, results.coverage.missing) == (4, 1, 3)
    assert str(results.coverage) == "4 of 8 points are there; 1 failed, 3 are missing"
    assert sorted(set(results.table("industry")["point"])) == [0, 2, 6, 7]


def test_a_damaged_chunk_counts_as_not_there(tmp_path: Path) -> None:
    folder = _sweep(tmp_path)
    file = folder / "chunks" / f"{0:08d}-{'0' * 16}" / "industry.parquet"
    content = bytearray(file.read_bytes())
    content[100] ^= 1
    file.write_bytes(bytes(content))
    results = Results(folder)
    assert results.coverage.missing == 3
    assert set(results.table("industry")["point"]) == set(range(3, 8))


def test_a_varied_formula_is_that_of_the_row(tmp_path: Path) -> None:
    points = POINTS.assign(formula="first, second")
    folder = write_sweep(tmp_path / "s", points, {"industry": INDUSTRY}, levers=["formula"])
    assert set(Results(folder).table("industry")["formula"]) == {"first", "second"}


def test_what_is_no_sweep_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is no sweep \(design\.json is missing\)"):
        Results(tmp_path)
    folder = _sweep(tmp_path, failed=range(8))
    with pytest.raises(InputError, match="none of its 8 points is done"):
        Results(folder)
    (folder / "design.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match=r"design\.json cannot be read"):
        Results(folder)


def test_an_unknown_table_or_column_is_refused_with_what_there_is(tmp_path: Path) -> None:
    results = Results(_sweep(tmp_path))
    with pytest.raises(InputError, match="no table 'market'; its design asks for industry"):
        results.table("market")
    with pytest.raises(InputError, match="no column 'expected_exits'"):
        results.table("industry", ["expected_exits"])


def test_a_point_in_two_chunks_is_refused(tmp_path: Path) -> None:
    folder = _sweep(tmp_path)
    write_chunk(folder, pd.Series([2]), {"industry": INDUSTRY})
    with pytest.raises(InputError, match="point 2 is in two chunks"):
        Results(folder)


def test_columns_of_some_points_alone_are_there_whichever_chunk_comes_first(
    tmp_path: Path,
) -> None:
    """As the columns of other duties where `include_other_duties` is a lever."""
    folder = _sweep(tmp_path)
    late = INDUSTRY.query("point >= 3").copy()
    late.insert(3, "other_duties_capital_jpy_mn", late["required_jpy_mn"] + 0.5)
    for first in (3, 6):
        shutil.rmtree(folder / "chunks" / f"{first:08d}-{'0' * 16}")
        write_chunk(folder, POINTS["point"].iloc[first : first + 3], {"industry": late})
    results = Results(folder)
    assert results.columns("industry") == list(late.columns)
    assert "other_duties_capital_jpy_mn" in results.measures("industry")
    table = results.table("industry")
    assert list(table.columns)[-len(late.columns) + 1 :] == list(late.columns)[1:]
    assert table["other_duties_capital_jpy_mn"].tolist()[6:] == [n + 0.5 for n in range(6, 16)]
    assert table["other_duties_capital_jpy_mn"].iloc[:6].isna().all()
    assert list(results.query("SELECT * FROM industry").columns) == list(late.columns)


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    folder = _sweep(tmp_path)
    (folder / "design.json").write_text('{"design": {}}')
    with pytest.raises(InputError, match=r"design\.json has no base under design; run `study"):
        Results(folder)
    folder = _sweep(tmp_path / "again")
    whole = (folder / "points.parquet").read_bytes()
    (folder / "points.parquet").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"points\.parquet cannot be read"):
        Results(folder)


def test_a_byte_of_a_status_that_was_changed_takes_its_chunk_away(tmp_path: Path) -> None:
    folder = _sweep(tmp_path)
    file = folder / "chunks" / f"{3:08d}-{'0' * 16}" / "status.parquet"
    whole = file.read_bytes()
    for place in range(4, len(whole), 37):
        flipped = bytes([whole[place] ^ 1])
        file.write_bytes(whole[:place] + flipped + whole[place + 1 :])
        results = Results(folder)
        points = results.table("industry")["point"].nunique()
        assert (points, results.coverage.missing) in [(8, 0), (5, 3)]
