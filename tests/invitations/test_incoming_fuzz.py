"""Hostile mail: whatever the bytes, the reader ends soon, in little memory, and without a fault of its own."""

import os
import random
import time
import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meetings.invitations.incoming import Incoming, Kind, read, verdicts
from meetings.invitations.incoming.tnef import read as read_tnef
from tests.invitations.corpus.bounces import BOUNCES
from tests.invitations.corpus.others import OTHERS
from tests.invitations.corpus.replies import PLAIN_TNEF, REPLIES, WRITER
from tests.invitations.corpus.written import ASKED

PROVE = bool(os.environ.get("PROVE"))
RUNS = 120_000 if PROVE else 4000
SEEDS = [case.raw for case in (*REPLIES, *BOUNCES, *OTHERS) if case.raw]
SCRAPS = [
    b"\r\n", b"\n", b"\r", b"\0", b"\x1b$B", b"\xff\xfe", b"\xef\xbb\xbf", b"=?", b"?=", b"=", b"%", b";", b":", b",",
    b'"', b"\\", b"<", b">", b"@", b"(", b"--b1", b"--b1--", b"\r\n ", b"BEGIN:VCALENDAR\r\n", b"END:VEVENT\r\n",
    b"BEGIN:VEVENT\r\n", b"RECURRENCE-ID:99999999T999999Z\r\n", b"DTSTART;TZID=../../etc/passwd:00010101T000000\r\n",
    b"SEQUENCE:-1\r\n", b"SEQUENCE:99999999999999999999\r\n", b"ATTENDEE;PARTSTAT=:mailto:\r\n", b"charset=utf-7",
    b"charset=punycode", b"charset=unicode_escape", b"charset=zlib", b"Content-Transfer-Encoding: base64\r\n",
    b"Content-Transfer-Encoding: quoted-printable\r\n", b'boundary=""', b"Content-Type: message/delivery-status\r\n",
    b"Content-Type: multipart/report\r\n", b"Status: 5.999.999\r\n", b"Date: 99 Foo 99999 99:99:99 +9999\r\n",
    b"TZOFFSETTO:+9999\r\n", b"RRULE:FREQ=YEARLY;BYMONTH=99;BYDAY=9SU\r\n",
]  # fmt: skip
SLOWEST = 1.0


def judged(raw: bytes) -> Incoming:
    """The message, read as it ought to be: no fault, everything bounded, and its answers can be judged."""
    message = read(raw)
    assert not message.why.startswith("fault"), (message.why, raw[:3000])
    assert len(message.text) <= 4000 and len(message.subject) <= 300 and len(message.from_name) <= 200
    assert len(message.failures) <= 500 and len(message.answers) <= 20 * 400
    printed = [message.subject, message.from_name, message.from_address, message.why, message.message_id, *message.to]
    assert all(one.isprintable() for one in printed), printed
    assert "\0" not in message.text and message.text.encode() is not None
    for failure in message.failures:
        assert len(failure.diagnostic) <= 1000 and "\0" not in failure.diagnostic
    for answer in message.answers[:20]:
        assert verdicts(message, answer, ASKED)
    return message


def mutated(dice: random.Random, raw: bytes) -> bytes:
    """*raw* with a few of the things that happen to messages: torn, doubled, swapped, mixed with another."""
    for _ in range(dice.randint(1, 6)):
        at, other = sorted((dice.randrange(len(raw) + 1), dice.randrange(len(raw) + 1)))
        other = min(other, at + dice.choice((1, 8, 200, 4000)))
        piece = raw[at:other]
        match dice.randrange(8):
            case 0:
                raw = raw[:at] + raw[other:]
            case 1:
                raw = raw[:at] + piece * dice.choice((2, 3, 40)) + raw[other:]
            case 2:
                raw = raw[:at] + dice.choice(SCRAPS) + raw[at:]
            case 3:
                raw = raw[:at] + dice.choice(SCRAPS) + raw[other:]
            case 4:
                raw = raw[:at] + bytes([dice.randrange(256)]) + raw[at + 1 :]
            case 5:
                raw = raw[:at]
            case 6:
                seed = dice.choice(SEEDS)
                raw = raw[:at] + seed[dice.randrange(len(seed)) :]
            case 7:
                raw = raw[:at] + dice.randbytes(dice.randint(1, 40)) + raw[other:]
        raw = raw[:200_000]
    return raw


def test_no_mutation_of_any_message_makes_the_reader_raise_or_linger(capsys: pytest.CaptureFixture[str]) -> None:
    dice, slowest, kinds = random.Random(20261122), 0.0, set()
    begun = time.perf_counter()
    for run in range(RUNS):
        raw = mutated(dice, SEEDS[run % len(SEEDS)]) if run % 20 else dice.randbytes(dice.randint(0, 2000))
        at = time.process_time()
        kinds.add(judged(raw).kind)
        slowest = max(slowest, time.process_time() - at)
    assert slowest < SLOWEST and kinds == set(Kind)
    if PROVE:
        with capsys.disabled():
            print(
                f"\n{RUNS:,} hostile messages in {time.perf_counter() - begun:.0f} s, slowest {slowest * 1000:.0f} ms"
            )


@settings(max_examples=20_000 if PROVE else 250, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.one_of(st.sampled_from(SCRAPS), st.binary(max_size=30), st.sampled_from(SEEDS).map(lambda raw: raw[:400])),
        max_size=60,
    )
)
def test_no_heap_of_scraps_makes_it_raise(scraps: list[bytes]) -> None:
    judged(b"".join(scraps))


@settings(max_examples=20_000 if PROVE else 250, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=200), st.integers(0, len(PLAIN_TNEF)), st.integers(0, 40))
def test_no_winmail_makes_it_raise(scrap: bytes, at: int, over: int) -> None:
    read_tnef(PLAIN_TNEF[:at] + scrap + PLAIN_TNEF[at + over :], WRITER)


MEGABYTE = 1024 * 1024
TOP = b"From: a@b.example\r\nSubject: x\r\n"


def nested(depth: int) -> bytes:
    return TOP + b"".join(
        b'Content-Type: multipart/mixed; boundary="n%d"\r\n\r\n--n%d\r\n' % (level, level) for level in range(depth)
    )


GIANTS: dict[str, Callable[[], bytes]] = {
    "line feeds": lambda: b"\n" * (12 * MEGABYTE),
    "headers of line feeds": lambda: TOP + b"x:\r\n" * (3 * MEGABYTE),
    "one header": lambda: b"Subject: " + b"=?utf-8?q?=E1?=" * (MEGABYTE // 2),
    "one header of folds": lambda: b"Subject:" + b"\r\n \r\n " * MEGABYTE,
    "addresses": lambda: b"From: " + b'"<(\\,' * MEGABYTE + b"\r\nTo: " + b"a@b.example, " * (MEGABYTE // 2),
    "parameters": lambda: b"Content-Type: multipart/mixed" + b'; a="\\' * MEGABYTE,
    "parts": lambda: TOP + b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--a\r\n\r\nx\r\n" * MEGABYTE,
    "half boundaries": lambda: TOP + b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--a \t" * (2 * MEGABYTE),
    "depth": lambda: nested(20_000),
    "base64": lambda: TOP + b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b"QUJD=\r\n" * MEGABYTE,
    "HTML": lambda: TOP + b"Content-Type: text/html\r\n\r\n" + b"<script><a<b <" * (MEGABYTE // 2),
    "a calendar": lambda: TOP
    + b"Content-Type: text/calendar; method=REPLY\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REPLY\r\n"
    + b"BEGIN:VEVENT\r\nUID:a\r\nATTENDEE;CN=\"a\",b;PARTSTAT=ACCEPTED:mailto:a@b.example\r\nEND:VEVENT\r\n" * 9000,
    "a calendar of attendees": lambda: TOP
    + b"Content-Type: text/calendar; method=REPLY\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:a\r\n"
    + b"ATTENDEE:mailto:a@b.example\r\n" * 30_000
    + b"END:VEVENT\r\nEND:VCALENDAR\r\n",
    "a report": lambda: TOP
    + b"Content-Type: message/delivery-status\r\n\r\n"
    + b"Final-Recipient: rfc822; a@b.example\r\nAction: failed\r\nDiagnostic-Code: 5.5.5.5.5 550\r\n\r\n" * 90_000,
    "a bounce in prose": lambda: b"From: mailer-daemon@b.example\r\nSubject: failure notice\r\n\r\n"
    + b"aaaa@" * MEGABYTE
    + b"Message-ID: <" * MEGABYTE,
    "calendars": lambda: TOP
    + b"Content-Type: multipart/mixed; boundary=a\r\n\r\n"
    + (b"--a\r\nContent-Type: text/calendar; method=REPLY\r\n\r\n" + b"BEGIN:VCALENDAR\r\n" + b"X-A:b\r\n" * 5000) * 250,
    "winmail.dat": lambda: TOP
    + b"Content-Type: application/ms-tnef\r\n\r\n\x78\x9f\x3e\x22\0\0"
    + b"\x01\x03\x90\x06\0\x0b\0\0\0\xff\xff\xff\xff\x0b\x10\x01\0\xff\xff\xff" * 50_000,
}  # fmt: skip


@pytest.mark.parametrize("giant", GIANTS)
def test_no_giant_keeps_it_busy_or_fills_the_memory(giant: str) -> None:
    raw = GIANTS[giant]()
    at = time.process_time()
    judged(raw)
    assert time.process_time() - at < SLOWEST, giant
    tracemalloc.start()
    judged(raw)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64 * MEGABYTE, f"{giant}: {peak / MEGABYTE:.0f} MB"
