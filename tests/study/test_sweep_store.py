"""The store of a sweep: whole or not there, and any changed byte is seen."""

import errno
import random
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.study.sweeps import files, parquet
from analysis.study.sweeps.chunk import DONE, FAILED, WORKER, Outcome, Status
from analysis.study.sweeps.keys import Made
from analysis.study.sweeps.lock import locked
from analysis.study.sweeps.store import Store, chunk_name

MADE = Made({"a.py": "1", "b.py": "2"}, {"t.csv": "3"}, "lock", {}, {"scipy": "1.16.3"})
IDENTITY = {"name": "small", "levers": ["floor_jpy_mn"], "points": "hash", "title": "One"}
NAME = chunk_name(0, "0123456789abcdef")
FRAME = pd.DataFrame({"point": [0, 1], "formula": ["a", "b"], "amount": [0.1, np.nan]})
STATUSES = (Status(0, DONE), Status(1, FAILED, "build.build_panel", "InputError: no month"))


def _outcome(name: str = NAME) -> Outcome:
    return Outcome(name, {"industry": parquet.to_bytes(parquet.from_frame(FRAME))}, STATUSES)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "sweep")
    store.folder.mkdir()
    assert store.prepare(IDENTITY, MADE, force=False) == []
    store.write(_outcome())
    return store


def test_the_same_rows_give_the_same_bytes() -> None:
    assert _outcome().tables == _outcome().tables
    table, metadata = parquet.from_bytes(parquet.to_bytes(parquet.from_frame(FRAME), {"key": [1]}))
    assert metadata == {"key": [1]}
    pd.testing.assert_frame_equal(table.to_pandas(), FRAME)


def test_a_column_without_any_value_is_text_as_it_is_elsewhere() -> None:
    empty = parquet.from_frame(pd.DataFrame({"note": [None, None]}))
    given = parquet.from_frame(pd.DataFrame({"note": ["a", None]}))
    assert str(empty.schema.field("note").type) == str(given.schema.field("note").type)


def test_a_chunk_comes_back_as_it_was_written(store: Store) -> None:
    assert store.read(NAME) == STATUSES
    assert store.read(chunk_name(8, "0" * 16)) is None
    pd.testing.assert_frame_equal(store.table("industry", [NAME]), FRAME)
    assert not list(store.folder.rglob(".partial-*"))


@pytest.mark.parametrize("name", ["status.parquet", "industry.parquet"])
def test_any_flipped_byte_is_seen(store: Store, name: str) -> None:
    path = store.chunks / NAME / name
    whole = path.read_bytes()
    for place in random.Random(5).sample(range(len(whole)), 150):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :])
        assert isinstance(store.read(NAME), str), f"byte {place} of {len(whole)}"
    path.write_bytes(whole)
    assert store.read(NAME) == STATUSES


@pytest.mark.parametrize("name", ["status.parquet", "industry.parquet"])
def test_a_truncated_or_missing_file_is_seen(store: Store, name: str) -> None:
    path = store.chunks / NAME / name
    whole = path.read_bytes()
    for length in (0, 1, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        assert isinstance(store.read(NAME), str)
    path.unlink()
    assert name in str(store.read(NAME))


def test_a_chunk_of_another_sweep_under_this_name_is_seen(store: Store, tmp_path: Path) -> None:
    other = Store(tmp_path / "other")
    name = chunk_name(0, "f" * 16)
    other.write(_outcome(name))
    shutil.rmtree(store.chunks / NAME)
    shutil.copytree(other.chunks / name, store.chunks / NAME)
    assert store.read(NAME) == "is another sweep's"


def test_a_chunk_with_other_points_is_seen(store: Store) -> None:
    assert store.read(NAME, (0, 1)) == STATUSES
    assert store.read(NAME, (0, 2)) == "is another sweep's"
    assert store.read(NAME, (0, 1, 2)) == "is another sweep's"


def test_what_was_edited_meanwhile_is_done_again_even_if_the_edit_is_taken_back(
    store: Store,
) -> None:
    store.mark_edited(["code"])
    [line] = store.prepare(IDENTITY, MADE, force=False)
    assert line == "1 chunks done again: code changed while the sweep ran"
    assert store.prepare(IDENTITY, MADE, force=False) == []


def test_a_renamed_design_is_the_same_sweep(store: Store) -> None:
    renamed = {**IDENTITY, "name": "mine"}
    store.check(renamed, force=False)
    assert store.prepare(renamed, MADE, force=False) == []
    assert store.read(NAME) == STATUSES


def test_points_whose_worker_died_are_tried_again(store: Store) -> None:
    lost = chunk_name(8, "0" * 16)
    store.write(Outcome(lost, {}, (Status(8, FAILED, WORKER, "killed by signal 9"),)))
    assert store.read(lost) == "its worker died"


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (
            Made({**MADE.code, "b.py": "0", "c.py": "1"}, MADE.data, "lock", {}, MADE.packages),
            "code changed (2",
        ),
        (
            Made(MADE.code, {"t.csv": "0"}, "lock", {}, MADE.packages),
            "data changed (1 file: t.csv)",
        ),
        (Made(MADE.code, MADE.data, "other", {}, MADE.packages), "lock changed"),
        (
            Made(MADE.code, MADE.data, "lock", {}, {"scipy": "1.17.1"}),
            "packages changed (scipy 1.16.3, now 1.17.1)",
        ),
        (
            Made(MADE.code, MADE.data, "lock", {"mine.csv": "1"}, MADE.packages),
            "inputs changed (1 file: mine.csv",
        ),
    ],
)
def test_what_made_results_stale_is_said(store: Store, now: Made, said: str) -> None:
    assert store.prepare(IDENTITY, MADE, force=False) == []
    [line] = store.prepare(IDENTITY, now, force=False)
    assert line.startswith("1 chunks done again: ")
    assert said in line
    assert store.read(NAME) is None
    assert store.prepare(IDENTITY, now, force=False) == []


def test_another_title_is_the_same_sweep_but_other_levers_are_not(store: Store) -> None:
    store.check({**IDENTITY, "title": "Two", "question": "New?"}, force=False)
    other = {**IDENTITY, "levers": ["rate_multiplier"]}
    with pytest.raises(InputError, match=r"another design \(lever floor_jpy_mn is gone; lever"):
        store.check(other, force=False)
    store.check(other, force=True)
    assert store.prepare({**IDENTITY, "title": "Two"}, MADE, force=False) == []
    assert store.read(NAME) == STATUSES


def test_force_clears_the_files_of_the_sweep_and_no_other(store: Store) -> None:
    mine = store.folder / "notes.txt"
    own = store.chunks / "notes.txt"
    page = store.folder / "notebooks" / "03_reserves"
    page.mkdir(parents=True)
    for path in (mine, own, page / "00000000.ipynb", page / "mine.ipynb"):
        path.write_text("text")
    store.prepare({**IDENTITY, "levers": []}, MADE, force=True)
    assert store.read(NAME) is None
    assert (mine.exists(), own.exists(), (page / "mine.ipynb").exists()) == (True, True, True)
    assert not (page / "00000000.ipynb").exists()


def test_a_damaged_design_is_said_and_force_makes_it_good(store: Store) -> None:
    path = store.folder / "design.json"
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(InputError, match=r"design.json: is not the design of a sweep.*--force"):
        store.check(IDENTITY, force=False)
    store.check(IDENTITY, force=True)
    assert store.prepare(IDENTITY, MADE, force=True) == ["--force: everything is done again"]
    assert store.read(NAME) is None
    store.check(IDENTITY, force=False)


def test_a_folder_with_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "chapter.md").write_text("mine")
    with pytest.raises(InputError, match="something else than a sweep"):
        Store(tmp_path).check(IDENTITY, force=True)
    assert [path.name for path in tmp_path.iterdir()] == ["chapter.md"]


def test_what_a_killed_sweep_left_is_no_stranger_and_is_cleared(tmp_path: Path) -> None:
    store = Store(tmp_path)
    (tmp_path / ".lock").touch()
    (tmp_path / ".partial-1-design.json").write_text("{")
    half = tmp_path / "chunks" / f".partial-1-{NAME}"
    half.mkdir(parents=True)
    (half / "industry.parquet").write_bytes(b"half")
    (tmp_path / "chunks").rename(tmp_path / ".partial-chunks")
    store.check(IDENTITY, force=False)
    store.prepare(IDENTITY, MADE, force=False)
    assert {path.name for path in tmp_path.iterdir()} == {".lock", "design.json"}


def test_a_full_disk_leaves_what_was_there(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk takes half of a file, at every file of a chunk in turn."""
    other = chunk_name(8, "0" * 16)
    before = sorted(store.folder.rglob("*"))
    write = files._write
    for failing in (1, 2):
        count = 0

        def full(path: Path, content: bytes, failing: int = failing) -> None:
            nonlocal count
            count += 1
            if count == failing:
                path.write_bytes(content[: len(content) // 2])
                raise OSError(errno.ENOSPC, "No space left on device")
            write(path, content)

        monkeypatch.setattr(files, "_write", full)
        with pytest.raises(files.StorageError, match=r"No space left on device.*same command"):
            store.write(_outcome(other))
        monkeypatch.setattr(files, "_write", write)
        assert sorted(store.folder.rglob("*")) == before
    assert store.read(NAME) == STATUSES
    store.write(_outcome(other))
    assert store.read(other) == STATUSES


def test_one_sweep_at_a_time(tmp_path: Path) -> None:
    folder = tmp_path / "sweep"
    with locked(folder):
        with pytest.raises(InputError, match="another sweep is writing"), locked(folder):
            pass
        (folder / "design.json").write_text("{}")
    with locked(folder):
        assert (folder / "design.json").exists()


def test_a_lock_without_a_sweep_leaves_no_folder(tmp_path: Path) -> None:
    with locked(tmp_path / "new"):
        pass
    assert list(tmp_path.iterdir()) == []
