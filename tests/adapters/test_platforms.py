"""Video platforms: what our tokens and signatures are, and what becomes of whatever a server answers."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as some

from meetings.adapters.platforms import Failed, Occasion, Room, Seat, Why
from meetings.adapters.platforms.bigbluebutton import BigBlueButton, checksum
from meetings.adapters.platforms.jitsi import JitsiMeet
from meetings.adapters.platforms.manual import Manual

NOW = datetime(2026, 12, 10, 0, 30, tzinfo=UTC)
UNTIL = NOW + timedelta(hours=4)
MEETING = Occasion("hn-2026-0147-3f0a12bc", "Hội nghị trực tuyến sơ kết", "https://hop.example/147?a=1")
SITE = Seat("site-17", "Điểm cầu tỉnh Nghệ An")
SECRET = "639259d4-9dd8-4b25-bf01-95f9567eaf4b"


def entry(platform: Any, room: Room | None = None, seat: Seat = SITE) -> str:
    return str(platform.join_url(MEETING, room, seat, now=NOW, until=UNTIL))


def test_a_pasted_link_is_the_same_for_every_site() -> None:
    assert entry(Manual()) == entry(Manual(), seat=Seat("site-18", "Huế")) == MEETING.link


# ------------------------------------------------------------------ Jitsi


def verified(token: str, key: bytes) -> dict[str, Any]:
    """The claims of *token*, read as Prosody reads them (util.jwt): independently of what signed it."""
    head, body, signature = (part + "=" * (-len(part) % 4) for part in token.split("."))
    assert json.loads(base64.urlsafe_b64decode(head)) == {"alg": "HS256", "typ": "JWT"}
    expected = hmac.new(key, token.rpartition(".")[0].encode(), hashlib.sha256).digest()
    assert hmac.compare_digest(base64.urlsafe_b64decode(signature), expected)
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body))
    return claims


def test_a_jitsi_token_says_what_prosody_checks_and_who_it_is() -> None:
    url = urlsplit(entry(JitsiMeet("https://meet.tinh.gov.vn/", "diemcau", SECRET)))
    assert (url.netloc, url.path) == ("meet.tinh.gov.vn", "/hn-2026-0147-3f0a12bc")
    assert "config.prejoinConfig.enabled=true" in url.fragment
    claims = verified(parse_qs(url.query)["jwt"][0], SECRET.encode())
    assert (claims["iss"], claims["aud"], claims["sub"]) == ("diemcau", "jitsi", "meet.tinh.gov.vn")
    assert claims["room"] == url.path[1:] == url.path[1:].lower() and url.path.isascii()
    assert claims["nbf"] <= claims["iat"] == int(NOW.timestamp()) and claims["exp"] == int(UNTIL.timestamp())
    user = claims["context"]["user"]
    assert (user["id"], user["name"], user["affiliation"]) == ("site-17", "Điểm cầu tỉnh Nghệ An", "member")
    assert "email" not in user and SECRET not in json.dumps(claims)
    leads = verified(
        parse_qs(urlsplit(entry(JitsiMeet("https://x", "a", SECRET), seat=Seat("u", "n", leads=True))).query)["jwt"][0],
        SECRET.encode(),
    )
    assert leads["context"]["user"]["affiliation"] == "owner"


@given(some.text(max_size=80), some.text(min_size=1, max_size=200))
def test_every_value_of_a_jitsi_user_is_text_whatever_a_site_is_called(name: str, title: str) -> None:
    claims = JitsiMeet("https://meet.example", "a", SECRET).claims(
        Occasion("hn-1", title), Seat("site-1", name, leads=bool(len(name) % 2)), now=NOW, until=UNTIL
    )
    assert all(isinstance(value, str) for value in claims["context"]["user"].values())


# ------------------------------------------------------------------ BigBlueButton: signatures


def test_checksums_are_those_of_the_documentation() -> None:
    query = "name=Test+Meeting&meetingID=abc123&attendeePW=111222&moderatorPW=333444"
    assert checksum("create", query, SECRET, "sha1") == "1fcbb0c4fc1f039f73aa6d697d2db9ba7f803f17"
    assert checksum("create", query, SECRET) == "da9185f7f333cfdfcd6eeac32dca3777510c4c436020d8b887ba5515bd1d189e"
    assert checksum("create", query, SECRET, "sha512").startswith("de73ad61d11a5c80")


def test_an_entry_to_bigbluebutton_is_signed_for_one_site_and_one_room() -> None:
    server = BigBlueButton("https://bbb.example/bigbluebutton", SECRET)
    assert entry(server) == ""
    url = urlsplit(entry(server, Room(MEETING.key, {"created": "1795309000000"})))
    assert url.path == "/bigbluebutton/api/join"
    query, _sep, signature = url.query.rpartition("&checksum=")
    assert signature == hashlib.sha256(f"join{query}{SECRET}".encode()).hexdigest()
    assert dict(parse_qsl(query)) == {
        "meetingID": MEETING.key,
        "fullName": "Điểm cầu tỉnh Nghệ An",
        "role": "VIEWER",
        "userID": "site-17",
        "createTime": "1795309000000",
        "redirect": "true",
    }
    assert "role=MODERATOR" in entry(server, Room(MEETING.key), Seat("user-1", "Bà Hoa", leads=True))
    assert SECRET not in url.geturl()


# ------------------------------------------------------------------ BigBlueButton: a server


class FakeBigBlueButton(ThreadingHTTPServer):
    """Rooms by their ids, signatures checked, and one *fault* that it may be told to have."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.rooms: dict[str, dict[str, str]] = {}
        self.inside: set[str] = set()
        self.calls: list[str] = []
        self.fault = ""
        self.made = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/bigbluebutton"

    def answer(self, call: str, values: dict[str, str]) -> str:
        id = values.get("meetingID", "")
        if call == "isMeetingRunning":
            return said("SUCCESS", running=str(id in self.inside).lower())
        if call == "getMeetingInfo":
            return said("SUCCESS", **self.rooms[id]) if id in self.rooms else said("FAILED", messageKey="notFound")
        if not 2 <= len(values.get("name", "")) <= 64:
            return said("FAILED", messageKey="validationError")
        if id in self.rooms and self.rooms[id]["name"] != values["name"]:
            return said("FAILED", messageKey="idNotUnique", message="A meeting already exists with that meeting ID.")
        again = id in self.rooms
        if not again:
            self.made += 1
            created = str(1795309000000 + self.made)
            self.rooms[id] = {"name": values["name"], "createTime": created, "internalMeetingID": f"{id}-{created}"}
        return said("SUCCESS", **self.rooms[id], messageKey="duplicateWarning" if again else "")


def said(code: str, **values: str) -> str:
    inner = "".join(f"<{name}>{text}</{name}>" for name, text in values.items())
    return f"<response><returncode>{code}</returncode>{inner}</response>"


class _Answers(BaseHTTPRequestHandler):
    server: FakeBigBlueButton

    def do_GET(self) -> None:
        house = self.server
        url = urlsplit(self.path)
        call = url.path.rpartition("/")[2]
        house.calls.append(call)
        query, _sep, signature = url.query.rpartition("&checksum=")
        status, body, headers = 200, house.answer(call, dict(parse_qsl(query))), {}
        if signature != hashlib.sha256(f"{call}{query}{SECRET}".encode()).hexdigest():
            body = said("FAILED", messageKey="checksumError")
        match house.fault:
            case "":
                pass
            case "html":
                body = "<!doctype html><html><body>502 Bad Gateway"
            case "empty":
                body = ""
            case "huge":
                body = "<response>" + "x" * 3_000_000
            case "bomb":
                body = '<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><response>&b;</response>'
            case "no time":
                body = said("SUCCESS", meetingID="x")
            case "drip":
                self.send_response(200)
                self.end_headers()
                with_patience(lambda: self.wfile.write(b" "))
                return
            case "silent":
                time.sleep(1)
                return
            case "elsewhere":
                status, headers = 302, {"Location": "http://127.0.0.1:1/"}
            case "busy":
                status, headers = 429, {"Retry-After": "120"}
            case word if word.isdigit():
                status = int(word)
            case word:
                body = said("FAILED", messageKey=word, message="words that change")
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        pass


def with_patience(drip: Any) -> None:
    try:
        for _ in range(30):
            drip()
            time.sleep(0.1)
    except OSError:
        return


@contextmanager
def serving() -> Iterator[FakeBigBlueButton]:
    server = FakeBigBlueButton()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def server() -> Iterator[FakeBigBlueButton]:
    with serving() as one:
        yield one


def client(server: FakeBigBlueButton, secret: str = SECRET) -> BigBlueButton:
    return BigBlueButton(server.url, secret, patience=(0.4, 0.4))


def test_a_room_is_made_once_however_often_it_is_asked_for(server: FakeBigBlueButton) -> None:
    first = client(server).ensure_room(MEETING, None)
    assert first == Room(MEETING.key, {"created": "1795309000001", "internal": f"{MEETING.key}-1795309000001"})
    assert client(server).ensure_room(MEETING, None) == first  # the answer of the first call was lost
    assert client(server).ensure_room(MEETING, first) == first
    assert server.made == 1


def test_a_room_that_was_forgotten_is_made_again_under_a_new_time(server: FakeBigBlueButton) -> None:
    first = client(server).ensure_room(MEETING, None)
    assert isinstance(first, Room)
    server.rooms.clear()
    again = client(server).ensure_room(MEETING, first)
    assert isinstance(again, Room) and again.details["created"] != first.details["created"]


def test_a_room_with_people_in_it_is_left_alone_and_one_that_was_renamed_is_found(server: FakeBigBlueButton) -> None:
    first = client(server).ensure_room(MEETING, None)
    assert isinstance(first, Room)
    renamed = Occasion(MEETING.key, "Hội nghị tổng kết")
    assert client(server).ensure_room(renamed, first) == first
    assert server.calls[-2:] == ["create", "getMeetingInfo"]
    server.inside.add(MEETING.key)
    assert client(server).ensure_room(renamed, first) == first
    assert server.calls[-1] == "isMeetingRunning"


@pytest.mark.parametrize(
    ("fault", "why", "word"),
    [
        ("html", Why.ODD_ANSWER, ""),
        ("empty", Why.ODD_ANSWER, ""),
        ("huge", Why.ODD_ANSWER, ""),
        ("bomb", Why.ODD_ANSWER, ""),
        ("no time", Why.ODD_ANSWER, ""),
        ("drip", Why.TOO_SLOW, ""),
        ("silent", Why.TOO_SLOW, ""),
        ("elsewhere", Why.REFUSED, "HTTP 302"),
        ("busy", Why.BUSY, "HTTP 429"),
        ("401", Why.KEY_REFUSED, "HTTP 401"),
        ("409", Why.REFUSED, "HTTP 409"),
        ("500", Why.REFUSED, "HTTP 500"),
        ("forciblyEnded", Why.ENDED, "forciblyEnded"),
        ("internalError", Why.REFUSED, "internalError"),
    ],
)
def test_whatever_the_server_does_is_a_word_and_never_a_fault_of_ours(
    server: FakeBigBlueButton, fault: str, why: Why, word: str
) -> None:
    server.fault = fault
    began = time.monotonic()
    answer = client(server).ensure_room(MEETING, Room(MEETING.key, {"created": "1"}))
    assert answer == Failed(why, word, 120 if fault == "busy" else 0)
    assert time.monotonic() - began < 5
    server.fault = ""
    assert isinstance(client(server).ensure_room(MEETING, None), Room)


def test_a_wrong_secret_and_a_server_that_is_away_are_told_apart(server: FakeBigBlueButton) -> None:
    assert client(server, "another secret").ensure_room(MEETING, None) == Failed(Why.KEY_REFUSED, "checksumError")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        away = BigBlueButton(f"http://127.0.0.1:{probe.getsockname()[1]}/bigbluebutton", SECRET, patience=(0.4, 0.4))
        assert away.ensure_room(MEETING, None) == Failed(Why.UNREACHABLE)


def test_vietnamese_names_arrive_whole_and_long_ones_are_cut(server: FakeBigBlueButton) -> None:
    long = Occasion("hn-2", "Hội nghị trực tuyến toàn quốc sơ kết công tác chuyển đổi số, cải cách hành chính năm 2026")
    assert isinstance(client(server).ensure_room(long, None), Room)
    assert server.rooms["hn-2"]["name"] == long.title[:64].strip()
    assert isinstance(client(server).ensure_room(Occasion("hn-3", "X"), None), Room)
