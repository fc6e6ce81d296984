"""Private folders of a process for sockets and files that are passed on.

They go with their process. Where that is killed, its folders stay; the next one that makes such a
folder removes them, knowing them by a lock that the system has released.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PREFIX, ALIVE = "study-", ".alive"

#: Bytes of the path of a place in which sockets fit: theirs may have 103 on macOS, and the longest
#: lies below it in two folders with random names.
SHORT = 52


class Scratch:
    """A private folder, as a context.

    Parameters
    ----------
    sockets : bool
        Whether sockets are made in it, so that its path must be short.
    """

    def __init__(self, sockets: bool = False) -> None:
        place = for_sockets() if sockets else Path(tempfile.gettempdir())
        remove_left_behind(place)
        self.name = tempfile.mkdtemp(prefix=PREFIX, dir=place)
        self._lock = _hold(Path(self.name))

    def __enter__(self) -> str:
        return self.name

    def __exit__(self, *raised: object) -> None:
        self.cleanup()

    def cleanup(self) -> None:
        """Remove it, with everything in it."""
        shutil.rmtree(self.name, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def for_sockets() -> Path:
    """Where temporary files go; where that path is too long for sockets, the user's own or /tmp."""
    usual = Path(tempfile.gettempdir())
    places = [usual, *_runtime_folder(), Path("/tmp")]
    fit = [one for one in places if len(os.fsencode(one)) <= SHORT and os.access(one, os.W_OK)]
    return fit[0] if fit else usual


def _runtime_folder() -> list[Path]:
    """The folder that the system keeps for this user alone, if there is one."""
    folder = Path(os.environ.get("XDG_RUNTIME_DIR") or ".")
    if not folder.is_absolute() or not folder.is_dir():
        return []
    about = folder.stat()
    return [folder] if about.st_uid == os.getuid() and about.st_mode & 0o777 == 0o700 else []


def _hold(folder: Path) -> int | None:
    """Lock a folder for as long as this process lives; None where the system has no such locks."""
    if sys.platform == "win32":
        return None
    import fcntl

    # Locked under another name, so that nobody ever finds it unlocked.
    new = folder / f"{ALIVE}-new"
    handle = os.open(new, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        new.rename(folder / ALIVE)
    except OSError:
        os.close(handle)
        return None
    return handle


def remove_left_behind(place: Path) -> None:
    """Remove folders of this user whose processes were killed."""
    if sys.platform == "win32":
        return
    import fcntl

    for alive in place.glob(f"{PREFIX}*/{ALIVE}"):
        with contextlib.suppress(OSError):
            about = alive.parent.lstat()
            if alive.parent.is_symlink() or about.st_uid != os.getuid():
                continue
            handle = os.open(alive, os.O_RDWR | os.O_NOFOLLOW)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(alive.parent, ignore_errors=True)
            finally:
                os.close(handle)


@cache
def _of_process() -> str:
    """Folder for sockets that lasts as long as this process."""
    from multiprocessing.util import Finalize

    folder = Scratch(sockets=True)
    # After multiprocessing, with -100, has removed its own folder, which lies in this one.
    Finalize(None, folder.cleanup, exitpriority=-200)
    return folder.name


@contextlib.contextmanager
def temporary_files_in_scratch() -> Iterator[None]:
    """Have what the block makes in the folder of temporary files made in a private, short one."""
    before, tempfile.tempdir = tempfile.tempdir, _of_process()
    try:
        yield
    finally:
        tempfile.tempdir = before
