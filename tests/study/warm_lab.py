"""What tests of forked kernels share: who a kernel is, and waiting for what must happen."""

import json
from pathlib import Path

import psutil
import pytest
from pages import texts

from analysis.study import warm_process
from analysis.study.execute import execute
from analysis.study.kernels import Kernels

#: Where kernels can be forked; others are skipped, and what the environment says is left aside.
ON_FORKS = [
    pytest.mark.skipif(
        warm_process.why_not() is not None, reason="this system starts kernels cold"
    ),
    pytest.mark.usefixtures("forked"),
]

WHO = "import os, json; print(json.dumps([os.getpid(), os.getppid()]))"


def quiet(done: int, total: int) -> None:
    assert 0 <= done < total


def who(page: Path, out: Path, kernels: Kernels) -> list[int]:
    """Process ids of the kernel and of its parent, from a page that begins with `WHO`."""
    execute(page, out, {}, kernels, quiet)
    return list(json.loads(texts(out)[0]))


def gone(process: int) -> bool:
    try:
        return bool(psutil.Process(process).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True
