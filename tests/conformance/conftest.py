"""Start the engines: a PostgreSQL server in a folder of its own, a Spark session. Both end with the tests."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.stores.store import Store

_BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def without(engine: str, why: str) -> None:
    """Skip a lane that cannot run here; in CI every lane must run."""
    if os.environ.get("CI"):
        pytest.fail(f"{engine}: {why}")
    pytest.skip(f"{engine}: {why}")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Give the address of a fresh database."""
    found = shutil.which("initdb") or next((str(folder / "initdb") for folder in _BINARIES), None)
    if found is None:
        without("PostgreSQL", "not installed (Debian: postgresql-15)")
    binaries = Path(str(found)).resolve().parent
    folder = Path(tempfile.mkdtemp(prefix="fundcheck-pg-"))
    # The server refuses to run as root: it gets the user that comes with its package.
    user = pwd.getpwnam("postgres") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    os.chown(folder, user.pw_uid, user.pw_gid)

    def run(*command: str) -> None:
        subprocess.run(
            command, user=user.pw_uid, group=user.pw_gid, extra_groups=[], env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
            check=True, capture_output=True, cwd="/",
        )  # fmt: skip

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    run(
        str(binaries / "initdb"),
        "-D",
        f"{folder}/data",
        "-U",
        "fundcheck",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
        "--no-sync",
    )
    settings = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
    run(str(binaries / "pg_ctl"), "-D", f"{folder}/data", "-o", settings, "-l", f"{folder}/log", "-w", "start")
    yield f"postgresql://fundcheck@127.0.0.1:{port}/postgres"
    run(str(binaries / "pg_ctl"), "-D", f"{folder}/data", "-m", "immediate", "stop")
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def spark() -> Iterator[Store]:
    """Give a Spark session on two cores."""
    if shutil.which("java") is None:
        without("Spark", "Java 17 is not installed")
    try:
        import pyspark  # noqa: F401
    except ImportError:
        without("Spark", "pyspark is not installed (pip install '.[spark]')")
    from engine.stores.spark import open_spark

    # Java compiles each method once, quickly: to compile it better takes longer than our small ledgers.
    os.environ.setdefault("SPARK_SUBMIT_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyspark's own words about other libraries
        store = open_spark("local[2]")
        yield store
        store.close()
