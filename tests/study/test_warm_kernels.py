"""Kernels forked from a warm parent: like cold ones to the byte, and gone when they should be."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import papermill
import psutil
import pytest
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from pages import START, texts, write_page

from analysis.study import warm, warm_process
from analysis.study.execute import KERNEL, execute
from analysis.study.kernels import FIGURES, SWITCH, Kernels

pytestmark = pytest.mark.skipif(
    warm_process.why_not() is not None, reason="this system starts kernels cold"
)

#: Longest wait for what takes a second on an idle machine.
PATIENCE = 120.0

WHO = "import os, json; print(json.dumps([os.getpid(), os.getppid()]))"
FIGURE = "import matplotlib.pyplot as plt\nplt.plot([0, 1])\nplt.title('drawn without being shown')"
CAPTIONED = """from analysis.report import figure_style, show
import seaborn as sns
figure_style()
figure, axes = plt.subplots()
sns.stripplot(x=[1.0, 2.0, 2.0], y=["a", "b", "b"], ax=axes)
show(figure, name="dots", caption="Dots", source="none", alt="Three dots")"""
NUMBERS = """from analysis.study.notebook import market
from analysis import evaluate
evaluate(market(scenario, panel), scenario).tables["industry"]"""
STATE = """import gc, os, signal, sys, warnings
import matplotlib as mpl, numpy as np, pandas as pd
print([signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)])
print(signal.pthread_sigmask(signal.SIG_BLOCK, ()), gc.isenabled(), sys.argv[0][-22:])
print(mpl.get_backend(), dict(mpl.rcParams), np.geterr())
print([pd.get_option(f"display.{n}") for n in ("max_columns", "max_rows", "width")])
print(sorted(map(str, warnings.filters)), sys.path, sys.flags, hash("a"), sys.getrecursionlimit())
print(sys.stdin, plt.get_fignums(), sorted(os.environ))"""


@pytest.fixture(autouse=True)
def forked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other tests start their kernels cold, which is faster for one page."""
    monkeypatch.delenv(SWITCH, raising=False)


@pytest.fixture(scope="module")
def kernels() -> Iterator[Kernels]:
    """Kernels of one warm parent; it does not see that somebody edits the checkout meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(SWITCH, raising=False)
        patch.setattr(warm_process, "sources", lambda root: [str(root)])
        with Kernels({}) as kernels:
            yield kernels


def _quiet(done: int, total: int) -> None:
    assert 0 <= done < total


def _who(page: Path, out: Path, kernels: Kernels) -> list[int]:
    """Process ids of the kernel and of its parent, from a page that begins with `WHO`."""
    execute(page, out, {}, kernels, _quiet)
    return list(json.loads(texts(out)[0]))


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def _gone(process: int) -> bool:
    try:
        return bool(psutil.Process(process).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def test_a_forked_page_is_a_cold_page_to_the_byte(tmp_path: Path, kernels: Kernels) -> None:
    """Figures, tables and the state that a page can see."""
    page = write_page(tmp_path / "01.ipynb", START, FIGURE, CAPTIONED, NUMBERS, STATE)
    outputs = [tmp_path / f"{name}.ipynb" for name in ("cold", "first", "second")]
    with Kernels({}, warm=False) as cold:
        assert cold.warm is None
        execute(page, outputs[0], {}, cold, _quiet)
    for out in outputs[1:]:
        execute(page, out, {}, kernels, _quiet)
    assert kernels.cold_because == ()
    bytes_of = [out.read_bytes() for out in outputs]
    assert bytes_of[0].count(b"image/png") == 2
    assert bytes_of[1] == bytes_of[0]
    assert bytes_of[2] == bytes_of[0]


def test_streams_differ_without_a_seed_and_agree_with_one(tmp_path: Path, kernels: Kernels) -> None:
    draw = "import random, numpy as np\nprint(random.random(), np.random.random())"
    seeded = "random.seed(1); np.random.seed(1)\nprint(random.random(), np.random.random())"
    page = write_page(tmp_path / "01.ipynb", draw, seeded)
    outputs = [tmp_path / f"{n}.ipynb" for n in range(3)]
    for out in outputs:
        execute(page, out, {}, kernels, _quiet)
    free, fixed = zip(*(texts(out) for out in outputs), strict=True)
    assert len({number for line in free for number in line.split()}) == 2 * len(outputs)
    assert len(set(fixed)) == 1


def test_each_kernel_has_the_environment_and_folder_of_its_request(
    tmp_path: Path, kernels: Kernels, monkeypatch: pytest.MonkeyPatch
) -> None:
    show = (
        "import os, time; print(os.getcwd(), os.environ.get('ONE'), time.tzname[0], os.getppid())"
    )
    page = write_page(tmp_path / "01.ipynb", show)
    told = []
    for n, (name, zone) in enumerate([("first", "Asia/Tokyo"), (None, "UTC")]):
        folder = tmp_path / f"folder{n}"
        folder.mkdir()
        monkeypatch.chdir(folder)
        monkeypatch.setenv("TZ", zone)
        monkeypatch.setenv("ONE", name) if name else monkeypatch.delenv("ONE")
        execute(page, folder / "out.ipynb", {}, kernels, _quiet)
        told.append(texts(folder / "out.ipynb")[0].split())
    assert told[0][:3] == [str(tmp_path / "folder0"), "first", "JST"]
    assert told[1][:3] == [str(tmp_path / "folder1"), "None", "UTC"]
    assert told[0][3] == told[1][3]


def test_nothing_but_one_thread_and_its_sockets_is_there_to_be_forked(
    tmp_path: Path, kernels: Kernels
) -> None:
    page = write_page(tmp_path / "01.ipynb", WHO)
    kernel, parent = _who(page, tmp_path / "out.ipynb", kernels)
    assert len(os.listdir(f"/proc/{parent}/task")) == 1
    opened = [os.readlink(f"/proc/{parent}/fd/{n}") for n in os.listdir(f"/proc/{parent}/fd")]
    assert {name.partition(":")[0] for name in opened if not name.endswith(".log")} <= {
        "pipe",
        "socket",
        "anon_inode",
    }
    _until(lambda: _gone(kernel))


def test_kernels_see_nothing_of_each_other(tmp_path: Path, kernels: Kernels) -> None:
    """Two at a time: groups of their own, and no common input."""
    fds = "print(os.readlink('/proc/self/fd/0'), os.getpgid(0) == os.getpid())"
    page = write_page(tmp_path / "01.ipynb", WHO, fds)
    outputs = [tmp_path / f"{n}.ipynb" for n in range(2)]
    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(lambda out: _who(page, out, kernels), outputs))
    assert told[0][0] != told[1][0]
    assert told[0][1] == told[1][1]
    assert [texts(out)[1] for out in outputs] == ["/dev/null True\n"] * 2


def test_a_killed_kernel_fails_its_page_and_no_other(tmp_path: Path, kernels: Kernels) -> None:
    killed = "import os, signal\nprint('here', flush=True)\nos.kill(os.getpid(), signal.SIGKILL)"
    page = write_page(tmp_path / "01.ipynb", killed)
    with pytest.raises(DeadKernelError, match="died"):
        execute(page, tmp_path / "out.ipynb", {}, kernels, _quiet)
    after = write_page(tmp_path / "02.ipynb", WHO)
    assert _who(after, tmp_path / "after.ipynb", kernels)
    assert kernels.cold_because == ()


@pytest.mark.parametrize(
    ("interrupt", "error"),
    [(True, papermill.PapermillExecutionError), (False, CellTimeoutError)],
)
def test_a_cell_that_takes_too_long_is_ended(
    tmp_path: Path, kernels: Kernels, interrupt: bool, error: type[Exception]
) -> None:
    """By an interrupt, which the page reports, or by giving the kernel up."""
    page = write_page(tmp_path / "01.ipynb", "import time; time.sleep(600)")
    since = time.monotonic()
    with pytest.raises(error):
        papermill.execute_notebook(
            nbformat.read(page, as_version=4),
            str(tmp_path / "out.ipynb"),
            kernel_name=KERNEL,
            progress_bar=False,
            kernel_manager_class=kernels.manager_class(),
            shutdown_kernel="immediate",
            execution_timeout=3,
            interrupt_on_timeout=interrupt,
        )
    assert time.monotonic() - since < 600


def test_a_module_of_the_working_folder_is_imported_as_in_a_cold_kernel(
    tmp_path: Path, kernels: Kernels, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "seaborn.py").write_text("mine = 'my own'\n")
    page = write_page(tmp_path / "01.ipynb", "import seaborn; print(seaborn.mine)")
    monkeypatch.chdir(tmp_path)
    execute(page, tmp_path / "out.ipynb", {}, kernels, _quiet)
    assert texts(tmp_path / "out.ipynb") == ["my own\n"]
    assert kernels.cold_because == ("seaborn.py hides a module that pages import",)
    assert kernels.warm is not None
    kernels.warm.reasons.clear()


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
        running = pool.submit(_who, slow, tmp_path / "slow.ipynb", kernels)
        _until(began.exists)
        version[0] = "edited"
        _, second = _who(quick, tmp_path / "quick.ipynb", kernels)
        go.touch()
        _, first = running.result(PATIENCE)
        assert second != first
        _until(lambda: _gone(first))
        assert not _gone(second)
        assert kernels.cold_because == ()
    assert _gone(second)


def test_a_killed_parent_takes_its_kernels_along_and_the_run_goes_on_cold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm, "DEATHS", 1)
    told = tmp_path / "told.json"
    tell = f"{WHO}\njson.dump([os.getpid(), os.getppid()], open({str(told)!r}, 'w'))"
    page = write_page(tmp_path / "1.ipynb", tell, "import time; time.sleep(600)")
    with Kernels({}) as kernels, ThreadPoolExecutor(1) as pool:
        running = pool.submit(execute, page, tmp_path / "out.ipynb", {}, kernels, _quiet)
        _until(lambda: told.exists() and bool(told.read_text()))
        kernel, parent = json.loads(told.read_text())
        os.kill(parent, signal.SIGKILL)
        assert isinstance(running.exception(PATIENCE), DeadKernelError)
        assert _gone(kernel)
        after = write_page(tmp_path / "2.ipynb", WHO)
        assert _who(after, tmp_path / "after.ipynb", kernels)[1] == os.getpid()
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
    _until(lambda: told.exists() and bool(told.read_text()))
    processes = json.loads(told.read_text())
    assert not any(_gone(process) for process in processes)
    client.kill()
    client.wait(PATIENCE)
    _until(lambda: all(_gone(process) for process in processes))


def test_stopping_while_the_parent_warms_up_starts_no_kernel(tmp_path: Path) -> None:
    page = write_page(tmp_path / "1.ipynb", WHO)
    with Kernels({}) as kernels, ThreadPoolExecutor(1) as pool:
        running = pool.submit(execute, page, tmp_path / "out.ipynb", {}, kernels, _quiet)
        assert kernels.warm is not None
        _until(lambda: kernels.warm._current is not None)  # type: ignore[union-attr]
        parent = kernels.warm._current.pid  # type: ignore[union-attr]
        kernels.stop()
        assert "stopped" in str(running.exception(PATIENCE))
        assert _gone(parent)


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
            assert _who(page, tmp_path / f"{n}.ipynb", kernels)[1] == os.getpid()
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


def test_ended_kernels_are_forgotten(tmp_path: Path, kernels: Kernels) -> None:
    page = write_page(tmp_path / "1.ipynb", "1")
    for n in range(3):
        execute(page, tmp_path / f"{n}.ipynb", {}, kernels, _quiet)
    assert kernels._started == set()
