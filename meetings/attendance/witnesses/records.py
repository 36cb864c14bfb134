"""JSON answers of platforms that keep the history themselves: Graph, Zoom, Meet, TrueConf, Pexip, BigBlueButton's dashboard.

Each reader takes all pages of one file. A field that is missing or of another kind than it should be is an empty one.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from meetings.attendance.witnesses.clocks import Clock, from_epoch, from_iso, offset, zone_of
from meetings.attendance.witnesses.drafting import Draft, Who
from meetings.attendance.witnesses.opening import as_map, as_maps, as_text

Page = dict[str, Any]
_WAITING: Final = frozenset({"in_waiting_room", "waiting", "lobby"})


def _seconds(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return int(float(value)) if len(str(value)[:20]) < 20 else None
    except (ValueError, OverflowError):
        return None


def _items(pages: list[Page], *keys: str) -> Iterator[Page]:
    for page in pages:
        yield from next((as_maps(page[key]) for key in keys if isinstance(page.get(key), list)), [])


def graph(pages: list[Page], draft: Draft, clock: Clock) -> None:
    """attendanceRecords of Microsoft Graph, or a whole attendanceReport."""
    for page in pages:
        draft.began_at = draft.began_at or from_iso(page.get("meetingStartDateTime"))
        draft.ended_at = draft.ended_at or from_iso(page.get("meetingEndDateTime"))
    for one in _items(pages, "value", "attendanceRecords"):
        if any(as_maps(one.get("attendanceRecords"))):  # a list of whole reports
            graph([one], draft, clock)
            continue
        identity = as_map(one.get("identity"))
        who = Who(as_text(identity.get("displayName")), as_text(one.get("emailAddress")), as_text(identity.get("id")))
        spans = as_maps(one.get("attendanceIntervals"))
        for span in spans:
            _add(draft, who, from_iso(span.get("joinDateTime")), from_iso(span.get("leaveDateTime")), span)
        if not spans:
            draft.add(who, None, None, _seconds(one.get("totalAttendanceInSeconds")))


def zoom(pages: list[Page], draft: Draft, clock: Clock) -> None:
    """The report of participants: one record for each time somebody joined; who waits outside is not in."""
    for one in _items(pages, "participants"):
        if as_text(one.get("status")) in _WAITING:
            draft.leave_out("waiting_room")
            continue
        ids = ("registrant_id", "customer_key", "participant_user_id", "id")
        who = Who(
            as_text(one.get("name") or one.get("user_name")),
            as_text(one.get("user_email") or one.get("email")),
            next((said for key in ids if (said := as_text(one.get(key)))), ""),
        )
        _add(draft, who, from_iso(one.get("join_time")), from_iso(one.get("leave_time")), one)


def meet(pages: list[Page], draft: Draft, clock: Clock) -> None:
    """Participants of a conferenceRecord, and their sessions where the file holds them too."""
    sessions: dict[str, list[Page]] = {}
    for page in pages:
        for key, held in page.items():
            if key.startswith("participantSessions"):
                for one in as_maps(held):
                    sessions.setdefault(as_text(one.get("name")).partition("/participantSessions/")[0], []).append(one)
    known: set[str] = set()
    for one in _items(pages, "participants"):
        name = as_text(one.get("name"))
        signed_in = as_map(one.get("signedinUser"))
        told = signed_in or as_map(one.get("anonymousUser")) or as_map(one.get("phoneUser"))
        who = Who(as_text(told.get("displayName")), "", as_text(signed_in.get("user")))
        known.add(name)
        if spans := sessions.get(name):
            for span in spans:
                _add(draft, who, from_iso(span.get("startTime")), from_iso(span.get("endTime")), span)
        else:
            came, went = from_iso(one.get("earliestStartTime")), from_iso(one.get("latestEndTime"))
            draft.faults.add("first_and_last")
            _add(draft, who, came, went, one)
    for name, spans in sessions.items():
        if name not in known:
            draft.leave_out("nameless", len(spans))


def trueconf(pages: list[Page], draft: Draft, clock: Clock) -> None:
    """Participants of a call: PHP DateTime objects in the zone they name, or plain times of the server."""
    items = list(_items(pages, "participants", "list", "items", "logs"))
    clock.settle(text for one in items for key in ("join_time", "leave_time") if (text := as_text(one.get(key))))
    for one in items:
        who = Who(
            as_text(one.get("display_name") or one.get("name")), as_text(one.get("email")), as_text(one.get("call_id"))
        )
        came, went = (_php(one.get(key), clock) for key in ("join_time", "leave_time"))
        _add(draft, who, came, went, one)


def _php(value: object, clock: Clock) -> datetime | None:
    """``{"date": "2026-11-25 07:58:40.000000", "timezone_type": 3, "timezone": "Asia/Ho_Chi_Minh"}``."""
    if isinstance(value, dict):
        named = as_text(value.get("timezone"), 60)
        zone = offset(named) or zone_of(named)
        if zone is None:
            return clock.read(as_text(value.get("date")))
        return from_iso(as_text(value.get("date")), zone)
    return from_epoch(value) or clock.read(as_text(value))


def pexip(pages: list[Page], draft: Draft, clock: Clock) -> None:
    """The history of participants: UTC though it does not say so; the dialled alias may be the site's own."""
    for page in pages:
        if as_map(page.get("meta")).get("next"):
            draft.faults.add("cut_short")
    if sum(bool(as_map(page.get("meta")).get("next")) for page in pages) < len(pages):
        draft.faults.discard("cut_short")  # the last page is among them
    for one in _items(pages, "objects"):
        draft.title = draft.title or as_text(one.get("conference_name"))
        address = as_text(one.get("remote_alias"), 254)
        who = Who(
            as_text(one.get("display_name")) or address,
            address.partition(":")[2] if address.partition(":")[0] in ("h323", "sip", "sips", "tel") else address,
            as_text(one.get("local_alias")),
        )
        if as_text(one.get("service_type")) in (
            "waiting_room",
            "ivr",
            "two_stage_dialing",
            "insufficient_screen_licenses",
        ):
            draft.leave_out("waiting_room")
            continue
        _add(draft, who, from_iso(one.get("start_time")), from_iso(one.get("end_time")), one)


def dashboard(pages: list[Page], draft: Draft, clock: Clock) -> None:
    """BigBlueButton's learning dashboard: version 2 has one stay for each inner id, version 3 several sessions."""
    for page in pages:
        draft.title = draft.title or as_text(page.get("name"))
        draft.began_at = draft.began_at or from_epoch(page.get("createdOn"), 1000)
        draft.ended_at = draft.ended_at or from_epoch(page.get("endedOn"), 1000)
        for user in as_maps(page.get("users")):
            who = Who(as_text(user.get("name")), "", as_text(user.get("extId")))
            told = user.get("intIds")
            for inner in as_maps(told):
                for stay in as_maps(inner.get("sessions")) or [inner]:
                    came, went = from_epoch(stay.get("registeredOn"), 1000), from_epoch(stay.get("leftOn"), 1000)
                    _add(draft, who, came, went, {})
            if not as_maps(told):
                came, went = from_epoch(user.get("registeredOn"), 1000), from_epoch(user.get("leftOn"), 1000)
                _add(draft, who, came, went, {})


def _add(draft: Draft, who: Who, came: datetime | None, went: datetime | None, told: Page) -> None:
    """A row; a record that tells no time and no length is one too few, not a reason to stop."""
    spent = next(
        (found for key in ("duration", "durationInSeconds") if (found := _seconds(told.get(key))) is not None), None
    )
    draft.add(who, came, went, spent)
