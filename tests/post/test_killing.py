"""The worker killed by SIGKILL in the middle of a batch: every site ends with one accepted letter or a visible doubt."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

SITES, KILLS = (34 + 3321, 200) if os.environ.get("PROVE") == "1" else (400, 6)
BACKENDS = os.environ.get("TEST_DATABASES", "sqlite postgresql").split()
ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def ledger(path: Path) -> Iterator[int]:
    """The port of a server in a process of its own, which writes down each letter before it says that it has it."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.smtp", str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.stdin.close()
            process.wait(10)


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_site_ends_with_exactly_one_letter_or_a_visible_doubt(
    backend: str, tmp_path: Path, request: pytest.FixtureRequest, record_property: Any
) -> None:
    url = f"sqlite:///{tmp_path / 'diemcau.db'}"
    if backend == "postgresql":
        url = request.getfixturevalue("postgres_server").create("killing")
    book, log = tmp_path / "ledger", tmp_path / "log"
    with ledger(book) as port, log.open("w") as errors:
        environ = {
            **os.environ,
            "INSTANCE": str(tmp_path / "instance"),
            "SECRET_KEY": "k" * 40,
            "DATABASE_URL": url,
            "MAIL_URL": f"smtp://127.0.0.1:{port}",
            "MAILBOX_URL": f"folder:{tmp_path / 'inbox'}",  # so that each envelope names its letter
            "MAIL_FROM": "lichhop@bo.example",
            "PUBLIC_URL": "https://hop.bo.example",
        }
        seed = str(os.getpid())
        command = [sys.executable, "-m", "tests.post.killing", str(SITES), str(KILLS), seed, str(book)]
        ran = subprocess.run(command, env=environ, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, check=False)
    assert ran.returncode == 0, f"seed {seed}\n{log.read_text()[-4000:]}"
    figures = json.loads(ran.stdout.splitlines()[-1])
    assert figures["kills"] == KILLS and not figures["left"], "nothing waits and nothing is in hand any more"

    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        sites = connection.scalar(sa.text("SELECT count(*) FROM meeting_site"))
        asked = connection.scalar(sa.text("SELECT count(DISTINCT meeting_site_id) FROM invitation"))
        letters = connection.execute(sa.text("SELECT message_id, status, to_address FROM letter")).all()
    engine.dispose()
    assert (sites, asked, len(letters)) == (SITES, SITES, SITES), "each site is asked once, however often it was begun"
    assert len({row.to_address for row in letters}) == SITES
    lines = [line.split(" ") for line in book.read_text().splitlines()]
    copies = Counter(line[0] for line in lines)
    status = {row.message_id: row.status for row in letters}
    assert set(status.values()) <= {"sent", "uncertain"}, "no letter is lost, none waits"
    assert all(copies[id] == 1 for id, found in status.items() if found == "sent"), "sent is sent, and sent once"
    assert max(copies.values()) == 1 and set(copies) <= set(status), "held: a letter in doubt does not go again"
    to = {row.message_id: row.to_address for row in letters}
    assert all(to[id] == recipient for id, recipient, _digest in lines)
    doubts = [id for id, found in status.items() if found == "uncertain"]
    assert len(doubts) <= figures["lives"], "of each life at most the one letter that was in hand"
    arrived = sum(copies[id] for id in doubts)
    record_property("figures", figures | {"uncertain": len(doubts), "of which arrived": arrived, "seed": seed})
    print(f"killed: {figures}, uncertain {len(doubts)}, of which arrived {arrived}, seed {seed}")
