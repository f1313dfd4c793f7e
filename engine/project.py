"""Read the project file `fundcheck.yaml`: what a union says once of itself, its ledgers and its rules.

The command line wins over it. What the keys do is settled where they are used; here they are read, held against what is
known, and laid under what was given.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BeforeValidator, Field

from declared import Declared, Key, Problem, Refused, check, nearest, read
from engine.check import Request
from engine.choice import find_misnamed
from engine.roster import Unit, Units, read_roster
from engine.roster import find_repeated as find_repeated_units
from engine.waivers import Waiver, find_repeated, load_waivers
from ledgers.fold import fold
from ledgers.headers import Known, folded_texts
from ledgers.kinds import load_kinds
from ledgers.limits import Limits
from ledgers.sources import Mapped, is_encoding
from ledgers.versions import Rules
from policies.load import read_library, shipped_packs
from policies.model import Strict
from policies.values import Text

NAME = "fundcheck.yaml"
SHORTEST_KEY = 16  # bytes; a shorter secret is guessed, and with it the identity numbers behind the fingerprints


def _encoding(value: object) -> object:
    if isinstance(value, str) and not is_encoding(value):
        raise ValueError(f"`{value}` is no text encoding. write utf-8, gb18030, big5 or utf-16")
    return value


def _listed(value: object) -> object:
    return () if value is None else value


class Ledger(Strict):
    """Name ledgers by a path or a glob, or sheets by their layout; where recognition fails, say what they are.

    That is their kind, sheet, headers (own header, or F列 for a column: column of the kind) and the unit of their amounts.
    """

    path: Annotated[Text, Field(min_length=1)] | None = None
    layout: tuple[Text, ...] = ()
    kind: str | None = None
    sheet: Text | None = None
    headers: dict[str, str] = Field({})
    unit: Literal["元", "百元", "千元", "万元", "百万元", "亿元"] | None = None


class Newest(Strict):
    """Say that a file is the newest version of others."""

    newest: Annotated[Text, Field(min_length=1)]
    of: Annotated[tuple[Annotated[Text, Field(min_length=1)], ...], Field(min_length=1)]


class FileLimits(Strict):
    """Bound what one file may take before it is refused; see `ledgers/limits.py`."""

    seconds: Annotated[int, Field(ge=1, le=86400)] = Limits().seconds
    memory_mb: Annotated[int, Field(ge=256)] = Limits().memory_mb
    unpacked_mb: Annotated[int, Field(ge=1)] = Limits().unpacked_mb
    cells: Annotated[int, Field(ge=1)] = Limits().cells
    columns: Annotated[int, Field(ge=1)] = Limits().columns
    cell_characters: Annotated[int, Field(ge=1)] = Limits().cell_characters


class Project(Strict):
    """Hold a project file; every key may be left out."""

    organisation: Text | None = None
    units: Units = ()
    roster: Text | None = None
    region: Text | None = None
    year: Annotated[int, Field(ge=1949, le=2999)] | None = None
    ledgers: Annotated[tuple[Ledger, ...], BeforeValidator(_listed)] = ()
    versions: tuple[Newest, ...] = ()
    separate: tuple[Annotated[Text, Field(min_length=1)], ...] = ()
    core: bool = True
    packs: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    parameters: dict[str, Annotated[Text, Field(min_length=1)]] = Field({})
    codes: dict[str, dict[str, tuple[Annotated[Text, Field(min_length=1)], ...]]] = Field({})
    fail_on: Literal["critical", "high", "medium", "low", "info", "suspect", "never"] = "medium"
    max_not_evaluable: Annotated[Decimal, Field(ge=0, le=1)] = Decimal("0.1")
    waivers: tuple[Waiver, ...] = ()
    key_file: Text | None = None
    privacy: Literal["public", "working", "full"] = "public"
    lang: Literal["zh", "en"] = "zh"
    encoding: Annotated[str, BeforeValidator(_encoding)] | None = None
    limits: FileLimits = Field(default_factory=lambda: FileLimits())


class Opened(NamedTuple):
    """Hold a project file that was read: the ledgers it names as paths, what it says of them and of layouts, and its secret."""

    project: Project
    declared: Declared
    paths: tuple[str, ...]
    mapped: tuple[Mapped, ...]
    known: tuple[Known, ...]
    packs: tuple[str, ...]
    key: bytes | None
    units: tuple[Unit, ...] = ()
    rules: Rules = Rules()


def find_project(first: str | None) -> Path | None:
    """Find the project file: in the current folder, or in the nearest folder above the first path up to a `.git`."""
    if Path(NAME).is_file():
        return Path(NAME)
    place = Path(first).resolve() if first is not None else None
    for folder in (place, *place.parents) if place else ():
        if os.path.isfile(folder / NAME):  # says no of a place too long to be one
            here = Path.cwd().resolve()
            return (folder / NAME).relative_to(here) if folder.is_relative_to(here) else folder / NAME
        if os.path.exists(folder / ".git"):
            break
    return None


def load_project(path: Path) -> Opened:
    """Read a project file.

    Raises:  Refused with every problem: of the file's form, and of the names that it uses.
    """
    try:
        declared = read(path)
    except OSError as error:
        raise Refused([Problem(str(path), 1, 1, f"项目文件读不了（{error.strerror}）。请检查 --project 的路径。")]) from error
    try:
        project, problems = check(Project, declared), list[Problem]()
    except Refused as refused:
        (project, declared), problems = _what_is_sound(declared, refused), refused.problems
    paths, mapped, known = _map_ledgers(project, declared, problems)
    packs, key = _name_packs(project, declared, problems), _read_key(project, declared, problems)
    units, rules = _expect(project, declared, problems), _rule(project, declared, problems)
    opened = Opened(project, declared, paths, mapped, known, packs, key, units, rules)
    problems += [*_misspelt(project, declared), *find_repeated(project.waivers, declared), *_misnamed(opened)]
    if problems:
        raise Refused(problems)
    return opened


def _what_is_sound(declared: Declared, refused: Refused) -> tuple[Project, Declared]:
    """Leave out the values and the list entries that were refused, so that the problems of all others are said too."""
    where = {(problem.line, problem.column) for problem in refused.problems}
    spoilt = {key[:2] for key, place in declared.places.items() if key and place in where}
    sound: dict[str, Any] = {}
    moved: dict[Key, Key] = {}
    for name, value in declared.data.items() if isinstance(declared.data, dict) else ():
        if (name,) in spoilt:
            continue
        sound[name], moved[(name,)] = value, (name,)
        if isinstance(value, dict):
            sound[name] = {own: each for own, each in value.items() if (name, own) not in spoilt}
            moved |= {(name, own): (name, own) for own in sound[name]}
        elif isinstance(value, list):
            kept = [number for number in range(len(value)) if (name, number) not in spoilt]
            sound[name] = [value[number] for number in kept]
            moved |= {(name, number): (name, place) for place, number in enumerate(kept)}
    places = {(*moved[key[:2]], *key[2:]): place for key, place in declared.places.items() if key[:2] in moved}
    return Project.model_validate(sound), declared._replace(places=places)


def _folder(declared: Declared) -> Path:
    return Path(declared.path).parent


def _name_packs(project: Project, declared: Declared, problems: list[Problem]) -> tuple[str, ...]:
    """Name packs of one's own by their folder, seen from the project file."""
    packs = []
    for number, name in enumerate(project.packs):
        own = _folder(declared) / name
        if name in shipped_packs() or (own / "pack.yaml").is_file():
            packs.append(name if name in shipped_packs() else str(own))
        else:
            what = f"packs: 没有名为 `{name}` 的政策包，也没有含 pack.yaml 的这个目录。自带：{'、'.join(shipped_packs())}。"
            problems.append(declared.problem(("packs", number), what + nearest(name, shipped_packs())))
    return tuple(packs)


def _map_ledgers(
    project: Project, declared: Declared, problems: list[Problem]
) -> tuple[tuple[str, ...], tuple[Mapped, ...], tuple[Known, ...]]:
    """Give the paths that ledgers have, what is said of files among them, and of sheets by their headers."""
    names, mapped, known = dict[str, None](), list[Mapped](), list[Known]()

    def refuse(key: Key, what: str) -> None:
        problems.append(declared.problem(key, f"ledgers: {what}"))

    kinds, folder = load_kinds() if project.ledgers else {}, _folder(declared)
    for number, ledger in enumerate(project.ledgers):
        place = ("ledgers", number)
        if ledger.kind is not None and ledger.kind not in kinds:
            hint = f"可用：{'、'.join(kinds)}。{nearest(ledger.kind, kinds)}"
            refuse((*place, "kind"), f"不认识的台账类型 `{ledger.kind}`。{hint}")
        elif ledger.kind is None and (ledger.headers or ledger.sheet or ledger.layout):
            refuse(place, "写了 layout、sheet 或 headers，就要写明 kind。")
        if bool(ledger.path) == bool(ledger.layout) or (ledger.layout and ledger.sheet):
            refuse(place, "每项写 path（可带 sheet）或 layout，二者择一。")
        columns = kinds[ledger.kind].columns if ledger.kind in kinds else None
        for header, column in ledger.headers.items():
            if columns is not None and column not in columns:
                hint = nearest(column, columns) or f"可用：{'、'.join(columns)}。"
                refuse((*place, "headers", header), f"`{ledger.kind}` 没有列 `{column}`。{hint}")
        if ledger.layout and ledger.kind:
            if any(folded_texts(one.texts) == folded_texts(ledger.layout) for one in known):
                refuse((*place, "layout"), "这组表头前面已经写过。同一组表头只写一次。")
            known.append(Known(ledger.layout, ledger.kind, ledger.headers, ledger.unit))
        for path in _expand(folder, ledger.path) if ledger.path else ():
            names[str(path)] = None
            if os.path.isdir(path):
                if ledger.kind is not None:
                    refuse((*place, "path"), f"{ledger.path} 是目录，没有类型。请写成 {ledger.path}/*.xlsx。")
                continue
            if any(own.path == path and (own.sheet == ledger.sheet or not (own.sheet and ledger.sheet)) for own in mapped):
                refuse((*place, "path"), f"{path.name} 前面已经写过。同一文件（同一工作表）只写一次。")
            mapped.append(Mapped(path, _unit_folder(path, folder), ledger.kind, ledger.sheet, ledger.headers, ledger.unit))
    return tuple(names), tuple(mapped), tuple(known)


def _misspelt(project: Project, declared: Declared) -> Iterator[Problem]:
    """Yield the problems of further spellings of codes: of the column, the code, and a spelling that two codes share."""
    kinds = load_kinds() if project.codes else {}
    coded = {
        f"{name}.{own}": column.codes for name, kind in kinds.items() for own, column in kind.columns.items() if column.codes
    }
    for column, codes in project.codes.items():
        if column not in coded:
            hint = nearest(column, coded) or f"可用：{'、'.join(coded)}。"
            yield declared.problem(("codes", column), f"codes: `{column}` 不是代码列，应写成 台账类型.列名。{hint}")
            continue
        said: dict[str, str] = {}
        for code, spellings in codes.items():
            if code not in coded[column]:
                hint = nearest(code, coded[column]) or f"可用：{'、'.join(coded[column])}。"
                yield declared.problem(("codes", column, code), f"codes: {column} 没有代码 `{code}`。{hint}")
            for number, spelling in enumerate(spellings):
                if said.setdefault(fold(spelling), code) != code:
                    what = f"codes: `{spelling}` 已写在 `{said[fold(spelling)]}` 下。一种写法只能归一个代码。"
                    yield declared.problem(("codes", column, code, number), what)


def _unit_folder(path: Path, folder: Path) -> str:
    """Name the folder that may stand for the unit of a file, as where the whole folder is checked."""
    return path.absolute().parent.name if path.parent != folder else folder.resolve().name


def _expand(folder: Path, pattern: str) -> list[Path]:
    """List the files that a path or a glob names; a name that stands for nothing stays, so that it is said to be missing."""
    whole = folder / pattern
    if os.path.exists(whole) or not any(sign in pattern for sign in "*?["):
        return [whole]
    anchor = Path(whole.anchor) if whole.is_absolute() else Path()
    found = sorted(path for path in anchor.glob(str(whole.relative_to(anchor))) if path.is_file() and path.name[0] not in ".~")
    return found or [whole]


def _read_key(project: Project, declared: Declared, problems: list[Problem]) -> bytes | None:
    """Read the secret for fingerprints; what others can read is no secret. It stands in no message."""
    if project.key_file is None:
        return None
    path = _folder(declared) / project.key_file
    try:
        if os.name == "posix" and path.stat().st_mode & stat.S_IROTH:
            what = f"key_file: {path} 人人可读，不成其为密钥。请运行 chmod 600 {path}，泄露过的请换新。"
        elif len(key := path.read_bytes().strip()) < SHORTEST_KEY:
            what = f"key_file: {path} 太短（不到 {SHORTEST_KEY} 字节），容易被猜出。请换成随机的长密钥。"
        else:
            return key
    except OSError as error:
        what = f"key_file: {path} 读不了（{error.strerror}）。请检查路径。"
    problems.append(declared.problem(("key_file",), what))
    return None


def _expect(project: Project, declared: Declared, problems: list[Problem]) -> tuple[Unit, ...]:
    """Give the units expected: those listed here, or those of the file that is named."""
    problems += find_repeated_units(project.units, declared)
    if project.roster is None:
        return project.units
    if project.units:
        problems.append(declared.problem(("roster",), "roster: 已在 units 中列出单位。请只保留一处。"))
    try:
        return read_roster(_folder(declared) / project.roster)
    except Refused as refused:
        problems += refused.problems
        return ()


def _rule(project: Project, declared: Declared, problems: list[Problem]) -> Rules:
    """Read what is said of versions; each file must be there, and be one thing only."""
    newest: dict[Path, Path] = {}

    def find(name: str, key: Key) -> Path:
        path = (_folder(declared) / name).resolve()
        if not os.path.isfile(path):
            problems.append(declared.problem(key, f"{key[0]}: 没有文件 `{name}`。路径从项目文件所在目录算起。"))
        return path

    separate = frozenset(find(name, ("separate", number)) for number, name in enumerate(project.separate))
    for number, rule in enumerate(project.versions):
        new = find(rule.newest, ("versions", number, "newest"))
        for place, name in enumerate(rule.of):
            key: Key = ("versions", number, "of", place)
            old = find(name, key)
            if old == new or old in newest:
                problems.append(
                    declared.problem(key, f"versions: `{name}` 写了两次。每个旧版只对应一个新版，也不能是自己的旧版。")
                )
            newest[old] = new
    for number, rule in enumerate(project.versions):
        new = (_folder(declared) / rule.newest).resolve()
        if new in newest:
            what = f"versions: `{rule.newest}` 又写成了别的文件的旧版。newest 请写最新的一份，其余都写在 of 里。"
            problems.append(declared.problem(("versions", number, "newest"), what))
    for number, name in enumerate(project.separate):
        if (path := (_folder(declared) / name).resolve()) in newest or path in newest.values():
            what = f"separate: `{name}` 也写在 versions 里。请只保留一处。"
            problems.append(declared.problem(("separate", number), what))
    return Rules(newest, separate)


def _misnamed(opened: Opened) -> Iterator[Problem]:
    """Yield the problems of names of policies and parameters, and those of the packs that hold them."""
    project, declared = opened.project, opened.declared
    for name in project.parameters:
        if len(name.split(".")) != 2:
            what = f"parameters: `{name}` 应写成 编号.参数名，例如 E01.target: 95。"
            yield declared.problem(("parameters", name), what)
    if project.policies or project.without or project.parameters:
        library, problems = read_library(opened.packs, core=project.core)
        yield from problems
        yield from find_misnamed(library, lay_under(opened, {"as_of": None}))


def lay_under(opened: Opened, given: Mapping[str, Any]) -> Request:
    """Ask for a check: what was given wins, key by key for parameters; packs and waivers are added to those of the project.

    Without ledgers among what was given, those of the project are read.
    """
    project, declared = opened.project, opened.declared
    parameters = {
        (code, own): text for name, text in project.parameters.items() for code, dot, own in [name.partition(".")] if dot
    }
    asked: dict[str, Any] = {
        "paths": opened.paths, "core": project.core, "only": project.policies, "without": project.without,
        "region": project.region, "encoding": project.encoding, "key": opened.key, "fail_on": project.fail_on,
        "max_not_evaluable": project.max_not_evaluable, "privacy": project.privacy, "lang": project.lang,
        "mapped": opened.mapped, "known": opened.known, "roster": opened.units, "versions": opened.rules,
        "codes": project.codes, "limits": Limits(**project.limits.model_dump()),
    }  # fmt: skip
    if given.get("said"):
        said_of = {Path(place.partition("#")[0]).resolve() for _, place in given["said"]}
        asked |= {"paths": (), "mapped": tuple(own for own in opened.mapped if own.path.resolve() not in said_of)}
    asked |= {name: value for name, value in given.items() if value is not None and not (name == "paths" and not value)}
    overruled: set[Key] = {("parameters", f"{code}.{name}") for code, name in given.get("parameters", {})}
    overruled |= {key for key in declared.places if given.get("only") and key[:1] == ("policies",)}
    asked |= {
        "as_of": given["as_of"],
        "packs": (*opened.packs, *given.get("packs", ())),
        "parameters": {**parameters, **given.get("parameters", {})},
        "waivers": (*project.waivers, *given.get("waivers", ())),
        "project": declared._replace(places={key: place for key, place in declared.places.items() if key not in overruled}),
    }
    return Request(**asked)


def ask(path: Path | None, given: Mapping[str, Any], waivers: Path | None) -> Request:
    """Ask for a check by the command line and, if there is one, a project file.

    Raises:  Refused with every problem of the project file and of the file of waivers.
    """
    problems: list[Problem] = []
    opened, more = None, tuple[Waiver, ...]()
    try:
        opened = load_project(path) if path else None
    except Refused as refused:
        problems += refused.problems
    try:
        more = load_waivers(waivers) if waivers else ()
    except Refused as refused:
        problems += refused.problems
    if opened and waivers:
        problems += find_repeated(more, read(waivers), opened.project.waivers)
    if problems:
        raise Refused(problems)
    return lay_under(opened, {**given, "waivers": more}) if opened else Request(**given, waivers=more)


def project_schema() -> dict[str, Any]:
    """Give the JSON Schema of a project file, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Project.model_json_schema()}
