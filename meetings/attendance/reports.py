"""What a video platform tells us while it happens: who came, who went, that the room is empty.

Pure. A telling comes twice, comes late, or never; nothing here depends on the order. Jitsi's summary of a destroyed room is
read for stays that were never told, and never over one that was: in it a rejoin overwrites the stay before.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

MOST: Final = 4 * 1024 * 1024  # bytes: the summary of a room in which 3,355 sites were
_FOCUS: Final = ("focus@", "focus.", "jibri", "jigasi", "recorder")


@dataclass(frozen=True)
class Stay:
    """One stay, or as much of it as is told: *left_at* None for a coming, *joined_at* None for a going. *device* is by what
    the platform tells one coming and going from all others."""

    device: str
    name: str = ""
    address: str = ""
    external_id: str = ""
    joined_at: datetime | None = None
    left_at: datetime | None = None


@dataclass(frozen=True)
class Report:
    """What was told of the room *room*; *ended_at*: since when nobody is in it."""

    room: str
    stays: tuple[Stay, ...] = ()
    ended_at: datetime | None = None


def jitsi(raw: bytes) -> Report | None:
    """An event of Prosody's ``event_sync``; None for what is none. One that tells nothing of anybody is an empty report."""
    event = _read(raw)
    if not isinstance(event, dict) or not _text(event, "room_name"):
        return None
    room, place = _text(event, "room_name"), _text(event, "breakout_room_id") or _text(event, "room_jid")
    kind = _text(event, "event_name")
    if kind in ("muc-occupant-joined", "muc-occupant-left"):
        stay = _occupant(event.get("occupant"), place, joined_only=kind.endswith("joined"))
        return Report(room, (stay,) if stay is not None else ())
    if kind == "muc-room-destroyed":
        told = event.get("all_occupants")
        found = [_occupant(one, place) for one in (told if isinstance(told, list) else [])[:20_000]]
        ended = None if event.get("is_breakout") else _moment(event.get("destroyed_at"))
        return Report(room, tuple(stay for stay in found if stay is not None), ended)
    return Report(room)


def _occupant(told: Any, place: str, *, joined_only: bool = False) -> Stay | None:
    if not isinstance(told, dict):
        return None
    user = told.get("user") if isinstance(told.get("user"), dict) else {}
    device, joined = _text(told, "occupant_jid"), _moment(told.get("joined_at"))
    left = None if joined_only else _moment(told.get("left_at"))
    if not device or device.startswith(_FOCUS) or (joined is None and left is None):
        return None
    if joined is not None and left is not None and left < joined:
        return None
    name, address, own = (_text(told, key) or _text(user, key) for key in ("name", "email", "id"))
    return Stay(f"{place}|{device}"[:250], name, address, own, joined, left)


def bigbluebutton(event: str) -> list[Report] | None:
    """The field ``event`` of a webhook: one event, or as many as waited; None for what is none."""
    told = _read(event)
    events = told if isinstance(told, list) else [told]
    if not all(isinstance(one, dict) for one in events):
        return None
    return list(_webhooks(events[:2_000]))


def _webhooks(events: list[Any]) -> Iterator[Report]:
    for event in events:
        data = _map(event, "data")
        attributes, kind = _map(data, "attributes"), _text(data, "id")
        meeting, user = _map(attributes, "meeting"), _map(attributes, "user")
        room, inner = _text(meeting, "external-meeting-id"), _text(meeting, "internal-meeting-id")
        at = _moment(_map(data, "event").get("ts"), 1000)
        if not room or at is None:
            continue
        if kind == "meeting-ended":
            yield Report(room, ended_at=at)
        elif kind in ("user-joined", "user-left") and user.get("bot") is not True:
            device, own = _text(user, "internal-user-id"), _text(user, "external-user-id")
            if device or own:
                joined = kind == "user-joined"
                yield Report(
                    room,
                    (
                        Stay(
                            device=f"{inner}|{device or own}"[:250],
                            name=_text(user, "name"),
                            external_id=own,
                            joined_at=at if joined else None,
                            left_at=None if joined else at,
                        ),
                    ),
                )


def _read(raw: bytes | str) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def _map(told: Any, key: str) -> dict[str, Any]:
    found = told.get(key) if isinstance(told, dict) else None
    return found if isinstance(found, dict) else {}


def _text(told: Any, key: str) -> str:
    """The text under *key*, without what no database keeps; "" for anything else."""
    found = told.get(key) if isinstance(told, dict) else None
    if not isinstance(found, str):
        return ""
    sound = found.encode("utf-8", "replace").decode()[:1_000]
    return " ".join("".join(" " if c < " " or c == "\x7f" else c for c in sound).split())[:200]


def _moment(value: Any, per_second: int = 1) -> datetime | None:
    """Seconds (or milliseconds) since 1970 as an instant, None for what cannot be one of this century."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        seconds = int(value / per_second)
    except (ValueError, OverflowError):
        return None
    return datetime.fromtimestamp(seconds, UTC) if 946_684_800 <= seconds < 4_102_444_800 else None
