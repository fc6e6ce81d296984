"""Sweeps that are killed at random moments: no work lost, nothing half-written ever read."""

import json
import random
import signal
import time
from pathlib import Path

import psutil
from sweep_lab import Lab, chunks, contents, wait_for

from analysis.study.sweeps.store import Store
from analysis.uncertainty.results import Results

OPTIONS = ("--workers", "2")


def _is_worker(process: psutil.Process) -> bool:
    return "forkserver" in " ".join(process.cmdline()) and bool(process.ppid() != 1)


def _workers(lab: Lab) -> list[psutil.Process]:
    """Worker processes: children of the server that forks them."""
    found = []
    for process in lab.processes():
        try:
            parent = process.parent()
            if parent and _is_worker(process) and _is_worker(parent):
                found.append(process)
        except psutil.Error:
            continue
    return found


def _only_whole_chunks(folder: Path) -> None:
    """Every chunk that a reader would find is whole."""
    for chunk in chunks(folder):
        assert isinstance(Store(folder).read(chunk.name), tuple), chunk


def test_a_sweep_killed_again_and_again_ends_as_an_undisturbed_one(
    lab: Lab, undisturbed: tuple[Path, dict[str, str]]
) -> None:
    design, folder, chance = lab.design(), lab.folder / "out", random.Random(64)
    seen: set[str] = set()
    for _ in range(8):
        process = lab.start("sweep", design, "--out", folder, *OPTIONS)
        before = len(chunks(folder))
        if chance.random() < 0.75 and before < 5:  # else at any moment, before the first chunk too
            wait_for(
                lambda: process.poll() is not None or len(chunks(folder)) > before,  # noqa: B023
                60,
            )
        time.sleep(chance.uniform(0.0, 0.3) if chunks(folder) else chance.uniform(0.0, 4.0))
        process.kill()
        process.communicate()
        assert lab.alone() == []
        _only_whole_chunks(folder)
        assert seen <= {chunk.name for chunk in chunks(folder)}
        seen = {chunk.name for chunk in chunks(folder)}
    said = lab.study("sweep", design, "--out", folder, *OPTIONS)
    assert f"{48:,} points" in said
    assert contents(folder) == undisturbed[1]
    assert lab.alone() == []
    assert Results(folder).coverage.complete


def test_workers_that_are_killed_are_replaced(
    lab: Lab, undisturbed: tuple[Path, dict[str, str]]
) -> None:
    design, folder, chance = lab.design(), lab.folder / "out", random.Random(64)
    process = lab.start("sweep", design, "--out", folder, *OPTIONS)
    killed = 0
    while killed < 2 and process.poll() is None:
        if found := _workers(lab):
            chance.choice(found).kill()
            killed += 1
            time.sleep(chance.uniform(0.5, 1.5))
        time.sleep(0.02)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (0, ""), out + err
    assert killed == 2
    assert contents(folder) == undisturbed[1]
    assert lab.alone() == []


def test_a_worker_that_dies_every_time_costs_its_points_only_and_they_are_tried_again(
    lab: Lab, undisturbed: tuple[Path, dict[str, str]]
) -> None:
    """Whoever kills every worker gets failed rows; the next start makes them good."""
    design, folder = lab.design(), lab.folder / "out"
    process = lab.start("sweep", design, "--out", folder, "--workers", "1")
    wait_for(lambda: _workers(lab), 60)
    while not chunks(folder):
        for worker in _workers(lab):
            worker.kill()
        time.sleep(0.02)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 1, out + err
    assert "failed: point" in err
    assert "the worker process ended 3 times" in err
    lost = Results(folder).coverage.failed
    assert 0 < lost < 48
    said = lab.study("sweep", design, "--out", folder, *OPTIONS)
    assert "done again: its worker died" in said
    assert f"{lost} of them evaluated now" in said
    assert contents(folder) == undisturbed[1]


def test_an_interrupted_sweep_says_how_to_go_on(lab: Lab) -> None:
    design, folder = lab.design(), lab.folder / "out"
    process = lab.start("sweep", design, "--out", folder, *OPTIONS)
    wait_for(lambda: chunks(folder), 60)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode != 0
    assert "the same command goes on" in err
    assert "Traceback" not in err
    assert lab.alone() == []
    assert json.loads((folder / "design.json").read_text())["design"]["name"] == "small"
