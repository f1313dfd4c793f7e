"""Reach Spark: a session of our own, or a cluster's; tables of its catalog, or files that were laid out for it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.stores.store import Lent, Relation, Store, StoreFailed
from ledgers.typed import quote

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

# Small ledgers are handed over as rows, in one part: files, planning anew between stages and compiling them cost more than they save.
SMALL = 4 << 20  # bytes of a Parquet file
_FOR_SMALL = {
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}
_FOR_LARGE = {
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.shuffle.partitions": "4",
    "spark.sql.codegen.wholeStage": "true",
    "spark.sql.codegen.factoryMode": "FALLBACK",
}
_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "Asia/Shanghai",
    "spark.sql.ansi.enabled": "true",  # what overflows ends the run; it is never NULL
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    # Of two numbers that together are too wide Spark 4 would drop cents before it compares them.
    "spark.sql.legacy.decimal.retainFractionDigitsOnTruncate": "true",
    # Spark keeps what it learned of the grammar of each statement: never dropped, it filled 1 GB within a hundred checks.
    "spark.sql.parser.manageParserCaches": "true",
    "spark.sql.parser.parserDfaCacheFlushRatio": "20",  # percent of the driver's memory
    **_FOR_LARGE,
    "spark.log.level": "ERROR",
}
_TYPES = {"tinyint": "TINYINT", "smallint": "SMALLINT", "int": "INTEGER", "bigint": "BIGINT", "boolean": "BOOLEAN", "date": "DATE",
          "timestamp_ntz": "TIMESTAMP", "timestamp": "TIMESTAMP", "double": "DOUBLE", "string": "VARCHAR"}  # fmt: skip


def open_spark(master: str) -> Store:
    """Open a session, such as at `local[2]` or `spark://host:7077`.

    Raises:  StoreFailed if it cannot be opened.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise StoreFailed("没有安装 Spark。请运行 pip install 'fundcheck[spark]'，并安装 Java 17。") from error
    scratch = tempfile.TemporaryDirectory(prefix="fundcheck-spark-")  # else Spark leaves a folder where it is started
    try:
        builder = SparkSession.builder.master(master).appName("fundcheck").config("spark.sql.warehouse.dir", scratch.name)
        for name, value in _SETTINGS.items():
            builder = builder.config(name, value)
        spark = builder.getOrCreate()
    except Exception as error:  # whatever the launcher or the gateway raises
        raise StoreFailed(f"Spark（{master}）未能启动（{_reason(error)}）。请核对地址和 Java 17。") from error
    shown: set[str] = set()  # views of ours; a session may hold others
    large: set[str] = set()

    def show(frame: DataFrame, name: str) -> None:
        frame.createOrReplaceTempView(name)
        shown.add(name)

    def asked(sql: str, tables: Mapping[str, Lent]) -> DataFrame:
        for name in tables.keys() - shown:
            show(_lend(spark, tables[name]), name)
        return spark.sql(sql)

    def set_for(size: Mapping[str, str]) -> None:
        for setting, value in size.items():
            spark.conf.set(setting, value)

    def run(sql: str, tables: Mapping[str, Lent]) -> list[tuple[Any, ...]]:
        try:
            return [tuple(row) for row in asked(sql, tables).collect()]
        except Exception as error:  # pyspark raises classes of many modules, and those of the gateway
            raise StoreFailed(f"Spark（{master}）未能回答（{_reason(error)}）。") from error

    def read(name: str, path: Path) -> None:
        if path.stat().st_size > SMALL:
            large.add(name)
        set_for(_FOR_LARGE if large else _FOR_SMALL)
        show(spark.read.parquet(str(path)) if name in large else spark.createDataFrame(_rows_of(path)), name)

    def keep(name: str, sql: str, tables: Mapping[str, Lent]) -> None:
        show(asked(sql, tables), name)
        spark.catalog.cacheTable(name)

    def close() -> None:
        for name in shown:
            spark.catalog.dropTempView(name)
        shown.clear()
        large.clear()
        set_for(_FOR_LARGE)
        scratch.cleanup()

    return Store(f"spark({master})", "spark", lambda: _relations(spark, master), run, close, read, keep)


def _rows_of(path: Path) -> Any:
    import pyarrow.parquet as pq

    return pq.read_table(path)


def _relations(spark: SparkSession, master: str) -> Sequence[Relation]:
    found = []
    for table in spark.catalog.listTables():
        if table.isTemporary:
            continue
        own = {
            column.name: _typed(f"t.{quote(column.name)}", column.dataType) for column in spark.catalog.listColumns(table.name)
        }
        texts = ", ".join(f"CAST(t.{quote(name)} AS VARCHAR)" for name in own)
        shown = f"spark({master})#{table.name}"
        found.append(Relation(quote(table.name), shown, own, f"row_number() OVER (ORDER BY {texts})"))
    return found


def _typed(cell: str, own: str) -> tuple[str, str]:
    """Give a column's type in DuckDB's words; what has no such word is read as its text."""
    if own.startswith("decimal("):
        return own.upper(), cell
    return (_TYPES[own], cell) if own in _TYPES else ("VARCHAR", f"CAST({cell} AS VARCHAR)")


def _lend(spark: SparkSession, columns: Lent) -> DataFrame:
    schema = ", ".join(f"`{column}` string" for column in columns)
    return spark.createDataFrame(list(zip(*columns.values(), strict=True)), schema)


def _reason(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
