"""A claim is printed only where the values of the run support it."""

from __future__ import annotations

import pytest

from analysis.report.claims import ClaimError, claim


def test_a_claim_that_holds_is_its_text() -> None:
    assert claim(True, "losses grow", otherwise="losses fall") == "losses grow"


@pytest.mark.parametrize("otherwise", [None, "losses fall"])
def test_a_failed_claim_stops_the_page_where_it_must_hold(otherwise: str | None) -> None:
    with pytest.raises(ClaimError, match="no longer supported: losses grow"):
        claim(False, "losses grow", otherwise=otherwise)


def test_other_parameters_get_the_other_text_and_none_is_a_stop() -> None:
    assert claim(False, "losses grow", otherwise="they fall", required=False) == "they fall"
    with pytest.raises(ClaimError):
        claim(False, "losses grow", required=False)
