"""A mailbox read by its numbers: Debian's dovecot with all that may happen to it, and servers that talk nonsense."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from meetings.adapters.mailbox import BATCH, HEAD, LIMIT, Folder, Imap, Shut, Visit, Why
from tests import dovecot
from tests.dovecot import PASSWORD, USER, Dovecot

MANY = 10_000 if os.environ.get("PROVE") == "1" else 1_000


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot.running() as running:
        yield running


@pytest.fixture
def imap(server: Dovecot) -> Dovecot:
    """The server, its inbox empty."""
    with server.opened() as client:
        _kind, (count,) = client.select("INBOX")
        if count != b"0":
            client.store("1:*", "+FLAGS", "\\Deleted")
            client.expunge()
    return server


def box(server: Dovecot, **changes: Any) -> Imap:
    return Imap("127.0.0.1", server.port, **{"user": USER, "password": PASSWORD, "tls": "", "patience": 5.0, **changes})


def visited(found: Visit | Shut) -> Visit:
    assert isinstance(found, Visit), found
    return found


def why(found: Visit | Shut) -> Why:
    assert isinstance(found, Shut), found
    assert PASSWORD not in found.said
    return found.why


def eml(number: int, size: int = 0) -> bytes:
    return f"From: a{number}@b.example\r\nSubject: {number}\r\n\r\n".encode() + (b"y" * 70 + b"\r\n") * (size // 72)


def test_each_message_comes_once_as_it_lies_there_and_nothing_is_changed(imap: Dovecot) -> None:
    imap.deliver(eml(1), eml(2))
    first = visited(box(imap).visit(0, 0))
    assert [message.data for message in first.messages] == [eml(1), eml(2)]
    imap.deliver(eml(3))
    then = visited(box(imap).visit(first.uid_validity, first.last_uid))
    assert [message.data for message in then.messages] == [eml(3)]
    last = visited(box(imap).visit(then.uid_validity, then.last_uid))
    assert (last.messages, last.last_uid) == ((), then.last_uid)
    assert len(imap.flags()) == 3 and not any("Seen" in flags or "Deleted" in flags for flags in imap.flags())


def test_what_lay_there_long_before_is_left_alone(imap: Dovecot) -> None:
    with imap.opened() as client:
        client.append("INBOX", None, '"01-Feb-2020 10:00:00 +0700"', eml(1))
    imap.deliver(eml(2))
    found = visited(box(imap).visit(0, 0, date(2024, 5, 1)))
    assert [message.data for message in found.messages] == [eml(2)]


def test_a_server_that_numbers_anew_is_read_from_the_beginning(imap: Dovecot) -> None:
    imap.deliver(eml(1), eml(2))
    first = visited(box(imap).visit(0, 0))
    imap.number_anew()
    again = visited(box(imap).visit(first.uid_validity, first.last_uid))
    assert again.uid_validity != first.uid_validity and len(again.messages) == 2


def test_of_a_giant_only_the_head_is_fetched(imap: Dovecot) -> None:
    imap.deliver(eml(1, LIMIT + 1000), eml(2))
    giant, small = visited(box(imap).visit(0, 0)).messages
    assert not giant.whole and giant.size > LIMIT and len(giant.data) <= HEAD and b"Subject: 1" in giant.data
    assert small.whole and small.data == eml(2)


def test_thousands_come_in_bounded_visits_none_twice_and_none_left_out(imap: Dovecot) -> None:
    imap.drop(*(eml(n) for n in range(MANY)))
    mailbox, validity, above, seen, visits = box(imap, patience=30.0), 0, 0, list[bytes](), 0
    while True:
        found = visited(mailbox.visit(validity, above))
        assert len(found.messages) <= BATCH
        seen += [message.data for message in found.messages]
        validity, above, visits = found.uid_validity, found.last_uid, visits + 1
        if not found.more:
            break
    assert sorted(seen) == sorted(eml(n) for n in range(MANY)) and visits == MANY // BATCH


def test_every_fault_has_its_name(imap: Dovecot) -> None:
    assert why(box(imap, password="không phải").visit(0, 0)) is Why.LOGIN
    assert why(box(imap, folder="Không có").visit(0, 0)) is Why.FOLDER
    assert why(box(imap, tls="starttls").visit(0, 0)) is Why.UNTRUSTED
    assert why(Imap("127.0.0.1", dovecot.free_port(), user="u", password="p").visit(0, 0)) is Why.UNREACHABLE


def test_a_certificate_is_asked_for_and_believed_only_when_it_is_known(tmp_path: Path) -> None:
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    _certificate(certificate, key)
    with dovecot.running((certificate, key)) as server:
        server.deliver(eml(1))
        known = ssl.create_default_context(cafile=str(certificate))
        for tls, port in (("starttls", server.port), ("imaps", server.secure)):
            mine: dict[str, Any] = {"user": USER, "password": PASSWORD, "tls": tls, "patience": 5.0}
            assert why(Imap("127.0.0.1", port, **mine).visit(0, 0)) is Why.UNTRUSTED
            assert len(visited(Imap("127.0.0.1", port, **mine, context=known).visit(0, 0)).messages) == 1


def _certificate(certificate: Path, key: Path) -> None:
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out", str(certificate),
         "-days", "7300", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    for path in (certificate, key):
        path.chmod(0o644)


class Nonsense:
    """A server that says the same to everything, then falls silent or hangs up."""

    def __init__(self, *lines: bytes, silent: bool = False) -> None:
        self.lines, self.silent = lines, silent
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.done = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while not self.done.is_set():
                peer, _ = self.socket.accept()
                with peer:
                    for line in self.lines:
                        peer.sendall(line)
                        peer.settimeout(1)
                        peer.recv(1000)
                    if self.silent:
                        self.done.wait(3)

    def stop(self) -> None:
        self.done.set()
        self.socket.close()


@pytest.mark.parametrize(
    ("lines", "silent"),
    [
        ([], True),
        ([], False),
        ([b"220 this is SMTP\r\n"], False),
        ([b"* OK ready\r\n", b"* BYE full\r\n"], False),
        ([b"* OK ready\r\n", b"\xff\xfe\x00\r\n" * 50], False),
        ([b"* OK ready\r\n", b"* CAPABILITY IMAP4rev1\r\nA"], True),
    ],
)
def test_a_server_that_talks_nonsense_is_a_fault_and_never_an_exception(lines: list[bytes], silent: bool) -> None:
    server = Nonsense(*lines, silent=silent)
    try:
        began = time.perf_counter()
        found = Imap("127.0.0.1", server.port, user="u", password="p", tls="", patience=0.5).visit(0, 0)
        assert isinstance(found, Shut) and time.perf_counter() - began < 8
    finally:
        server.stop()


def test_a_folder_hands_out_whole_files_and_puts_away_what_is_kept(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "đến")
    assert visited(folder.visit(0, 0)).messages == ()
    for name in ("b.eml", "a.eml", ".c.eml", "d.txt"):
        path = folder.path / name
        path.write_bytes(eml(1))
        os.utime(path, (1, 1))
    (folder.path / "link.eml").symlink_to(tmp_path)
    found = visited(folder.visit(0, 0)).messages
    assert [message.source for message in found] == ["a.eml", "b.eml"]
    folder.kept(found)
    folder.kept(found)  # somebody was quicker
    assert visited(folder.visit(0, 0)).messages == ()
    assert sorted(path.name for path in (folder.path / "read").iterdir()) == ["a.eml", "b.eml"]
    (tmp_path / "file").write_text("")
    assert why(Folder(tmp_path / "file").visit(0, 0)) is Why.FOLDER
