"""No raw token of a private link stands anywhere but in the letter that carries it, on the pages that it opens, and where a
secretary copies it.

The demonstration's conferences are driven through real processes: pages of every role, their files, errors of every kind,
a failing database, the worker, the logs with the access log on, the database and a copy of it. Then everything is searched
for every token that could be derived from its links.
"""

from __future__ import annotations

import base64
import http.client
import io
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from bs4 import BeautifulSoup

from meetings.links import Keyring
from tests.e2e.installation import ROOT, Installation

PASSWORD = "diem cau 2026"
PEOPLE = ("thuky", "kythuat")
MOST = 120 if os.environ.get("PROVE") == "1" else 20
EXPORTS = (
    "/meetings/HN-2026-0001/case-file.zip",
    "/meetings/HN-2026-0002/case-file.zip",
    "/meetings/HN-2026-0001/savings.xlsx",
    "/meetings/HN-2026-0002/roll-call/roll.xlsx",
    "/meetings/HN-2026-0002/documents/giay-moi.docx",
)


@pytest.fixture(scope="module")
def house(loaded: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The demonstration, its letters carried, its server on."""
    made = loaded.copy(tmp_path_factory.mktemp("links") / "instance")
    made.flask("demo")
    made.work()
    made.serve()
    yield made
    made.stop()


def tokens(house: Installation) -> dict[str, tuple[str, int]]:
    """Every token that a link of the database stands for, whichever issue of it: token → (purpose, id)."""
    ring = Keyring(house.environ()["SECRET_KEY"])
    found = {}
    for id, purpose, newest in house.ask("SELECT id, purpose, issue FROM link"):
        for one in ("m", "j") if purpose == "m" else (str(purpose),):
            for issue in range(1, int(str(newest)) + 1):
                found[ring.token(one, int(str(id)), issue)] = (one, int(str(id)))
    return found


@dataclass
class Caller:
    """A plain client with a jar of cookies, which keeps what it was answered."""

    house: Installation
    who: str = ""
    jar: dict[str, str] = field(default_factory=dict)

    def ask(
        self, path: str, method: str = "GET", form: dict[str, str] | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        line = http.client.HTTPConnection("127.0.0.1", self.house.port, timeout=60)
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.jar.items()), **headers}
        if form is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        line.request(method, path, urlencode(form) if form is not None else None, sent)
        answer = line.getresponse()
        body = answer.read()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _sep, rest = cookie.partition("=")
            self.jar[name] = rest.partition(";")[0]
        line.close()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body

    def sign_in(self, who: str) -> None:
        page = BeautifulSoup(self.ask("/sign-in")[2], "html.parser")
        token = page.select_one("input[name=csrf_token]")
        assert token is not None
        form = {"email": f"{who}@dieuphoiso.example", "password": PASSWORD, "csrf_token": str(token["value"])}
        assert self.ask("/sign-in", "POST", form)[0] == 303


def unpacked(data: bytes) -> Iterator[bytes]:
    """*data* and whatever is packed into it: the parts of a .docx, .xlsx or .zip, the lines of a letter in base64."""
    yield data
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as parcel:
            for name in parcel.namelist():
                yield from unpacked(parcel.read(name))
    for block in re.findall(rb"(?:\r?\n[A-Za-z0-9+/]{40,76})+(?:\r?\n[A-Za-z0-9+/]*={0,2})?", data):
        try:
            yield base64.b64decode(b"".join(block.split()), validate=False)
        except ValueError:
            continue


@dataclass
class Search:
    """Looks for tokens and remembers where one was found."""

    tokens: dict[str, tuple[str, int]]
    found: list[str] = field(default_factory=list)
    looked_at: int = 0

    def __post_init__(self) -> None:
        # what a token begins with is its digest; and not only the token itself gives it away
        self._any = re.compile(b"|".join(re.escape(token.encode()) for token in self.tokens))

    def look(self, where: str, data: bytes) -> None:
        self.looked_at += 1
        for part in unpacked(data):
            hit = self._any.search(part.replace(b"=\r\n", b"").replace(b"\r\n ", b""))
            if hit is not None:
                purpose, id = self.tokens[hit[0].decode()]
                self.found.append(f"{where}: a token of purpose {purpose}, link {id}")
                return


def without_copies(body: bytes) -> bytes:
    """A page without what its buttons copy, and without the address of a calendar beside such a button."""
    return re.sub(rb'data-copy="[^"]*"|value="[^"]*/c/[^"]*" readonly', b"", body)


def walk(caller: Caller, search: Search, *starts: str) -> int:
    """Every page and file that can be reached from *starts* by links, one of each shape, files first; returns how many."""
    waiting, seen = deque(starts), set(starts)
    done = 0
    while waiting and done < MOST:
        path = waiting.popleft()
        status, headers, body = caller.ask(path, Referer=f"{caller.house.url}/")
        done += 1
        assert status < 500, f"{path} answers {status}"
        assert status == 200 or path not in EXPORTS or caller.who != "thuky", f"{path} answers {status}"
        search.look(f"GET {path}", without_copies(body))
        search.look(f"headers of {path}", repr(headers).encode())
        if not headers.get("content-type", "").startswith("text/html"):
            continue
        for tag in BeautifulSoup(body, "html.parser").select("a[href^='/']"):
            address = str(tag["href"]).partition("#")[0]
            shape = re.sub(r"\d+", "N", address)
            if shape not in seen and not address.startswith(("/static", "/sign-out")):
                seen.add(shape)
                is_file = re.search(r"\.(docx|xlsx|zip|ics|eml|csv|json)$", address)
                waiting.appendleft(address) if is_file else waiting.append(address)
    return done


def test_no_token_stands_where_it_does_not_belong(house: Installation, tmp_path: Path) -> None:
    anybody, worker_log = Caller(house), (house.folder / "worker.log").open("ab")
    worker = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "tests.e2e.clocked", "worker"],
        cwd=ROOT, env=house.environ(), stdin=subprocess.DEVNULL, stdout=worker_log, stderr=worker_log,
    )  # fmt: skip
    try:
        secretary = Caller(house)
        secretary.sign_in("thuky")
        _subscribe(secretary)
        search = Search(tokens(house))
        assert {purpose for purpose, _id in search.tokens.values()} >= {"m", "j", "v", "c"}
        held = [t for t, (purpose, _id) in search.tokens.items() if purpose in "mj"]

        # the letters do carry them: a search that finds nothing anywhere would prove nothing
        letters = Search(search.tokens)
        for path in house.letters()[:40]:
            letters.look(path.name, path.read_bytes())
        assert len(letters.found) >= 20

        _as_their_holders(anybody, search, held)
        _errors(house, anybody, search, held)
        for who in PEOPLE:
            caller = Caller(house, who)
            caller.sign_in(who)
            assert walk(caller, search, *EXPORTS, "/", "/outbox", "/meetings/HN-2026-0002/history") > 10
        time.sleep(3)
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(30)
        worker_log.close()
    house.stop()

    copy = tmp_path / "backup.db"
    with sqlite3.connect(house.database) as connection:
        connection.execute("VACUUM INTO ?", (str(copy),))
    connection.close()
    for path in [copy, *sorted(one for one in house.folder.rglob("*") if one.is_file())]:
        if path.suffix not in (
            ".eml",
            ".db-shm",
        ):  # an index of pages, without a word of them; it goes with its last reader
            search.look(path.name, path.read_bytes())
    for table, column in (("enclosure", "data"),):
        for number, (blob,) in enumerate(house.ask(f"SELECT {column} FROM {table}")):
            search.look(f"{table} {number}", blob if isinstance(blob, bytes) else str(blob).encode())
    assert not search.found, f"of {search.looked_at} places:\n" + "\n".join(sorted(set(search.found)))

    access = (house.folder / "access.log").read_text(encoding="utf-8")
    assert access.count("/m/…") > 10 and access.count("/j/…") > 5 and "/v/…" in access and "/c/…" in access
    assert "request failed" in house.faults() and "/m/…/roster" in house.faults()


def _subscribe(secretary: Caller) -> None:
    """A calendar to subscribe to, so that a link of that kind exists."""
    page = BeautifulSoup(secretary.ask("/calendar/subscriptions")[2], "html.parser")
    token = page.select_one("input[name=csrf_token]")
    assert token is not None
    form = {"csrf_token": str(token["value"]), "of": "mine"}
    assert secretary.ask("/calendar/subscriptions", "POST", form)[0] == 303


def _as_their_holders(anybody: Caller, search: Search, held: list[str]) -> None:
    """Open the links: their pages hold their own token and no other's, and their address goes to nobody."""
    opened = 0
    for token, (purpose, id) in search.tokens.items():
        if purpose not in "mjvc" or opened >= 16 and purpose in "mj":
            continue
        opened += 1
        address = f"/{purpose}/{token}" + (".ics" if purpose == "c" else "")
        for path in [address, *([f"{address}/roster", f"{address}/calendar.ics"] if purpose == "m" else [])]:
            _status, headers, body = anybody.ask(path, Referer=f"{anybody.house.url}{address}")
            assert headers["referrer-policy"] == "no-referrer", path
            beside = _belongs(search.tokens, body, purpose, id)
            assert not beside, f"{path} holds a token of {beside}"
            if purpose == "j":
                assert token.encode() not in without_own_address(body, address)
            for address_in_page in re.findall(rb'(?:src|href|action)="(https?:[^"]*)"', body):
                assert urlsplit(address_in_page.decode()).hostname in ("127.0.0.1", "hop.dieuphoiso.example")
    assert opened > 16


def without_own_address(body: bytes, address: str) -> bytes:
    return body.replace(f'href="{address}"'.encode(), b"").replace(f'href="{address}?wait=no"'.encode(), b"")


def _belongs(known: dict[str, tuple[str, int]], body: bytes, purpose: str, id: int) -> set[str]:
    """The links whose tokens stand in *body* besides the link's own page and its own way into the room."""
    mine = {("m", id), ("j", id)} if purpose == "m" else {(purpose, id)}
    text = body.replace(b"\r\n ", b"").decode("utf-8", "replace")
    here = {known[word] for word in re.findall(r"[A-Za-z0-9_-]{24,60}", text) if word in known}
    return {f"{p}{number}" for p, number in here - mine}


def _errors(house: Installation, anybody: Caller, search: Search, held: list[str]) -> None:
    """Errors of every kind, asked for by good links; their pages say nothing of the address but the way back to its page."""
    for token in held[:6]:
        for path, method in (
            (f"/m/{token}/nothing-here", "GET"),
            (f"/j/{token}/nothing-here", "GET"),
            (f"/m/{token}/reply", "POST"),
            (f"/j/{token}", "POST"),
            (f"/v/{token}", "GET"),
            (f"/t/{token}", "GET"),
            (f"/m/{token}x", "GET"),
            (f"/m/{token}%00", "GET"),
            (f"/sign-in?next=/m/{token}", "GET"),
        ):
            status, headers, body = anybody.ask(path, method, form={} if method == "POST" else None)
            assert status >= 400 or path.startswith("/sign-in"), f"{method} {path} answers {status}"
            if not path.startswith("/sign-in"):
                assert headers["referrer-policy"] == "no-referrer", path[:3]
                told = without_own_address(body, f"/m/{token}")  # the way back to the page of the site
                search.look(f"{status} of {method} {path[:3]}", told + repr(headers).encode())
    token = next(token for token in held if anybody.ask(f"/m/{token}/roster")[0] == 200)
    with sqlite3.connect(house.database) as connection:
        connection.execute("ALTER TABLE roster RENAME TO roster_away")
    try:
        status, headers, body = anybody.ask(f"/m/{token}/roster")
        assert status == 500 and headers["referrer-policy"] == "no-referrer"
        search.look("500", without_own_address(body, f"/m/{token}") + repr(headers).encode())
        assert anybody.ask(f"/m/{token}", Accept="application/json")[0] == 500
    finally:
        with sqlite3.connect(house.database) as connection:
            connection.execute("ALTER TABLE roster_away RENAME TO roster")
        connection.close()
