"""Prove quotes: find each one in its document exactly once, white space ignored, characters as printed."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from policies.load import Loaded, quote_digest, squeezed
from policies.model import Document


class Proof(NamedTuple):
    """Say what became of one quote: found, orphaned, ambiguous, document_missing or document_changed."""

    code: str
    pack: str
    document: str
    quote: str
    status: str
    offset: int | None
    what: str


def open_documents(folder: Path, documents: Mapping[str, Document]) -> dict[str, str]:
    """Read the texts in a folder that are registered documents: by fingerprint, else by file name.

    Shapes:  document id -> text without white space.
    """
    texts = {path: squeezed(path.read_text(encoding="utf-8-sig", errors="replace")) for path in sorted(folder.glob("*.txt"))}
    by_print = {hashlib.sha256(text.encode()).hexdigest(): text for text in texts.values()}
    by_name = {path.name: text for path, text in texts.items()}
    found = {}
    for document in documents.values():
        text = by_print.get(document.sha256 or "") or by_name.get(document.file or "")
        if text is not None:
            found[document.id] = text
    return found


def prove(policies: Iterable[Loaded], documents: Mapping[str, Document], texts: Mapping[str, str]) -> Iterator[Proof]:
    """Look for every quote of every policy in the document that holds it."""
    seen: set[tuple[str, str, str]] = set()
    for loaded in policies:
        for citation in loaded.policy.citations:
            holder = citation.recited_in or citation.source
            if not citation.quote or (loaded.policy.code, holder, citation.quote) in seen:
                continue
            seen.add((loaded.policy.code, holder, citation.quote))
            status, offset, what = look(citation.quote, documents[holder], texts.get(holder))
            yield Proof(loaded.policy.code, loaded.pack, holder, citation.quote, status, offset, what)


def look(quote: str, document: Document, text: str | None) -> tuple[str, int | None, str]:
    """Look for one quote in the text of its document: the status, the first place, and what to do."""
    if text is None:
        return "document_missing", None, f"没有找到文件 {document.file or document.title}。请把它放进 --sources 所指目录。"
    wanted = squeezed(quote)
    places = [match.start() for match in re.finditer(f"(?={re.escape(wanted)})", text)]
    if not places:
        return "orphaned", None, f"文件中没有这句话。{_nearest(wanted, text)}"
    if len(places) > 1:
        return "ambiguous", places[0], f"文件中出现 {len(places)} 次（第 {'、'.join(map(str, places))} 字）。请引用更长的一句。"
    if hashlib.sha256(text.encode()).hexdigest() != document.sha256:
        return "document_changed", places[0], "找到引文，但文件与登记的指纹不同。请核对版本后更新登记。"
    return "found", places[0], ""


def _nearest(wanted: str, text: str) -> str:
    """Propose the passage that is most like the quote; it never counts as found."""
    matcher = difflib.SequenceMatcher(None, text, wanted, autojunk=False)
    match = matcher.find_longest_match()
    if match.size < 4:
        return "请核对出处。"
    start = max(0, match.a - match.b)
    return f"最相近的是“{text[start : start + len(wanted)]}”，请核对后改正引文。"


def record(proofs: Iterable[Proof]) -> str:
    """Write the proofs that were found as the text of proofs.yaml."""
    lines = [
        "# Written by `fundcheck policies verify --sources DIR --record`: quote digest -> offset in the text without white space."
    ]
    by_document: dict[str, dict[str, int]] = {}
    for proof in proofs:
        if proof.status == "found" and proof.offset is not None:
            by_document.setdefault(proof.document, {})[quote_digest(proof.quote)] = proof.offset
    for document, quotes in sorted(by_document.items()):
        lines += [f"{document}:", *(f"  {digest}: {offset}" for digest, offset in sorted(quotes.items()))]
    return "\n".join(lines) + "\n"
