"""Change the values of a parameter in the text of a policy file and leave every other character as it is. What values mean is unknown here.

Nodes of YAML know where they begin and end; edits are made at these places, one after the other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import yaml

from declared import Problem, Refused, read_text

Edit = tuple[int, int, str]  # from, to, what stands there instead
Item = Mapping[str, str | None]  # key -> text of its value; None where the key is to be left out


class Changed(NamedTuple):
    """Hold what shall change in the values of one parameter: keys of items that are there, and items that come before a place."""

    items: Mapping[int, Item]
    added: Mapping[int, Sequence[Item]]


def edit_values(text: str, path: str, changes: Mapping[str, Changed]) -> str:
    """Change values of parameters (by name) in the text of a policy.

    Raises:  Refused where a file is laid out so that only a hand can change it.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    for name, changed in changes.items():  # every edit moves what stands behind it: nodes are looked for anew
        for number, item in changed.items.items():
            for key, value in item.items():
                text = _made(text, _edit_key(text, _values(text, name).value[number], key, value, newline))
        for number, items in sorted(changed.added.items(), reverse=True):
            text = _made(text, _insert(text, _values(text, name), number, [_flow(item) for item in items], newline))
    _hold_to(text, path, changes)
    return text


def scalar(value: object) -> str:
    """Write a value so that it is read as the same: plain where that does, else in quotation marks.

    >>> scalar("湖北省"), scalar("a: b"), scalar("12")
    ('湖北省', '"a: b"', '"12"')
    """
    plain = str(value)
    if isinstance(value, str):
        try:
            same = read_text(f"[{{a: {plain}}}]", "").data == [{"a": value}]
        except Refused:
            same = False
        return plain if same and plain.strip() == plain and "#" not in plain else json.dumps(value, ensure_ascii=False)
    return plain


def _values(text: str, name: str) -> Any:
    return _child(_child(_child(yaml.compose(text, Loader=yaml.SafeLoader), "parameters"), name), "values")


def _made(text: str, edit: Edit) -> str:
    start, end, instead = edit
    return text[:start] + instead + text[end:]


def _child(node: Any, key: str) -> Any:
    return next(value for name, value in node.value if name.value == key)


def _flow(item: Item) -> str:
    return "{" + ", ".join(f"{key}: {value}" for key, value in item.items() if value is not None) + "}"


def _end(node: Any) -> int:
    """Give where the last character of a node stands; a block ends with its last child, and not at the comments below."""
    if isinstance(node, yaml.ScalarNode) or node.flow_style or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    return _end(last[1] if isinstance(last, tuple) else last)


def _line_end(text: str, place: int) -> int:
    found = text.find("\n", place)
    found = len(text) if found < 0 else found
    return found - 1 if text[found - 1 : found] == "\r" else found


def _edit_key(text: str, node: Any, key: str, value: str | None, newline: str) -> Edit:
    """Change, add or leave out one key of an item."""
    place = next((n for n, (name, _) in enumerate(node.value) if name.value == key), None)
    if place is None:
        return _add_key(text, node, f"{key}: {value}", newline) if value is not None else (0, 0, "")
    name, old = node.value[place]
    if value is not None:
        start, end = old.start_mark.index, _end(old)
        return start, end, f" {value}" if start == end else value
    if not place:
        return name.start_mark.index, node.value[1][0].start_mark.index, ""
    before = _end(node.value[place - 1][1])
    return (before, _end(old), "") if node.flow_style else (_line_end(text, before), _line_end(text, _end(old)), "")


def _add_key(text: str, node: Any, pair: str, newline: str) -> Edit:
    last = _end(node.value[-1][1])
    if node.flow_style:
        return last, last, f", {pair}"
    place = _line_end(text, last)
    return place, place, f"{newline}{' ' * node.value[0][0].start_mark.column}{pair}"


def _insert(text: str, values: Any, number: int, items: Sequence[str], newline: str) -> Edit:
    """Put items before the one of a number, or behind the last."""
    if not values.value:
        return values.start_mark.index, values.end_mark.index, f"[{', '.join(items)}]"
    behind = number == len(values.value)
    node = values.value[-1 if behind else number]
    if values.flow_style:
        place = _end(node) if behind else node.start_mark.index
        return place, place, "".join(f", {item}" if behind else f"{item}, " for item in items)
    first = node.start_mark.index
    prefix = text[text.rfind("\n", 0, first) + 1 : first]
    place = _line_end(text, _end(node)) if behind else first
    return place, place, "".join(f"{newline}{prefix}{item}" if behind else f"{item}{newline}{prefix}" for item in items)


def _hold_to(text: str, path: str, changes: Mapping[str, Changed]) -> None:
    """Read the text again: what was changed must stand there, as it was written."""
    parameters = read_text(text, path).data["parameters"]
    for name, changed in changes.items():
        values = parameters[name]["values"]
        before = 0
        for number in range(max([*changed.items, *changed.added, -1]) + 1):
            before += (added := len(changed.added.get(number, ())))
            wanted = [*changed.added.get(number, ()), *([changed.items[number]] if number in changed.items else [])]
            for offset, item in enumerate(wanted):
                found = values[number + before - added + offset]
                if any(_read(value) != found.get(key) for key, value in item.items()):
                    what = f"{name} 的写法无法自动改动（如用了锚点）。请手工修改 values。 / change the values by hand."
                    raise Refused([Problem(path, 1, 1, what)])


def _read(value: str | None) -> object:
    return None if value is None else read_text(f"[{value}]", "").data[0]
