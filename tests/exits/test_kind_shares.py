"""Ways of leaving: what the record holds, and how little that is."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.exits.kind_shares import WAYS, kind_shares, kinds_seen


def test_the_record_by_hand() -> None:
    # LINE Xenesis, Kraken, Coinbase closed; Zaif and DMM Bitcoin passed on; Custodiem stopped and
    # was sold. Two ends are of unknown kind.
    assert kinds_seen("economic").to_dict() == {"closure": 3, "transfer": 2, "sale": 1}
    # By registration Coinbase and Custodiem are still there.
    assert kinds_seen("registration").to_dict() == {"closure": 2, "transfer": 2, "sale": 0}


def test_shares_add_up_and_are_those_of_the_dirichlet_law() -> None:
    found = kind_shares("economic", 20_000, np.random.default_rng(1))
    assert found.shape == (20_000, len(WAYS))
    np.testing.assert_allclose(found.sum(axis=1), 1.0)
    # Dirichlet(3.5, 2.5, 1.5): mean 3.5 / 7.5, variance m (1 - m) / 8.5.
    assert found[:, 0].mean() == pytest.approx(3.5 / 7.5, abs=0.005)
    assert found[:, 0].std() == pytest.approx(np.sqrt(3.5 * 4.0 / 7.5**2 / 8.5), abs=0.005)
    assert found.min() > 0
