"""A whole installation for a browser test: its own folder, database, port, web server and worker, all real processes."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OURS = ("DATABASE_URL", "SECRET_KEY", "PUBLIC_URL", "MAIL_URL", "MAIL_FROM", "INSTANCE", "HOST", "PORT", "DEMO")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def clean_environ(**more: str) -> dict[str, str]:
    """The environment of the tests without anything that would configure the product."""
    kept = {k: v for k, v in os.environ.items() if k not in OURS}
    return {**kept, "PYTHONUTF8": "1", "SOFFICE": "off", **more}  # two seconds of both cores for every record issued


def answer(url: str, method: str = "GET") -> tuple[int, bytes]:
    """Status and body of one request, whatever the status; 0 when nobody answers."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=30) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except OSError:
        return 0, b""


def until(sentence: str, condition: object, seconds: float = 60) -> None:
    """Wait for *condition* to hold; fails with *sentence*."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"{sentence} (waited {seconds:.0f} s)")
        time.sleep(0.1)


@dataclass
class Installation:
    """One installation under *folder*; ``serve()`` starts its web server, ``work()`` carries out everything due."""

    folder: Path
    port: int = field(default_factory=free_port)
    ahead: timedelta = timedelta()
    settings: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def outbox(self) -> Path:
        return self.folder / "outbox"

    @property
    def database(self) -> Path:
        return self.folder / "diemcau.db"

    def environ(self) -> dict[str, str]:
        return clean_environ(
            INSTANCE=str(self.folder),
            PORT=str(self.port),
            PUBLIC_URL=self.url,
            SECRET_KEY="a key that is only used by the tests of this house",
            CLOCK_AHEAD=str(self.ahead.total_seconds()),
            **self.settings,
        )

    def flask(self, *words: str, typed: str = "", timeout: float = 600) -> str:
        """What ``flask --app wsgi …`` prints; fails with its own words when it does."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "tests.e2e.clocked", *words],
            cwd=ROOT, env=self.environ(), input=typed, capture_output=True, text=True, timeout=timeout,
        )  # fmt: skip
        assert done.returncode == 0, (
            f"flask {' '.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
        )
        return done.stdout

    def work(self) -> str:
        """Carry out everything due: follow-ups, letters."""
        return self.flask("worker", "--once")

    def serve(self) -> None:
        """Start the web server as ``run.sh`` does, on this installation's clock."""
        log = (self.folder / "web.log").open("ab")
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "gunicorn", "tests.e2e.clocked:app", "--bind", f"127.0.0.1:{self.port}",
                "--workers", "1", "--worker-class", "gthread", "--threads", "8", "--timeout", "300",
                "--graceful-timeout", "2", "--no-control-socket", "--log-level", "warning",
                "--logger-class", "meetings.log.ServerLog", "--access-logfile", str(self.folder / "access.log"),
            ],
            cwd=ROOT, env=self.environ(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip
        log.close()
        process = self.process
        until("the web server did not start", lambda: process.poll() is not None or self._up())
        assert process.poll() is None, (self.folder / "web.log").read_text(encoding="utf-8", errors="replace")[-4000:]

    def _up(self) -> bool:
        return answer(f"{self.url}/healthz")[0] == 200

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(15)
            self.process = None

    def clock_at(self, instant: datetime) -> None:
        """Put the clock of server and worker to *instant* (aware) and start the server again."""
        self.stop()
        self.ahead = instant - datetime.now(UTC)
        self.serve()

    def copy(self, folder: Path) -> Installation:
        """Another installation with the same data, not started."""
        shutil.copytree(self.folder, folder)
        return Installation(folder)

    def dump(self) -> list[str]:
        """Everything the database holds, as SQL."""
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True) as connection:
            lines = list(connection.iterdump())
        connection.close()
        return lines

    def ask(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """Rows of the database, for what no page shows."""
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True) as connection:
            rows = connection.execute(query, values).fetchall()
        connection.close()
        return rows

    def letters(self) -> list[Path]:
        """The letters that have been carried, oldest first."""
        return sorted(self.outbox.rglob("*.eml"))

    def faults(self) -> str:
        """What the server wrote to its log: nothing, when all went well."""
        log = self.folder / "web.log"
        return log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
