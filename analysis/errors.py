"""Errors that a user can act on: one message, exit status 2, nothing written."""

SHOWN = 60
"""Characters of a value that a message shows."""


def cut(value: object) -> str:
    """A value as it is written in code, no longer than a reader takes in."""
    text = f"{value!r:.{SHOWN + 1}}"
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."


class InputError(ValueError):
    """Input that the study refuses.

    The message names the argument, the value, the allowed range, the file and row where
    there is one, and the next step. The command line prints it and exits with status 2.
    """
