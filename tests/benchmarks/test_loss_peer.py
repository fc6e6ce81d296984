"""The peer of the benchmark gives the same quantiles: like is compared with like."""

import numpy as np
from loss_peer import benchmark_panel, peer_quantiles


def test_aggregate_and_the_bracket_give_the_same_quantiles() -> None:
    loss = benchmark_panel(3)
    for level in (0.99, 0.999):
        ours, theirs = loss.quantile(level), peer_quantiles(loss, level, 14)
        # The peer answers in whole buckets: four times what is held over 2^14.
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=4 * loss.held.max() / 2**14)
        assert (ours > 0).any()


def test_the_benchmark_is_proved_to_a_thousandth_by_a_finer_bracket() -> None:
    loss = benchmark_panel()
    quantile = loss.quantile(0.999)
    fine, cell = loss.bracket(1.02 * quantile, 16_384), np.arange(quantile.size)
    above, below = 1.001 * quantile, 0.999 * quantile
    assert (loss.known(above) + fine.bounds(cell, above)[0] >= 0.999).all()
    assert (loss.known(below) + fine.bounds(cell, below)[1] <= 0.999).all()
