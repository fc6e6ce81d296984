"""What a caption claims, checked before it is printed."""

from __future__ import annotations


class ClaimError(AssertionError):
    """The data or the parameters no longer support a claim that a page makes."""


def claim(holds: bool, text: str, *, otherwise: str | None = None, required: bool = True) -> str:
    """Text of a claim that holds, for a caption or a sentence.

    Parameters
    ----------
    holds : bool
        Whether the values of this run support the text.
    text : str
        The claim.
    otherwise : str, optional
        What is true where the claim fails, for parameters or panels other than the baseline.
    required : bool
        Whether the claim must hold here: a page passes whether it runs the baseline. Without
        `otherwise` it must hold always.

    Raises
    ------
    ClaimError
        The claim fails where it must hold; the page stops.

    Examples
    --------
    >>> claim(2 > 1, "Two is more than one.")
    'Two is more than one.'
    """
    if holds:
        return text
    if otherwise is None or required:
        raise ClaimError(f"no longer supported: {text}")
    return otherwise
