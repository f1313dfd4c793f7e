"""Write the register of documents with who cites them, and what of the five reports is covered, row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from page_parts import head, table
from policy_pages import link

from policies.load import Library
from policies.model import Document
from policies.rows import LETTERS, Row, Stated, documents_by_policy

SOURCES = """\
# Source documents 依据文件

Every document that a policy cites, each version of a law by itself with the days it was in force. *Text* says how sure we are of it:
`seen` at the address, or as a file whose fingerprint is recorded; `second-hand` in a copy, a collection of laws or a report about it;
`unverified` neither, named from memory: a policy that rests on such documents alone is off until somebody names it.

每份文件一行；法律按版本分列施行期间。text 一列：seen 见到原文；second-hand 见到转载或汇编；unverified 未见文本，只依此类文件的规则默认不启用。

"""
COVERAGE = """\
# What of the sources is covered 各来源文件的覆盖情况

What the five reports state, in our words, row by row: the policies that find it broken, or why there is none. A row counts as covered
only if a policy would really find that matter; what it does not see stands beside it. *Basis*: N orders, forbids or limits; C is a
commitment or target; F is a reported figure or fact; I is inferred.

五份来源文件逐条列出（用我们自己的话）：由哪些规则核对，或者为什么没有规则。只有规则真能查出该事项，才算覆盖；查不到的部分写在旁边。
依据：N 规范，C 自定目标，F 报告所载事实，I 推定。

"""
ANSWERS = (
    ("policies", "covered 有规则"),
    ("notes", "noted while reading 读取时说明"),
    ("not_yet", "not yet 尚未做"),
    ("untestable", "no ledger can tell 无从核对"),
)


def write_sources(library: Library) -> str:
    """Write the register of documents."""
    cited = documents_by_policy(library)
    rows = (
        (
            f'<a id="{document.id}"></a>`{document.id}`',
            f"《{document.title}》",
            document.issuer,
            document.rank,
            document.number or ("unknown 待补" if document.notice_no == "unknown" else ""),
            document.issued or "",
            f"{document.in_force.start or '…'} – {document.in_force.end or '…'}",
            _evidence(document),
            ", ".join(link(library.policies[code].policy) for code in sorted(cited) if document.id in cited[code]),
        )
        for document in library.documents.values()
    )
    heads = ("id", "document", "issuer", "rank", "number", "date", "in force", "text", "cited by")
    return head() + SOURCES + table(heads, rows)


def _evidence(document: Document) -> str:
    parts = [f"{document.evidence}, looked at on {document.checked_on}"]
    parts += [f"<{document.address}>"] if document.address else []
    parts += [f"{document.note.zh} · {document.note.en}"] if document.note else []
    return "; ".join(parts)


def write_coverage(library: Library, stated: Mapping[str, Stated]) -> str:
    """Write what is covered, document by document, with a count at the top."""
    counts = [(_named(library, one), len(one.rows), *(_count(one.rows, name) for name, _ in ANSWERS)) for one in stated.values()]
    every = [row for one in stated.values() for row in one.rows]
    counts.append(("all 合计", len(every), *(_count(every, name) for name, _ in ANSWERS)))
    parts = [COVERAGE + table(("document", "rows 条数", *(words for _, words in ANSWERS)), counts)]
    for one in stated.values():
        parts.append(f"\n## 《{library.documents[one.document].title}》\n")
        parts.append(table(("row", "section", "basis", "says", "answer"), _lines(library, one)))
    return head() + "\n".join(parts)


def _named(library: Library, stated: Stated) -> str:
    return f"《{library.documents[stated.document].title}》 {stated.rows[0].id} – {stated.rows[-1].id}"


def _count(rows: list[Row], name: str) -> int:
    return sum(bool(getattr(row, name)) for row in rows)


def _lines(library: Library, stated: Stated) -> Iterator[tuple[str, ...]]:
    for row in stated.rows:
        yield row.id, row.section, f"{row.basis} {LETTERS[row.basis]}", f"{row.says.zh} · {row.says.en}", _answer(library, row)


def _answer(library: Library, row: Row) -> str:
    parts = [", ".join(link(library.policies[code].policy) for code in row.policies)] if row.policies else []
    parts += [f"[{', '.join(row.notes)}](ledgers.md)"] if row.notes else []
    for label, words in (
        ("", row.by),
        ("not seen 查不到：", row.leaves),
        ("not yet 尚未做：", row.not_yet),
        ("无从核对：", row.untestable),
    ):
        parts += [f"{label}{words.zh} · {words.en}"] if words else []
    return "<br>".join(parts)
