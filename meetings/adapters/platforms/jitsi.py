"""A Jitsi Meet of one's own that lets in whoever brings a signed token (``jitsi-meet-tokens``).

Nothing is asked of the server: a room begins with the first who enters it, and only a token of ours opens it, in its hours.
The claims are those that Prosody reads (token/util.lib.lua): ``iss``, ``aud``, ``room``, ``nbf``, ``exp``; ``context`` is copied.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from meetings.adapters.platforms.contract import Capabilities, Failed, Occasion, Room, Seat

_SKEW = 30  # seconds that the clocks of two machines may differ


class JitsiMeet:
    """Rooms on the Jitsi Meet at *url*."""

    name = "jitsi"
    capabilities = Capabilities(per_site_link=True)

    def __init__(self, url: str, app_id: str, secret: str) -> None:
        self._url, self._app_id, self._secret = url.rstrip("/"), app_id, secret.encode()

    def ensure_room(self, occasion: Occasion, known: Room | None) -> Room | Failed:
        return Room(occasion.key)

    def join_url(self, occasion: Occasion, room: Room | None, seat: Seat, *, now: datetime, until: datetime) -> str:
        # whoever follows a link without being asked, a mail scanner, stops at the page before the room: prejoin stays on
        options = "config.startWithAudioMuted=true&config.prejoinConfig.enabled=true&config.defaultLanguage=%22vi%22"
        token = signed(self.claims(occasion, seat, now=now, until=until), self._secret)
        return f"{self._url}/{quote(occasion.key)}?jwt={token}#{options}"

    def claims(self, occasion: Occasion, seat: Seat, *, now: datetime, until: datetime) -> dict[str, Any]:
        """What the token says. Every value of ``context.user`` is text: a number or null there fails in Prosody. No e-mail
        address: Jitsi shows it to all and asks a picture service of the Internet for it."""
        at = int(now.timestamp())
        return {
            "iss": self._app_id,
            "aud": "jitsi",
            "sub": urlsplit(self._url).hostname or "",
            "room": occasion.key,
            "iat": at,
            "nbf": at - _SKEW,
            "exp": int(until.timestamp()),
            "context": {
                "user": {
                    "id": seat.id,
                    "name": seat.name,
                    "affiliation": "owner" if seat.leads else "member",
                    "moderator": "true" if seat.leads else "false",
                    "lobby_bypass": "true",
                },
                "group": occasion.key,
                "features": {"recording": seat.leads, "livestreaming": False, "screen-sharing": True},
            },
        }


def signed(claims: Mapping[str, Any], secret: bytes) -> str:
    """*claims* as a JSON Web Token, HS256 (RFC 7515 §3, RFC 7519)."""
    head = _part({"alg": "HS256", "typ": "JWT"})
    body = f"{head}.{_part(claims)}"
    return f"{body}.{_base64(hmac.new(secret, body.encode(), hashlib.sha256).digest())}"


def _part(value: Mapping[str, Any]) -> str:
    return _base64(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
