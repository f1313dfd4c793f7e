"""Describe a policy, a pack and a document as frozen models. What a condition means is the engine's business."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from policies.case import Case
from policies.values import TOO_LONG, Limit, Number, Text, Value, is_bearable

Severity = Literal["critical", "high", "medium", "low", "info"]
Basis = Literal["norm", "target", "reported", "inferred"]  # what a citation is worth
Ground = Literal[Basis, "lead"]  # of a policy: a lead concludes nothing
Evidence = Literal["seen", "second-hand", "unverified"]
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low", "info")
BASES: tuple[Basis, ...] = ("norm", "target", "reported", "inferred")


class Strict(BaseModel):
    """Refuse unknown keys and changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _list(value: object) -> object:
    return [value] if isinstance(value, str | dict) else value


Condition = Text
_Keys = str | dict[str, str] | list[str | dict[str, str]]


class Words(Strict):
    """Say one thing in Chinese and in English."""

    zh: Text
    en: Text

    def in_(self, lang: str) -> str:
        """Give the words in one language."""
        return self.en if lang == "en" else self.zh


class Window(Strict):
    """Bound a time in force by its first and last day, both included; None is open."""

    start: date | None = Field(None, alias="from")
    end: date | None = Field(None, alias="to")

    @property
    def bounds(self) -> tuple[date, date]:
        """Give the first and last day, the open ones as far away as days go."""
        return self.start or date.min, self.end or date.max

    def holds(self, day: date) -> bool:
        """Say whether a day lies in the window."""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


class Citation(Strict):
    """Cite a clause of a registered document.

    `quote`  words that stand exactly once in the document, or in the document `recited_in` that passes them on.
    `paraphrase`  our own words, where the text itself is not at hand.
    `when`  a condition on the row: this clause applies only there; `region` likewise, where the check names another or none.
    """

    source: str
    section: Text
    quote: str | None = None
    paraphrase: Words | None = None
    recited_in: str | None = None
    campaign: Text | None = None
    region: Text | None = None
    in_force: Window = Window()
    basis: Basis | None = None
    when: Condition | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Citation:
        if not self.quote and not self.paraphrase:
            raise ValueError("a citation needs a `quote`, or a `paraphrase` where the text is not at hand")
        if self.recited_in and not self.quote:
            raise ValueError("`recited_in` names the document that holds the `quote`; give the quote")
        return self


class Join(Strict):
    """Look up rows of another ledger.

    `match`  key columns in order of strength; `{own: other}` where the names differ.
    `pick`   `earliest COLUMN` or `latest COLUMN`: one row out of several; `latest COLUMN by OWN_COLUMN`: the latest that is
    not after the row's own day, or the earliest where all are after it. `total` names aggregates over all of them.
    `alike`  columns in which an unreadable row must agree to be a possible match.
    """

    ledger: str
    match: Annotated[list[str | dict[str, str]], BeforeValidator(_list, json_schema_input_type=_Keys)] = Field(min_length=1)
    pick: str | None = Field(None, pattern=r"^(earliest [a-z_]+|latest [a-z_]+( by [a-z_]+)?)$")
    total: dict[str, Text] = {}
    where: Condition | None = None
    alike: list[str] = []

    @model_validator(mode="after")
    def _one_shape(self) -> Join:
        if bool(self.pick) == bool(self.total):
            raise ValueError("a join either picks one row (`pick`) or adds up all of them (`total`)")
        return self

    @property
    def by(self) -> str | None:
        """Name the own column whose day decides which row is picked."""
        return self.pick.split()[3] if self.pick and " by " in self.pick else None

    @property
    def keys(self) -> list[tuple[str, str]]:
        """Give the pairs (own column, other column), strongest first."""
        return [pair for key in self.match for pair in ([(key, key)] if isinstance(key, str) else list(key.items()))]


class Group(Strict):
    """Judge rows together: `per` columns make the group, `measures` are aggregates over it.

    `apart`  rows of different sheets and files are of different groups, as numbers begin anew in every book.
    """

    per: list[str] = Field(min_length=1)
    measures: dict[str, Text] = Field(min_length=1)
    alike: list[str] = []
    apart: bool = False


class Dated(BaseModel):
    """Give a parameter one value: for a time, a region and the classes named in its `by`.

    `citation`  the number of the clause that set it, counted from 0, or `own` for a limit of one's own; of a policy with one
    clause it may be left out.
    """

    model_config = ConfigDict(extra="allow", frozen=True, populate_by_name=True)
    value: Limit
    start: date | None = Field(None, alias="from")
    end: date | None = Field(None, alias="to")
    region: str | None = None
    citation: Annotated[int, Field(ge=0)] | Literal["own"] | None = None

    @property
    def bounds(self) -> tuple[date, date]:
        """Give the first and last day, the open ones as far away as days go."""
        return self.start or date.min, self.end or date.max

    @property
    def clause(self) -> int | None:
        """Give the number of the clause that it rests on, the first where it names none; nothing for a limit of one's own."""
        return None if self.citation == "own" else self.citation or 0


class Parameter(Strict):
    """Hold a limit that differs by time, region or class; each value cites the clause that set it.

    `least` is the smallest value that makes sense, for the policy's own values and for those of a user.
    `ask`    there is no general value: where no value of the region stands here, a user must give one; `example` shows how it
             is written, and without values it says whether it is a number, a day or a text.
    """

    zh: str
    en: str
    unit: str = ""
    least: Number | None = None
    by: list[str] = []
    ask: bool = False
    example: Limit | None = None
    values: list[Dated]

    @model_validator(mode="after")
    def _has_values_or_asks(self) -> Parameter:
        if not self.ask and not self.values:
            raise ValueError("give at least one value, or `ask: true` where only a user can know it")
        if self.ask and any(value.region is None for value in self.values):
            raise ValueError("`ask: true` goes with values of regions only: one without a region leaves nothing to ask for")
        return self

    @property
    def shown(self) -> Value:
        """Give a value as it is written: the example, or else the first; without either it is a number."""
        return self.example if self.example is not None else self.values[0].value if self.values else 100

    @model_validator(mode="after")
    def _classes_are_named(self) -> Parameter:
        for value in self.values:
            extra = set(value.model_extra or {})
            if extra != set(self.by):
                raise ValueError(f"each value names exactly the classes in `by`: {', '.join(self.by) or 'none'}")
            if why := self.refuses(value.value):
                raise ValueError(why)
        return self

    def refuses(self, value: Value) -> str:
        """Say why a value does not do; nothing if it does."""
        if isinstance(value, int | Decimal) and not is_bearable(f"{value:f}"):
            return f"{value:f}: {TOO_LONG}"
        if self.least is not None and not (isinstance(value, int | Decimal) and value >= self.least):
            return f"{value}: the smallest value that makes sense is {self.least}"
        return ""


class Reading(Strict):
    """Admit another reading of an open clause: a violation stands only if every reading fails."""

    zh: str
    en: str
    requires: Condition


class Settlement(Strict):
    """Say where refunds of a finding are booked, so that its case can be followed.

    `match` the own column and the column of the refund ledger; `owed` and `due` are read of the judged row, `amount` and
    `on` of the refunds; `source` is the word for where the duty comes from.
    """

    ledger: str
    match: dict[str, str] = Field(min_length=1, max_length=1)
    source: Literal["irregular", "violation"]
    owed: Text
    due: Text | None = None
    amount: str
    on: str

    @property
    def own(self) -> str:
        """Give the judged row's column that the refunds name."""
        return next(iter(self.match))


class Remedy(Strict):
    """Say what to do about a finding."""

    action: Literal["regularise", "refund", "top_up", "explain", "correct", "complete", "adjust"]
    zh: str
    en: str
    settled_by: Settlement | None = None


class Assumption(Strict):
    """Say how to judge where a ledger lacks a column; the report lists it."""

    value: Condition
    zh: str
    en: str


class Policy(Strict):
    """Describe one policy, with the cases that prove it.

    `basis: lead` makes its rows leads or none, never right or wrong; a lead alone may stand without a citation.
    """

    code: str = Field(pattern=r"^[A-Z][0-9]{2}$")
    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    extends: str | None = None
    title: Words
    why: Words
    category: str
    severity: Severity
    basis: Ground
    citations: list[Citation] = []
    dated_by: str
    ledger: str
    joins: dict[str, Join] = {}
    group: Group | None = None
    parameters: dict[str, Parameter] = {}
    assume: dict[str, Assumption] = {}
    applies_when: Condition = "TRUE"
    requires: Condition
    readings: dict[str, Reading] = {}
    shows: dict[str, Text] = {}
    involved: Text | None = None
    recover: Text = "0"
    short: Text = "0"
    message: Words
    remedy: Remedy
    cleared_by: Literal["ledger_change", "refund", "document", "decision"]
    cases: list[Case] = []
    equivalents: dict[str, Text] = {}  # mutants that mean the same as the policy, each with the reason

    @model_validator(mode="after")
    def _concludes_nothing(self) -> Policy:
        if self.is_lead and any(citation.basis for citation in self.citations):
            raise ValueError("citations: a clause of a lead has no basis, because a lead concludes nothing. leave it out")
        return self

    @property
    def is_lead(self) -> bool:
        """Say whether it only points at rows to look at."""
        return self.basis == "lead"

    @property
    def questions(self) -> list[Condition]:
        """List what is asked of a row, the other readings of it last."""
        return [self.requires, *(reading.requires for reading in self.readings.values())]


def policy_schema() -> dict[str, Any]:
    """Give the JSON Schema of a policy file, for editors; an extension needs only what it adds to the policy below it."""
    whole = Policy.model_json_schema()
    required, extension = whole.pop("required"), ["code", "id", "extends"]
    choice = {"if": {"required": ["extends"]}, "then": {"required": extension}, "else": {"required": required}}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **whole, **choice}


class Pack(Strict):
    """Describe a pack: whom it binds, when, and in which order it stands among others (narrow packs win)."""

    pack: str
    title: Words
    scope: Words
    organisations: list[str] = []
    region: str | None = None
    years: list[int] = []
    narrowness: int


class Document(Strict):
    """Register a source document: what it is, what it recites, how sure we are, the fingerprint of its text.

    `sha256`  of the text without any white space, where the text was seen as a file; `file` its name there.
    """

    id: str
    title: str
    printed_as: str | None = None
    issuer: str
    number: str | None = None
    notice_no: str | None = None
    recites: str | None = None
    rank: Literal["law", "regulation", "union-rule", "local-rule", "self-report", "standard"]
    issued: date | None = None
    in_force: Window = Window()
    evidence: Evidence
    address: str | None = None
    file: str | None = None
    sha256: str | None = None
    checked_on: date
    note: Words | None = None
