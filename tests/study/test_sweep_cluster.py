"""Sweeps on a Dask cluster: a scheduler and two workers in processes of their own, on loopback."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from sweep_lab import Lab, chunks, contents, new_lab, wait_for

DASK = (sys.executable, "-m", "distributed.cli.dask_scheduler")
WORKER = (sys.executable, "-m", "distributed.cli.dask_worker")


@contextmanager
def _running(lab: Lab, *command: str | Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process of the cluster, killed at the end."""
    with (lab.folder / "cluster.log").open("ab") as log:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=lab.folder,
            env=lab.environment,
            stdout=log,
            stderr=log,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


@contextmanager
def _scheduler(lab: Lab) -> Iterator[str]:
    """Address of a scheduler on a free port."""
    file = lab.folder / "scheduler.json"
    address = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-jupyter")
    with _running(lab, *DASK, *address, "--scheduler-file", file):
        wait_for(lambda: file.is_file() and file.read_text().strip().endswith("}"), 60)
        yield json.loads(file.read_text())["address"]


def _worker(lab: Lab, address: str) -> ExitStack:
    """A worker without a nanny, so that one that is killed stays dead."""
    stack = ExitStack()
    options = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory")
    process = stack.enter_context(_running(lab, *WORKER, address, *options, lab.folder / "dask"))
    stack.callback(process.kill)
    return stack


def _workers_known(lab: Lab, count: int) -> bool:
    log = (lab.folder / "cluster.log").read_text(errors="replace")
    return log.count("Registered to:") >= count


def test_a_cluster_that_loses_a_worker_gives_the_same_bytes(
    lab: Lab, undisturbed: tuple[Path, dict[str, str]]
) -> None:
    design, folder = lab.design(), lab.folder / "out"
    with _scheduler(lab) as address, _worker(lab, address) as first, _worker(lab, address):
        wait_for(lambda: _workers_known(lab, 2), 60)
        process = lab.start("sweep", design, "--out", folder, "--scheduler", address)
        wait_for(lambda: chunks(folder) or process.poll() is not None, 120)
        first.close()
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, out + err
        assert "with 2 workers" in out
        assert contents(folder) == undisturbed[1]
        read = lab.design(read={"notebooks": ["03_reserves"], "points": [13]})
        said = lab.study("sweep", read, "--out", folder, "--scheduler", address)
        assert "0 of them evaluated now" in said
    there = contents(folder)
    lab.study("sweep", read, "--out", lab.folder / "here")
    assert contents(lab.folder / "here") == there
    assert "notebooks/03_reserves/00000013.ipynb" in there


def test_a_worker_with_other_code_is_named_and_nothing_starts(
    lab: Lab, checkout: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(checkout, other)
    with (other / "analysis" / "errors.py").open("a") as file:
        file.write("# edited\n")
    design, folder = lab.design(), lab.folder / "out"
    elsewhere = new_lab(other, lab.folder)
    with _scheduler(lab) as address, _worker(lab, address), _worker(elsewhere, address):
        wait_for(lambda: _workers_known(lab, 2), 60)
        said = lab.study("sweep", design, "--out", folder, "--scheduler", address, status=2)
    assert "worker tcp://127.0.0.1:" in said
    assert "has other code" in said
    assert said.count("\n") == 1
    assert not folder.exists()


def test_a_worker_that_does_not_find_the_panel_is_named(lab: Lab, tmp_path: Path) -> None:
    panel = lab.folder / "panel.csv"
    lab.study("template", panel)
    away = Lab(lab.checkout, tmp_path)
    (away.folder / "cluster.log").touch()
    with _scheduler(away) as address, _worker(away, address):
        wait_for(lambda: _workers_known(away, 1), 60)
        arguments = ("sweep", lab.design(), "--panel", "panel.csv", "--scheduler", address)
        said = lab.study(*arguments, status=2)
    assert "does not find panel.csv with the same bytes" in said
    assert not (lab.folder / "sweeps").exists()


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nowhere", "http://127.0.0.1:1"])
def test_a_scheduler_that_nobody_reaches_is_said_in_seconds(lab: Lab, address: str) -> None:
    since = time.monotonic()
    said = lab.study("sweep", lab.design(), "--scheduler", address, status=2)
    assert f"--scheduler {address}: cannot be reached" in said
    assert said.count("\n") == 1
    assert time.monotonic() - since < 60
    assert not (lab.folder / "sweeps").exists()


def test_a_scheduler_without_workers_is_said(lab: Lab) -> None:
    with _scheduler(lab) as address:
        said = lab.study("sweep", lab.design(), "--scheduler", address, status=2)
    assert "has no worker" in said


def test_a_scheduler_that_goes_away_is_said_and_work_is_kept(lab: Lab) -> None:
    design, folder = lab.design(), lab.folder / "out"
    with ExitStack() as running:
        scheduler = running.enter_context(ExitStack())
        address = scheduler.enter_context(_scheduler(lab))
        running.enter_context(_worker(lab, address))
        wait_for(lambda: _workers_known(lab, 1), 60)
        process = lab.start("sweep", design, "--out", folder, "--scheduler", address)
        wait_for(lambda: chunks(folder) or process.poll() is not None, 120)
        scheduler.close()
        out, err = process.communicate(timeout=120)
    assert process.returncode == 1, out + err
    assert "went away; what was done is kept" in err
    assert "Traceback" not in err
    kept = len(chunks(folder))
    assert 0 < kept < 6
    said = lab.study("sweep", design, "--out", folder)
    assert f"{48 - 8 * kept} of them evaluated now" in said
