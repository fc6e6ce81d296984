"""Private folders: where they lie, and that those of killed processes go with the next start."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from analysis.study import scratch
from analysis.study.scratch import SHORT, Scratch, for_sockets

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no such locks")

MAKE_ONE = (
    "import sys; from analysis.study.scratch import Scratch\n"
    "made = Scratch(); print(made.name, flush=True); sys.stdin.read()"
)


def test_what_a_killed_process_left_is_removed_and_what_a_living_one_holds_is_not(
    tmp_path: Path,
) -> None:
    started = []
    for _ in range(2):
        process = subprocess.Popen(
            [sys.executable, "-c", MAKE_ONE],
            env={**os.environ, "TMPDIR": str(tmp_path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert process.stdout is not None
        started.append((process, Path(process.stdout.readline().strip())))
    (killed, left), (living, held) = started
    other = tmp_path / "study-of-somebody"
    other.mkdir()
    try:
        killed.kill()
        killed.wait()
        scratch.remove_left_behind(tmp_path)
        assert (left.exists(), held.exists(), other.exists()) == (False, True, True)
    finally:
        living.kill()
        for process, _ in started:
            process.communicate()
    scratch.remove_left_behind(tmp_path)
    assert list(tmp_path.iterdir()) == [other]


def test_a_folder_behind_a_link_is_not_touched(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / scratch.ALIVE).touch()
    (tmp_path / "study-link").symlink_to(mine)
    scratch.remove_left_behind(tmp_path)
    assert (mine / scratch.ALIVE).exists()


def test_it_goes_with_its_context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with Scratch() as name:
        assert Path(name).parent == tmp_path
    assert not Path(name).exists()


def test_sockets_lie_where_their_path_is_short_in_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("長" * 20)
    long.mkdir()
    assert len("/tmp/" + long.name) < SHORT < len(os.fsencode(long))
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    assert for_sockets() == Path("/tmp")
    with tempfile.TemporaryDirectory(dir="/tmp") as own:
        monkeypatch.setenv("XDG_RUNTIME_DIR", own)
        assert for_sockets() == Path(own)
        Path(own).chmod(0o755)
        assert for_sockets() == Path("/tmp"), "others may look into it"
    monkeypatch.setattr(tempfile, "tempdir", "/tmp")
    assert for_sockets() == Path("/tmp")
