"""One page of a sweep that ends as no page should: it fails alone, and keeps its notebook."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat
import pytest
from pages import texts, write_page
from sweep_lab import PATIENCE, wait_for
from warm_lab import ON_FORKS, gone

from analysis.study.kernels import Kernels
from analysis.study.page_result import RESULT
from analysis.study.sweeps import page_run
from analysis.study.sweeps.chunk import DONE, FAILED
from analysis.study.sweeps.page import Page

UNUSED: Any = {}  # what others must have is compared elsewhere


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Page]:
    """Page of some cells, and then one that leaves a result and compares nothing."""
    result = tmp_path / "one-00000000" / RESULT
    monkeypatch.setattr(page_run, "cell", lambda *_: f"open({str(result)!r}, 'w').write('x')")

    def made(*cells: str) -> Page:
        source = write_page(tmp_path / "one.ipynb", *cells).read_bytes()
        return Page("one", 0, source, {"panel": "x.csv"}, {}, 60, True, UNUSED)

    return made


@pytest.fixture
def cold(tmp_path: Path) -> Iterator[Kernels]:
    with page_run.kernels(tmp_path, warm=False) as kernels:
        yield kernels


def test_a_page_that_leaves_before_its_last_cell_has_failed(
    tmp_path: Path, page: Callable[..., Page], cold: Kernels
) -> None:
    outcome = page_run.run_page(page("import sys; sys.exit(0)"), cold, tmp_path)
    assert (outcome.status, outcome.table) == (FAILED, None)
    assert outcome.error == "the page ended before its last cell"
    assert outcome.notebook


def test_a_page_that_is_no_notebook_fails_alone() -> None:
    broken = Page("one", 0, b"{", {}, {}, 60, False, UNUSED)
    [outcome] = page_run.run_pages([broken], 1)
    assert outcome.status == FAILED
    assert "JSON" in str(outcome.error)


def test_a_page_whose_kernel_dies_keeps_what_it_showed(
    tmp_path: Path, page: Callable[..., Page], cold: Kernels
) -> None:
    dies = page("print('shown before')", "import os; os._exit(3)", "print('never shown')")
    outcome = page_run.run_page(dies, cold, tmp_path)
    assert (outcome.status, outcome.cell) == (FAILED, 3)
    assert "DeadKernelError" in str(outcome.error)
    assert outcome.notebook
    kept = tmp_path / "kept.ipynb"
    kept.write_bytes(outcome.notebook)
    assert texts(kept) == ["shown before\n"]
    ids = [cell.id for cell in nbformat.read(kept, as_version=4).cells]
    assert ids == ["first", "injected-parameters", "cell-0", "cell-1", "cell-2", "appended"]


class TestOnForks:
    """Where kernels are forked, the warm parent may be killed under them."""

    pytestmark = ON_FORKS

    def test_a_page_whose_warm_parent_is_killed_is_executed_again(
        self, tmp_path: Path, page: Callable[..., Page]
    ) -> None:
        """And what its kernel has started ends with it."""
        told = tmp_path / "told.jsonl"
        slow = page(
            "import json, os, subprocess, time\n"
            f"first = not os.path.exists({str(told)!r})\n"
            "child = subprocess.Popen(['sleep', '600']) if first else None\n"
            "ids = [os.getpid(), os.getppid(), child.pid if first else 0]\n"
            f"with open({str(told)!r}, 'a') as file: print(json.dumps(ids), file=file)\n"
            "time.sleep(600 if first else 0)"
        )
        with page_run.kernels(tmp_path, warm=True) as kernels, ThreadPoolExecutor(1) as pool:
            running = pool.submit(page_run.run_page, slow, kernels, tmp_path)
            wait_for(lambda: told.exists() and told.read_text().endswith("\n"))
            kernel, parent, child = json.loads(told.read_text())
            os.kill(parent, signal.SIGKILL)
            outcome = running.result(PATIENCE)
            assert (outcome.status, outcome.error, outcome.table) == (DONE, None, b"x")
            assert len(told.read_text().splitlines()) == 2
            wait_for(lambda: gone(kernel) and gone(child))

    @pytest.mark.parametrize("warm", [True, False])
    def test_a_page_that_ends_its_own_kernel_is_not_executed_again(
        self, tmp_path: Path, page: Callable[..., Page], warm: bool
    ) -> None:
        """What the kernel has started ends with it here too."""
        told = tmp_path / "told"
        dies = page(
            "import os, subprocess\nchild = subprocess.Popen(['sleep', '600'])\n"
            f"with open({str(told)!r}, 'a') as file: print(child.pid, file=file)\n"
            "os._exit(3)"
        )
        with page_run.kernels(tmp_path, warm=warm) as kernels:
            outcome = page_run.run_page(dies, kernels, tmp_path)
            assert (outcome.status, kernels.losses) == (FAILED, 0)
            [child] = told.read_text().split()
            wait_for(lambda: gone(int(child)), 20)
