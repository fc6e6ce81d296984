"""Out-of-sample scores and simulated registers: what they must be whatever the data say."""

import numpy as np
import pytest

from analysis.errors import InputError
from analysis.exits.hazard import exit_model
from analysis.exits.recovery import Register, fixed_cases, recover, register_of
from analysis.exits.validation import MODELS, HeldOut, against_experiments, held_out, regression
from analysis.scenario import scenario

SCENARIO = scenario()
MODEL = exit_model(SCENARIO, 20)


def test_scores_of_a_case_by_hand() -> None:
    event = np.array([[1.0, 0.0, 0.0, 0.0]])
    flat, sharp = np.full((1, 4), 0.25), np.array([[0.7, 0.1, 0.1, 0.1]])
    scored = HeldOut(np.stack([flat, flat, sharp, sharp]), event, np.ones((1, 4)), np.arange(4))
    table = scored.brier()
    # (0.75^2 + 3 x 0.25^2) / 4 = 0.1875; (0.3^2 + 3 x 0.1^2) / 4 = 0.03: skill 0.84.
    assert table["brier"].tolist() == pytest.approx([0.1875, 0.1875, 0.03, 0.03])
    assert table.loc["value", "skill"] == pytest.approx(0.84)
    assert scored.calibration()["actual"].tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize("by", ["year", "operator"])
def test_held_out_rows_are_scored_once_by_every_model(by: str) -> None:
    found = held_out(SCENARIO, by)
    assert found.predicted.shape == (len(MODELS), *found.event.shape)
    assert ((found.predicted >= 0) & (found.predicted < 1)).all()
    assert found.brier().index.tolist() == list(MODELS)
    table = found.calibration()
    assert table["exits"].sum() == pytest.approx(found.event.sum(axis=1).mean())
    # Calibrated in the large: what the model used foresees is within the exact interval of nine
    # exits, 4.7 to 15.7 (Garwood, 90 %).
    foreseen = (found.predicted[-1] * found.counts).sum(axis=1).mean()
    assert 4.7 < foreseen < 15.7


def test_what_is_held_out_by_is_checked() -> None:
    with pytest.raises(InputError, match="held out by 'month'"):
        held_out(SCENARIO, "month")


def test_a_regression_without_priors_agrees_in_sign_and_within_its_error() -> None:
    table = regression(MODEL)
    gap = (table["plain"] - table["posterior"]).abs() / table["plain_error"]
    assert (gap < 2).all()
    assert (table["ridge"].abs() <= table["plain"].abs()).all()


def test_experiments_are_met_by_as_many_exchanges() -> None:
    generator = np.random.default_rng(0)
    never = against_experiments(np.zeros((40, 5)), np.ones((40, 5)), generator)
    assert (never["predicted"] == 1).all()
    half = against_experiments(np.full((2_000, 5), 0.5), np.ones((2_000, 5)), generator)
    # Korea, 24 months: a quarter is left; of 26 by chance between 3 and 10 at 90 %.
    row = half.to_dict("index")["korea_2024_exchanges"]
    assert row["applies"]
    assert row["predicted"] == pytest.approx(0.25, abs=0.01)
    assert (row["predicted_low"], row["predicted_high"]) == pytest.approx((3 / 26, 10 / 26))
    assert not half["applies"]["japan_2018_deemed"]


def test_intervals_cover_what_they_say_when_truth_is_drawn_from_the_prior() -> None:
    generator = np.random.default_rng(4)
    truth = MODEL.prior.draws(200, generator)
    found = recover(register_of(MODEL), MODEL.prior, truth, generator)
    table = found.table()
    # 90 % within three Monte Carlo errors of 2.1 %, bias within three of its own.
    assert ((table["coverage"] - 0.9).abs() < 3 * table["coverage_error"]).all()
    assert (table["bias"].abs() < 3 * table["bias_error"]).all()
    assert (table["uniform_p"] > 0.001).all()


def test_a_strong_response_is_seen_more_often_than_a_weak_one() -> None:
    generator = np.random.default_rng(5)
    cases = fixed_cases(MODEL)
    power = [
        recover(register_of(MODEL), MODEL.prior, np.tile(truth, (60, 1)), generator).power
        for truth in (cases["a third"], cases["three times"])
    ]
    assert power[0] < 0.5 < power[1]


def test_who_left_is_not_at_risk_again() -> None:
    always = Register(np.zeros((1, 4)), np.zeros(4), np.ones((1, 4)), np.array([0, 0, 0, 1]))
    rows = always.simulate(np.array([[5.0, 0.0, 0.0]]), np.random.default_rng(0))
    assert rows.event.tolist() == [[1, 0, 0, 1]]
    assert ((rows.at_risk > 0) == [[True, False, False, True]]).all()
    assert (rows.at_risk < 1).all()
    with pytest.raises(InputError, match="replications = 3"):
        recover(always, MODEL.prior, np.zeros((3, 3)), np.random.default_rng(0))
