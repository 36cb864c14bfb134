"""A server that takes commands in a group gets MAIL, RCPT and DATA at once, and each of its answers still counts."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from meetings.adapters.mail import Closed, Fate, Outcome, Parcel, Patience, Phase, Smtp
from tests.smtp import Script

PARCEL = Parcel("invitation-41-1", "lichhop@tinh.example", "nghean@tinh.example", b"Subject: x\r\n\r\nxin chao\r\n")


@pytest.fixture
def script() -> Iterator[Callable[..., Script]]:
    made: list[Script] = []

    def make(**answers: str) -> Script:
        made.append(Script(offers="\r\n250-PIPELINING", **answers))
        return made[-1]

    yield make
    for server in made:
        server.stop()


def carried(server: Script) -> tuple[Smtp, Any]:
    mailer = Smtp("127.0.0.1", server.port, patience=Patience(connect=0.5, phase=0.5, dot=0.5, idle=60))
    assert mailer.open() is None
    return mailer, mailer.carry(PARCEL)


@pytest.mark.parametrize(
    ("answers", "fate", "phase", "code"),
    [
        ({"mail": "451 later"}, Fate.DEFERRED, Phase.MAIL, 451),
        ({"mail": "hang up"}, Fate.DEFERRED, Phase.MAIL, None),
        ({"rcpt": "550 no such user"}, Fate.REJECTED, Phase.RCPT, 550),
        ({"rcpt": "550 no such user", "data": "354 go on"}, Fate.REJECTED, Phase.RCPT, 550),
        ({"rcpt": "550 no such user", "data": "354 go on all the same"}, Fate.REJECTED, Phase.RCPT, 550),
        ({"rcpt": "451 greylisted", "data": "hang up"}, Fate.DEFERRED, Phase.RCPT, 451),
        ({"rcpt": "421 closing"}, Fate.DEFERRED, Phase.RCPT, 421),
        ({"rcpt": "silence"}, Fate.DEFERRED, Phase.RCPT, None),
        ({"data": "451 later"}, Fate.DEFERRED, Phase.DATA, 451),
        ({"dot": "552 too large"}, Fate.REJECTED, Phase.DOT, 552),
        ({"dot": "accept, hang up"}, Fate.UNKNOWN, Phase.DOT, None),
        ({}, Fate.ACCEPTED, Phase.DOT, 250),
    ],
)
def test_the_first_answer_that_says_no_decides_and_nothing_is_sent_to_who_was_refused(
    script: Callable[..., Script], answers: dict[str, str], fate: Fate, phase: Phase, code: int | None
) -> None:
    server = script(**answers)
    mailer, found = carried(server)
    assert isinstance(found, Outcome) and (found.fate, found.phase, found.code) == (fate, phase, code)
    assert len(server.accepted) == (1 if fate in (Fate.ACCEPTED, Fate.UNKNOWN) else 0)
    # whatever became of that one, the next goes its way: no answer is taken for that to another letter
    server.answers = {"offers": server.answers["offers"]}
    again = mailer.carry(PARCEL)
    mailer.close()
    assert isinstance(again, Outcome) and again.fate is Fate.ACCEPTED
    assert server.accepted[-1] == PARCEL.data


def test_a_password_that_is_missing_is_no_letters_fault_in_a_group_either(script: Callable[..., Script]) -> None:
    mailer, found = carried(script(mail="530 authenticate first"))
    mailer.close()
    assert found == Closed(Phase.MAIL, 530, "authenticate first")


def test_a_server_that_wants_the_message_of_who_was_refused_gets_the_end_of_the_line(
    script: Callable[..., Script],
) -> None:
    server = script(rcpt="550 no such user", data="354 go on all the same")
    mailer = Smtp("127.0.0.1", server.port, patience=Patience(connect=10, phase=10, dot=10, idle=60))
    began = time.perf_counter()
    found = mailer.carry(PARCEL)
    assert isinstance(found, Outcome) and found.phase is Phase.RCPT
    assert time.perf_counter() - began < 9, "nothing more is said to it, which it would take for the message"
    mailer.close()
