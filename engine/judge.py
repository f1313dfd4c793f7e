"""Judge: run the planned policies over all rows in narrow passes, and keep the few rows that are not plainly in order.

A pass gives each row of a ledger one digit a policy (a mask), counted by input at once; flagged rows keep place and digit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from sqlglot import exp

from engine.conditions import parse
from engine.expressions import exact
from engine.frames import Survey, aggregate, find_repeated, frame, leaves_a_trace, survey
from engine.plan import Plan, PlannedJoin
from ledgers.reversals import NETTED
from ledgers.typed import quote

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

COMPLIANT, FAILS, UNKNOWN, NOT_APPLICABLE, DIFFERS, NOT_JUDGED, NOT_IN_FORCE, MEMBER = range(8)
FLAGGED = (FAILS, UNKNOWN, DIFFERS)
DIGIT = 8  # one octal digit a policy
MOST_IN_A_PASS = 20  # digits of a signed 64-bit integer


class Counts(NamedTuple):
    """Hold what `judge` found: rows by policy code, input and digit."""

    rows: Mapping[tuple[str, int, int], int]

    def total(self, code: str, digit: int) -> int:
        """Count the rows of a policy that bear one digit."""
        return sum(count for (own, _, found), count in self.rows.items() if own == code and found == digit)


def take_back(counts: Counts, mistyped: Mapping[tuple[str, int], int]) -> Counts:
    """Count rows whose failure was taken back as unknown."""
    rows = dict(counts.rows)
    for (code, place), count in mistyped.items():
        rows[code, place, FAILS] -= count
        rows[code, place, UNKNOWN] = rows.get((code, place, UNKNOWN), 0) + count
    return Counts(rows)


def judge(con: DuckDBPyConnection, plans: Sequence[Plan]) -> Counts:
    """Judge every planned policy that can be judged.

    Shapes:  leaves the table `flagged` (policy code, _input, _row, digit, group number or NULL).
    """
    con.execute("CREATE TABLE flagged (code VARCHAR, _input INTEGER, _row BIGINT, digit TINYINT, grp BIGINT)")
    rows: dict[tuple[str, int, int], int] = {}
    surveys: dict[str, Survey] = {}
    judged = [plan for plan in plans if plan.status == "judged"]
    for plan in judged:
        for join in plan.joins.values():
            if right_side(join) not in surveys:
                surveys[right_side(join)] = survey(con, join, str(len(surveys)))
    for together in passes(judged):
        rows |= _row_pass(con, together, surveys)
    for plan in judged:
        if plan.policy.group is not None:
            own = {place: count for place, count in rows.items() if place[0] == plan.policy.code}
            rows = {place: count for place, count in rows.items() if place not in own}
            rows |= _judge_groups(con, plan, {j: surveys[right_side(join)] for j, join in plan.joins.items()}, own)
    return Counts(rows)


def right_side(join: PlannedJoin) -> str:
    """Name the rows that a join looks up: joins of one name are surveyed once."""
    return repr((join.ledger, join.keys, join.where, join.alike, bool(join.pick)))


def passes(plans: Iterable[Plan]) -> list[list[Plan]]:
    """Put policies together that need the same ledger and the same joins, so that each is scanned once.

    Policies that put their question to every row of one ledger go together too: few rows are not in order by all of them.
    """
    together: dict[str, list[Plan]] = {}
    for plan in plans:
        needs = plan.policy.ledger, sorted({right_side(join) for join in plan.joins.values()}), _asks_every_row(plan)
        together.setdefault(repr(needs), []).append(plan)
    return [
        group[start : start + MOST_IN_A_PASS] for group in together.values() for start in range(0, len(group), MOST_IN_A_PASS)
    ]


def _asks_every_row(plan: Plan) -> bool:
    return not plan.joins and plan.policy.group is None and not _before(plan)


def digit(plan: Plan) -> str:
    """Write the CASE that gives a row its digit."""
    return f"CASE {' '.join(_before(plan))} {verdict(plan)} END"


def verdict(plan: Plan) -> str:
    """Write the branches of the question itself: every admissible reading holds, none does, or they differ."""
    readings = [f"({clause.sql})" for clause in plan.admissible]
    every, none = " AND ".join(readings), " AND ".join(f"NOT {reading}" for reading in readings)
    some = f"WHEN {' OR '.join(f'NOT {reading}' for reading in readings)} THEN {DIFFERS} " if len(readings) > 1 else ""
    return f"WHEN {every} THEN {COMPLIANT} WHEN {none} THEN {FAILS} {some}ELSE {UNKNOWN}"


def _before(plan: Plan) -> list[str]:
    """Write the branches that stand before the question: column there, policy applicable, clause in force."""
    branches = []
    if plan.lacking:
        branches.append(f"WHEN p._input IN ({', '.join(map(str, sorted(plan.lacking)))}) THEN {NOT_JUDGED}")
    if reversal := _reversed(plan):
        branches.append(f"WHEN {reversal} THEN {NOT_APPLICABLE}")
    for clause, otherwise in ((plan.applies, NOT_APPLICABLE), (plan.in_force, NOT_IN_FORCE)):
        if clause.sql != "TRUE":
            branches.append(f"WHEN NOT ({clause.sql}) THEN {otherwise} WHEN ({clause.sql}) IS NULL THEN {UNKNOWN}")
    return branches


def _reversed(plan: Plan) -> str:
    """Write the test of a row that a reversal cancels, or that is one; groups add up the reversals that stand alone."""
    if plan.table is None or not plan.table.netted:
        return ""
    return f"p._netted = {NETTED}" if plan.policy.group else "p._netted IS NOT NULL"


def _row_pass(con: DuckDBPyConnection, plans: Sequence[Plan], surveys: dict[str, Survey]) -> dict[tuple[str, int, int], int]:
    """Run one scan: digits, summed to a mask, counted by input and mask, with the flagged rows of each mask as a list.

    Keys are taken to be unique first; where the scan gives more rows than there are, they are not, and it is run again
    with one row picked for each repeated key.
    """
    if _scan(con, plans, surveys):
        for plan in plans:
            for join in plan.joins.values():
                surveys[right_side(join)] = find_repeated(con, join, surveys[right_side(join)])
        _scan(con, plans, surveys)
    places = ", ".join(f"('{plan.policy.code}', {DIGIT**number})" for number, plan in enumerate(plans))
    digits = f"SELECT code, _input, (m // place) % {DIGIT} AS d, n, found FROM pass, (VALUES {places}) v(code, place)"
    con.execute(
        f"INSERT INTO flagged SELECT code, _input, unnest(found), d, NULL FROM ({digits}) s WHERE d IN ({', '.join(map(str, FLAGGED))})"
    )
    counted = con.execute(f"SELECT code, _input, d, sum(n) FROM ({digits}) s GROUP BY ALL").fetchall()
    return {(code, place, found): int(count) for code, place, found, count in counted}


class Pass(NamedTuple):
    """Hold what one scan asks: a digit a policy as columns, their sum as a mask, whether a row is flagged; and what it joins."""

    columns: str
    mask: str
    flagged: str
    joins: Mapping[str, PlannedJoin]
    seen: Mapping[str, Survey]


def combine(plans: Sequence[Plan], surveys: Mapping[str, Survey]) -> Pass:
    """Put the questions of several policies to one scan; joins that look up the same rows become one."""
    digits = [standing(plan) if plan.policy.group else digit(plan) for plan in plans]
    joins: dict[str, PlannedJoin] = {}
    seen: dict[str, Survey] = {}
    for n, plan in enumerate(plans):
        for j, join in plan.joins.items():
            name = _shared(joins, join, surveys[right_side(join)])
            seen[name] = surveys[right_side(join)]
            digits[n] = digits[n].replace(f'p."{j}.', f'p."{name}.')
    columns = ", ".join(f"{sql} AS d{n}" for n, sql in enumerate(digits))
    mask = " + ".join(f"CAST(d{n} AS BIGINT) * {DIGIT**n}" for n in range(len(plans)))
    flagged = " OR ".join(f"d{n} IN ({', '.join(map(str, FLAGGED))})" for n in range(len(plans)))
    return Pass(columns, f"({mask})", f"({flagged})", joins, seen)


def _scan(con: DuckDBPyConnection, plans: Sequence[Plan], surveys: Mapping[str, Survey]) -> bool:
    """Write the table `pass`; say whether a join repeated rows."""
    table, asked = plans[0].table, combine(plans, surveys)
    if table is None:
        raise ValueError("planned without tables")
    plain = _asks_every_row(plans[0])
    in_order = " AND ".join(f"({clause.sql})" for plan in plans for clause in plan.admissible)
    where = f" WHERE ({in_order}) IS NOT TRUE" if plain else ""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE pass AS SELECT _input, m, count(*) AS n, list(_row) FILTER (WHERE flag) AS found FROM"
        f" (SELECT _input, _row, {asked.mask} AS m, {asked.flagged} AS flag FROM"
        f" (SELECT p._input, p._row, {asked.columns} FROM {frame(table, asked.joins, asked.seen)}{where}) d) GROUP BY _input, m"
    )
    if plain:  # the rows that are in order by every policy have the mask 0
        con.execute(
            "INSERT INTO pass SELECT p._input, 0, count(*) - coalesce(any_value(q.seen), 0), NULL"
            f" FROM {table.view} p LEFT JOIN (SELECT _input, sum(n) AS seen FROM pass GROUP BY _input) q USING (_input) GROUP BY p._input"
        )
    if not any(join.pick and asked.seen[name].repeated is None for name, join in asked.joins.items()):
        return False
    return bool(con.execute("SELECT sum(n) FROM pass").fetchall()[0][0] != table.rows)


def _shared(joins: dict[str, PlannedJoin], join: PlannedJoin, seen: Survey) -> str:
    """Add a join to a pass, or find the one that already looks up the same rows: without repeated keys every pick is the same."""
    for name, other in joins.items():
        unique = seen.repeated is None and len(join.keys) == 1
        same_pick = unique or (join.pick, join.latest, join.by) == (other.pick, other.latest, other.by)
        same_columns = all(other.columns.get(column, sql) == sql for column, sql in join.columns.items())  # assumed alike
        if right_side(join) == right_side(other) and same_pick and same_columns and not join.totals:
            gaps = tuple(dict.fromkeys((*other.gaps, *join.gaps)))
            joins[name] = other._replace(columns={**other.columns, **join.columns}, gaps=gaps)
            return name
    name = f"x{len(joins)}"
    joins[name] = join
    return name


def _judge_groups(
    con: DuckDBPyConnection, plan: Plan, surveys: Mapping[str, Survey], counts: dict[tuple[str, int, int], int]
) -> dict[tuple[str, int, int], int]:
    """Judge the groups of one policy, whose rows the row pass has told apart: form them, consider strays, flag members."""
    if plan.table is None or plan.policy.group is None:
        return counts
    code = plan.policy.code
    source = frame(plan.table, plan.joins, surveys)
    keys = group_keys(plan)
    _find_groups(con, plan, source, keys)
    if any(own == code and found == UNKNOWN for own, _, found in counts):
        _doubt_groups(con, plan, source, keys)
    same = " AND ".join(f"m.{k} = g.{k}" for k in keys)
    con.execute(f"INSERT INTO flagged SELECT '{code}', m._input, m._row, g.d, g.grp FROM members m JOIN groups g ON {same}")
    found = con.execute(
        f"SELECT _input, digit, count(*) FROM flagged WHERE code = '{code}' AND grp IS NOT NULL GROUP BY ALL"
    ).fetchall()
    return settled_counts(counts, code, found)


def standing(plan: Plan) -> str:
    """Write the CASE that tells a group's members from the rows that belong to no group."""
    group = plan.policy.group
    unreadable = " OR ".join(f"{group_key(plan, name)} IS NULL" for name in group.per) if group else "FALSE"
    return f"CASE {' '.join(_before(plan))} WHEN {unreadable} THEN {UNKNOWN} ELSE {MEMBER} END"


def belongs(plan: Plan) -> str:
    """Write, as a plain condition that a scan can push down, what makes a row a member of its group."""
    group = plan.policy.group
    tests = [clause.sql for clause in (plan.applies, plan.in_force) if clause.sql != "TRUE"]
    tests += [f"{group_key(plan, name)} IS NOT NULL" for name in group.per] if group else []
    tests += [f"p._input NOT IN ({', '.join(map(str, sorted(plan.lacking)))})"] if plan.lacking else []
    tests += [f"({reversal}) IS NOT TRUE"] if (reversal := _reversed(plan)) else []
    return " AND ".join(f"({test})" for test in tests) or "TRUE"


def group_keys(plan: Plan) -> dict[str, str]:
    """Refer to all that makes a group: its columns, and the sheet where books are kept apart."""
    group = plan.policy.group
    keys = {f"k{n}": group_key(plan, name) for n, name in enumerate(group.per if group else ())}
    return keys | ({"k_book": "p._input"} if group and group.apart else {})


def group_key(plan: Plan, name: str) -> str:
    """Refer to a group's key; a cell that could not be read is none, nor is a day of which only the month is known."""
    sql, table = exact(plan.scope[name]), plan.table
    if table is not None and name in table.unread:
        return f"CASE WHEN (p._problems & {table.kind.bit(name)}) = 0 THEN {sql} END"
    return sql


def _find_groups(con: DuckDBPyConnection, plan: Plan, source: str, keys: Mapping[str, str]) -> None:
    """Form the groups and keep those that are not in order, in the table `groups` (keys, digit, group number).

    Where the question is only whether a group has more than n rows, hashes are counted first, and only rows whose hash
    repeats are looked at: a group of more than n rows always has a hash of more than n rows.
    """
    most, crowded = most_rows(plan), ""
    if most is not None:
        hashed = f"hash({', '.join(keys.values())})"
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE crowded AS SELECT h FROM (SELECT {hashed} AS h FROM {source} WHERE {belongs(plan)}) s"
            f" GROUP BY h HAVING count(*) > {most}"
        )
        crowded = f" AND {hashed} IN (SELECT h FROM crowded)"
    con.execute(f"CREATE OR REPLACE TEMP TABLE members AS {select_members(plan, source, keys)}{crowded}")
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE groups AS SELECT *, row_number() OVER (ORDER BY {', '.join(keys)}) AS grp"
        f" FROM ({select_groups(plan, keys)}) v WHERE d <> {COMPLIANT}"
    )


def select_members(plan: Plan, source: str, keys: Mapping[str, str]) -> str:
    """Write the SELECT of the rows that belong to groups: place, keys, what is measured of them."""
    picked = ", ".join(f"{sql} AS {k}" for k, sql in keys.items())
    return f"SELECT p._input, p._row, {picked}{_measured(plan)} FROM {source} WHERE {belongs(plan)}"


def select_groups(plan: Plan, keys: Mapping[str, str]) -> str:
    """Write the SELECT of the groups of `members`, each with its digit `d`."""
    names = ", ".join(keys)
    measures = "".join(
        f", {aggregate(found, f'm.v{n}')} AS {quote(name)}" for n, (name, found) in enumerate(plan.measures.items())
    )
    return f"SELECT {names}, CASE {verdict(plan)} END AS d FROM (SELECT {names}{measures} FROM members m GROUP BY {names}) g"


def _measured(plan: Plan) -> str:
    """Write the columns below the measures, for the members table."""
    return "".join(f", {found.inner.sql} AS v{n}" for n, found in enumerate(plan.measures.values()) if found.inner)


def most_rows(plan: Plan) -> int | None:
    """Give n where every reading fails only for groups of more than n rows; None where that is not plain.

    Such a policy only grows worse with more rows: an unreadable row can break a group that is in order, never mend one.
    """
    counting = {name for name, found in plan.measures.items() if found.function == "count" and found.inner is None}
    limits = []
    for text in plan.policy.questions:
        tree = parse(text)
        sides = list(tree.flatten()) if isinstance(tree, exp.Or) else [tree]
        found = [limit for side in sides if (limit := _row_limit(side, counting)) is not None]
        if not found:
            return None
        limits.append(max(found))
    return min(limits)


def _row_limit(tree: exp.Expr, counting: set[str]) -> int | None:
    """Read `n <= 1` as 1, where n counts rows."""
    if isinstance(tree, exp.LTE) and isinstance(tree.this, exp.Column) and tree.this.name in counting:
        return int(tree.expression.this) if isinstance(tree.expression, exp.Literal) and tree.expression.is_int else None
    return None


def _doubt_groups(con: DuckDBPyConnection, plan: Plan, source: str, keys: Mapping[str, str]) -> None:
    """Make groups unknown that an unreadable row may belong to: it agrees in every key and likeness that can be read."""
    marks = group_marks(plan, keys)
    con.execute(f"CREATE OR REPLACE TEMP TABLE strays AS {select_strays(plan, source, keys, marks)}")
    same_keys = " AND ".join(f"g.{k} = t.{k}" for k in keys)
    for known in con.execute(f"SELECT DISTINCT {pattern_of(marks)} FROM strays").fetchall():
        touched = select_touched(plan, source, keys, marks, known)
        if most_rows(plan) is None:
            con.execute(f"UPDATE groups g SET d = {UNKNOWN} FROM ({touched}) t WHERE {same_keys}")
        con.execute(
            f"INSERT INTO groups SELECT {', '.join(f't.{k}' for k in keys)}, {UNKNOWN}, (SELECT coalesce(max(grp), 0) FROM groups)"
            f" + row_number() OVER () FROM ({touched}) t WHERE NOT EXISTS (SELECT 1 FROM groups g WHERE {same_keys})"
        )
    of_groups = " AND ".join(f"m.{k} = g.{k}" for k in keys)
    rows = f"SELECT p._input, p._row, {', '.join(f'{sql} AS {k}' for k, sql in keys.items())} FROM {source} WHERE {belongs(plan)}"
    con.execute(f"CREATE OR REPLACE TEMP TABLE members AS SELECT m.* FROM ({rows}) m SEMI JOIN groups g ON {of_groups}")


def group_marks(plan: Plan, keys: Mapping[str, str]) -> dict[str, str]:
    """Give the marks by which an unreadable row is known to belong to a group: the keys, and the likenesses."""
    alike = plan.policy.group.alike if plan.policy.group else []
    return {**keys, **{f"a{n}": group_key(plan, name) for n, name in enumerate(alike)}}


def pattern_of(marks: Mapping[str, str]) -> str:
    """Write which marks of a stray can be read, one column a mark."""
    return ", ".join(f"{mark} IS NOT NULL AS {mark}" for mark in marks)


def select_strays(plan: Plan, source: str, keys: Mapping[str, str], marks: Mapping[str, str]) -> str:
    """Write the SELECT of the marks of rows of which nobody can say whether they belong to a group, or to which."""
    group, table = plan.policy.group, plan.table
    if group is None or table is None:
        raise ValueError(f"{plan.policy.code} was planned without groups")
    picked = ", ".join(f"{sql} AS {mark}" for mark, sql in marks.items())
    complete = " AND ".join(f"{sql} IS NOT NULL" for sql in keys.values())
    trace = leaves_a_trace("p", group.per, group.alike, table)
    personal = [f"k{n}" for n, name in enumerate(group.per) if table.kind.columns[name].personal]
    trace = " OR ".join([trace, *(f"{keys[k]} IS NOT NULL" for k in personal)])
    return f"SELECT DISTINCT {picked} FROM {source} WHERE {standing(plan)} = {UNKNOWN} AND (({complete}) OR ({trace}))"


def select_touched(plan: Plan, source: str, keys: Mapping[str, str], marks: Mapping[str, str], known: Sequence[bool]) -> str:
    """Write the SELECT of the keys of groups to which the `strays` of one pattern may belong."""
    picked = ", ".join(f"{sql} AS {mark}" for mark, sql in marks.items())
    legible = [mark for mark, is_known in zip(marks, known, strict=True) if is_known]
    if all(k in legible for k in keys):
        legible = list(keys)  # the keys alone say which group it is
    shape = " AND ".join(f"s.{mark} IS {'NOT ' if is_known else ''}NULL" for mark, is_known in zip(marks, known, strict=True))
    return " UNION ".join(
        f"SELECT DISTINCT {', '.join(f'm.{k}' for k in keys)} FROM (SELECT {picked} FROM {source} WHERE {belongs(plan)}) m"
        f" JOIN strays s ON {same} AND {shape}"
        for same in _likenesses(legible, [mark for mark in marks if mark not in keys])
    )


def _likenesses(legible: Sequence[str], alike: Sequence[str]) -> list[str]:
    """Write when a stray agrees with a member: in all that both can show. One join for each pattern keeps them hash joins."""
    equal = [f"s.{mark} = m.{mark}" for mark in legible]
    ways = [" AND ".join(equal) or "TRUE"]
    for mark in (mark for mark in alike if mark in legible):
        ways.append(" AND ".join([*(f"s.{other} = m.{other}" for other in legible if other != mark), f"m.{mark} IS NULL"]))
    return ways


def settled_counts(
    counts: dict[tuple[str, int, int], int], code: str, found: Iterable[tuple[int, int, int]]
) -> dict[tuple[str, int, int], int]:
    """Bring the counts of a group policy together: members that were not flagged are compliant."""
    settled = dict(counts)
    members = {place: settled.pop((code, place, MEMBER)) for _, place, d in counts if d == MEMBER}
    for place, number, count in found:
        settled[code, place, number] = settled.get((code, place, number), 0) + count
        members[place] -= count
    for place, count in members.items():
        settled[code, place, COMPLIANT] = count
    return settled
