"""The gateway for text messages: every answer means one of four things, and what was asked twice is asked once."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from meetings.adapters import sms
from meetings.adapters.mail import Fate
from meetings.adapters.sms import Text
from tests.gateway import Gateway

TEXT = Text("on_the_day-0-41", "84912000345", "Hop 08:00: https://hop.example/m/abc")


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    made = Gateway()
    yield made
    made.stop()


def told(gateway: Gateway, kind: str = "") -> sms.Told:
    return sms.Gateway(gateway.url + kind, "geheim", "DIEMCAU", connect=0.5, answer=0.5).send(TEXT)


@pytest.mark.parametrize("kind", ["", "#json"])
def test_a_message_goes_as_a_form_or_as_json_under_the_token_of_the_house(gateway: Gateway, kind: str) -> None:
    found = told(gateway, kind)
    assert (found.fate, found.code, found.answer, found.closed) == (Fate.ACCEPTED, 202, "noted [1m", False)
    assert gateway.asked == [{"to": TEXT.number, "text": TEXT.text, "from": "DIEMCAU"}]
    assert gateway.headers[0]["Authorization"] == "Bearer geheim"
    assert gateway.headers[0]["Idempotency-Key"] == TEXT.key


@pytest.mark.parametrize(
    ("answer", "fate", "closed"),
    [
        (200, Fate.ACCEPTED, False),
        (400, Fate.REJECTED, False),  # never this message
        (422, Fate.REJECTED, False),
        (401, Fate.DEFERRED, True),  # our token: no message's fault
        (302, Fate.DEFERRED, True),  # a page to sign in at takes no messages
        (429, Fate.DEFERRED, False),
        (503, Fate.DEFERRED, False),  # it says itself that it takes none now
        (500, Fate.UNKNOWN, False),  # it heard the whole message, and may have passed it on
        (502, Fate.UNKNOWN, False),
        (504, Fate.UNKNOWN, False),
        ("silence", Fate.UNKNOWN, False),  # it was said, and nobody knows whether it was heard
        ("hang up", Fate.UNKNOWN, False),
        ("drip", Fate.ACCEPTED, False),  # the line that says yes came whole
    ],
)
def test_every_answer_means_one_of_four_things(gateway: Gateway, answer: int | str, fate: Fate, closed: bool) -> None:
    gateway.answer = lambda fields: answer
    found = told(gateway)
    assert (found.fate, found.closed) == (fate, closed)
    assert len(gateway.asked) == 1, "nothing is asked twice behind our back"
    assert found.answer.isprintable() and "geheim" not in found.answer


def test_a_gateway_that_is_not_there_was_told_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    found = sms.Gateway(f"http://127.0.0.1:{port}/send", None, "", connect=0.5, answer=0.5).send(TEXT)
    assert (found.fate, found.closed) == (Fate.DEFERRED, True)
