"""What whoever evaluates points or executes pages must have, and what ends a sweep without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from analysis.study import record

#: What a file of the user is said to hash to where it cannot be read.
MISSING = "missing"


class EditedError(Exception):
    """Something that results are made of changed while the sweep ran."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} changed while the sweep ran; give the same command again, which does "
            "everything again that this touches"
        )


@dataclass(frozen=True)
class Version:
    """Hashes of code, data, lock and packages, and of each file of the user by its path."""

    parts: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[Path, str] = field(default_factory=dict)

    @property
    def edited(self) -> str:
        """Files of the user that have other bytes by now; blank where none has."""
        return ", ".join(
            path.name for path, sha256 in self.inputs.items() if hash_of(path) != sha256
        )


def hash_of(path: Path) -> str:
    """Hash of a file that may be gone."""
    try:
        return record.file_hash(path)
    except OSError:
        return MISSING
