"""A PostgreSQL server for tests: on a free port of loopback, in a temporary folder, under a user without rights."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from support.ports import free_port
from support.waiting import WITHIN_S

LOCKED = "locked"
"""A user's name; who makes it gives it a password, which is then demanded."""
_USER = "nobody"
"""PostgreSQL refuses to run as root; this user runs it then."""


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[[], str]]:
    """Start a server; yield a function that makes an empty database and returns its URL."""
    programs = {name: shutil.which(name) or _debian(name) for name in ("initdb", "pg_ctl")}
    if None in programs.values():
        pytest.skip("PostgreSQL is not installed: no initdb and pg_ctl")
    with tempfile.TemporaryDirectory(prefix="aeo-postgres-") as home:
        owner: dict[str, object] = {}
        if os.geteuid() == 0:
            owner = {"user": _USER, "group": pwd.getpwnam(_USER).pw_gid, "extra_groups": []}
            os.chown(home, pwd.getpwnam(_USER).pw_uid, pwd.getpwnam(_USER).pw_gid)
        data, port = Path(home) / "data", free_port()

        def run(name: str, *arguments: str) -> None:
            command = [programs[name], "-D", str(data), *arguments]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=home, **owner)  # type: ignore[call-overload]

        run("initdb", "--auth=trust", "--username=aeo", "--no-sync")
        rules = data / "pg_hba.conf"
        rules.write_text(f"host all {LOCKED} all scram-sha-256\n{rules.read_text()}")
        run(
            "pg_ctl",
            "start",
            "-w",
            "-t",
            str(WITHIN_S),
            "-l",
            f"{home}/log",
            "-o",
            f"-p {port} -c listen_addresses=127.0.0.1 -k {home} -F",
        )
        try:
            server = f"postgresql://aeo@127.0.0.1:{port}"
            numbers = count()

            def make() -> str:
                name = f"database{next(numbers)}"
                engine = create_engine(f"{server}/postgres".replace("://", "+psycopg://"), isolation_level="AUTOCOMMIT")
                with engine.connect() as connection:
                    connection.execute(text(f"CREATE DATABASE {name}"))
                engine.dispose()
                return f"{server}/{name}"

            yield make
        finally:
            run("pg_ctl", "stop", "-m", "immediate")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'index.sqlite'}"
    make: Callable[[], str] = request.getfixturevalue("postgres")
    return make()


def execute(url: str, *statements: str) -> None:
    """Carry statements out in a database, as somebody beside the program might."""
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def _debian(name: str) -> str | None:
    """Find a program where Debian puts it, outside the path."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(found[-1]) if found else None
