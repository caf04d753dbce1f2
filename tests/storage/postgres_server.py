"""A PostgreSQL server of the distribution's packages for tests: private, on a Unix socket, gone when the tests end.

Nothing is installed here; ``.ci/postgresql`` does that where it may.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

PR_SET_PDEATHSIG = 1
UNPRIVILEGED_USERS = ("postgres", "nobody")  # the server refuses to run as root
START_SECONDS = 60
# Orders letters by a locale, as a server in the field does; the code zero of C would hide what depends on it.
LOCALE_OPTIONS = ("--locale-provider=icu", "--icu-locale=en-US", "--locale=C.UTF-8")


@dataclass(frozen=True)
class PostgresServer:
    """A running server.

    Attributes:
        folder: where its socket lies.
        numbers: for the names of databases.
    """

    folder: Path
    numbers: Iterator[int]

    def url(self, database: str) -> str:
        """SQLAlchemy URL of a database."""
        return f"postgresql+psycopg2://fazhi@/{database}?host={self.folder}"

    def execute(self, statement: str) -> None:
        """Run a statement outside a transaction, as the owner of everything."""
        self.execute_in(self.url("postgres"), statement)

    def execute_in(self, url: str, statement: str) -> None:
        """Run a statement in a database of this server."""
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()

    def new_database(self, options: str = "") -> str:
        """Make an empty database and return its URL."""
        name = f"test_{next(self.numbers)}"
        self.execute(f"create database {name} {options}")
        return self.url(name)


def server_programs() -> Path | None:
    """The folder of ``initdb`` and ``postgres``, newest version first; None when PostgreSQL is not installed."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda place: -int(place.parent.name))
    on_path = shutil.which("initdb")
    places += [Path(on_path).resolve().parent] if on_path else []
    return next((place for place in places if (place / "initdb").exists() and (place / "postgres").exists()), None)


def _unprivileged() -> str | None:
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in UNPRIVILEGED_USERS if name in known)


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


@contextmanager
def running_server(programs: Path) -> Iterator[PostgresServer]:
    """Make a cluster in a folder of its own and serve it for the length of a ``with`` block."""
    user = _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="fazhi-pg-"))
    try:
        folder.chmod(0o755)
        data = folder / "data"
        data.mkdir()
        if user is not None:
            shutil.chown(data, user)
            shutil.chown(folder, user)
        make = [str(programs / "initdb"), "-D", str(data), "-U", "fazhi", "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run([*make, *LOCALE_OPTIONS], user=user, cwd=folder, check=True, capture_output=True)
        with (folder / "server.log").open("w", encoding="utf-8") as log:
            server = subprocess.Popen(
                [str(programs / "postgres"), "-D", str(data), "-k", str(folder), "-c", "listen_addresses=", "-F"],
                user=user,
                cwd=folder,
                stdout=log,
                stderr=log,
                preexec_fn=_end_with_parent,
            )
        try:
            found = PostgresServer(folder, count(1))
            _await_server(found, server, folder / "server.log")
            yield found
        finally:
            server.send_signal(signal.SIGINT)
            server.wait()
    finally:
        shutil.rmtree(folder)


def _await_server(server: PostgresServer, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(START_SECONDS * 10):
        try:
            server.execute("select 1")
        except OperationalError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(encoding='utf-8')}")
