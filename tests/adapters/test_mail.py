"""Fifteen ways in which SMTP goes wrong, spoken by a scripted server on the loopback; and the folder of files."""

import contextlib
import email
import email.policy
import os
import socket
import ssl
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from meetings.adapters.mail import Closed, Fate, Folder, Outcome, Parcel, Patience, Phase, Smtp, file_name, stuffed
from tests.smtp import Script

QUICK = Patience(connect=0.5, phase=0.5, dot=0.5, idle=60)
PARCEL = Parcel("invitation-41-1", "lichhop@tinh.example", "nghean@tinh.example", b"Subject: x\r\n\r\nxin chao\r\n")


@pytest.fixture
def script() -> Iterator[Callable[..., Script]]:
    made: list[Script] = []

    def make(**answers: str) -> Script:
        made.append(Script(**answers))
        return made[-1]

    yield make
    for server in made:
        server.stop()


def conversation(server: Script, parcel: Parcel = PARCEL, **options: Any) -> Outcome | Closed:
    mailer = Smtp("127.0.0.1", server.port, patience=QUICK, **options)
    try:
        return mailer.open() or mailer.carry(parcel)
    finally:
        mailer.close()


def test_01_a_refused_connection_touches_no_letter() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    closed = Smtp("127.0.0.1", port, patience=QUICK).open()
    assert closed is not None and closed.phase is Phase.CONNECT


def test_02_a_connection_that_times_out_touches_no_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*args: object, **kwargs: object) -> socket.socket:
        raise TimeoutError("timed out")

    monkeypatch.setattr(socket, "create_connection", slow)
    closed = Smtp("192.0.2.1", 25, patience=QUICK).open()
    assert closed == Closed(Phase.CONNECT, None, "timed out")


@pytest.mark.parametrize(
    ("answers", "phase", "code"),
    [
        ({"greeting": "421 too busy"}, Phase.GREETING, 421),
        ({"greeting": "hang up"}, Phase.GREETING, None),
        ({"greeting": "silence"}, Phase.GREETING, None),
        ({"ehlo": "554 not you", "helo": "554 not you"}, Phase.EHLO, 554),
    ],
)
def test_03_and_04_a_server_that_does_not_greet_touches_no_letter(
    script: Callable[..., Script], answers: dict[str, str], phase: Phase, code: int | None
) -> None:
    result = conversation(script(**answers))
    assert isinstance(result, Closed) and (result.phase, result.code) == (phase, code)


def test_a_server_that_knows_only_helo_still_takes_letters(script: Callable[..., Script]) -> None:
    result = conversation(script(ehlo="502 what?"))
    assert isinstance(result, Outcome) and result.fate is Fate.ACCEPTED


@pytest.mark.parametrize(
    "answers",
    [{}, {"offers": "\r\n250-STARTTLS", "starttls": "454 no"}, {"offers": "\r\n250-STARTTLS", "starttls": "220 go"}],
)
def test_05_without_encryption_where_it_is_asked_for_nothing_is_said(
    script: Callable[..., Script], answers: dict[str, str]
) -> None:
    server = script(**answers)
    result = conversation(server, tls=True, user="u", password="p")
    assert isinstance(result, Closed) and result.phase is Phase.STARTTLS
    assert "auth" not in server.heard and "mail" not in server.heard


def test_06_a_refused_password_touches_no_letter(script: Callable[..., Script]) -> None:
    result = conversation(script(offers="\r\n250-AUTH PLAIN", auth="535 wrong"), user="u", password="p")
    assert isinstance(result, Closed) and (result.phase, result.code) == (Phase.AUTH, 535)


def test_a_server_that_wants_a_password_is_not_the_letters_fault(script: Callable[..., Script]) -> None:
    result = conversation(script(mail="530 authenticate first"))
    assert isinstance(result, Closed) and (result.phase, result.code) == (Phase.MAIL, 530)


@pytest.mark.parametrize(
    ("answers", "fate", "phase", "code"),
    [
        ({"mail": "451 later"}, Fate.DEFERRED, Phase.MAIL, 451),  # 7
        ({"mail": "hang up"}, Fate.DEFERRED, Phase.MAIL, None),
        ({"rcpt": "550 no such user"}, Fate.REJECTED, Phase.RCPT, 550),  # 8
        ({"rcpt": "451 greylisted"}, Fate.DEFERRED, Phase.RCPT, 451),  # 9
        ({"rcpt": "421 closing"}, Fate.DEFERRED, Phase.RCPT, 421),
        ({"data": "451 later"}, Fate.DEFERRED, Phase.DATA, 451),  # 10
        ({"data": "silence"}, Fate.DEFERRED, Phase.DATA, None),
        ({"dot": "452 disk full"}, Fate.DEFERRED, Phase.DOT, 452),  # 12
        ({"dot": "552 too large"}, Fate.REJECTED, Phase.DOT, 552),  # 13
        ({"dot": "accept, hang up"}, Fate.UNKNOWN, Phase.DOT, None),  # 14
        ({"dot": "accept, silence"}, Fate.UNKNOWN, Phase.DOT, None),  # 15
        ({}, Fate.ACCEPTED, Phase.DOT, 250),
    ],
)
def test_07_to_15_each_phase_answers_for_itself(
    script: Callable[..., Script], answers: dict[str, str], fate: Fate, phase: Phase, code: int | None
) -> None:
    server = script(**answers)
    result = conversation(server)
    assert isinstance(result, Outcome) and (result.fate, result.phase, result.code) == (fate, phase, code)
    if fate is Fate.ACCEPTED:
        assert server.accepted == [PARCEL.data]
    if fate in (Fate.DEFERRED, Fate.REJECTED):
        assert server.accepted == []


def test_11_a_line_that_dies_inside_the_message_is_known_not_to_have_taken_it(script: Callable[..., Script]) -> None:
    # larger than what both kernels buffer, so that the break is felt before the dot
    large = Parcel("large-1", PARCEL.sender, PARCEL.recipient, b"Subject: x\r\n\r\n" + b"x" * 76 * 400_000 + b"\r\n")
    server = script(body="hang up")
    result = conversation(server, large)
    assert isinstance(result, Outcome) and (result.fate, result.phase) == (Fate.DEFERRED, Phase.BODY)
    assert server.accepted == []


def test_an_answer_later_than_our_patience_is_uncertain_and_the_server_has_the_letter(
    script: Callable[..., Script],
) -> None:
    server = script(dot="accept, silence")
    result = conversation(server)
    assert isinstance(result, Outcome) and result.fate is Fate.UNKNOWN
    assert len(server.accepted) == 1


def test_one_refused_address_does_not_cost_the_connection(script: Callable[..., Script]) -> None:
    server = script()
    mailer = Smtp("127.0.0.1", server.port, patience=QUICK)
    assert mailer.open() is None
    server.answers["rcpt"] = "550 no such user"
    assert isinstance(mailer.carry(PARCEL), Outcome)
    del server.answers["rcpt"]
    for _ in range(3):
        result = mailer.carry(PARCEL)
        assert isinstance(result, Outcome) and result.fate is Fate.ACCEPTED
    mailer.close()
    assert server.connections == 1
    assert "rset" in server.heard


def test_the_dot_does_not_wait_for_the_message_to_be_acknowledged(script: Callable[..., Script]) -> None:
    """A letter without a file took 45 ms in the place of 3: Nagle's algorithm at our end, delayed answers at theirs."""
    mailer = Smtp("127.0.0.1", script().port, patience=QUICK)
    assert mailer.open() is None
    assert mailer._line is not None and mailer._line.sock is not None
    assert mailer._line.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    mailer.close()


def test_a_connection_that_died_while_idle_is_made_anew(script: Callable[..., Script]) -> None:
    server = script()
    mailer = Smtp("127.0.0.1", server.port, patience=Patience(0.5, 0.5, 0.5, idle=0.0))
    assert mailer.open() is None
    server.answers["noop"] = "hang up"
    assert mailer.open() is None
    result = mailer.carry(PARCEL)
    assert isinstance(result, Outcome) and result.fate is Fate.ACCEPTED
    mailer.close()
    assert server.connections == 2


def test_the_servers_words_are_kept_on_one_printable_line(script: Callable[..., Script]) -> None:
    result = conversation(script(rcpt="550-first\r\n550 second\x1b[31m"))
    assert isinstance(result, Outcome)
    assert result.answer.isprintable() and result.answer.startswith("first second")


def test_a_leading_dot_is_doubled_and_the_message_ends_in_a_line_end() -> None:
    assert stuffed(b".a\r\n.b\r\nc") == b"..a\r\n..b\r\nc\r\n"
    assert stuffed(b"a\r\n") == b"a\r\n"


class Sink:
    """What aiosmtpd, a server written by others, makes of our conversation."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, list[str], bytes]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.taken.append((envelope.mail_from, envelope.rcpt_tos, envelope.original_content))
        return "250 taken"


def test_a_real_server_takes_the_letter_byte_for_byte() -> None:
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=0)
    with contextlib.ExitStack() as stack:
        with socket.create_server(("127.0.0.1", 0)) as free:
            controller.port = free.getsockname()[1]
        controller.start()
        stack.callback(controller.stop)
        mailer = Smtp("127.0.0.1", controller.port, patience=Patience(2, 5, 5))
        parcel = Parcel("k", PARCEL.sender, PARCEL.recipient, b"Subject: x\r\n\r\n.leading dot\r\n")
        assert mailer.open() is None
        result = mailer.carry(parcel)
        mailer.close()
    assert isinstance(result, Outcome) and result.fate is Fate.ACCEPTED
    assert sink.taken == [(PARCEL.sender, [PARCEL.recipient], parcel.data)]


def test_a_certificate_is_checked_against_the_name_of_the_server(script: Callable[..., Script]) -> None:
    names: list[str | None] = []

    class Context(ssl.SSLContext):
        def wrap_socket(self, *args: Any, server_hostname: str | None = None, **kwargs: Any) -> Any:
            names.append(server_hostname)
            raise ssl.SSLCertVerificationError("certificate verify failed")

    server = script(offers="\r\n250-STARTTLS", starttls="220 go")
    result = conversation(server, tls=True, context=Context(ssl.PROTOCOL_TLS_CLIENT))
    assert isinstance(result, Closed) and result.phase is Phase.STARTTLS
    assert names == ["127.0.0.1"]


def test_the_folder_keeps_a_readable_letter_and_nothing_half_written(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "outbox")
    assert folder.open() is None
    assert folder.carry(PARCEL) == Outcome(Fate.ACCEPTED, Phase.FOLDER, None, "invitation-41-1.eml")
    assert os.listdir(folder.path) == ["invitation-41-1.eml"]
    message = email.message_from_bytes((folder.path / "invitation-41-1.eml").read_bytes(), policy=email.policy.default)
    assert message["Subject"] == "x"


def test_carrying_a_letter_to_the_folder_twice_leaves_one_copy(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.carry(PARCEL)
    folder.carry(PARCEL)
    assert len(os.listdir(tmp_path)) == 1


def test_a_full_disk_closes_the_folder_and_leaves_no_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    result = Folder(tmp_path).carry(PARCEL)
    assert isinstance(result, Closed) and result.phase is Phase.FOLDER
    assert os.listdir(tmp_path) == []


def test_a_folder_that_cannot_be_made_is_closed(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    closed = Folder(tmp_path / "file" / "outbox").open()
    assert closed is not None and closed.phase is Phase.FOLDER


def test_other_users_of_the_machine_cannot_read_the_letters(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.carry(PARCEL)
    assert stat.S_IMODE((tmp_path / "invitation-41-1.eml").stat().st_mode) & 0o077 == 0


@pytest.mark.parametrize(
    ("key", "name"), [("invitation-41-1", "invitation-41-1"), ("../x/y", "_x_y"), (".hidden", "hidden"), ("", "letter")]
)
def test_a_key_becomes_a_plain_file_name(key: str, name: str) -> None:
    assert file_name(key) == name
