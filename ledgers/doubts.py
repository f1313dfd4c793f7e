"""Doubt the unit of money where the amounts do not go with it: decimals too small for yuan, or sums too big in a stated unit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ledgers.amounts import read_amount
from ledgers.fold import fold
from ledgers.headers import Layout
from ledgers.kinds import Kind
from ledgers.rates import are_all_fractions
from ledgers.rows import DataRow
from ledgers.typed import quote, written
from ledgers.units import doubtful

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LEAST_BARE = Decimal(100)  # yuan; a smaller amount beside others in 万 lacks its own
_NAMES_A_UNIT = "百千万萬亿億"
_NUMBER = "abs(TRY_CAST({} AS DECIMAL(18,6)))"


def doubt_units(data: Sequence[DataRow], layout: Layout, kind: Kind) -> Layout:
    """Take for not known the unit of amounts that are implausible in it, by rows of data."""

    def texts(name: str) -> set[str]:
        index = layout.fields[name]
        return {row.cells[index] for row in data if not row.doubt and index < len(row.cells)}

    return doubt_units_of(layout, kind, texts)


def doubt_units_in(
    con: DuckDBPyConnection,
    relation: str,
    types: Mapping[str, str],
    layout: Layout,
    kind: Kind,
    where: str = "TRUE",
    distinct: Mapping[str, str] = MappingProxyType({}),
) -> Layout:
    """Take for not known the unit of amounts that are implausible in it, by a relation.

    Shapes:  `types` are the SQL types of the fields; `distinct` is as in `Seen`, and may hold texts of other rows, too.
    """

    def texts(name: str) -> list[str]:
        text = written(f"r.{quote(name)}", types[name])
        fits = plausible(_NUMBER.format(text), name, layout, kind)
        source, stated = f"{relation} r WHERE {where}", bool(layout.units.get(name))
        likely = f"strlen({text}) > length({text})"  # a text with more bytes than characters: the others are plain numbers
        few = f"{distinct[name]} r WHERE TRUE" if name in distinct else ""
        return telling_texts(
            lambda query: con.execute(query).fetchall(), source, text, fits, stated=stated, few=few, likely=likely
        )

    return doubt_units_of(layout, kind, texts)


def telling_texts(
    ask: Callable[[str], list[tuple[Any, ...]]],
    source: str,
    text: str,
    fits: str,
    *,
    stated: bool,
    few: str = "",
    likely: str = "TRUE",
) -> list[str]:
    """Give the distinct texts of a column that tell of its unit: where some amount fits, one that does, and, if others name 万, all that do not.

    Shapes:  `source` is what stands behind FROM, up to a WHERE, and so is `few`, a smaller one with all texts of the column, if there is one;
             `text` and `fits` are SQL, and so is `likely`, a quick test that a text which names 万 passes.
    """
    plain = [row[0] for row in ask(f"SELECT {text} FROM {source} AND {fits} LIMIT 1")]
    named = " OR ".join(f"{text} LIKE '%{one}%'" for one in _NAMES_A_UNIT)
    sources = filter(None, (few, source))
    if plain and (stated or not all(ask(f"SELECT 1 FROM {one} AND {likely} AND ({named}) LIMIT 1") for one in sources)):
        return plain
    others = f"{source} AND NOT coalesce({fits}, FALSE)" if plain else source
    return [*plain, *(row[0] for row in ask(f"SELECT DISTINCT {text} FROM {others}") if row[0])]


def plausible(number: str, name: str, layout: Layout, kind: Kind) -> str:
    """Write the test of an amount that is plausible in its unit, over the SQL of its number; of what has no bounds nothing is."""
    if (bounds := kind.columns[name].plausible) is None:
        return "FALSE"
    (least, most), factor = bounds, layout.factors[name]
    return f"{number} > 0 AND {number} <= {most / factor}" if layout.units[name] else f"{number} >= {least}"


def doubt_units_of(layout: Layout, kind: Kind, texts: Callable[[str], Iterable[str]]) -> Layout:
    """Take for not known the unit of amounts that are implausible in it; `texts` gives those of a column. Doubt with a column all that share its unit."""
    doubted = {
        layout.factors[name]
        for name in layout.fields
        if (bounds := kind.columns[name].plausible) is not None
        and name not in layout.unreadable
        and (not layout.units[name] or layout.factors[name] > 1)
        and _is_doubtful(list(texts(name)), bounds, layout.factors[name], stated=bool(layout.units[name]))
    }
    unsure = {name: layout.units[name] for name, factor in layout.factors.items() if factor in doubted}
    shares = [name for name in layout.fields if kind.columns[name].type == "percent" and "%" in fold(layout.headers[name])]
    unsure |= {name: "%" for name in shares if name not in layout.unreadable and are_all_fractions(texts(name))}
    return layout._replace(foreign={**layout.foreign, **unsure})


def _is_doubtful(texts: Sequence[str], bounds: tuple[Decimal, Decimal], factor: Decimal, *, stated: bool) -> bool:
    """Say whether the amounts of a column do not go with its unit, or one of them with those of the others."""
    return doubtful(_bare_numbers(texts), *bounds, factor, stated=stated) or (
        not stated and _lacks_a_unit(texts, min(bounds[0], LEAST_BARE))
    )


def _lacks_a_unit(texts: Iterable[str], least: Decimal) -> bool:
    """Say whether beside amounts that name 万 a bare one stands that is too small for yuan: 12万, 5万元, 3."""
    read = [read_amount(fold(text)) for text in texts]
    named = any(one.also is not None and Decimal(one.also) > 1 for one in read)
    return named and any(0 < Decimal(one.value) < least for one in read if one.value is not None and one.also is None)


def _bare_numbers(texts: Iterable[str]) -> Iterator[Decimal]:
    """Yield the amounts that do not name their own unit."""
    for text in texts:
        reading = read_amount(fold(text))
        if reading.value is not None and reading.also is None:
            yield Decimal(reading.value)
