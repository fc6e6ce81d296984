"""Whatever is wrong with a design is told in one line with file, line, name and what is allowed."""

from pathlib import Path

import pytest
from designs import written

from analysis.errors import InputError
from analysis.uncertainty import read_design

LHS = "uncertainties: {method: latin_hypercube, samples: 8, vary: "
DRAWS = "levers: {vary: {draws: [5]}}"


@pytest.mark.parametrize(
    ("body", "line", "complaint"),
    [
        ("", 1, "empty design: give levers, uncertainties or stop"),
        ("lever: {vary: {seed: [1]}}", 3, "unknown or misplaced key; did you mean 'levers'"),
        ("levers: {vary: {floor_jpy: [1]}}", 3, "unknown parameter.*mean 'floor_jpy_mn'"),
        ("levers:\n  vary:\n    draws: [10]\n    sed: [1]", 6, "'sed'; did you mean 'seed'"),
        ("levers: {vary: {}}", 3, "levers.vary: must be a mapping .* not empty"),
        ("levers: {vary: {seed: []}}", 3, "must be a list of values, and not empty"),
        ("levers: {vary: {seed: 5}}", 3, "must be a mapping with from, to, steps, scale"),
        ("levers: {combine: gird, vary: {seed: [1]}}", 3, "'gird'; allowed: .*mean 'grid'"),
        ("levers: {vary: {seed: [1, 1]}}", 3, "1 is there twice"),
        ("levers: {vary: {seed: [1.5]}}", 3, "seed = 1.5: .*valid integer; allowed: 0 to"),
        ("levers: {vary: {seed: {}}}", 3, "seed: has no swept range"),
        ("levers: {vary: {seed: ['1']}}", 3, "seed = '1': .*valid integer"),
        ("levers: {vary: {insurable_share: [0.5, 1.5]}}", 3, "= 1.5: .*allowed: 0 to 1"),
        ("levers: {vary: {insurable_share: {from: 0, to: 2}}}", 3, "= 2.*allowed: 0 to 1"),
        ("levers: {vary: {insurable_share: {from: 1, to: 0}}}", 3, "from 1 is not below to 0"),
        ("levers: {vary: {insurable_share: {scale: log}}}", 3, "log scale starts above 0"),
        ("levers: {vary: {insurable_share: {steps: 1}}}", 3, "whole number from 2"),
        ("levers: {vary: {insurable_share: {step: 3}}}", 3, "mean 'steps'"),
        ("levers: {vary: {treatment: [lockup]}}", 3, "allowed: lock_up or provision"),
        ("levers: {vary: {treatment: {from: 0, to: 1}}}", 3, "has readings, not a range"),
        ("levers: {vary: {formula: [custody_share_kora]}}", 3, "mean 'custody_share_korea'"),
        ("levers: {vary: {law_date: ['2026-02-30']}}", 3, "not a day of the calendar"),
        ("levers: {combine: zip, vary: {seed: [1, 2], draws: [5]}}", 3, "seed 2, draws 1"),
        ("levers: {list: [{seed: 1}, 5]}", 3, "levers.list.1: must be a mapping"),
        ("levers: {list: [{seed: 1}, {seed: 1}]}", 3, "is there twice"),
        (
            "levers: {combine: zip, vary: {seed: [1, 1], draws: [5, 5]}}",
            3,
            "draws = 5 is there twi",
        ),
        ("levers: {list: [{}]}", 3, "varies nothing"),
        ("levers: {list: []}", 3, "not empty"),
        ("levers: {list: [{seed: 1}], combine: grid}", 3, "stands alone"),
        ("levers: {vary: {seed: [1]}}\nlevers: {}", 4, "there twice, first in line 3"),
        ("base: {seed: 1}\nlevers: {vary: {seed: [2]}}", 4, "fixed in base already"),
        ("base: {sed: 1}", 3, "mean 'seed'"),
        ("base: {draws: 1}", 3, "draws = 1: .*allowed: 2 to"),
        ("base: {floor_jpy_mn: 5, cap_jpy_mn: 1}", 3, "floor_jpy_mn = 5 is above cap"),
        ("base: 0", 3, "must be a mapping"),
        ("base:\n  seed: 1\n  law_date: 2026-02-30\n" + DRAWS, 5, "law_date: .*not a day"),
        ("base:\n  seed: 1\n  formula: k_factor_uk\n" + DRAWS, 5, "formula: unknown formula"),
        ("base:\n  seed: 1\n  formula_file: no.yaml\n" + DRAWS, 5, "no.yaml: cannot be read"),
        (
            "base:\n  rule_parameters:\n    custody_share_korea:\n      hot_rte: 1",
            6,
            "custody_share_korea has no parameter 'hot_rte'; did you mean 'hot_rate'",
        ),
        ("levers: {vary: {rule_parameters.k_factors_uk.minimun: [1]}}", 3, "mean 'minimum'"),
        ("levers: {vary: {rule_parameters.k_factor_uk.minimum: [1]}}", 3, "mean 'k_factors_uk'"),
        (
            "levers: {vary: {rule_parameters.custody_share_korea.hot_rate: [0.1, 2]}}",
            3,
            r"hot_rate = 2; allowed: 0 to 1 share \(range in data/rules/custody_share/korea.yaml",
        ),
        ("levers: {vary: {rule_parameters: [1]}}", 3, "<formula>.<parameter>"),
        (
            "base: {formula: fee_fund_safu}\n"
            "levers: {vary: {rule_parameters.custody_share_korea.hot_rate: [0.1]}}",
            4,
            "custody_share_korea, which no point evaluates",
        ),
        ("levers:\n  vary:\n    cap_jpy_mn: [2000]\n    floor_jpy_mn: [0, 3000]", 6, "is above"),
        ("uncertainties: {vary: all}", 3, "method is missing; one of latin_hypercube"),
        ("uncertainties: {method: sobl, vary: all}", 3, "mean 'sobol'"),
        ("uncertainties: {method: sobol, vary: all}", 3, "samples is missing"),
        ("uncertainties: {method: sobol, samples: 100, vary: all}", 3, "choose 64 or 128"),
        ("uncertainties: {method: sobol, samples: 8}", 3, "must be all, a list of names"),
        ("uncertainties: {method: sobol, samples: 8, levels: 4, vary: all}", 3, "of morris, not"),
        ("uncertainties: {method: morris, samples: 8, levels: 3, vary: all}", 3, "even number"),
        ("uncertainties: {method: morris, samples: 8, second_order: true, vary: all}", 3, "sobol"),
        ("uncertainties: {method: sobol, samples: 8, second_order: 1, vary: all}", 3, "true or"),
        ("uncertainties: {method: list, samples: 3, vary: [{seed: 1}]}", 3, "its length from"),
        ("uncertainties: {method: sobol, samples: 99999999, vary: all}", 3, "whole number from 2"),
        ("uncertainties: {method: sobol, samples: 4194304, vary: all}", 3, "allowed: 100,000,000"),
        (LHS + "[]}", 3, "not empty"),
        (LHS + "[seed]}", 3, r"vary\.0: has no swept range"),
        (LHS + "[run_share, run_share]}", 3, "'run_share' is there twice"),
        (LHS + "[run_shore]}", 3, "mean 'run_share'"),
        (LHS + "all, except: [run_shore]}", 3, "mean 'run_share'"),
        (LHS + "[run_share], except: [nesting]}", 3, "belongs to vary: all"),
        (LHS + "{run_share: {low: 0.5, high: 1.5}}}", 3, "run_share = 1.5: .*allowed: 0 to 1"),
        (LHS + "{run_share: {low: -0.5}}}", 3, "run_share = -0.5: .*allowed: 0 to 1"),
        (LHS + "{run_share: {low: 0.5, high: 0.5}}}", 3, "low 0.5 is not below high 0.5"),
        (LHS + "{run_share: {high: 0}}}", 3, "low 0.01 is not below high 0"),
        (LHS + "{run_share: {distribution: normal}}}", 3, "'normal'; allowed: uniform"),
        (LHS + "{nesting: {low: 0, distribution: log_uniform}}}", 3, "starts above 0"),
        (LHS + "{nesting: {mode: 0.5}}}", 3, "belongs to triangular, not to uniform"),
        (LHS + "{nesting: {distribution: triangular, mode: 0.1}}}", 3, "outside its range 0.3"),
        (LHS + "{buyer_chance: {distribution: triangular}}}", 3, "needs a mode"),
        (
            LHS + "{binance_flow_low: {}, binance_flow_high: {high: 0.5}}}",
            3,
            "binance_flow_low: reaches 1, above the 0.5 of binance_flow_high",
        ),
        (
            LHS + "{binance_flow_low: {low: 0.2}, binance_flow_high: {low: 0.1}}}",
            3,
            "binance_flow_low: starts at 0.2, above the 0.1 of binance_flow_high",
        ),
        (
            "uncertainties: {method: sobol, samples: 8, groups: {a: [binance_flow_low, nesting]},"
            " vary: [binance_flow_low, binance_flow_high, nesting, run_share]}",
            3,
            "binance_flow_low and binance_flow_high have an order and are one unknown",
        ),
        (
            "uncertainties: {method: morris, samples: 8,"
            " vary: [binance_flow_low, binance_flow_high]}",
            3,
            "are one unknown; vary another one too",
        ),
        (
            "base: {hot_share_low: 0.05}\n" + LHS + "all}",
            4,
            "hot_share_high: low 0.05 is not below",
        ),
        (LHS + "{hot_share_low: {low: 0, high: 0.1}}}", 3, "point [0-7]: .*above hot_share_high"),
        ("levers: {vary: {nesting: [0.5]}}\n" + LHS + "[nesting]}", 4, "is a lever already"),
        ("base: {nesting: 0.5}\n" + LHS + "[nesting]}", 4, "fixed in base already"),
        (LHS + "all, also: {seed: {low: -1, high: 3}}}", 3, "seed = -1"),
        (
            "uncertainties: {method: sobol, samples: 8, vary: [nesting, run_share],"
            " groups: {a: [nestin]}}",
            3,
            "'nestin' is not varied; did you mean 'nesting'",
        ),
        (
            "uncertainties: {method: sobol, samples: 8, vary: [nesting, run_share],"
            " groups: {a: [nesting, run_share]}}",
            3,
            "one group holds all",
        ),
        ("levers: {vary: {seed: [1]}}\nshow: {mesure: x}", 4, "mean 'measure'"),
        ("levers: {vary: {seed: [1]}}\nshow: {measure: npv}", 4, "no table has it"),
        ("levers: {vary: {seed: [1]}}\nshow: {formula: korea}", 4, "allowed: fiea_turnover"),
        ("levers: {vary: {seed: [1]}}\nshow: {above: yes}", 4, "True; allowed: a number"),
        ("levers: {vary: {seed: [1]}}\nshow: {above: .nan}", 4, "nan; allowed: a number"),
        ("levers: {vary: {seed: [1]}}\ntables: [industri]", 4, "mean 'industry'"),
        ("levers: {vary: {seed: [1]}}\ntables: []", 4, "not empty"),
        ("levers: {vary: {seed: [1]}}\ntables: [market, market]", 4, "twice"),
        ("levers: {vary: {seed: [1]}}\nread: {notebooks: [../x], points: [0]}", 4, "not the name"),
        ("levers: {vary: {seed: [1]}}\nread: {notebooks: [a], points: [1]}", 4, "from 0 to 0"),
        ("levers: {vary: {seed: [1]}}\nread: {notebooks: [a]}", 4, r"list of points \(or all\)"),
        ("levers: {vary: {seed: [1]}}\nread: {notebooks: [a], points: [0, 0]}", 4, "twice"),
        ("stop: {by: draws, most: 12, tolerance: {required_jpy_mn: 1}}", 3, "allowed: seed"),
        ("stop: {by: seed, tolerance: {required_jpy_mn: 1}}", 3, "stop.most: None; allowed"),
        ("stop: {by: seed, most: 12}", 3, "tolerance: must be a mapping"),
        ("stop: {by: seed, most: 12, tolerance: {required: 1}}", 3, "mean 'required_jpy_mn'"),
        ("stop: {by: seed, most: 12, tolerance: {required_jpy_mn: 0}}", 3, "a number above 0"),
        (
            "stop: {by: seed, most: 12, tolerance: {npv_jpy_mn: {absolut: 5}}}",
            3,
            "mean 'absolute'",
        ),
        ("stop: {most: 12, tolerance: {npv_jpy_mn: {absolute: -5}}}", 3, "-5; allowed: a number"),
        ("stop: {most: 12, tolerance: {required_jpy_mn: .inf}}", 3, "inf; allowed: a number above"),
        ("stop: {most: 12, tolerance: {formula: 0.1}}", 3, "formula: holds id, no figure"),
        ("levers: {vary: {seed: [1]}}\nshow: {measure: formula}", 4, "holds id, no figure"),
        ("stop: {most: 12, tolerance: {npv_jpy_mn: {}}}", 3, "None; allowed: a number above 0"),
        ("stop: {most: 11, tolerance: {npv_jpy_mn: 1}}", 3, "most: 11; allowed: 12 and more"),
        ("stop: {most: 39, batch: 20, tolerance: {npv_jpy_mn: 1}}", 3, "allowed: 40 and more"),
        ("stop: {by: seed, most: 3, batch: 4, tolerance: {required_jpy_mn: 1}}", 3, "from 1 to 3"),
        (
            "stop: {most: 12, tolerance: {required_jpy_mn: 1}}\n" + LHS + "all}",
            4,
            "exclude each other",
        ),
        (
            "levers: {vary: {seed: [1]}}\nstop: {most: 12, tolerance: {required_jpy_mn: 1}}",
            3,
            "seed is what replicates differ in",
        ),
        ("levers: }", 3, "not YAML"),
        (
            "levers: {vary: {seed: {from: 1, to: 90000, steps: 90000},"
            " rate_multiplier: {steps: 1000}}}",
            3,
            "90,000,000 combinations; allowed: at most",
        ),
    ],
)
def test_a_wrong_design_is_told_file_line_and_name(
    tmp_path: Path, body: str, line: int, complaint: str
) -> None:
    path = written(tmp_path, body)
    with pytest.raises(InputError, match=complaint) as refusal:
        read_design(path)
    told = str(refusal.value)
    assert told.startswith(f"{path}, line {line}")
    assert "\n" not in told


@pytest.mark.parametrize("missing", ["title", "question"])
def test_a_design_says_what_it_is_for(tmp_path: Path, missing: str) -> None:
    path = tmp_path / "own.yaml"
    other = "question" if missing == "title" else "title"
    path.write_text(f"{other}: x\nlevers: {{vary: {{seed: [1]}}}}\n")
    with pytest.raises(InputError, match=f"{missing}: is missing"):
        read_design(path)


def test_a_design_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.yaml: cannot be read"):
        read_design(tmp_path / "none.yaml")


def test_numbers_and_words_are_read_as_written(tmp_path: Path) -> None:
    design = read_design(
        written(
            tmp_path,
            "base: {include_other_duties: true, cap_jpy_mn: 1e4, law_date: 2026-12-01}\n"
            "levers: {vary: {retained_earnings_only: [no, yes]}}",
        )
    )
    assert design.base == {
        "include_other_duties": True,
        "cap_jpy_mn": 10_000.0,
        "law_date": "2026-12-01",
    }
    assert design.points["retained_earnings_only"].tolist() == [False, True]


def test_what_is_allowed_is_listed_once(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refusal:
        read_design(written(tmp_path, "levers: {combine: x, vary: {seed: [1]}}"))
    assert str(refusal.value).endswith("'x'; allowed: grid, zip, one_at_a_time")
