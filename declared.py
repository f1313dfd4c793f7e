"""Read a declared YAML file strictly: every value knows its line and column, every problem is reported at once.

It knows YAML, places and pydantic's complaints; it does not know what a policy, a ledger kind or a project is.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

Key = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)


class Problem(NamedTuple):
    """State what is wrong with a declared file, where, and what to do about it."""

    path: str
    line: int
    column: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.what}"


class Refused(Exception):
    """Refuse declared files, with every problem found in them."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(map(str, self.problems)))


class Declared(NamedTuple):
    """Hold the data of one file and the place (line, column; from 1) of every key path in it."""

    path: str
    data: Any
    places: dict[Key, tuple[int, int]]

    def problem(self, key: Key, what: str) -> Problem:
        """Place a problem at a key path, or at its nearest ancestor that stands in the file."""
        while key and key not in self.places:
            key = key[:-1]
        line, column = self.places.get(key, (1, 1))
        return Problem(self.path, line, column, what)


_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]*)\.[0-9]+\Z")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


def _scalar(node: yaml.ScalarNode) -> Any:
    """Give a plain scalar its value: only true/false are booleans, only digits are numbers, decimals stay exact.

    >>> [_scalar(yaml.compose(text)) for text in ("NO", "12:30", "0755", "75.01", "true")]
    ['NO', '12:30', '0755', Decimal('75.01'), True]
    """
    text: str = node.value
    if node.style:  # quoted or a block; the C and the Python loader say None and '' for plain
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.match(text):
        return int(text)
    if _DECIMAL.match(text):
        return Decimal(text)
    return text


def _build(node: yaml.Node, key: Key, places: dict[Key, tuple[int, int]], path: str, found: list[Problem]) -> Any:
    places[key] = (node.start_mark.line + 1, node.start_mark.column + 1)
    if isinstance(node, yaml.MappingNode):
        return _build_mapping(node, key, places, path, found)
    if isinstance(node, yaml.SequenceNode):
        return [_build(item, (*key, number), places, path, found) for number, item in enumerate(node.value)]
    return _scalar(node)  # type: ignore[arg-type]


def _build_mapping(
    node: yaml.MappingNode, key: Key, places: dict[Key, tuple[int, int]], path: str, found: list[Problem]
) -> dict[Any, Any]:
    built: dict[Any, Any] = {}
    for name_node, value_node in node.value:
        mark = name_node.start_mark
        if not isinstance(name_node, yaml.ScalarNode):
            found.append(Problem(path, mark.line + 1, mark.column + 1, "a key must be a word. write it as `word: value`."))
            continue
        name = name_node.value
        if name in built:
            what = f"`{name}` stands twice in one mapping. keep one of them."
            found.append(Problem(path, mark.line + 1, mark.column + 1, what))
        built[name] = _build(value_node, (*key, name), places, path, found)
    return built


def read(path: Path, shown: str | None = None) -> Declared:
    """Read one YAML file.

    Raises:  Refused if it is no UTF-8, no YAML, empty, or repeats a key.
    """
    name = shown or str(path)
    return read_text(text_of(path, name), name)


def text_of(path: Path, name: str) -> str:
    """Give the text of a file, named so in problems.

    Raises:  Refused if it is no UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused([Problem(name, 1, 1, f"not UTF-8 (byte {error.start}). save the file as UTF-8.")]) from error


@lru_cache(maxsize=1024)
def read_text(text: str, name: str) -> Declared:
    """Read YAML out of a text, once, as nobody changes what it gives; `name` stands for the path in problems."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        node = yaml.compose(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise Refused([Problem(name, line, column, f"not YAML: {error.problem}. mend the syntax here.")]) from error
    except yaml.YAMLError as error:
        raise Refused([Problem(name, 1, 1, f"not YAML: {error}. mend the syntax.")]) from error
    if node is None:
        raise Refused([Problem(name, 1, 1, "the file is empty. write the declaration or delete the file.")])
    places: dict[Key, tuple[int, int]] = {}
    found: list[Problem] = []
    data = _build(node, (), places, name, found)
    if found:
        raise Refused(found)
    return Declared(name, data, places)


def nearest(word: str, words: Iterable[str]) -> str:
    """Suggest the nearest of the permitted words, as the tail of a sentence.

    >>> nearest("amuont", ["amount", "name"])
    ' did you mean `amount`?'
    """
    close = difflib.get_close_matches(word, list(words), n=1, cutoff=0.6)
    return f" did you mean `{close[0]}`?" if close else ""


def _fields(model: type[BaseModel], key: Key) -> list[str]:
    """List the keys that are permitted where an unknown one was met."""
    for part in key:
        field = model.model_fields.get(str(part))
        inner = [] if field is None else list(_models(field.annotation))
        if field is None or not inner:
            continue
        model = inner[0]
    return [field.alias or name for name, field in model.model_fields.items()]


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from _models(inner)


def check(model: type[Model], declared: Declared) -> Model:
    """Validate declared data against a model.

    Raises:  Refused with one problem for each complaint, at its own line, with the nearest permitted key.
    """
    try:
        return model.model_validate(declared.data)
    except ValidationError as error:
        raise Refused(_complaints(model, declared, error)) from error


def _complaints(model: type[BaseModel], declared: Declared, error: ValidationError) -> Iterator[Problem]:
    for complaint in error.errors():
        key: Key = tuple(complaint["loc"])
        where = ".".join(str(part) for part in key) or "the file"
        if complaint["type"] == "extra_forbidden":
            permitted = _fields(model, key[:-1])
            hint = nearest(str(key[-1]), permitted) or f" permitted: {', '.join(f'`{name}`' for name in permitted)}."
            yield declared.problem(key, f"{where}: unknown key.{hint}")
        elif complaint["type"] == "missing":
            yield declared.problem(key, f"{where}: missing. add it.")
        else:
            yield declared.problem(key, f"{where}: {complaint['msg'].removeprefix('Value error, ')}.")
