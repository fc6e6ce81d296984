"""When warm parents and their kernels begin and end: edits, kills, stops, and systems without."""

import json
import os
import signal
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from nbclient.exceptions import DeadKernelError
from pages import write_page
from sweep_lab import PATIENCE, wait_for
from warm_lab import ON_FORKS, WHO, gone, quiet, who

from analysis.study import warm, warm_process
from analysis.study.execute import execute
from analysis.study.kernels import FIGURES, SWITCH, Kernels

pytestmark = ON_FORKS


def test_changed_code_gets_another_parent_and_running_pages_keep_theirs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = ["as it was"]
    monkeypatch.setattr(warm_process, "sources", lambda _: iter(version))
    began, go = tmp_path / "began", tmp_path / "go"
    wait = f"import time\nwhile not os.path.exists({str(go)!r}): time.sleep(0.05)"
    slow = write_page(tmp_path / "1.ipynb", WHO, f"open({str(began)!r}, 'w').close()\n{wait}")
    quick = write_page(tmp_path / "2.ipynb", WHO)
    with Kernels({}) as kernels, ThreadPoolExecutor(1) as pool:
        running = pool.submit(who, slow, tmp_path / "slow.ipynb", kernels)
        wait_for(began.exists)
        version[0] = "edited"
        _, second = who(quick, tmp_path / "quick.ipynb", kernels)
        go.touch()
        _, first = running.result(PATIENCE)
        assert second != first
        wait_for(lambda: gone(first))
        assert not gone(second)
        assert kernels.cold_because == ()
    assert gone(second)


def test_a_killed_parent_takes_its_kernels_along_and_the_run_goes_on_cold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm, "DEATHS", 1)
    told = tmp_path / "told.json"
    tell = f"{WHO}\njson.dump([os.getpid(), os.getppid()], open({str(told)!r}, 'w'))"
    page = write_page(tmp_path / "1.ipynb", tell, "import time; time.sleep(600)")
    with Kernels({}) as kernels, ThreadPoolExecutor(1) as pool:
        running = pool.submit(execute, page, tmp_path / "out.ipynb", {}, kernels, quiet)
        wait_for(lambda: told.exists() and bool(told.read_text()))
        kernel, parent = json.loads(told.read_text())
        os.kill(parent, signal.SIGKILL)
        assert isinstance(running.exception(PATIENCE), DeadKernelError)
        assert gone(kernel)
        after = write_page(tmp_path / "2.ipynb", WHO)
        assert who(after, tmp_path / "after.ipynb", kernels)[1] == os.getpid()
        assert kernels.cold_because == ("the warm parent ended with status -9",)


def test_nothing_outlives_a_killed_client(tmp_path: Path) -> None:
    """Client, warm parent, kernel, and what the kernel has started."""
    told = tmp_path / "told.json"
    tell = (
        "import json, os, subprocess, time\n"
        "child = subprocess.Popen(['sleep', '600'])\n"
        f"json.dump([os.getpid(), os.getppid(), child.pid], open({str(told)!r}, 'w'))\n"
        "time.sleep(600)"
    )
    page = write_page(tmp_path / "1.ipynb", tell)
    script = (
        "import sys; from pathlib import Path; from analysis.study.execute import execute\n"
        "from analysis.study.kernels import Kernels\n"
        "with Kernels({}) as kernels:\n"
        "    execute(Path(sys.argv[1]), Path(sys.argv[2]), {}, kernels, lambda *_: None)\n"
    )
    client = subprocess.Popen([sys.executable, "-c", script, page, tmp_path / "out.ipynb"])
    wait_for(lambda: told.exists() and bool(told.read_text()))
    processes = json.loads(told.read_text())
    assert not any(gone(process) for process in processes)
    client.kill()
    client.wait(PATIENCE)
    wait_for(lambda: all(gone(process) for process in processes))


def test_stopping_while_the_parent_warms_up_starts_no_kernel(tmp_path: Path) -> None:
    page = write_page(tmp_path / "1.ipynb", WHO)
    with Kernels({}) as kernels, ThreadPoolExecutor(1) as pool:
        running = pool.submit(execute, page, tmp_path / "out.ipynb", {}, kernels, quiet)
        assert kernels.warm is not None
        wait_for(lambda: kernels.warm._current is not None)  # type: ignore[union-attr]
        parent = kernels.warm._current.pid  # type: ignore[union-attr]
        kernels.stop()
        assert "stopped" in str(running.exception(PATIENCE))
        assert gone(parent)


@pytest.mark.parametrize("way", ["argument", "variable", "system"])
def test_kernels_are_cold_when_asked_for_and_where_nothing_else_works(
    monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    if way == "variable":
        monkeypatch.setenv(SWITCH, "cold")
    if way == "system":
        monkeypatch.setattr(sys, "platform", "darwin")
    with Kernels({}, warm=way != "argument") as kernels:
        assert kernels.warm is None


def test_a_parent_that_cannot_start_leaves_cold_kernels_and_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its folder has another `analysis`, which comes before the installed one."""
    (tmp_path / "elsewhere" / "analysis").mkdir(parents=True)
    (tmp_path / "elsewhere" / "analysis" / "__init__.py").write_text("raise OSError('not this')")
    monkeypatch.setattr(warm_process, "ROOT", tmp_path / "elsewhere")
    page = write_page(tmp_path / "1.ipynb", WHO)
    with Kernels({"PYTHONPATH": ""}) as kernels:
        for n in range(2):
            assert who(page, tmp_path / f"{n}.ipynb", kernels)[1] == os.getpid()
        assert any("not this" in reason for reason in kernels.cold_because)


def test_the_folder_of_the_sockets_is_private() -> None:
    before = os.umask(0)
    try:
        with Kernels({FIGURES: "x"}) as kernels:
            folder = Path(kernels._folder.name)
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
            assert folder.stat().st_uid == os.getuid()
    finally:
        os.umask(before)
