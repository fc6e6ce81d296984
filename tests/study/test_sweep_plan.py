"""What a sweep will take, and what is too much to have been meant."""

from pathlib import Path
from typing import Any

import pytest

from analysis.errors import InputError
from analysis.study.sweeps import plan
from analysis.study.sweeps.command import _carry_out
from analysis.study.sweeps.request import Request, request

BODY = """title: A sweep of a test
question: Does it work?
base: {draws: 2, formula: own_funds_mica_class3}
levers: {vary: {floor_jpy_mn: [0, 500, 1000]}}
"""


@pytest.fixture
def asked(tmp_path: Path) -> Request:
    """Three points."""
    path = tmp_path / "three.yaml"
    path.write_text(BODY)
    return request(str(path), tmp_path / "out")


def test_too_many_points_are_refused_by_their_number_alone(
    asked: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No point is hashed and no worker started: a million points would take a minute."""

    def late(*_: Any, **__: Any) -> None:
        raise AssertionError

    monkeypatch.setattr(plan, "MOST_POINTS", 2)
    monkeypatch.setattr(plan, "chunk_key", late)
    monkeypatch.setattr("analysis.study.sweeps.workers.Workers.__enter__", late)
    console: Any = None
    with pytest.raises(InputError, match="3 points; without --yes at most 2 points are started"):
        _carry_out(asked, 1, None, False, console)
    plan.refuse_many(asked, yes=True)


def test_what_is_there_already_is_not_counted_before_it_is_looked_at(
    asked: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "MOST_POINTS", 2)
    asked.folder.mkdir()
    with pytest.raises(InputError, match="without --yes at most 2 points"):
        plan.refuse_many(asked, yes=False)
    (asked.folder / "design.json").write_text("{}")
    plan.refuse_many(asked, yes=False)
    # The rule on what is left stays: three points to do are more than two.
    left = plan.Estimate(3, 3, 1, 0, 1.0, 0.0)
    with pytest.raises(InputError, match="3 points"):
        left.refuse(False, asked.folder)
    plan.Estimate(3, 2, 1, 0, 1.0, 0.0).refuse(False, asked.folder)


def test_notebooks_take_room_too(asked: Request) -> None:
    """Nothing else is left to do: five notebooks of a megabyte."""

    class Engine:
        count = 2

    engine: Any = Engine()
    expected = plan.estimate(asked, [], 5, engine)
    assert expected.size == 5e6
    assert list(expected.lines(2))[1].endswith("disk about 5.0 MB, 1 MB of it for each notebook")
