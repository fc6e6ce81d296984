"""Errors that a user can act on: one message, exit status 2, nothing written."""


class InputError(ValueError):
    """Input that the study refuses.

    The message names the argument, the value, the allowed range, the file and row where
    there is one, and the next step. The command line prints it and exits with status 2.
    """
