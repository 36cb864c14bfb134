"""The pile, the carrier and a real SMTP server on the loopback, from the draft to the bytes it kept."""

from __future__ import annotations

import contextlib
import email
import email.policy
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask

from meetings import links
from meetings.adapters.mail import Patience, Smtp
from meetings.clock import now
from meetings.post import carry, queries, services
from meetings.post.message import Address, slot
from meetings.post.rules import LetterStatus
from meetings.post.services import Draft, Ticket
from tests.conftest import Clock
from tests.smtp import Script

pytestmark = pytest.mark.usefixtures("app")


class Sink:
    """Keeps what it takes; does not know the address of letter 2 and is too busy for letter 3."""

    def __init__(self) -> None:
        self.taken: list[tuple[list[str], bytes]] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address.startswith("a2@"):
            return "550 5.1.1 no such user"
        if address.startswith("a3@"):
            return "451 4.7.1 greylisted"
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.taken.append((list(envelope.rcpt_tos), envelope.original_content))
        return "250 taken"


@pytest.fixture
def sink() -> Iterator[tuple[Sink, Smtp]]:
    handler = Sink()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    mailer = Smtp("127.0.0.1", port, patience=Patience(5, 5, 5))
    yield handler, mailer
    mailer.close()
    with contextlib.suppress(OSError):
        controller.stop()


def test_each_letter_meets_its_own_fate_and_the_server_has_what_we_call_sent(sink: tuple[Sink, Smtp]) -> None:
    handler, mailer = sink
    services.hand_in_all(
        Draft(
            f"invitation-{n}-0",
            "invitation",
            Address("Ông Trần Đầu Mối", f"a{n}@tinh.example"),
            "Giấy mời họp trực tuyến",
            f"Kính gửi {slot('site')}\nhttp://hop.example/m/{slot('token')}",
            fills={"site": f"Điểm cầu {n}"},
            link=Ticket("m", n, 1),
        )
        for n in range(1, 6)
    )
    assert carry.carry_due(mailer, now()) == 5
    fates = {n: queries.at(f"invitation-{n}-0") for n in range(1, 6)}
    said = {n: letter.status for n, letter in fates.items() if letter}
    assert said == {
        1: LetterStatus.SENT,
        2: LetterStatus.REFUSED,
        3: LetterStatus.WAITING,
        4: LetterStatus.SENT,
        5: LetterStatus.SENT,
    }
    refused = fates[2]
    assert refused is not None and (refused.code, refused.phase) == (550, "rcpt")
    assert [rcpt for rcpt, _ in handler.taken] == [["a1@tinh.example"], ["a4@tinh.example"], ["a5@tinh.example"]]
    for n, (_, data) in zip((1, 4, 5), handler.taken, strict=True):
        letter = fates[n]
        assert letter is not None and data == queries.eml(letter, hide=False)
        message = email.message_from_bytes(data, policy=email.policy.default)
        assert message["Subject"] == "Giấy mời họp trực tuyến"
        assert links.token("m", n, 1) in message.get_content() and f"Điểm cầu {n}" in message.get_content()


def test_one_line_serves_the_batch_and_what_follows_soon_and_is_left_politely(app: Flask, clock: Clock) -> None:
    server = Script()
    mailer = Smtp("127.0.0.1", server.port, patience=Patience(5, 5, 5))
    clock.at("2026-12-01 09:00")

    def written(*numbers: int) -> int:
        to = Address("", "a@tinh.example")
        services.hand_in_all(Draft(f"invitation-{n}-0", "invitation", to, "Giấy mời", "Kính gửi") for n in numbers)
        return carry.carry_due(mailer, now())

    assert written(1, 2, 3) == 3
    for number in (4, 5):
        clock.forward(seconds=15)
        assert written() == 0, "a pass with nothing to do in between"
        assert written(number) == 1
    assert server.connections == 1 and "quit" not in server.heard
    clock.forward(seconds=30)
    assert written() == 0
    assert written(6) == 1 and server.connections == 2 and server.heard.count("quit") == 1
    mailer.close()
    server.stop()
    assert len(server.taken) == 6
