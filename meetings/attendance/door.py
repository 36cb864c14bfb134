"""The door at which a board's poll is answered again: nothing new, or what somebody else has just been told.

Hundreds of boards ask every three seconds, and nearly every answer is one of these two; taking the request apart cost
four times as much as the answer. So who came in once with this very cookie, for this very board, is known here for a minute.
What is asked each time is the pair of change numbers: any fact of the house (a sign-out, a grant, a stopped account) or of
the meeting itself sends the question inside, and so does everything that is not exactly as it was.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from flask import Flask, g, request
from sqlalchemy.engine import Engine

from meetings.accounts.access import NUMBERS
from meetings.attendance import poll
from meetings.attendance.live import Ask
from meetings.attendance.poll import Right
from meetings.clock import now
from meetings.database import db, reading
from meetings.i18n import locale
from meetings.journal import changes

ENDS: Final = "/roll-call/live.json"
_KNOWN: Final = "diemcau.known"
_LONGEST: Final = timedelta(minutes=1)
_MOST: Final = 2_000
_SAME: Final = ("HTTP_COOKIE", "HTTP_HOST", "HTTP_ACCEPT_ENCODING", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST")

Question = tuple[str, ...]
Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who was let in, with what she may see and how she asks; *headers* are those of her last answers."""

    code: str
    ask: Ask
    locale: str
    packs: bool
    right: Right
    at: datetime
    expires_at: datetime
    unchanged: Headers | None = None
    told: Headers | None = None


def let_in(code: str, ask: Ask, right: Right | None, *, packs: bool) -> None:
    """Say to the door, from inside, that this request was answered by *right*."""
    until = g.get("session_ends")
    if right is not None and right.may.all_sites and until is not None:
        request.environ[_KNOWN] = Known(code, ask, locale(), packs, right, now(), until)


class Door:
    """Stands before the application; see above."""

    def __init__(self, app: Flask) -> None:
        self._inside: Callable[..., Iterable[bytes]] = app.wsgi_app
        with app.app_context():
            self._engine: Engine = db.engine
        self._known: OrderedDict[Question, Known] = OrderedDict()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if environ.get("REQUEST_METHOD") != "GET" or not path.endswith(ENDS):
            return self._inside(environ, start_response)
        before, mark, seen = environ.get("QUERY_STRING", "").rpartition("v=")
        if mark and not seen.replace(".", "", 1).isdecimal():
            return self._inside(environ, start_response)
        question = (path, before, *(environ.get(name, "") for name in _SAME))
        known = self._known.get(question) if mark else None
        if known is not None:
            with reading():
                numbers = changes.with_house(known.code, self._engine)
            if (answer := self._again(question, known, seen, numbers)) is not None:
                status, headers, body = answer
                start_response(status, headers)
                return [body]
            environ[NUMBERS] = {known.code: numbers}

        def began(status: str, headers: Headers, *rest: Any) -> Any:
            self._remember(question, environ.get(_KNOWN), status, headers)
            return start_response(status, headers, *rest)

        return self._inside(environ, began)

    def _again(
        self, question: Question, known: Known, seen: str, numbers: tuple[int, int]
    ) -> tuple[str, Headers, bytes] | None:
        (house, number), at = numbers, now()
        if house != known.right.house or not timedelta() <= at - known.at < _LONGEST or at >= known.expires_at:
            return None
        if known.unchanged is not None and number == known.right.number and poll.nothing_new(seen, number, at):
            return "204 NO CONTENT", list(known.unchanged), b""
        body = poll.told_already(known.code, known.right, known.ask, seen, known.locale, at, number, gzip=known.packs)
        if body is None or known.told is None:
            return None
        self._known[question] = replace(known, right=replace(known.right, number=number))
        return "200 OK", [*known.told, ("Content-Length", str(len(body)))], body

    def _remember(self, question: Question, told: Known | None, status: str, headers: Headers) -> None:
        names = {name.lower() for name, _ in headers}
        if told is None or "set-cookie" in names:
            self._known.pop(question, None)
            return
        before = self._known.get(question)
        kept = [(name, value) for name, value in headers if name.lower() != "content-length"]
        self._known[question] = replace(
            told,
            unchanged=kept if status.startswith("204") else before.unchanged if before else None,
            told=kept if status.startswith("200") else before.told if before else None,
        )
        self._known.move_to_end(question)
        while len(self._known) > _MOST:
            self._known.popitem(last=False)
