"""Choose the policies of a check by what was asked for, and refuse names and values that no policy knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING

from declared import Key, Problem, Refused, nearest
from engine.names import parse_like
from ledgers.english import in_english
from ledgers.kinds import Kind
from policies.load import Library, Loaded, is_supported
from policies.model import Parameter
from policies.values import MOST_AFTER, MOST_BEFORE

if TYPE_CHECKING:
    from engine.check import Request


def choose(library: Library, request: Request, kinds: Mapping[str, Kind]) -> tuple[list[Loaded], frozenset[str]]:
    """Choose the policies asked for by code; without a choice, all. Name those that are off: nobody saw a source of theirs.

    Raises:  Refused for an unknown code or parameter.
    """
    # The names of the project file were held against its own packs: the command line may have left out some of them.
    known = request.project.path if request.project else None
    problems = [problem for problem in find_misnamed(library, request) if problem.path != known]
    problems += [
        Problem("--ledger", 1, 1, f"不认识的台账类型 `{kind}`。可用：{'、'.join(kinds)}。{nearest(kind, kinds)}")
        for kind in [*(said for said, _ in request.said), *request.frames]
        if kind not in kinds
    ]
    if problems:
        english = request.lang == "en"
        raise Refused(problem._replace(what=in_english(problem.what)) if english else problem for problem in problems)
    if request.only:
        return [library.policies[code] for code in library.policies if code in request.only], frozenset()
    chosen = [loaded for code, loaded in library.policies.items() if code not in request.without]
    off = (loaded.policy.code for loaded in chosen if not is_supported(loaded.policy, library.documents))
    return chosen, frozenset(off)


def find_misnamed(library: Library, request: Request) -> Iterator[Problem]:
    """Yield a problem for every policy and parameter that a request names and the library does not know."""
    for option, key, codes in (("--policy", "policies", request.only), ("without", "without", request.without)):
        for number, code in enumerate(codes):
            if code not in library.policies:
                what = f"没有编号为 `{code}` 的政策。可用：{'、'.join(library.policies)}。{nearest(code, library.policies)}"
                yield request.problem(option, (key, number), what)
    for (code, name), given in request.parameters.items():
        place: Key = ("parameters", f"{code}.{name}")
        known = library.policies[code].policy.parameters if code in library.policies else {}
        if name not in known:
            what = f"政策 `{code}` 没有参数 `{name}`。可用：{'、'.join(known) or '无'}。{nearest(name, known)}"
            yield request.problem("--param", place, what)
            continue
        if what := _wrong_value(known[name], given):
            what = f"{code}.{name} {what}。例如 {code}.{name}={known[name].shown}。"
            yield request.problem("--param", place, what)


def _wrong_value(parameter: Parameter, given: str) -> str:
    """Say why a value that a user sets does not do; nothing if it does."""
    example = parameter.shown
    try:
        value = parse_like(example, given)
    except ValueError:
        return f"应为{'日期' if isinstance(example, date) else '数字'}，而不是 `{given}`"
    if not parameter.refuses(value):
        return ""
    least = "" if parameter.least is None else f"，不小于 {parameter.least}"
    return f"应为小数点前至多 {MOST_BEFORE} 位、后至多 {MOST_AFTER} 位的数字{least}，而不是 `{given}`"
