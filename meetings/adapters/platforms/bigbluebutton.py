"""BigBlueButton: rooms made by its API, entries signed for each site at the moment of the redirect.

A call is signed over the very characters that are sent, so the query is written once here and sent as it stands. What the
server answers is judged by its ``messageKey`` alone; its ``message`` is words for people that change from release to release.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from urllib.parse import urlencode
from xml.etree.ElementTree import Element, ParseError

import requests
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from urllib3.exceptions import HTTPError

from meetings.adapters.platforms.contract import Capabilities, Failed, Occasion, Present, Room, Seat, Why

PATIENCE: Final = (5, 15)  # seconds to be let in, and to be answered
LARGEST: Final = 2 * 1024 * 1024  # a room in which thousands are
_STAYS: Final = {"meetingExpireIfNoUserJoinedInMinutes": "90", "meetingExpireWhenLastUserLeftInMinutes": "30"}
"""A room that is empty for a while is forgotten. The same for every meeting and every call: parameters that changed between
two calls would make the second one a quarrel (``idNotUnique``)."""

_NO_ROOM: Final = frozenset({"notFound", "invalidMeetingIdentifier"})
"""A room that nobody has entered yet, or that was left and forgotten."""

_KEYS: Final = {
    "checksumError": Why.KEY_REFUSED,
    "forciblyEnded": Why.ENDED,
    "meetingForciblyEnded": Why.ENDED,
    "maxParticipantsReached": Why.BUSY,
}


class BigBlueButton:
    """Rooms on the BigBlueButton at *url* (``https://host/bigbluebutton``)."""

    name = "bigbluebutton"
    capabilities = Capabilities(prepares=True, per_site_link=True, watched=True)

    def __init__(
        self, url: str, secret: str, *, algorithm: str = "sha256", patience: tuple[float, float] = PATIENCE
    ) -> None:
        self._api, self._secret, self._algorithm, self._patience = f"{url}/api", secret, algorithm, patience

    def ensure_room(self, occasion: Occasion, known: Room | None) -> Room | Failed:
        """A room with people in it is left alone. *create* is idempotent, so a lost answer makes no second room."""
        if known is not None and known.external_id == occasion.key and self.running(occasion.key) is True:
            return known
        made = self._ask("create", {"name": _name(occasion.title), "meetingID": occasion.key, **_STAYS})
        if isinstance(made, Failed) and made.said == "idNotUnique":  # ours, made while it had another name
            made = self._ask("getMeetingInfo", {"meetingID": occasion.key})
        if isinstance(made, Failed):
            return made
        internal, created = _text(made, "internalMeetingID"), _text(made, "createTime")
        if not re.fullmatch("[0-9]{1,20}", created):
            return Failed(Why.ODD_ANSWER)
        return Room(occasion.key, {"created": created, "internal": internal[:120]})

    def running(self, external_id: str) -> bool | Failed:
        """Whether anybody is in the room."""
        said = self._ask("isMeetingRunning", {"meetingID": external_id})
        return said if isinstance(said, Failed) else _text(said, "running") == "true"

    def inside(self, external_id: str) -> tuple[Present, ...] | Failed:
        """Who is in the room. It is told without the hour at which each came in."""
        said = self._ask("getMeetingInfo", {"meetingID": external_id})
        if isinstance(said, Failed):
            return () if said.said in _NO_ROOM else said
        found = [Present(_text(one, "userID")[:200], _text(one, "fullName")[:200]) for one in said.iter("attendee")]
        return tuple(who for who in found if who.id or who.name)

    def join_url(self, occasion: Occasion, room: Room | None, seat: Seat, *, now: datetime, until: datetime) -> str:
        """``createTime`` binds the link to this very room: kept and used again, it opens no later one of the same name."""
        if room is None:
            return ""
        values = {
            "meetingID": room.external_id,
            "fullName": _name(seat.name),
            "role": "MODERATOR" if seat.leads else "VIEWER",
            "userID": seat.id,
            "createTime": room.details.get("created", ""),
            "redirect": "true",
        }
        return self._signed("join", {name: value for name, value in values.items() if value})

    def _signed(self, call: str, values: Mapping[str, str]) -> str:
        query = urlencode(values)
        return f"{self._api}/{call}?{query}&checksum={checksum(call, query, self._secret, self._algorithm)}"

    def _ask(self, call: str, values: Mapping[str, str]) -> Element | Failed:
        try:
            with requests.Session() as session:
                session.trust_env = False
                answer = session.get(
                    self._signed(call, values),
                    headers={"Accept-Encoding": "identity"},
                    timeout=self._patience,
                    allow_redirects=False,
                    stream=True,
                )
                if answer.status_code in (429, 503):
                    return Failed(Why.BUSY, f"HTTP {answer.status_code}", _seconds(answer.headers.get("Retry-After")))
                if answer.status_code in (401, 403):
                    return Failed(Why.KEY_REFUSED, f"HTTP {answer.status_code}")
                if answer.status_code != 200:
                    return Failed(Why.REFUSED, f"HTTP {answer.status_code}")
                return self._read(answer)
        except requests.exceptions.SSLError:
            return Failed(Why.UNTRUSTED)
        except requests.exceptions.Timeout:
            return Failed(Why.TOO_SLOW)
        except (requests.RequestException, HTTPError, OSError, ValueError) as fault:
            return Failed(Why.TOO_SLOW if "timed out" in str(fault) else Why.UNREACHABLE)

    def _read(self, answer: requests.Response) -> Element | Failed:
        """The answer, with a bound to its length and to the time in which it drips in."""
        body, until = bytearray(), time.monotonic() + sum(self._patience)
        while got := answer.raw.read1(64 * 1024):
            body += got
            if len(body) > LARGEST:
                return Failed(Why.ODD_ANSWER)
            if time.monotonic() > until:
                return Failed(Why.TOO_SLOW)
        return _read(bytes(body))


def checksum(call: str, query: str, secret: str, algorithm: str = "sha256") -> str:
    """The signature of *call* with its query as it is sent, without ``checksum``."""
    return hashlib.new(algorithm, (call + query + secret).encode()).hexdigest()


def _read(body: bytes) -> Element | Failed:
    try:
        root: Element = fromstring(body)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return Failed(Why.ODD_ANSWER)
    if root.tag != "response":
        return Failed(Why.ODD_ANSWER)
    if _text(root, "returncode") == "SUCCESS":
        return root
    key = re.sub("[^A-Za-z0-9]", "", _text(root, "messageKey"))[:60]
    return Failed(_KEYS.get(key, Why.REFUSED if key else Why.ODD_ANSWER), key)


def _text(element: Element, name: str) -> str:
    return (element.findtext(name) or "").strip()


def _seconds(asked: str | None) -> int:
    return int(asked) if asked is not None and re.fullmatch("[0-9]{1,6}", asked) else 0


def _name(text: str) -> str:
    """2 to 64 characters (2.4 and later refuse any other)."""
    return (" ".join(text.split())[:64].strip() or "–").ljust(2, "–")
