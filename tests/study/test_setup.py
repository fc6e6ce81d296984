"""The set-up: one hashed lock for everybody, and nothing that differs between two machines."""

import os
import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
WANTED = [
    *PROJECT["project"]["dependencies"],
    *PROJECT["project"]["optional-dependencies"]["test"],
    *PROJECT["dependency-groups"]["setup"],
]


def _stanzas() -> dict[str, str]:
    """Locked requirements by name, each with its hashes."""
    found = re.findall(r"^([a-z0-9][\w.-]*)==(.*?)(?=^[a-z0-9]|\Z)", LOCK, re.MULTILINE | re.DOTALL)
    return dict(found)


@pytest.mark.parametrize("wanted", WANTED)
def test_every_direct_dependency_is_locked(wanted: str) -> None:
    name = re.split(r"[<>=\[ ]", wanted)[0].lower().replace("_", "-")
    assert name in _stanzas()


def test_every_locked_package_has_one_version_and_hashes() -> None:
    names = re.findall(r"^([a-z0-9][\w.-]*)==", LOCK, re.MULTILINE)
    assert len(names) == len(set(names)) > 100
    assert all("--hash=sha256:" in stanza for stanza in _stanzas().values())


def test_the_lock_names_no_index() -> None:
    assert "://" not in LOCK
    assert "index-url" not in LOCK


def test_conda_takes_its_packages_from_the_lock() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    python, _, pip = environment["dependencies"]
    assert pip == {"pip": ["--requirement requirements.lock"]}
    least = PROJECT["project"]["requires-python"].removeprefix(">=")
    assert python.startswith(f"python>={least},")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permission")
def test_the_check_of_a_change_can_be_executed() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_the_citation_file_is_complete() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert citation["version"] == PROJECT["project"]["version"]
    assert citation["license"] == PROJECT["project"]["license"]
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", citation["date-released"])
