"""``./run.sh`` on an empty instance folder: everything set up, served and worked through by one command."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.installation import ROOT, answer, clean_environ, free_port, until

Start = Callable[..., "Run"]


class Run:
    """One ``./run.sh``, from its first line to its end."""

    def __init__(self, instance: Path, port: int, log: Path, **environ: str) -> None:
        self.url, self.log, self.port = f"http://127.0.0.1:{port}", log, port
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [ROOT / "run.sh"], cwd="/", stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
                env=clean_environ(INSTANCE=str(instance), PORT=str(port), **environ),
            )  # fmt: skip

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def until_ready(self, seconds: float = 300) -> None:
        try:
            until(
                "not ready", lambda: self.process.poll() is not None or answer(f"{self.url}/readyz")[0] == 200, seconds
            )
        except AssertionError:
            raise AssertionError(f"/readyz: {answer(f'{self.url}/readyz')}\n{self.said}") from None
        assert self.process.poll() is None, self.said

    def members(self) -> list[int]:
        """The processes that this start has left running."""
        found = []
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                try:
                    group = int((folder / "stat").read_text().rpartition(")")[2].split()[2])
                except OSError:
                    continue
                if group == self.process.pid:
                    found.append(int(folder.name))
        return found

    def command_lines(self) -> dict[int, str]:
        return {
            pid: Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            for pid in self.members()
        }

    def end(self, by: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end, as Ctrl-C or a service manager would; returns its status."""
        if self.process.poll() is None:
            self.process.send_signal(by)
        return self.process.wait(60)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    runs: list[Run] = []
    # what a shell starts behind it ignores Ctrl-C and hands that on: then no trap of the script would ever hear it
    before = signal.signal(signal.SIGINT, signal.default_int_handler)

    def started(**environ: str) -> Run:
        port = runs[0].port if runs else free_port()
        runs.append(Run(tmp_path / "instance", port, tmp_path / f"run-{len(runs)}.log", **environ))
        return runs[-1]

    yield started
    for run in runs:
        run.end()
        for pid in run.members():
            os.kill(pid, signal.SIGKILL)
    signal.signal(signal.SIGINT, before)


def test_the_first_start_sets_everything_up_and_the_second_keeps_it(start: Start, tmp_path: Path) -> None:
    first = start(DEMO="1")
    first.until_ready()
    assert answer(f"{first.url}/healthz")[0] == 200
    assert answer(f"{first.url}/sign-in")[0] == 200
    assert re.search(r"http://127\.0\.0\.1:\d+", first.said)
    assert "with " in first.said, "no one-time password was printed"
    instance = tmp_path / "instance"
    assert (instance / "secret_key").stat().st_mode & 0o077 == 0, "others may read the key"
    held = flask(instance, "list-meetings", "--status", "closed")
    assert len(held.splitlines()) == 1, f"DEMO=1 has one closed conference, not: {held}"
    assert first.end() == 0, first.said
    assert not first.members(), f"left running: {first.command_lines()}"
    assert "Traceback" not in first.said, first.said

    key = (instance / "secret_key").read_text()
    second = start(DEMO="1")
    second.until_ready()
    assert "one-time" not in second.said and "with " not in second.said.replace("starts with", "")
    assert (instance / "secret_key").read_text() == key
    assert flask(instance, "list-meetings", "--status", "closed") == held
    assert second.end(signal.SIGINT) == 0, second.said
    assert not second.members(), f"left running: {second.command_lines()}"


def test_when_the_worker_dies_the_web_server_does_not_pretend_that_all_is_well(start: Start) -> None:
    run = start()
    run.until_ready()
    worker = next(pid for pid, line in run.command_lines().items() if " worker" in line and "gunicorn" not in line)
    os.kill(worker, signal.SIGKILL)
    assert run.process.wait(60) == 1
    assert "the worker has ended by itself" in run.said
    assert not run.members()


def test_a_setting_that_cannot_be_used_is_named_and_nothing_starts(start: Start) -> None:
    run = start(DATABASE_URL="mysql://nobody@nowhere/nothing")
    assert run.process.wait(60) != 0
    assert "DATABASE_URL must begin with" in run.said
    assert "Traceback" not in run.said
    assert not run.members()


def flask(instance: Path, *words: str) -> str:
    done = subprocess.run(
        [ROOT / ".venv/bin/python", "-m", "flask", "--app", "wsgi", *words],
        cwd=ROOT, env=clean_environ(INSTANCE=str(instance)), capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
