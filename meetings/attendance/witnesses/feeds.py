"""Events as they were pushed to us and kept, one on each line: Jitsi's event_sync, BigBlueButton's and LiveKit's webhooks.

Events come twice, come late, or not at all. Rows are made of joins and leaves, never of a platform's own summary: a rejoin
overwrites the stay before it there.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from meetings.attendance.witnesses.clocks import Clock, from_epoch
from meetings.attendance.witnesses.drafting import Draft, Ledger, Who
from meetings.attendance.witnesses.opening import as_map, as_maps, as_text

Event = dict[str, Any]
_GATEWAYS: Final = frozenset({"EGRESS", "INGRESS", "AGENT", "1", "2", "4"})
_FOCUS: Final = ("focus@", "focus.", "jibri", "jigasi", "recorder")


def jitsi(events: list[Event], draft: Draft, clock: Clock) -> None:
    """event_sync of Prosody. The summary of a destroyed room only fills in leaves that never came."""
    ledger = Ledger(draft)
    summed: list[tuple[str, Event]] = []
    for event in events:
        kind, room = as_text(event.get("event_name")), as_text(event.get("room_jid"))
        draft.title = draft.title or as_text(event.get("room_name"))
        if kind in ("muc-occupant-joined", "muc-occupant-left"):
            _occupant(ledger, draft, as_map(event.get("occupant")), room, joined=kind.endswith("joined"))
        elif kind == "muc-room-created":
            began = from_epoch(event.get("created_at"))
            draft.began_at = min(filter(None, (draft.began_at, began)), default=None)
        elif kind == "muc-room-destroyed":
            ended = from_epoch(event.get("destroyed_at"))
            ledger.ended(room, ended)
            if not event.get("is_breakout"):
                draft.ended_at = max(filter(None, (draft.ended_at, ended)), default=None)
            summed += [(room, one) for one in as_maps(event.get("all_occupants"))]
        else:
            draft.leave_out("another_event")
    for room, one in summed:
        _summed(ledger, draft, one, room)
    ledger.write()


def _occupant(ledger: Ledger, draft: Draft, told: Event, room: str, *, joined: bool) -> None:
    device = as_text(told.get("occupant_jid"))
    who = _jitsi_who(told)
    if device.startswith(_FOCUS) or not (device or who.external_id or who.name):
        return draft.leave_out("not_a_guest" if device else "nameless")
    key = room, device or who.external_id or who.name
    came = from_epoch(told.get("joined_at"))
    if joined:
        ledger.note(key, who, came, joined=True, room=room)
    else:
        ledger.note(key, who, from_epoch(told.get("left_at")), joined=False, room=room)
        ledger.since(key, came)
    return None


def _summed(ledger: Ledger, draft: Draft, told: Event, room: str) -> None:
    device = as_text(told.get("occupant_jid"))
    if device and not device.startswith(_FOCUS):
        who = _jitsi_who(told)
        ledger.fill((room, device), who, from_epoch(told.get("joined_at")), from_epoch(told.get("left_at")), room)


def _jitsi_who(told: Event) -> Who:
    user = as_map(told.get("user"))
    name, address, own = (as_text(told.get(key) or user.get(key)) for key in ("name", "email", "id"))
    return Who(name, address, own)


def webhooks(events: list[Event], draft: Draft, clock: Clock) -> None:
    """BigBlueButton: ``user-left`` has no name, so it is remembered; the end of the meeting ends every stay."""
    ledger = Ledger(draft)
    for event in events:
        data = as_map(event.get("data"))
        told = as_map(data.get("attributes"))
        meeting, user = as_map(told.get("meeting")), as_map(told.get("user"))
        at = from_epoch(as_map(data.get("event")).get("ts"), 1000)
        room, kind = as_text(meeting.get("internal-meeting-id")), as_text(data.get("id"))
        draft.title = draft.title or as_text(meeting.get("name"))
        if kind in ("user-joined", "user-left"):
            inner, own = as_text(user.get("internal-user-id")), as_text(user.get("external-user-id"))
            who = Who(as_text(user.get("name")), "", own)
            if user.get("bot") is True:
                draft.leave_out("not_a_guest")
            elif inner or own:
                ledger.note((room, inner or own), who, at, joined=kind == "user-joined", room=room)
            else:
                draft.leave_out("nameless")
        elif kind == "meeting-ended":
            ledger.ended(room, at)
            draft.ended_at = max(filter(None, (draft.ended_at, at)), default=None)
        elif kind == "meeting-created":
            draft.began_at = min(filter(None, (draft.began_at, at)), default=None)
        else:
            draft.leave_out("another_event")
    ledger.write()


def livekit(events: list[Event], draft: Draft, clock: Clock) -> None:
    """LiveKit: numbers are strings there, and every event has an id of its own."""
    ledger = Ledger(draft)
    seen: set[str] = set()
    for event in events:
        own = as_text(event.get("id"))
        if own and own in seen:
            draft.leave_out("repeated")
            continue
        seen.add(own)
        kind = as_text(event.get("event"))
        room, told = as_map(event.get("room")), as_map(event.get("participant"))
        place = as_text(room.get("sid") or room.get("name"))
        at = _said(event, "createdAt", "created_at")
        draft.title = draft.title or as_text(room.get("name"))
        if kind in ("participant_joined", "participant_left", "participant_connection_aborted"):
            who = Who(as_text(told.get("name")), "", as_text(told.get("identity")))
            device = as_text(told.get("sid")) or who.external_id
            if as_text(told.get("kind")) in _GATEWAYS:
                draft.leave_out("not_a_guest")
                continue
            came = _said(told, "joinedAt", "joined_at")
            if kind == "participant_joined":
                ledger.note((place, device), who, came or at, joined=True, room=place)
            else:
                ledger.note((place, device), who, at, joined=False, room=place)
                ledger.since((place, device), came)
        elif kind == "room_finished":
            ledger.ended(place, at)
            draft.ended_at = max(filter(None, (draft.ended_at, at)), default=None)
        elif kind == "room_started":
            draft.began_at = min(filter(None, (draft.began_at, at)), default=None)
        else:
            draft.leave_out("another_event")
    ledger.write()


def _said(told: Event, *keys: str) -> datetime | None:
    return next((at for key in keys if (at := from_epoch(told.get(key)))), None)
