"""Platforms that report by themselves: authenticated, once, in any order, and matched by the id that we gave."""

from __future__ import annotations

import hashlib
import itertools
import json
import threading
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask

from config import BigBlueButton as BigBlueButtonSettings
from meetings import adapters
from meetings.attendance import listening, reports, side_by_side
from meetings.attendance.models import Connection, Witness
from meetings.database import db
from meetings.journal.models import Entry
from meetings.scheduling import rooms
from meetings.scheduling.models import Meeting, MeetingSite, PlatformRoom
from meetings.scheduling.room_rules import RoomStatus
from meetings.worker import beside
from tests import make
from tests.adapters.test_platforms import SECRET, FakeBigBlueButton, said
from tests.conftest import Clock, House, settings


@pytest.fixture
def on_jitsi(meeting: Meeting, clock: Clock) -> Meeting:
    meeting.platform = "jitsi"
    clock.at("2026-12-10 11:30")
    make.done()
    return meeting


def joined(
    meeting: Meeting, site: MeetingSite | None, at: str, *, device: str = "a@guest/1", left: str = ""
) -> dict[str, Any]:
    seat = rooms.seat_of(site) if site else None
    occupant: dict[str, Any] = {"occupant_jid": device, "joined_at": int(make.at(f"2026-12-10 {at}").timestamp())}
    occupant |= {"id": seat.id, "name": seat.name} if seat else {"name": "Máy lạ"}
    if left:
        occupant["left_at"] = int(make.at(f"2026-12-10 {left}").timestamp())
    return {
        "event_name": "muc-occupant-left" if left else "muc-occupant-joined",
        "room_name": rooms.name_of(meeting),
        "room_jid": f"{rooms.name_of(meeting)}@conference.meet.example",
        "is_breakout": False,
        "occupant": occupant,
    }


def post(client: Any, event: Any, *, bearer: str | None = None) -> int:
    what = "left" if isinstance(event, dict) and "left" in str(event.get("event_name")) else "joined"
    headers = {"Authorization": f"Bearer {listening.bearer() if bearer is None else bearer}"}
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    path = f"/feeds/jitsi/events/occupant/{what}"
    return int(
        client.post(path, data=body, headers=headers, content_type="application/json", with_token=False).status_code
    )


def stays() -> list[tuple[str, str, str]]:
    db.session.expire_all()
    rows = db.session.query(Connection).order_by(Connection.joined_at)
    return [(row.name, on_the_wall(row.joined_at), on_the_wall(row.left_at)) for row in rows]


def on_the_wall(at: datetime | None) -> str:
    return f"{at.astimezone(make.clock.HANOI):%H:%M}" if at else "…"


def test_every_order_and_every_repeat_of_the_events_tells_the_same(
    browser: Any, on_jitsi: Meeting, nghe_an: MeetingSite
) -> None:
    events = [
        joined(on_jitsi, nghe_an, "07:58"),
        joined(on_jitsi, nghe_an, "07:58", left="08:20"),
        joined(on_jitsi, nghe_an, "08:41"),
        joined(on_jitsi, nghe_an, "08:41", left="11:02"),
    ]
    client = browser()
    for order in itertools.permutations(events):
        db.session.query(Connection).delete()
        db.session.query(Witness).delete()
        make.done()
        for event in (*order, order[0], order[2]):
            assert post(client, event) == 204
        assert stays() == [("Nghệ An", "07:58", "08:20"), ("Nghệ An", "08:41", "11:02")]
    row = db.session.query(Connection).first()
    assert (row.meeting_site_id, row.matched_by) == (nghe_an.id, "id")
    heard = db.session.query(Entry).filter_by(fact="witness.heard").count()
    assert heard == 24, "one fact a witness, not one an event"


def test_a_leave_that_was_lost_lasts_until_the_room_was_empty(
    browser: Any, on_jitsi: Meeting, nghe_an: MeetingSite
) -> None:
    client = browser()
    assert post(client, joined(on_jitsi, nghe_an, "08:00")) == 204
    end = {
        "event_name": "muc-room-destroyed",
        "room_name": rooms.name_of(on_jitsi),
        "room_jid": "r@c",
        "destroyed_at": int(make.at("2026-12-10 10:00").timestamp()),
        "all_occupants": [],
    }
    assert post(client, end) == 204
    make.done()
    on_jitsi.ended_at = make.at("2026-12-10 11:00")
    rows = side_by_side.comparison(on_jitsi).sites
    machine = next(row for row in rows if row.id == nghe_an.id).both.machine
    assert machine[0].end == make.at("2026-12-10 10:00")


def test_who_is_not_ours_tells_nothing_and_learns_nothing(
    browser: Any, on_jitsi: Meeting, nghe_an: MeetingSite, ha_tinh: MeetingSite
) -> None:
    client = browser()
    event = joined(on_jitsi, nghe_an, "08:00")
    for bearer in ("", "x", "0" * 64, listening.bearer()[:-1], "é" * 64):
        assert post(client, event, bearer=bearer) == 403
    strange = {**event, "room_name": "hop-cua-nguoi-khac"}
    assert post(client, strange) == 204, "a room that is not ours is answered as one that is"
    for body in (b"", b"{", b"[]", b"null", b'{"room_name": 7}', b"[" * 100_000):
        assert post(client, body) == 400
    rehearsal = joined(on_jitsi, nghe_an, "06:00", device="early")
    assert post(client, rehearsal) == 204
    assert stays() == []
    other = make.meeting(sites=[nghe_an.site], status=on_jitsi.status)
    theirs = joined(on_jitsi, make.sites_of(other)[0], "08:05", device="b")
    assert post(client, theirs) == 204
    assert db.session.query(Connection).one().meeting_site_id is None, "the id of another meeting's site means nobody"
    assert post(client, b"x" * (reports.MOST + 1)) == 413


# --- BigBlueButton ---------------------------------------------------------------------------------------------------


class Server(FakeBigBlueButton):
    """It also tells who is in its rooms."""

    def __init__(self) -> None:
        super().__init__()
        self.people: list[tuple[str, str]] = []

    def answer(self, call: str, values: dict[str, str]) -> str:
        if call != "getMeetingInfo":
            return super().answer(call, values)
        if not self.people:
            return said("FAILED", messageKey="notFound")
        return said("SUCCESS", attendees="".join(person(*one) for one in self.people))


def person(id: str, name: str) -> str:
    return f"<attendee><userID>{id}</userID><fullName>{name}</fullName><role>VIEWER</role></attendee>"


@pytest.fixture
def on_bbb(app: Flask, meeting: Meeting, clock: Clock, house: House) -> Iterator[tuple[Meeting, Server]]:
    """The meeting in session on a BigBlueButton of this machine, its room ready."""
    with Server() as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        before = app.extensions["config"], app.extensions["platforms"]
        mine = settings(house.instance, house.url, platforms=(BigBlueButtonSettings(server.url, SECRET),))
        app.extensions["config"], app.extensions["platforms"] = mine, adapters.platforms_of(mine)
        clock.at("2026-12-10 08:00")
        meeting.platform = "bigbluebutton"
        db.session.add(
            PlatformRoom(
                meeting_id=meeting.id, platform="bigbluebutton", status=RoomStatus.READY, external_id=rooms.name_of(meeting),
                attempts=0, fault="", details={},
            )
        )  # fmt: skip
        make.done()
        yield meeting, server
        server.shutdown()
        app.extensions["config"], app.extensions["platforms"] = before


def test_the_worker_looks_who_is_in_and_a_server_that_is_away_ends_nobodys_stay(
    app: Flask, on_bbb: tuple[Meeting, Server], nghe_an: MeetingSite, clock: Clock
) -> None:
    meeting, server = on_bbb
    inside = [(rooms.seat_id(nghe_an.id), "Nghệ An"), ("user-3", "Bà Hoa"), ("", "Khách")]
    for wall, people, fault in (
        ("08:00", inside, ""),
        ("08:00", [], "500"),  # asked too soon: not asked
        ("08:10", inside, ""),
        ("08:20", [], "500"),  # away
        ("08:30", inside[:1], ""),
        ("08:40", [], ""),
        ("08:50", inside[:1], ""),
    ):
        clock.at(f"2026-12-10 {wall}")
        server.people, server.fault = people, fault
        make.done()
        beside.watch_rooms(app)
    assert stays() == [
        ("Bà Hoa", "08:00", "08:10"), ("Khách", "08:00", "08:10"), ("Nghệ An", "08:00", "08:30"), ("Nghệ An", "08:50", "…"),
    ] or sorted(stays()) == sorted([
        ("Nghệ An", "08:00", "08:30"), ("Bà Hoa", "08:00", "08:10"), ("Khách", "08:00", "08:10"), ("Nghệ An", "08:50", "…"),
    ])  # fmt: skip
    by = {row.name: row.matched_by for row in db.session.query(Connection)}
    assert by == {"Nghệ An": "id", "Bà Hoa": "nobody", "Khách": ""}
    assert db.session.query(Entry).filter_by(root=meeting.code, fact="witness.heard").count() == 1


def hook(client: Any, events: list[Any], *, secret: str = SECRET, algorithm: str = "sha1") -> int:
    body = urlencode({"domain": "bbb.example", "event": json.dumps(events), "timestamp": "1795314311"}).encode()
    url = b"http://hop.example/feeds/bigbluebutton"
    checksum = hashlib.new(algorithm, url + body + secret.encode()).hexdigest()
    path = f"/feeds/bigbluebutton?checksum={checksum}"
    kind = "application/x-www-form-urlencoded"
    return int(client.post(path, data=body, content_type=kind, with_token=False).status_code)


def came(meeting: Meeting, what: str, wall: str, *, device: str = "w_1", seat: str = "", name: str = "") -> Any:
    user = {"internal-user-id": device, "external-user-id": seat} | ({"name": name} if name else {})
    return {
        "data": {
            "type": "event",
            "id": what,
            "attributes": {
                "meeting": {"internal-meeting-id": "abc-1", "external-meeting-id": rooms.name_of(meeting)},
                "user": user,
            },
            "event": {"ts": int(make.at(f"2026-12-10 {wall}").timestamp()) * 1000 + 620},
        }
    }


def test_webhooks_count_only_under_the_secret_and_the_looks_stand_aside(
    app: Flask, browser: Any, on_bbb: tuple[Meeting, Server], nghe_an: MeetingSite, clock: Clock
) -> None:
    meeting, server = on_bbb
    clock.at("2026-12-10 11:10")
    client, seat = browser(), rooms.seat_id(nghe_an.id)
    events = [
        came(meeting, "user-joined", "07:58", seat=seat, name="Nghệ An"),
        came(meeting, "user-left", "08:20", seat=seat),
        came(meeting, "user-joined", "08:41", seat=seat, name="Nghệ An"),
        came(meeting, "user-left", "11:02", seat=seat),
    ]
    assert hook(client, events, secret="wrong") == 403
    assert hook(client, events, algorithm="md5") == 403
    for order in itertools.permutations(events):
        if order.index(events[1]) < order.index(events[2]) < order.index(events[3]) or order == tuple(events):
            db.session.query(Connection).delete()
            make.done()
            for event in (*order, order[1]):
                assert hook(client, [event]) == 204
            assert stays() == [("Nghệ An", "07:58", "08:20"), ("Nghệ An", "08:41", "11:02")], order
    assert hook(client, events, algorithm="sha256") == 204
    assert hook(client, [came(meeting, "meeting-ended", "11:03")]) == 204
    assert len(stays()) == 2
    server.people = [("", "Khách")]
    meeting.status = type(meeting.status)("in_session")
    make.done()
    beside.watch_rooms(app)
    assert db.session.query(Witness).count() == 1, "who reports by himself is not looked at as well"
