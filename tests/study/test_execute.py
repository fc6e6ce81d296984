"""Pages through real papermill and real kernels: the ways in which they go wrong."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest
from jupyter_client.manager import AsyncKernelManager
from pages import START, texts, write_page

from analysis.report.figures import FOLDER_VARIABLE
from analysis.study.execute import KERNEL, execute
from analysis.study.kernels import FIGURES, Kernels


@pytest.fixture
def kernels() -> Iterator[Kernels]:
    with Kernels({FIGURES: "figures-go-here"}, warm=False) as kernels:
        yield kernels


def _quiet(done: int, total: int) -> None:
    assert 0 <= done < total


def test_pages_at_the_same_time_leave_no_trace_of_when_and_where(
    tmp_path: Path, kernels: Kernels
) -> None:
    folder = tmp_path / "a folder {with} braces"
    folder.mkdir()
    show = "import os; print(scenario.phase_in_years, os.environ['STUDY_FIGURES'])"
    page = write_page(folder / "01_{page}.ipynb", START, show)
    outputs = [folder / f"out_{n}.ipynb" for n in range(2)]
    given = {"phase_in_years": 5, "panel": "/home/someone/returns.csv"}
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(execute, page, out, given, kernels, _quiet) for out in outputs]:
            done.result()
    assert texts(outputs[0]) == ["5 figures-go-here\n"]
    assert outputs[0].read_bytes() == outputs[1].read_bytes()
    written = outputs[0].read_text()
    assert "someone" not in written
    assert str(tmp_path) not in written
    assert json.loads(written)["metadata"].keys() == {"kernelspec", "language_info"}


def test_kernels_made_at_the_same_time_never_share_a_socket(
    kernels: Kernels, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both ask for sockets before either is known to have been made."""
    many = 4
    gate = threading.Barrier(many)
    plain = AsyncKernelManager.__init__

    def slow(manager: AsyncKernelManager, **options: Any) -> None:
        gate.wait()
        plain(manager, **options)

    monkeypatch.setattr(AsyncKernelManager, "__init__", slow)
    with ThreadPoolExecutor(many) as pool:
        made = list(pool.map(lambda _: kernels.manager_class()(), range(many)))
    assert len({manager.ip for manager in made}) == many


def test_what_an_earlier_run_injected_is_not_used_again(tmp_path: Path, kernels: Kernels) -> None:
    page = write_page(tmp_path / "01.ipynb", START, "print(scenario.phase_in_years)")
    changed, again = tmp_path / "changed.ipynb", tmp_path / "again.ipynb"
    execute(page, changed, {"phase_in_years": 7}, kernels, _quiet)
    execute(changed, again, {}, kernels, _quiet)
    assert texts(changed) == ["7\n"]
    assert texts(again) == ["3\n"]


def test_a_page_that_fails_is_kept_with_its_traceback(tmp_path: Path, kernels: Kernels) -> None:
    page = write_page(tmp_path / "01.ipynb", "1 / 0", "print('never')")
    out = tmp_path / "out.ipynb"
    with pytest.raises(papermill.PapermillExecutionError, match="ZeroDivisionError"):
        execute(page, out, {}, kernels, _quiet)
    kept = nbformat.read(out, as_version=4)
    errors = [o for c in kept.cells for o in c.get("outputs", []) if o.output_type == "error"]
    assert [error.ename for error in errors] == ["ZeroDivisionError"]
    assert texts(out) == []


def test_stopping_ends_pages_at_once_and_starts_no_more(tmp_path: Path) -> None:
    page = write_page(tmp_path / "01.ipynb", "import time; time.sleep(60)")
    began = threading.Event()
    since = time.monotonic()
    with Kernels({}, warm=False) as kernels, ThreadPoolExecutor(1) as pool:
        running = pool.submit(
            execute, page, tmp_path / "out.ipynb", {}, kernels, lambda _done, _all: began.set()
        )
        assert began.wait(30)
        kernels.stop()
        assert isinstance(running.exception(30), Exception)
        with pytest.raises(RuntimeError, match="stopped"):
            execute(page, tmp_path / "late.ipynb", {}, kernels, _quiet)
    assert time.monotonic() - since < 60
    assert not Path(kernels._folder.name).exists()


def test_plain_papermill_refuses_a_misspelt_parameter(tmp_path: Path) -> None:
    page = write_page(tmp_path / "01.ipynb", START, "print(scenario.phase_in_years)")
    command = [sys.executable, "-m", "papermill", str(page), str(tmp_path / "out.ipynb")]
    done = subprocess.run(
        [*command, "--no-progress-bar", "-p", "phase_in_year", "5"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "did you mean 'phase_in_years'?" in done.stderr


def test_runner_and_figures_mean_the_same_variable() -> None:
    assert FIGURES == FOLDER_VARIABLE


def test_the_kernel_is_the_one_of_this_environment() -> None:
    from jupyter_client.kernelspec import KernelSpecManager

    spec = KernelSpecManager().get_kernel_spec(KERNEL)
    assert Path(spec.resource_dir).is_relative_to(sys.prefix)


def test_papermill_cannot_reformat_injected_cells() -> None:
    """With black it would, and two machines would give different bytes."""
    with pytest.raises(ModuleNotFoundError):
        __import__("black")
