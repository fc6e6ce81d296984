"""YAML read with the line of every key, so that an error can point at it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import yaml

from analysis.errors import InputError

# Of the study's own files; `analysis.data` knows it too, but brings pandas with it.
_ROOT = Path(__file__).resolve().parent.parent
Location = tuple[str | int, ...]
# The C parser is ten times faster; not every build of PyYAML has it.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: Far beyond what people write: a few lines of aliases can stand for more than a memory holds.
DEEPEST, MOST_VALUES = 50, 1_000_000
LONGEST = 30
_EXPONENT = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+")


@dataclass(frozen=True)
class Marked:
    """Content of a YAML file and the line (from 1) at which each location is written."""

    path: Path
    content: dict[str, Any]
    lines: dict[Location, int]

    def error(self, location: Location, message: str) -> InputError:
        """Error that names the file, the line and the key."""
        known = location
        while known and known not in self.lines:
            known = known[:-1]
        key = ".".join(map(str, location)) or "the whole file"
        return InputError(f"{shown(self.path)}, line {self.lines.get(known, 1)}, {key}: {message}")


def shown(path: Path) -> str:
    """Path for a message: shipped files from the folder of the study, others as given."""
    return path.relative_to(_ROOT).as_posix() if path.is_relative_to(_ROOT) else str(path)


def read_marked(path: Path, may_be_empty: bool = False) -> Marked:
    """Read a YAML mapping, which JSON is too.

    Raises
    ------
    InputError
        Unreadable file, broken YAML, a key twice, something else than a mapping, or one that is
        nested too deep, in itself or with more values than anybody writes.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as failure:
        reason = getattr(failure, "strerror", None) or "not UTF-8 text"
        raise InputError(f"{shown(path)}: cannot be read ({reason}); check the path") from None
    marked = Marked(path, {}, {(): 1})
    try:
        _refuse_deep(text, marked)
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as failure:
        mark = getattr(failure, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(failure, "problem", None) or str(failure)
        raise InputError(f"{shown(path)}, line {line}: not YAML ({problem})") from None
    if root is None and may_be_empty:
        return marked
    if not isinstance(root, yaml.MappingNode):
        raise marked.error((), "must be a mapping: lines like 'phase_in_years: 5'")
    _refuse_large(root, marked)
    marked.content.update(_mapping(root, (), marked))
    return marked


def _refuse_deep(text: str, marked: Marked) -> None:
    """Refuse what is nested too deep, before the parser makes a tree of it and itself sinks."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            raise _at(event, marked, f"nested too deep; allowed: {DEEPEST} levels")


def _refuse_large(root: yaml.Node, marked: Marked) -> None:
    """Refuse aliases that stand for what they are part of, or for too much altogether.

    Each node is measured once, with all that it stands for: an alias is the node that it names.
    """
    measured: dict[int, tuple[int, int]] = {}

    def measure(node: yaml.Node, above: frozenset[int]) -> tuple[int, int]:
        """Values and levels of a node."""
        if isinstance(node, yaml.ScalarNode):
            return 1, 0
        if id(node) in measured:
            return measured[id(node)]
        inside = above | {id(node)}
        parts = (
            chain.from_iterable(node.value) if isinstance(node, yaml.MappingNode) else node.value
        )
        values, levels = 1, 1
        for part in parts:
            if id(part) in inside:
                raise _at(node, marked, "an alias stands for what it is part of; write it out")
            more, below = measure(part, inside)
            values, levels = values + more, max(levels, below + 1)
        if values > MOST_VALUES:
            told = f"{values:,} values with aliases written out; allowed: {MOST_VALUES:,}"
            raise _at(node, marked, told)
        if levels > DEEPEST:
            raise _at(node, marked, f"nested too deep; allowed: {DEEPEST} levels")
        measured[id(node)] = values, levels
        return values, levels

    measure(root, frozenset())


def _at(node: Any, marked: Marked, message: str) -> InputError:
    """Error where a node starts, before its location is known."""
    marked.lines[()] = node.start_mark.line + 1
    return marked.error((), message)


def _value(node: yaml.Node, location: Location, marked: Marked) -> Any:
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, location, marked)
    if isinstance(node, yaml.SequenceNode):
        marked.lines.update(
            {(*location, i): item.start_mark.line + 1 for i, item in enumerate(node.value)}
        )
        return [_value(item, (*location, i), marked) for i, item in enumerate(node.value)]
    return _scalar(node)


def _mapping(node: yaml.MappingNode, location: Location, marked: Marked) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        here = (*location, key)
        if key in content:
            first = marked.lines[here]
            marked.lines[here] = key_node.start_mark.line + 1
            raise marked.error(here, f"is there twice, first in line {first}; keep one")
        marked.lines[here] = key_node.start_mark.line + 1
        content[key] = _value(value_node, here, marked)
    return content


def _scalar(node: Any) -> Any:
    """Value by its YAML 1.1 tag, except that dates stay text and 1e8 is a number, as in 1.2."""
    kind, text = node.tag.rpartition(":")[2], str(node.value)
    if kind == "str" and not node.style and _EXPONENT.fullmatch(text):
        kind = "float"
    try:
        match kind:
            case "null":
                return None
            case "bool":
                return text.lower() in ("true", "yes", "on")
            case "int":
                # Longer than any number has a use for: no longer exact, but of a size to compare.
                return int(text.replace("_", "")) if len(text) <= LONGEST else float(text)
            case "float":
                return float(text.replace("_", "").replace(".inf", "inf").replace(".nan", "nan"))
            case _:
                return text
    except ValueError:
        return text
