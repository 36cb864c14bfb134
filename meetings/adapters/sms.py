"""A gateway for short messages, spoken to over HTTP: one request a message, and what its answer means.

No two gateways agree on their fields, so this speaks the plainest of them: ``to``, ``text`` and ``from`` as a form or as
JSON, a bearer token in the header. Twenty lines in front of another gateway make it fit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

import requests

from meetings.adapters.mail import Fate

CONNECT: Final = 10.0
ANSWER: Final = 30.0
_OURS: Final = frozenset({401, 402, 403, 404, 407})
"""The token, the account, the address of the gateway: ours to mend, no message's fault."""
_LATER: Final = frozenset({408, 409, 423, 425, 429, 503})


@dataclass(frozen=True, slots=True)
class Text:
    """One message as it leaves. *key* names it for ever, for a gateway that knows a second copy by it."""

    key: str
    number: str
    text: str


@dataclass(frozen=True, slots=True)
class Told:
    """What became of it, in the gateway's words. *closed*: it takes nothing at all just now."""

    fate: Fate
    code: int | None
    answer: str
    closed: bool = False


class Texter(Protocol):
    """What hands messages to the telephones."""

    def send(self, text: Text) -> Told:
        """Hand one over; never raises for what the far side does."""


class Gateway:
    """An HTTP gateway at *url*. JSON where the address says so by a ``#json`` at its end, a form otherwise."""

    def __init__(
        self, url: str, token: str | None, sender: str, *, connect: float = CONNECT, answer: float = ANSWER
    ) -> None:
        self._url, _, kind = url.partition("#")
        self._json = kind == "json"
        self._sender, self._patience = sender, (connect, answer)
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def send(self, text: Text) -> Told:
        fields = {"to": text.number, "text": text.text, "from": self._sender}
        headers = {**self._headers, "Idempotency-Key": text.key}
        try:
            with requests.Session() as session:
                session.trust_env = False  # no proxy, no password of a file of this machine
                answer = session.post(
                    self._url,
                    data=None if self._json else fields,
                    json=fields if self._json else None,
                    headers=headers,
                    timeout=self._patience,
                    allow_redirects=False,
                    stream=True,
                )
                with answer:
                    said = _said(answer.raw.read(2_000, decode_content=True))
        except (requests.ConnectTimeout, requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema) as error:
            return Told(Fate.DEFERRED, None, _said(str(error)), closed=True)
        except requests.ConnectionError as error:
            # before a connection stood nothing was said; after that it may have been taken over
            fate = Fate.DEFERRED if _not_connected(error) else Fate.UNKNOWN
            return Told(fate, None, _said(str(error)), closed=fate is Fate.DEFERRED)
        except (requests.RequestException, OSError) as error:  # above all: no answer in time
            return Told(Fate.UNKNOWN, None, _said(str(error)))
        except Exception as error:  # what urllib3 makes of a body that breaks off, after the line that says yes or no
            return Told(_fate(answer.status_code), answer.status_code, _said(str(error)))
        code = answer.status_code
        return Told(_fate(code), code, said, closed=code in _OURS or 300 <= code < 400)


def _fate(code: int) -> Fate:
    if 200 <= code < 300:
        return Fate.ACCEPTED
    if code in _OURS or code in _LATER or code < 400:
        return Fate.DEFERRED
    # the whole message was heard: a gateway that breaks down over it, or behind which another does, may have passed it on
    return Fate.REJECTED if code < 500 else Fate.UNKNOWN


def _not_connected(error: requests.ConnectionError) -> bool:
    """Whether *error* came before a single byte had left."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return type(reason).__name__ in ("NewConnectionError", "ConnectTimeoutError", "NameResolutionError", "SSLError")


def _said(words: bytes | str) -> str:
    """A gateway's words on one printable line, at most 300 characters: they are shown to people."""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:300]
