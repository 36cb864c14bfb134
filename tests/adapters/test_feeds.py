"""Calendars that are fetched from elsewhere: what comes of every kind of server, and where nobody may be sent to look."""

from __future__ import annotations

import gzip
import ipaddress
import socket
import threading
import time
import tracemalloc
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from meetings.adapters import feeds
from meetings.adapters.feeds import Failed, Fetched, Unchanged, Why

HERE = (ipaddress.ip_network("127.0.0.1/32"),)
BODY = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
BOMB = gzip.compress(bytes(60 * 1024 * 1024))
"""Sixty kilobytes that hold sixty megabytes."""


class Server(ThreadingHTTPServer):
    """Answers on loopback, each path in its own way; *asked* counts the calls."""

    daemon_threads = True
    asked = 0
    block_on_close = False  # those that drip are left to themselves


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self.server.asked += 1
        try:
            getattr(self, self.path.strip("/").split("/")[0])()
        except (BrokenPipeError, ConnectionError):
            self.close_connection = True

    def _say(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def good(self) -> None:
        if self.headers.get("If-None-Match") == '"one"':
            self._say(304)
        else:
            self._say(200, BODY, ETag='"one"')

    def packed(self) -> None:
        self._say(200, gzip.compress(BODY), Content_Encoding="gzip")

    def bomb(self) -> None:
        self._say(200, BOMB, Content_Encoding="gzip")

    def huge(self) -> None:
        self.send_response(200)
        self.end_headers()
        for _ in range(200):
            self.wfile.write(b"X" * 65536)
        self.close_connection = True

    def drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        for _ in range(100):
            self.wfile.write(b"B")
            self.wfile.flush()
            time.sleep(0.05)

    def drip_heads(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for n in range(100):
            self.wfile.write(b"X-%d: y\r\n" % n)
            self.wfile.flush()
            time.sleep(0.05)

    def inwards(self) -> None:
        self._say(302, Location="http://127.0.0.2:1/good")

    def cloud(self) -> None:
        self._say(302, Location="http://169.254.169.254/latest/meta-data/")

    def file(self) -> None:
        self._say(302, Location="file:///etc/passwd")

    def round(self) -> None:
        self._say(302, Location="/round")

    def moved(self) -> None:
        self._say(301, Location="/good")

    def broken(self) -> None:
        self._say(200, gzip.compress(BODY)[:-4], Content_Encoding="gzip")

    def locked(self) -> None:
        self._say(401)

    def missing(self) -> None:
        self._say(404)

    def fault(self) -> None:
        self._say(500)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    made = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()


def url(server: Server, path: str, host: str = "127.0.0.1") -> str:
    return f"http://{host}:{server.server_port}/{path}"


def test_a_calendar_is_fetched_once_and_then_only_asked_after(server: Server) -> None:
    first = feeds.fetch(url(server, "good"), allowed=HERE)
    assert first == Fetched(BODY, '"one"')
    assert feeds.fetch(url(server, "good"), etag='"one"', allowed=HERE) == Unchanged()
    assert feeds.fetch(url(server, "moved"), allowed=HERE) == first
    assert feeds.fetch(url(server, "packed"), allowed=HERE) == Fetched(BODY)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("inwards", Why.PRIVATE),  # 127.0.0.2 is not among the allowed
        ("cloud", Why.PRIVATE),
        ("file", Why.BAD_ADDRESS),
        ("round", Why.REDIRECTS),
        ("huge", Why.TOO_LARGE),
        ("broken", Why.UNREACHABLE),
        ("locked", Why.FORBIDDEN),
        ("missing", Why.MISSING),
        ("fault", Why.REFUSED),
    ],
)
def test_what_goes_wrong_is_named(server: Server, path: str, why: Why) -> None:
    assert feeds.fetch(url(server, path), allowed=HERE) == Failed(why)


def test_a_small_parcel_that_holds_gigabytes_is_never_unpacked_whole(server: Server) -> None:
    tracemalloc.start()
    try:
        assert feeds.fetch(url(server, "bomb"), allowed=HERE) == Failed(Why.TOO_LARGE)
        assert tracemalloc.get_traced_memory()[1] < 25 * 1024 * 1024
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("path", ["drip", "drip_heads"])
def test_a_server_that_drips_is_cut_off_in_time(server: Server, path: str) -> None:
    began = time.monotonic()
    assert feeds.fetch(url(server, path), allowed=HERE, patience=0.4) == Failed(Why.TOO_SLOW)
    assert time.monotonic() - began < 2


def test_this_machine_is_not_asked_unless_it_was_allowed(server: Server) -> None:
    before = server.asked
    for host in ("127.0.0.1", "localhost", "[::1]", "0.0.0.0", "[::ffff:127.0.0.1]", "2130706433", "127.1"):
        assert feeds.fetch(url(server, "good", host)) == Failed(Why.PRIVATE), host
    assert server.asked == before


def test_a_name_that_changes_its_answer_gains_nothing(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: a good address while it is checked, ours when it is connected to. It is resolved but once."""
    answers = iter(["127.0.0.1", "127.0.0.2"])
    asked = []

    def resolve(host: str, port: int, *args: Any, **kwargs: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    assert feeds.fetch(url(server, "good", "lich.example"), allowed=HERE) == Fetched(BODY, '"one"')
    assert asked == ["lich.example"]


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1", "172.16.3.4", "192.168.1.1", "127.0.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "198.18.0.1", "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1",
        "::ffff:10.0.0.1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001:0:7f00:1::",
    ],
)  # fmt: skip
def test_no_address_inside_is_permitted(address: str) -> None:
    assert not feeds.permitted(ipaddress.ip_address(address), ())


def test_the_open_internet_is_permitted_and_what_the_configuration_names() -> None:
    assert feeds.permitted(ipaddress.ip_address("203.162.4.190"), ())
    assert feeds.permitted(ipaddress.ip_address("2402:800::1"), ())
    own = (ipaddress.ip_network("10.20.0.0/16"),)
    assert feeds.permitted(ipaddress.ip_address("10.20.3.4"), own)
    assert feeds.permitted(ipaddress.ip_address("::ffff:10.20.3.4"), own)
    assert not feeds.permitted(ipaddress.ip_address("10.21.3.4"), own)


@pytest.mark.parametrize(
    "address",
    ["ftp://lich.example/a.ics", "lich.example/a.ics", "http://", "http://[::1", "http://a:b:c/", "javascript:1"],
)
def test_only_addresses_of_the_web_are_asked(address: str) -> None:
    assert feeds.fetch(address) == Failed(Why.BAD_ADDRESS)


def test_a_server_that_cannot_prove_who_it_is_is_not_read(server: Server) -> None:
    secure = url(server, "good").replace("http://", "https://")
    assert feeds.fetch(secure, allowed=HERE) == Failed(Why.UNTRUSTED)


def test_a_webcal_address_is_one_of_https() -> None:
    assert feeds._web("webcal://lich.example/a.ics") == "https://lich.example/a.ics"
