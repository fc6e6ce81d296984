"""The folder of a sweep: chunks that are whole or not there, and why any is done again."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from analysis.errors import InputError
from analysis.study.folder import DESIGN, RECORD
from analysis.study.sweeps import parquet
from analysis.study.sweeps.chunk import EDITED, WORKER, Outcome, Status
from analysis.study.sweeps.differences import differences, numbers
from analysis.study.sweeps.files import PARTIAL, clear_partial, remove, write_file, write_folder
from analysis.study.sweeps.keys import Made, identity_hash
from analysis.study.sweeps.lock import LOCK
from analysis.study.sweeps.stale import stale
from analysis.uncertainty.results_files import rows_hash

POINTS, STATUS = "points.parquet", "status.parquet"
READING = "reading.parquet"

_CHUNK = re.compile(r"\d{8}-[0-9a-f]{16}")
_SCHEMA = pa.schema(
    [
        ("point", pa.int64()),
        ("status", pa.large_string()),
        ("where", pa.large_string()),
        ("error", pa.large_string()),
    ]
)


def chunk_name(first: int, key: str) -> str:
    """Folder of the chunk that starts with a point."""
    return f"{first:08d}-{key[:16]}"


@dataclass(frozen=True)
class Store:
    """Results of a sweep in a folder. Only the process that holds the folder's lock writes."""

    folder: Path

    @property
    def chunks(self) -> Path:
        """Folder of the chunks."""
        return self.folder / "chunks"

    def check(self, identity: Mapping[str, Any], force: bool) -> None:
        """Refuse a place that is not for this sweep, before anything is written.

        Raises
        ------
        InputError
            The folder holds something else, or the sweep of another design.
        """
        if not self.folder.is_dir():
            return
        kept = self._kept(force)
        if kept is None:
            strangers = [
                path.name
                for path in sorted(self.folder.iterdir())
                if path.name != LOCK and not path.name.startswith(PARTIAL)
            ]
            if strangers:
                raise InputError(
                    f"--out {self.folder}: holds something else than a sweep ({strangers[0]}, no "
                    f"{DESIGN}); give a folder that is new or an earlier sweep of this design"
                )
        elif not force and (other := differences(kept["design"], json.loads(_json(identity)))):
            raise InputError(
                f"--out {self.folder}: holds the sweep of another design ({other}); give another "
                "--out, or --force to clear that sweep"
            )

    def prepare(self, identity: Mapping[str, Any], made: Made, force: bool) -> list[str]:
        """Make the folder ready: clear what is half-written, stale or to be redone.

        Returns
        -------
        list of str
            Why results that were there are done again, if they are.
        """
        clear_partial(self.folder)
        kept = self._kept(force)
        said = []
        if force and kept is not None:
            self.clear()
            said = ["--force: everything is done again"]
        elif kept is not None and (reasons := stale(kept, identity, made)):
            count = len(list(self._chunk_folders()))
            said = [f"{count} chunks done again: {'; '.join(reasons)}"] if count else []
            for path in [*self._chunk_folders(), *self._page_files()]:
                remove(path)
        written = {
            "design": dict(identity),
            "hashes": {"design": identity_hash(numbers(identity)), **made.parts},
            "files": made.files,
        }
        write_file(self.folder / DESIGN, _json(written))
        return said

    def mark_edited(self, parts: Iterable[str]) -> None:
        """Have the next sweep do everything again, whatever these parts are by then."""
        written = json.loads((self.folder / DESIGN).read_bytes())
        written["hashes"] |= dict.fromkeys(parts, EDITED)
        write_file(self.folder / DESIGN, _json(written))

    def write_points(self, points: pd.DataFrame) -> None:
        """Write the table of points."""
        write_file(self.folder / POINTS, parquet.to_bytes(parquet.from_frame(points)))

    def clear(self) -> None:
        """Remove the files of the sweep, and no other."""
        (self.folder / RECORD).unlink(missing_ok=True)
        for path in [*self._chunk_folders(), *self._page_files()]:
            remove(path)
        for name in (READING, POINTS, DESIGN):
            (self.folder / name).unlink(missing_ok=True)

    def write(self, outcome: Outcome) -> None:
        """Write an evaluated chunk."""
        hashes = {
            name: hashlib.sha256(content).hexdigest() for name, content in outcome.tables.items()
        }
        rows = [asdict(one) for one in outcome.statuses]
        status = pa.Table.from_pylist(rows, schema=_SCHEMA)
        stated = {"chunk": outcome.name, "sha256": hashes, "rows": rows_hash(rows)}
        files = {f"{name}.parquet": content for name, content in outcome.tables.items()}
        files[STATUS] = parquet.to_bytes(status, stated)
        if (self.chunks / outcome.name).exists():
            remove(self.chunks / outcome.name)
        write_folder(self.chunks / outcome.name, files)

    def read(
        self, name: str, points: Sequence[int] | None = None
    ) -> tuple[Status, ...] | str | None:
        """How the points of a chunk ended; what is wrong with it; None where it is not there.

        Points are those that it has to hold, where the caller knows them.
        """
        folder = self.chunks / name
        if not folder.is_dir():
            return None
        try:
            status, stated = parquet.from_bytes((folder / STATUS).read_bytes())
            rows = status.to_pylist()
            wrong = STATUS if stated["rows"] != rows_hash(rows) else _wrong(folder, stated)
            other = stated["chunk"] != name
        except OSError as failure:
            return f"{Path(failure.filename or STATUS).name}: {failure.strerror or failure}"
        except (ValueError, KeyError) as failure:
            return f"{STATUS}: {failure}"
        statuses = tuple(Status(**row) for row in rows)
        if other or (points is not None and [one.point for one in statuses] != list(points)):
            return "is another sweep's"
        if wrong is None and any(one.where == WORKER for one in statuses):
            return "its worker died"
        return statuses if wrong is None else f"{wrong}: bytes were changed"

    def keep_only(self, names: Iterable[str]) -> list[str]:
        """Remove the chunks that are not among `names`; their names."""
        wanted = set(names)
        others = [path for path in self._chunk_folders() if path.name not in wanted]
        for path in others:
            remove(path)
        return [path.name for path in others]

    def table(self, name: str, chunks: Iterable[str]) -> pd.DataFrame:
        """Rows of a table in some chunks."""
        files = [self.chunks / chunk / f"{name}.parquet" for chunk in chunks]
        parts = [parquet.from_bytes(file.read_bytes())[0] for file in files if file.is_file()]
        frame: pd.DataFrame = (
            pa.concat_tables(parts, promote_options="permissive").to_pandas()
            if parts
            else pd.DataFrame()
        )
        return frame

    def _kept(self, force: bool) -> dict[str, Any] | None:
        """Design of the sweep that is there; None where there is none."""
        path = self.folder / DESIGN
        try:
            kept = json.loads(path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as failure:
            kept, why = None, f" ({failure})"
        else:
            why = ""
        if isinstance(kept, dict) and {"design", "hashes", "files"} <= set(kept):
            return kept
        if force:
            return {}
        raise InputError(
            f"{path}: is not the design of a sweep{why}; --force does everything again"
        )

    def _chunk_folders(self) -> Iterator[Path]:
        return (path for path in sorted(self.chunks.glob("*-*")) if _CHUNK.fullmatch(path.name))

    def pages(self) -> list[tuple[str, int]]:
        """Page and point of every executed notebook, whole or not."""
        return sorted({(path.parent.name, int(path.stem)) for path in self._page_files()})

    def _page_files(self) -> Iterator[Path]:
        found = sorted((self.folder / "notebooks").glob("*/*"))
        return (path for path in found if re.fullmatch(r"\d{8}\.(ipynb|parquet)", path.name))


def _wrong(folder: Path, stated: Mapping[str, Any]) -> str | None:
    """File of a chunk that has other bytes than its status states."""
    for table, sha256 in stated["sha256"].items():
        content = (folder / f"{table}.parquet").read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            return f"{table}.parquet"
    return None


def _json(value: Any) -> bytes:
    text = json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False, default=str)
    return (text + "\n").encode()
