"""Files that would fill the memory or sink the parser are refused with the line of the trouble."""

from pathlib import Path

import pytest

from analysis.errors import InputError, cut
from analysis.yaml_lines import read_marked

# Nine lines, each ten times the one before: 10^9 values.
LAUGHS = "a0: &a0 [1, 2]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
)
# Not deep as written: each line holds the one before 30 levels down.
STAIRS = "b0: &b0 [1]\n" + "".join(
    f"b{n}: &b{n} {'[' * 30}*b{n - 1}{']' * 30}\n" for n in range(1, 60)
)


@pytest.mark.parametrize(
    ("text", "line", "complaint"),
    [
        ("title: a\nlevers: &a {vary: *a}\n", 2, "an alias stands for what it is part of"),
        ("a: 1\nb: &b\n  c: [1, {d: *b}]\n", 3, "an alias stands for what it is part of"),
        ("a: 1\nb: " + "[" * 900 + "]" * 900, 2, "nested too deep; allowed: 50 levels"),
        ("a: 1\nb: " + "[" * 100_000, 2, "nested too deep"),
        ("a: 1\nb: " + "{c: " * 60 + "1" + "}" * 60, 2, "nested too deep"),
        (LAUGHS, 7, "3,111,111 values with aliases written out; allowed: 1,000,000"),
        (STAIRS, 3, "nested too deep"),
    ],
)
def test_what_is_too_deep_too_large_or_part_of_itself_is_refused(
    tmp_path: Path, text: str, line: int, complaint: str
) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=rf"own\.yaml, line {line}, .*{complaint}"):
        read_marked(path)


def test_an_alias_stands_for_its_anchor_each_time(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text("a: &here {title: T, page: 3}\nb: [*here, *here]\n")
    content = read_marked(path).content
    assert content["b"] == [content["a"]] * 2 == [{"title": "T", "page": 3}] * 2


def test_a_number_longer_than_any_use_is_of_its_size_and_told_in_a_few_letters(
    tmp_path: Path,
) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(f"a: {'1' * 300}\nb: {'1' * 5000}\nc: {'1' * 30}\n")
    content = read_marked(path).content
    assert content == {"a": float("1" * 300), "b": float("inf"), "c": int("1" * 30)}
    assert cut(10**80) == f"1{'0' * 56}..."
    assert cut("x" * 58) == f"'{'x' * 58}'"
