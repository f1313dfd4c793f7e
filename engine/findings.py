"""Turn found rows into findings: verdict, basis, severity, fingerprint; and count the money of each row once.

What only points at rows, the leads, stands in a table of its own, so that nothing that counts findings can count it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.by_code import by_code
from engine.judge import DIFFERS, UNKNOWN
from engine.plan import Plan
from policies.model import BASES, Ground, Policy

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

VERDICTS = ("violation", "suspect", "not_evaluable", "waived")
WAIVER = 'STRUCT(verdict VARCHAR, reason VARCHAR, "by" VARCHAR, until DATE)'  # of a waived finding; NULL in all others


def conclude(con: DuckDBPyConnection, plans: Sequence[Plan], key: bytes | None) -> None:
    """Write the tables `findings` and `leads` from `found`, numbered (`n`) in the order of path, sheet, row and code.

    `key` is the organisation's secret for fingerprints; without it no personal datum goes into them.
    """
    policies = [plan.policy for plan in plans]
    basis = by_code("code", {policy.code: basis_sql(policy) for policy in policies})
    severity = by_code("code", {policy.code: f"'{policy.severity}'" for policy in policies})
    ledger = by_code("code", {policy.code: f"'{policy.ledger}'" for policy in policies})
    _number(con, key)
    con.execute(
        "CREATE TABLE findings AS SELECT o.n, v.* EXCLUDE (id, recover, short, key, plain_key, digit), "
        f" CASE WHEN digit = {UNKNOWN} THEN 'not_evaluable' WHEN basis = 'lead' THEN 'lead' WHEN digit = {DIFFERS} OR basis NOT IN ('norm', 'target') THEN 'suspect'"
        " ELSE 'violation' END AS verdict, CASE WHEN verdict = 'violation' THEN recover ELSE 0 END AS recover,"
        f" CASE WHEN verdict = 'violation' THEN short ELSE 0 END AS short, {_fingerprint(key)} AS fingerprint,"
        f" CAST(NULL AS {WAIVER}) AS waiver"
        f" FROM (SELECT f.rowid AS id, f.*, {basis} AS basis, {severity} AS severity, {ledger} AS ledger FROM found f) v"
        " JOIN ordered o USING (id) LEFT JOIN alike a USING (id)"
    )
    con.execute("CREATE TABLE leads AS SELECT * FROM findings WHERE verdict = 'lead'")  # what is unknown there, coverage counts
    con.execute("DELETE FROM findings WHERE basis = 'lead'")


def _number(con: DuckDBPyConnection, key: bytes | None) -> None:
    """Number the findings in their order, and those that a fingerprint cannot tell apart among themselves, in narrow tables."""
    con.execute(
        "CREATE TEMP TABLE ordered AS SELECT f.rowid AS id,"
        " row_number() OVER (ORDER BY i.path, i.sheet NULLS FIRST, f.rows[1].r, f.code, f.digit) AS n,"
        f" count(*) OVER (PARTITION BY f.code, f.unit, {_identity(key)}) AS alike"
        " FROM found f JOIN inputs i ON i._input = f.rows[1].i"
    )
    con.execute(
        f"CREATE TEMP TABLE alike AS SELECT id, row_number() OVER (PARTITION BY f.code, f.unit, {_identity(key)}"
        " ORDER BY f.key, f.digit, CAST(f.facts AS VARCHAR), i.path, i.sheet, f.rows[1].r) AS nth"
        " FROM found f JOIN ordered o ON o.id = f.rowid JOIN inputs i ON i._input = f.rows[1].i WHERE o.alike > 1"
    )


def _identity(key: bytes | None) -> str:
    return "key" if key else "plain_key"


def citation_basis(policy: Policy, number: int) -> Ground:
    """Give the basis of one citation: its own, or the policy's."""
    return policy.citations[number].basis or policy.basis


def basis_sql(policy: Policy) -> str:
    """Write the basis of a finding: the strongest among the citations in force for its row."""
    branches = []
    for basis in BASES:
        bits = sum(1 << number for number in range(len(policy.citations)) if citation_basis(policy, number) == basis)
        branches += [f"WHEN citations & {bits} <> 0 THEN '{basis}'"] if bits else []
    return f"(CASE {' '.join(branches)} ELSE '{policy.basis}' END)" if branches else f"'{policy.basis}'"


def _fingerprint(key: bytes | None) -> str:
    """Write the fingerprint: HMAC-SHA-256 with the key, or a plain SHA-256 over what is not personal; equal ones are numbered."""
    text = f"encode(concat_ws(chr(29), v.code, coalesce(v.unit, ''), v.{_identity(key)}, CAST(coalesce(a.nth, 1) AS VARCHAR)))"
    if key is None:
        return f"left(sha256({text}), 32)"
    block = key.ljust(64, b"\0") if len(key) <= 64 else _digest(key).ljust(64, b"\0")
    inner, outer = _blob(byte ^ 0x36 for byte in block), _blob(byte ^ 0x5C for byte in block)
    return f"left(sha256({outer} || unhex(sha256({inner} || {text}))), 32)"


def _digest(key: bytes) -> bytes:
    import hashlib

    return hashlib.sha256(key).digest()


def _blob(values: Any) -> str:
    return "'" + "".join(f"\\x{byte:02X}" for byte in values) + "'::BLOB"


def count_once(con: DuckDBPyConnection, inputs: Collection[int] | None = None, findings: str = "findings") -> dict[str, Decimal]:
    """Add up the findings' money so that each row's is counted once, however many policies it breaks.

    The difference of a group is laid on those of its rows first that break something else too, up to the money of each.

    Shapes:  `inputs` counts the rows of these only, out of all `findings`: shares of a whole add up to it.
    """
    own = "TRUE" if inputs is None else f"i IN ({', '.join(map(str, sorted(inputs))) or 'NULL'})"
    shares = ", ".join(
        f"CASE WHEN len = 1 THEN {name} ELSE greatest(0, least(coalesce(row.amount, {name}), {name} - coalesce(before, 0))) END AS {name}"
        for name in ("involved", "recover", "short")
    )
    [row] = con.execute(
        "WITH r AS (SELECT n, involved, recover, short, len(rows) AS len, unnest(rows) AS row"
        f" FROM {findings} WHERE verdict IN ('violation', 'suspect')),"
        " alone AS (SELECT row.i AS i, row.r AS r, max(involved) AS a, max(recover) AS b, max(short) AS c FROM r WHERE len = 1 GROUP BY ALL),"
        " s AS (SELECT r.*, sum(coalesce(row.amount, 0)) OVER (PARTITION BY n ORDER BY a DESC NULLS LAST, b DESC NULLS LAST,"
        " c DESC NULLS LAST, row.amount DESC NULLS LAST ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before"
        " FROM r LEFT JOIN alone ON alone.i = r.row.i AND alone.r = r.row.r),"
        f" t AS (SELECT row.i AS i, row.r AS r, {shares} FROM s),"
        f" once AS (SELECT max(involved) AS involved, max(recover) AS recover, max(short) AS short FROM t WHERE {own} GROUP BY i, r)"
        " SELECT sum(involved), sum(recover), sum(short) FROM once"
    ).fetchall()
    [not_judged] = con.execute(
        "SELECT sum(amount) FROM (SELECT DISTINCT row.i AS i, row.r, row.amount AS amount FROM (SELECT unnest(rows) AS row"
        f" FROM {findings} WHERE verdict = 'not_evaluable')) WHERE {own}"
    ).fetchall()
    found = [*row, *not_judged]
    names = ("amount_involved", "amount_to_recover", "amount_short", "amount_not_judged")
    return {name: Decimal(value or 0) for name, value in zip(names, found, strict=True)}


def count_verdicts(con: DuckDBPyConnection) -> tuple[Mapping[str, int], Mapping[str, int], int, int]:
    """Count findings by verdict and by basis, and the persons and units that violations and suspects concern."""
    verdicts = dict(con.execute("SELECT verdict, count(*) FROM findings GROUP BY verdict").fetchall())
    judged = "WHERE verdict IN ('violation', 'suspect')"
    bases = dict(con.execute(f"SELECT basis, count(*) FROM findings {judged} GROUP BY basis").fetchall())
    [(persons, units)] = con.execute(f"SELECT count(DISTINCT person), count(DISTINCT unit) FROM findings {judged}").fetchall()
    return {name: verdicts.get(name, 0) for name in VERDICTS}, {name: bases.get(name, 0) for name in BASES}, persons, units
