"""Thousands of letters: the page counts up, server and worker are killed in the middle, nine are not delivered, one is mended."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import Page, expect

from tests import make, replies
from tests.e2e import journey
from tests.e2e.installation import ROOT, Installation, until
from tests.e2e.journey import vi

UNKNOWN, HEAVY, BOUNCING = 4, 3, 2  # refused by address, refused after the final dot, taken over and sent back later


@dataclass
class Sink:
    """A mail server that knows not every address; slow enough to be interrupted."""

    pause: float
    unknown: set[str] = field(default_factory=set)
    heavy: set[str] = field(default_factory=set)
    taken: list[tuple[str, str, bytes]] = field(default_factory=list)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.unknown:
            return "550 5.1.1 User unknown in virtual mailbox table"
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        await asyncio.sleep(self.pause)
        (to,) = envelope.rcpt_tos
        if to in self.heavy:
            return "552 5.3.4 Message size exceeds fixed limit"
        self.taken.append((envelope.mail_from, to, envelope.original_content))
        return "250 taken"

    @property
    def recipients(self) -> Counter[str]:
        return Counter(to for _, to, _ in self.taken)


@dataclass
class Worker:
    """The worker of an installation, as ``run.sh`` starts it."""

    installation: Installation
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        log = (self.installation.folder / "worker.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "tests.e2e.clocked", "worker"],
            cwd=ROOT, env=self.installation.environ(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip
        log.close()

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(15)


@pytest.fixture
def sink() -> Iterator[tuple[Sink, int]]:
    handler = Sink(pause=0.1)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, port
    with contextlib.suppress(OSError):
        controller.stop()


def figure(page: Page, name: str) -> int:
    return int(page.locator(f".kpi [data-count={name}]").first.inner_text().replace(".", ""))


@pytest.mark.parametrize("count", [34, pytest.param(3355, marks=pytest.mark.prove)])
def test_a_batch_survives_a_restart_and_the_nine_that_failed_are_mended_one_by_one(
    loaded: Installation, tmp_path: Path, open_browser: Callable[..., Page], sink: tuple[Sink, int], count: int
) -> None:
    server, port = sink
    server.pause = 0.1 if count < 100 else 0.0
    house = loaded.copy(tmp_path / "instance")
    inbox = house.folder / "inbox"
    inbox.mkdir()
    house.settings = {
        "MAIL_URL": f"smtp://127.0.0.1:{port}",
        "MAILBOX_URL": f"folder:{inbox}",
        "MAIL_FROM": "lichhop@bo.example",
    }
    made = subprocess.run(
        [sys.executable, "-m", "tests.e2e.furnish", str(count)],
        cwd=ROOT, env=house.environ(), capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr[-3000:]
    code, secretary = made.stdout.split()
    rows = house.ask(
        "SELECT contact.email, contact.phone, site.name FROM contact JOIN site ON site.id = contact.site_id "
        "JOIN meeting_site ON meeting_site.site_id = site.id WHERE contact.email LIKE 'diemcau.%' ORDER BY site.code"
    )
    known = {str(email): (str(phone), str(name)) for email, phone, name in rows if "@diaphuong" in str(email)}
    assert len(known) == count
    addresses = list(known)
    server.unknown = set(addresses[1 : 1 + UNKNOWN])
    server.heavy = set(addresses[10 : 10 + HEAVY])
    bouncing = addresses[20 : 20 + BOUNCING]
    worker = Worker(house)
    house.serve()
    worker.start()
    try:
        _live(house, worker, server, open_browser(house.url), code, secretary, known, bouncing, inbox)
    finally:
        worker.kill()
        house.stop()
        print(house.faults()[-3000:], (house.folder / "worker.log").read_text(encoding="utf-8")[-3000:])


def _live(
    house: Installation,
    worker: Worker,
    server: Sink,
    desk: Page,
    code: str,
    secretary: str,
    known: dict[str, tuple[str, str]],
    bouncing: list[str],
    inbox: Path,
) -> None:
    count, patience = len(known), 60 if len(known) < 100 else 600
    refused = UNKNOWN + HEAVY
    desk.set_default_timeout(patience * 1000)

    # -- she presses send; the page counts up by itself
    journey.sign_in(desk, secretary, make.PASSWORD)
    desk.goto(f"/meetings/{code}/book/send")
    journey.send(desk)
    assert desk.url.endswith("/sending")
    until("nothing was sent", lambda: len(server.taken) >= 5, patience)
    expect(desk.locator(".kpi [data-count=sent]")).not_to_have_text("0", timeout=20_000)  # without a reload by hand

    # -- server and worker die in the middle
    worker.kill()
    house.stop()
    carried = len(server.taken)
    assert carried < count - refused, "the batch was over before it was interrupted"
    house.serve()
    worker.start()
    until(
        "the batch did not end",
        lambda: (
            not house.ask("SELECT 1 FROM letter WHERE root = ? AND status IN ('waiting', 'transmitting') LIMIT 1", code)
        ),
        patience,
    )
    desk.goto(f"/meetings/{code}/sending")
    _settle_doubts(desk, server, code, worker, house, patience)

    # -- no duplicate, no omission
    desk.goto(f"/meetings/{code}/sending")
    expect(desk.locator("#sending-said")).to_contain_text(vi("All letters have been handled.").rstrip("."))
    assert set(server.recipients.values()) == {1}
    assert set(server.recipients) == set(known) - server.unknown - server.heavy
    assert [figure(desk, name) for name in ("waiting", "sent", "refused", "uncertain")] == [
        0, count - refused, refused, 0,
    ]  # fmt: skip

    # -- two come back later
    for number, address in enumerate(bouncing):
        envelope, _, data = next(one for one in server.taken if one[1] == address)
        report = replies.bounce(data, to=envelope, at=datetime.now(UTC), recipient=address, status="5.2.2")
        (inbox / f"{number}.tmp").write_bytes(report)
        (inbox / f"{number}.tmp").rename(inbox / f"{number}.eml")
    until(
        "the returned letters were not read",
        lambda: house.ask("SELECT count(*) FROM letter WHERE status = 'bounced'")[0][0] == BOUNCING,
        90,
    )

    # -- the nine, each with the reason and the telephone of its coordinator
    failed = refused + BOUNCING
    desk.goto(f"/meetings/{code}/sending")
    assert (figure(desk, "refused"), figure(desk, "bounced"), figure(desk, "sent")) == (
        failed,
        BOUNCING,
        count - failed,
    )
    desk.locator("a.kpi", has_text=vi("refused")).click()
    desk.wait_for_url(re.compile("status=refused"))
    listed = desk.locator("section[aria-labelledby=list] tbody tr")
    expect(listed).to_have_count(failed)
    for address in (*server.unknown, *server.heavy, *bouncing):
        phone, name = known[address]
        row = listed.filter(has_text=address)
        expect(row).to_contain_text(name)
        expect(row.locator(f'a[href="tel:{phone.replace(" ", "")}"]')).to_have_text(phone)
        if address in bouncing:
            expect(row).to_contain_text(
                vi("The letter came back: the mailbox is full or takes no letter of this size.")
            )
        elif address in server.unknown:
            expect(row).to_contain_text(vi("The recipient's mail server does not know this address."))

    # -- she corrects one address, and only that one leaves
    wrong = sorted(server.unknown)[0]
    before = len(server.taken)
    listed.filter(has_text=wrong).get_by_role("link", name=vi("Mend the address, send again")).click()
    desk.wait_for_url(re.compile("/resend"))
    journey.fill(desk, email="dung@diaphuong.example")
    desk.locator('[name="directory"]').check()
    journey.press(desk, "Send again")
    desk.wait_for_url(re.compile(f"/meetings/{code}/sending"))
    journey.well(desk)
    until("the mended letter did not leave", lambda: len(server.taken) > before, 60)
    desk.goto(f"/meetings/{code}/sending?status=refused")
    expect(desk.locator(".kpi [data-count=refused]")).to_have_text(str(failed - 1))
    expect(listed).to_have_count(failed - 1)
    assert [to for _, to, _ in server.taken[before:]] == ["dung@diaphuong.example"]
    assert set(server.recipients.values()) == {1}
    assert house.ask("SELECT count(*) FROM contact WHERE email = ?", "dung@diaphuong.example")[0][0] == 1
    assert "Traceback" not in house.faults(), house.faults()[-4000:]


def _settle_doubts(desk: Page, server: Sink, code: str, worker: Worker, house: Installation, patience: float) -> None:
    """Of the letter that the killed worker had in hand nobody can know: it is shown, and a person who rings the site says."""
    doubtful = house.ask("SELECT to_address FROM letter WHERE status = 'uncertain'")
    assert len(doubtful) <= 1, "more than the one letter in hand"
    assert figure(desk, "uncertain") == len(doubtful)
    for (address,) in doubtful:
        row = desk.locator("section[aria-labelledby=list] tbody tr").filter(has_text=str(address))
        if str(address) in server.recipients:
            journey.press(row, "It arrived")
            desk.wait_for_load_state()
        else:
            row.get_by_role("link", name=vi("Send again")).click()
            journey.press(desk, "Send again")
            desk.wait_for_url(re.compile(f"/meetings/{code}/sending"))
        journey.well(desk)
    until(
        "the doubtful letter was not settled",
        lambda: not house.ask("SELECT 1 FROM letter WHERE status IN ('waiting', 'transmitting', 'uncertain')"),
        patience,
    )
