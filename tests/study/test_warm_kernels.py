"""Kernels forked from a warm parent: what their pages see is what pages on cold ones see."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import papermill
import pytest
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from pages import START, texts, write_page
from sweep_lab import wait_for
from warm_lab import ON_FORKS, WHO, gone, quiet, who

from analysis.study import warm_process
from analysis.study.execute import KERNEL, execute
from analysis.study.kernels import SWITCH, Kernels

pytestmark = ON_FORKS

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


@pytest.fixture(scope="module")
def kernels() -> Iterator[Kernels]:
    """Kernels of one warm parent; it does not see that somebody edits the checkout meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(SWITCH, raising=False)
        patch.setattr(warm_process, "sources", lambda root: [str(root)])
        with Kernels({}) as kernels:
            yield kernels


def test_a_forked_page_is_a_cold_page_to_the_byte(tmp_path: Path, kernels: Kernels) -> None:
    """Figures, tables and the state that a page can see."""
    page = write_page(tmp_path / "01.ipynb", START, FIGURE, CAPTIONED, NUMBERS, STATE)
    outputs = [tmp_path / f"{name}.ipynb" for name in ("cold", "first", "second")]
    with Kernels({}, warm=False) as cold:
        assert cold.warm is None
        execute(page, outputs[0], {}, cold, quiet)
    for out in outputs[1:]:
        execute(page, out, {}, kernels, quiet)
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
        execute(page, out, {}, kernels, quiet)
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
        execute(page, folder / "out.ipynb", {}, kernels, quiet)
        told.append(texts(folder / "out.ipynb")[0].split())
    assert told[0][:3] == [str(tmp_path / "folder0"), "first", "JST"]
    assert told[1][:3] == [str(tmp_path / "folder1"), "None", "UTC"]
    assert told[0][3] == told[1][3]


def test_nothing_but_one_thread_and_its_sockets_is_there_to_be_forked(
    tmp_path: Path, kernels: Kernels
) -> None:
    page = write_page(tmp_path / "01.ipynb", WHO)
    kernel, parent = who(page, tmp_path / "out.ipynb", kernels)
    assert len(os.listdir(f"/proc/{parent}/task")) == 1
    opened = [os.readlink(f"/proc/{parent}/fd/{n}") for n in os.listdir(f"/proc/{parent}/fd")]
    assert {name.partition(":")[0] for name in opened if not name.endswith(".log")} <= {
        "pipe",
        "socket",
        "anon_inode",
    }
    wait_for(lambda: gone(kernel))


def test_kernels_see_nothing_of_each_other(tmp_path: Path, kernels: Kernels) -> None:
    """Two at a time: groups of their own, and no common input."""
    fds = "print(os.readlink('/proc/self/fd/0'), os.getpgid(0) == os.getpid())"
    page = write_page(tmp_path / "01.ipynb", WHO, fds)
    outputs = [tmp_path / f"{n}.ipynb" for n in range(2)]
    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(lambda out: who(page, out, kernels), outputs))
    assert told[0][0] != told[1][0]
    assert told[0][1] == told[1][1]
    assert [texts(out)[1] for out in outputs] == ["/dev/null True\n"] * 2


def test_a_killed_kernel_fails_its_page_and_no_other(tmp_path: Path, kernels: Kernels) -> None:
    killed = "import os, signal\nprint('here', flush=True)\nos.kill(os.getpid(), signal.SIGKILL)"
    page = write_page(tmp_path / "01.ipynb", killed)
    with pytest.raises(DeadKernelError, match="died"):
        execute(page, tmp_path / "out.ipynb", {}, kernels, quiet)
    after = write_page(tmp_path / "02.ipynb", WHO)
    assert who(after, tmp_path / "after.ipynb", kernels)
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
    execute(page, tmp_path / "out.ipynb", {}, kernels, quiet)
    assert texts(tmp_path / "out.ipynb") == ["my own\n"]
    assert kernels.cold_because == ("seaborn.py hides a module that pages import",)
    assert kernels.warm is not None
    kernels.warm.reasons.clear()


def test_ended_kernels_are_forgotten(tmp_path: Path, kernels: Kernels) -> None:
    page = write_page(tmp_path / "1.ipynb", "1")
    for n in range(3):
        execute(page, tmp_path / f"{n}.ipynb", {}, kernels, quiet)
    assert kernels._started == set()
