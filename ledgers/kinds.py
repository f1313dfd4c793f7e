"""Know the kinds of ledger: one YAML file each, with columns, types, headers, code lists. Files of users are unknown here."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from declared import Declared, Problem, Refused, check, nearest, read_text, text_of
from ledgers.fold import fold, fold_header

KINDS = Path(__file__).parent / "kinds"
MOST_COLUMNS = 62  # one bit a column in a signed 64-bit integer

ColumnType = Literal["text", "name", "identity", "account", "date", "year", "integer", "amount", "percent", "code", "flag"]

Part = Literal["first", "last", "days", "year", "month", "period", "word", "number", "item"]
_OF_MONEY = re.compile("[金款费]|补贴|津贴")  # a header that says so is no count of goods or days
OF_A_PERIOD = ("first", "last", "days")


class Words(BaseModel):
    """Say one thing in Chinese and in English."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    zh: str
    en: str

    def in_(self, lang: str) -> str:
        """Give the words in one language."""
        return self.en if lang == "en" else self.zh


def _listed(value: object) -> object:
    return [] if value is None else value


class Column(BaseModel):
    """Describe one column of a kind: its type, its headers, its codes; `signed` amounts may be negative without a note.

    `perhaps` are headers that name the column only where no other header does, in a sheet of which no other kind is known; `titled` do so only
    where titles call the list by this kind and by no other, those of amounts also only where they, or a unit, say that it is money.

    `plausible` bounds amounts in yuan: a sheet whose amounts all lie below, or all above, has its unit of money in doubt.
    `holds` names the columns that a cell stands for, where they have no cells of their own: the days of a period, the year
    and month of a day, the word and number of 记-0001; `items` those that it names itself, as 项目:A;部门:B does.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    type: ColumnType
    zh: str
    en: str
    headers: Annotated[list[str], BeforeValidator(_listed)] = []
    perhaps: Annotated[list[str], BeforeValidator(_listed)] = []
    titled: Annotated[list[str], BeforeValidator(_listed)] = []
    codes: dict[str, Annotated[list[str], BeforeValidator(_listed)]] = {}
    personal: bool = False
    signed: bool = False
    plausible: tuple[Decimal, Decimal] | None = None
    holds: dict[Part, str] = {}
    items: list[str] = []
    note: str = ""

    @cached_property
    def aliases(self) -> dict[str, str]:
        """Map every folded spelling of a code to the code."""
        return {fold(spelling): code for code, more in self.codes.items() for spelling in (code, *more)}


class Sides(BaseModel):
    """Say that one column of amounts is put into two by the code beside it: code -> column."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    amount: str
    by: str
    into: dict[str, str] = Field(min_length=2, max_length=2)


class Kind(BaseModel):
    """Describe one kind of ledger.

    `called` is the pattern of what titles call such a list; where it does, and no other kind is meant, the words of `title_tells` in it stand
    for the last of `required`, which only tells the kind; `person` names the columns that say whose row it is, its number first; `nets` the amount of which a negative row
    cancels an equal payment to the same person, or to whom every row names; `sums` names for a column the columns that it adds up, row by row; `nests`
    the columns that tell a row from the rows that it adds up itself: a total adds up rows of one level. Of a `stepped` kind rows add up
    others too, and all of them are records.
    `fills_down` names the columns that stand on the first row of a record only, its number first; `sides` puts one column
    of amounts into two; `dates` names for a day the columns of its year, month and day.
    `void` names for an amount the columns that may call their row void, `unpaid` the one that may say that it was not paid, `income` for one that is spending the column that may say that its
    row is income; `labels` the columns that may name the unit of money of their row.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    kind: str
    title: Words
    called: str = ""
    title_tells: str = ""
    required: list[str | list[str]]
    unit: str | None = None
    person: list[str] = []
    nets: str | None = None
    business_key: list[str]
    sums: dict[str, list[str]] = {}
    nests: list[str] = []
    stepped: bool = False
    fills_down: list[str] = []
    sides: Sides | None = None
    dates: dict[str, tuple[str, str, str]] = {}
    void: dict[str, list[str]] = {}
    unpaid: dict[str, str] = {}
    income: dict[str, str] = {}
    labels: list[str] = []
    columns: dict[str, Column] = Field(min_length=1, max_length=MOST_COLUMNS)

    @cached_property
    def headers(self) -> dict[str, str]:
        """Map every folded header, and the canonical name itself, to the column."""
        return {fold_header(text): name for name, column in self.columns.items() for text in (name, column.zh, *column.headers)}

    @property
    def paid(self) -> list[str]:
        """Name the columns that say who was paid, the weakest last: the person, or what every row names beside the amount."""
        return self.person or [name for name in self.required if isinstance(name, str) and name != self.nets]

    @property
    def added_up_by(self) -> list[str]:
        """Name the columns by which amounts are added up: who was paid, or else the texts that tell rows apart."""
        return self.paid if self.nets else [name for name in self.business_key if self.columns[name].type in ("text", "name")]

    @cached_property
    def said(self) -> frozenset[str]:
        """Name the columns whose headers a user said."""
        return frozenset()

    @cached_property
    def by_letter(self) -> bool:
        """Say whether columns are also known by their letter, as F列, which only a user can say."""
        return False

    def bit(self, column: str) -> int:
        """Give the problem bit of a column."""
        return 1 << list(self.columns).index(column)

    def spread(self, fields: Mapping[str, int]) -> tuple[dict[str, int], dict[str, Part]]:
        """Let a column stand for those that it holds, unless they have columns of their own; of two that hold one, the first counts.

        The days of a period are its own only together: where one of them has a column, the other is not read out of it.

        Shapes:  column -> index of the cell; column -> part, for those that are read out of a cell with others.
        """
        spread, parts = dict(fields), dict[str, Part]()
        for name in (name for name in self.columns if name in fields):
            holds = self.columns[name].holds
            days = {part for part, column in holds.items() if column in fields and part in OF_A_PERIOD}
            for part, column in [*holds.items(), *(("item", item) for item in self.columns[name].items)]:
                alone = part == "days" or part not in OF_A_PERIOD
                if column not in spread and part not in days and (alone or not days - {"days"}):
                    spread[column], parts[column] = fields[name], part
        return spread, parts

    def also_called(self, headers: Mapping[str, str]) -> Kind:
        """Give the kind with other headers for some columns, header -> column: its own for these columns are known no more."""
        if not headers:
            return self
        kept = {header: column for header, column in self.headers.items() if column not in headers.values()}
        called = self.model_copy()
        called.__dict__["headers"] = {**kept, **{fold_header(header): column for header, column in headers.items()}}
        called.__dict__["said"] = frozenset(headers.values())
        called.__dict__["by_letter"] = any(re.fullmatch("[A-Z]{1,3}列", fold_header(header)) for header in headers)
        return called

    def loosely(self, found: Collection[str], seen: Set[str], priced: Set[str] | None = None) -> Kind:
        """Give the kind with what else may name its columns but for those that were `found`: of the folded headers that were `seen`, the first of each.

        `priced` are those of which a unit of money is stated, in a list that its titles call by this kind. There a total of which no part
        was found is the amount itself, too.
        """
        more, taken = dict[str, str](), dict[str, str]()
        for name, column in self.columns.items():
            if name in found:
                continue
            sure = seen if column.type != "amount" else {one for one in seen if one in (priced or ()) or _OF_MONEY.search(one)}
            titled = [] if priced is None else [one for one in map(fold_header, column.titled) if one in sure]
            if text := next((one for one in (*map(fold_header, column.perhaps), *titled) if one in seen), None):
                more.setdefault(text, name)
        for total, parts in self.sums.items():
            if priced and total in found and not {*found, *more.values()}.intersection(parts):
                taken |= {text: parts[0] for text, name in self.headers.items() if name == total and text in priced}
        if not more and not taken:
            return self
        called = self.model_copy()
        called.__dict__["headers"] = {**more, **self.headers, **taken}
        return called

    def also_spelt(self, column: str, codes: Mapping[str, Iterable[str]]) -> Kind:
        """Give the kind with further spellings of the codes of a column, code -> spellings: they win over its own."""
        own = self.columns[column].model_copy()
        more = {fold(spelling): code for code, spellings in codes.items() for spelling in spellings}
        own.__dict__["aliases"] = {**self.columns[column].aliases, **more}
        return self.model_copy(update={"columns": {**self.columns, column: own}})

    def lacking(self, present: set[str], *, told: bool = False) -> list[list[str]]:
        """List the required columns that a ledger lacks; of a group of alternatives one is enough, or a title that `told` the kind."""
        needed = self.required[:-1] if told else self.required
        groups = [[need] if isinstance(need, str) else need for need in needed]
        return [group for group in groups if not present.intersection(group)]


def load_kinds(folder: Path = KINDS) -> dict[str, Kind]:
    """Read every kind in a folder, by name.

    Raises:  Refused with all problems of all files.
    """
    kinds: dict[str, Kind] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            name = f"{folder.name}/{path.name}"
            kind, contradictions = _described(text_of(path, name), name, path.stem)
        except Refused as refused:
            problems += refused.problems
            continue
        problems += contradictions
        kinds[kind.kind] = kind
    if problems or not kinds:
        raise Refused(problems or [Problem(str(folder), 1, 1, "no ledger kind in this folder. add one YAML file a kind.")])
    return kinds


@lru_cache(maxsize=256)
def _described(text: str, name: str, stem: str) -> tuple[Kind, tuple[Problem, ...]]:
    """Give the kind that the text of a file describes, and where it contradicts itself; once, as nobody changes it.

    Raises:  Refused.
    """
    declared = read_text(text, name)
    kind = check(Kind, declared)
    return kind, tuple(_contradictions(kind, declared, stem))


def _contradictions(kind: Kind, declared: Declared, stem: str) -> Iterator[Problem]:
    if kind.kind != stem:
        yield declared.problem(("kind",), f"kind: `{kind.kind}` stands in the file `{stem}`. give both one name.")
    named = {
        "unit": [kind.unit] if kind.unit else [],
        "person": kind.person,
        "nets": [kind.nets] if kind.nets else [],
        "business_key": kind.business_key,
        "nests": kind.nests,
        "labels": kind.labels,
    }
    named["fills_down"] = kind.fills_down
    named["sides"] = [kind.sides.amount, kind.sides.by, *kind.sides.into.values()] if kind.sides else []
    named["dates"] = [column for name, parts in kind.dates.items() for column in (name, *parts)]
    named["sums"] = [column for name, parts in kind.sums.items() for column in (name, *parts)]
    named["void"] = [column for name, others in kind.void.items() for column in (name, *others)]
    named["unpaid"] = [column for pair in kind.unpaid.items() for column in pair]
    named["income"] = [column for pair in kind.income.items() for column in pair]
    named["required"] = [name for need in kind.required for name in ([need] if isinstance(need, str) else need)]
    for key, names in named.items():
        for name in names:
            if name not in kind.columns:
                yield declared.problem((key,), f"{key}: unknown column `{name}`.{nearest(name, kind.columns)}")
    yield from _repeated_headers(kind, declared)
    for key, pattern in (("called", kind.called), ("title_tells", kind.title_tells)):
        try:
            re.compile(pattern)
        except re.error as error:
            yield declared.problem((key,), f"{key}: no pattern: {error}.")
    for name, column in kind.columns.items():
        for held in (*column.holds.values(), *column.items):
            if held not in kind.columns:
                what = f"columns.{name}: holds unknown column `{held}`.{nearest(held, kind.columns)}"
                yield declared.problem(("columns", name), what)
        if bool(column.codes) != (column.type == "code"):
            yield declared.problem(("columns", name), f"columns.{name}: `codes` and type `code` go together.")


def _repeated_headers(kind: Kind, declared: Declared) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for name, column in kind.columns.items():
        for text in {fold_header(text) for text in (name, column.zh, *column.headers, *column.perhaps, *column.titled)}:
            if text in seen:
                what = f"columns.{name}: header `{text}` already belongs to `{seen[text]}`. keep it at one column."
                yield declared.problem(("columns", name), what)
            seen[text] = name
