"""Read XML that others wrote: no document type, and so no entities of its own and nothing fetched. What it says is unknown here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO
from xml.etree import ElementTree
from xml.parsers import expat

from ledgers.limits import Unreadable

DEEPEST = 256  # elements within each other; a sheet needs ten


def _refuse_doctype(*_: object) -> None:
    raise Unreadable("XML 中有文档类型声明（可能含外部实体或实体炸弹），拒绝读取。请用 WPS 或 Excel 打开后另存为 .xlsx。")


def parse_xml(data: bytes) -> ElementTree.Element:
    """Read a small part as a tree.

    Raises:  Unreadable if it declares a document type; ParseError or ExpatError if it is damaged.
    """
    walk_xml(data, lambda name, attributes: None, lambda name: None, lambda text: None)
    return ElementTree.fromstring(data)


def walk_xml(
    source: bytes | IO[bytes],
    start: Callable[[str, Mapping[str, str]], None],
    end: Callable[[str], None],
    text: Callable[[str], None],
) -> None:
    """Call back for every start, end and text; names are without their prefix.

    Raises:  Unreadable if a document type is declared or elements are nested too deep; ExpatError if it is damaged.
    """
    depth = 0

    def began(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise Unreadable(f"XML 嵌套超过 {DEEPEST} 层，拒绝读取。请用 WPS 或 Excel 打开后另存为 .xlsx。")
        start(name.rpartition(" ")[2], {key.rpartition(" ")[2]: value for key, value in attributes.items()})

    def ended(name: str) -> None:
        nonlocal depth
        depth -= 1
        end(name.rpartition(" ")[2])

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = began, ended, text
    if isinstance(source, bytes):
        parser.Parse(source, True)
    else:
        parser.ParseFile(source)


def open_text(path: Path) -> bytes:
    """Read an XML file as UTF-8, whatever Chinese encoding its first line names: expat knows none of them."""
    from ledgers.separated import decode

    data = path.read_bytes()
    head = data[:200].decode("latin-1")
    if (
        not data.startswith(b"\xef\xbb\xbf")
        and "encoding=" in head
        and not any(one in head.lower() for one in ("utf-8", "utf-16"))
    ):
        body, _ = decode(data)
        return body.partition("?>")[2].encode()
    return data
