"""Parts of the warm start that need no kernel."""

import os
import socket
import struct
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.study import warm_child, warm_process
from analysis.study.warm_messages import Inbox, is_same_user, write

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks kernels")


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    one, other = socket.socketpair()
    with one, other:
        yield one, other


Plain = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5)


@settings(max_examples=25)
@given(st.lists(st.dictionaries(st.text(), Plain), max_size=5), st.integers(1, 7))
def test_messages_arrive_whole_however_they_are_cut(
    messages: list[dict[str, Any]], size: int
) -> None:
    sent, received = socket.socketpair()
    with sent, received:
        for message in messages:
            write(sent, message)
        sent.close()
        stream = b"".join(iter(lambda: received.recv(1 << 16), b""))
    sent, received = socket.socketpair()
    inbox = Inbox(received)
    came: list[dict[str, Any]] = []
    with sent, received:
        for place in range(0, len(stream), size):
            sent.sendall(stream[place : place + size])
            while (read := inbox.read()) is not None:
                came.append(read)
        sent.close()
        with pytest.raises(EOFError):
            inbox.read()
    assert came == messages


@pytest.mark.parametrize(
    "sent", [struct.pack("!I", 1 << 30), struct.pack("!I", 2) + b"[]", struct.pack("!I", 1) + b"{"]
)
def test_what_is_no_message_ends_the_connection(
    ends: tuple[socket.socket, socket.socket], sent: bytes
) -> None:
    ends[0].sendall(sent)
    with pytest.raises(EOFError):
        Inbox(ends[1]).read()


def test_the_system_tells_who_is_at_the_other_end(
    ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert is_same_user(ends[0])
    someone_else = os.getuid() + 1
    monkeypatch.setattr(os, "getuid", lambda: someone_else)
    assert not is_same_user(ends[0])


def test_the_identity_changes_with_code_data_lock_and_what_python_reads_at_its_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm_process, "ROOT", tmp_path)
    for name in ("analysis/deep/one.py", "data/market/table.csv", "requirements.lock"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1")
    seen = [warm_process.identity(["python"], {"LANG": "C"})]
    assert warm_process.identity(["python"], {"LANG": "C", "STUDY_FIGURES": "x"}) == seen[0]

    def changes(environment: dict[str, str], *python: str) -> None:
        now = warm_process.identity(python or ["python"], environment)
        assert now not in seen
        seen.append(now)

    for name in ("analysis/deep/one.py", "data/market/table.csv", "requirements.lock"):
        (tmp_path / name).write_text("12")
        changes({"LANG": "C"})
    (tmp_path / "analysis" / "new.py").touch()
    changes({"LANG": "C"})
    (tmp_path / "data" / "market" / "table.csv").unlink()
    changes({"LANG": "C"})
    changes({"LANG": "C", "PYTHONHASHSEED": "1"})
    changes({"LANG": "C"}, "python", "-X", "dev")


def test_a_second_thread_makes_a_parent_unfit() -> None:
    from analysis.study import warm_parent

    end = threading.Event()
    thread = threading.Thread(target=end.wait)
    thread.start()
    try:
        assert "more threads" in (warm_parent.threads() or "")
    finally:
        end.set()
        thread.join()


def test_a_module_that_the_working_folder_would_hide_is_named(tmp_path: Path) -> None:
    from analysis.study import warm_parent

    root = Path(__file__).resolve().parents[2]
    (tmp_path / "own.py").touch()
    assert warm_parent.hidden_by(tmp_path) is None
    assert warm_parent.hidden_by(root) is None
    (tmp_path / "analysis").mkdir()
    assert warm_parent.hidden_by(tmp_path) is None, "without __init__.py it hides nothing"
    (tmp_path / "analysis" / "__init__.py").touch()
    assert warm_parent.hidden_by(tmp_path) == "analysis"


def test_a_warning_that_the_parent_has_had_is_shown_again(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("warns")
    monkeypatch.setitem(sys.modules, "warns", module)
    exec("def warn():\n    import warnings\n    warnings.warn('once per place')", vars(module))
    shown = []
    for _ in range(2):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("default")
            module.warn()
            shown.append(len(caught))
        assert "__warningregistry__" in vars(module)
        warm_child.forget_warnings()
        assert "__warningregistry__" not in vars(module)
    assert shown == [1, 1]


def test_a_system_without_process_descriptors_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert warm_process.why_not() is None

    def missing(process: int) -> int:
        raise OSError(38, f"not implemented for {process}")

    monkeypatch.setattr(os, "pidfd_open", missing)
    assert "process descriptors" in (warm_process.why_not() or "")
