"""Messages between a run and its warm parent: JSON behind its length, on a private Unix socket."""

from __future__ import annotations

import json
import os
import socket
import struct
from collections.abc import Mapping
from typing import Any

_LENGTH = struct.Struct("!I")
_LONGEST = 1 << 22
_CREDENTIALS = struct.Struct("3i")


def write(connection: socket.socket, message: Mapping[str, Any]) -> None:
    """Send one message whole."""
    body = json.dumps(message).encode("ascii")
    connection.sendall(_LENGTH.pack(len(body)) + body)


class Inbox:
    """What has come in on a connection, message by message.

    Parameters
    ----------
    connection : socket
        Its reads never block: what has not come yet is waited for by whoever owns the inbox.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._bytes = b""

    def read(self) -> dict[str, Any] | None:
        """Next message; None when it has not come, or not whole.

        Raises
        ------
        EOFError
            The other end is gone, or does not speak this language.
        """
        while (message := self._next()) is None:
            try:
                received = self._connection.recv(1 << 16, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return None
            except OSError as failure:
                raise EOFError(str(failure)) from None
            if not received:
                raise EOFError("closed")
            self._bytes += received
        return message

    def _next(self) -> dict[str, Any] | None:
        if len(self._bytes) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack_from(self._bytes)
        end = _LENGTH.size + length
        if length > _LONGEST:
            raise EOFError(f"message of {length:,} bytes")
        if len(self._bytes) < end:
            return None
        body, self._bytes = self._bytes[_LENGTH.size : end], self._bytes[end:]
        try:
            message = json.loads(body)
        except ValueError:
            raise EOFError("not JSON") from None
        if not isinstance(message, dict):
            raise EOFError("not a message")
        return message


def is_same_user(connection: socket.socket) -> bool:
    """Whether the process at the other end belongs to this user; the system vouches for it."""
    sent = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, user, _ = _CREDENTIALS.unpack(sent)
    return bool(user == os.getuid())
