"""What a result depends on, as hashes: the same key, and only then, means the same result."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.data import hashes as data_hashes
from analysis.study import record
from analysis.study.parameters import PATHS, base_name
from analysis.study.sweeps.packages import numeric
from analysis.study.sweeps.version import hash_of

if TYPE_CHECKING:
    from analysis.uncertainty.design import Design


@dataclass(frozen=True)
class Made:
    """What results are made with, beside the parameters: hash of every file, part by part."""

    code: Mapping[str, str]
    data: Mapping[str, str]
    lock: str
    inputs: Mapping[str, str]
    packages: Mapping[str, str] = field(default_factory=dict)

    @property
    def parts(self) -> dict[str, str]:
        """One hash per part."""
        return {
            "code": record.digest(dict(self.code)),
            "data": record.digest(dict(self.data)),
            "lock": self.lock,
            "inputs": record.digest(dict(self.inputs)),
            "packages": record.digest(dict(self.packages)),
        }

    @property
    def files(self) -> dict[str, Any]:
        """Hash of every file, and versions, part by part, for saying later which have changed."""
        parts = ("code", "data", "inputs", "packages")
        return {name: dict(getattr(self, name)) for name in parts}


def made(inputs: Iterable[Path] = ()) -> Made:
    """Hashes of this checkout and of the files of the user that a sweep reads."""
    return Made(
        code=record.code_hashes(),
        data=data_hashes(),
        lock=record.file_hash(record.ROOT / "requirements.lock"),
        inputs=input_hashes(inputs),
        packages=numeric(),
    )


def input_hashes(inputs: Iterable[Path]) -> dict[str, str]:
    """Hash of each file by base name; files of one name are hashed in the order of their paths."""
    found: dict[str, str] = {}
    for path in sorted(set(inputs)):
        name = path.name
        while name in found:
            name += "+"
        found[name] = hash_of(path)
    return found


def input_files(design: Design, panel: Path | None) -> tuple[Path, ...]:
    """Files of the user that the points of a design read."""
    named = {path for paths in named_files(design).values() for path in paths}
    return tuple(sorted(named | ({panel} if panel else set())))


def named_files(design: Design) -> dict[str, list[Path]]:
    """Files of the user that a design itself names, by parameter."""
    found = {}
    for name in PATHS[1:]:
        given = design.points[name].unique() if name in design.points else [design.base.get(name)]
        found[name] = [Path(one) for one in given if isinstance(one, str)]
    return found


def identity_hash(identity: Mapping[str, Any]) -> str:
    """Hash that names a design."""
    return hashlib.sha256(_text(identity)).hexdigest()


def point_digests(design: Design, points: Sequence[int]) -> list[str]:
    """Digest of the whole parameters of each point.

    The parameters that no point varies are hashed once: a design has 10^5 points, a point 10^2
    parameters.
    """
    from analysis.scenario import Scenario

    fixed = {**Scenario().model_dump(mode="json"), **_plain(design.base)}
    common = hashlib.sha256(_text(fixed)).digest()
    varied = [*design.levers, *design.uncertainties]
    columns = [name for name in design.points.columns if name in varied]
    rows = design.points.iloc[list(points)][columns].to_dict("records")
    return [hashlib.sha256(common + _text(_plain(row))).hexdigest() for row in rows]


def chunk_key(
    design: Design, points: Sequence[int], parts: Mapping[str, str], tables: Sequence[str]
) -> str:
    """Key of a chunk: what is evaluated, at which points, with what."""
    digests = point_digests(design, points)
    whole = {"parts": dict(parts), "tables": list(tables), "points": list(points)}
    return hashlib.sha256(_text({**whole, "parameters": digests})).hexdigest()


def _plain(values: Mapping[Any, Any]) -> dict[str, Any]:
    return {name: base_name(value) if name in PATHS else value for name, value in values.items()}


def _text(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=_number).encode()


def _number(value: Any) -> Any:
    """Numbers of numpy as Python has them; tuples are JSON's lists already."""
    if hasattr(value, "item"):
        return value.item()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{value!r} has no place in a key")
