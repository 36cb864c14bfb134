"""Hours that are taken by what is no meeting of ours: typed in, or read from a calendar kept elsewhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from meetings import clock as wall_clock
from meetings.accounts.models import User
from meetings.adapters.feeds import Failed, Fetched, Unchanged, Why
from meetings.database import db
from meetings.directory.models import Room
from meetings.errors import Refused
from meetings.journal.models import Entry
from meetings.scheduling import blocking, holding, occupancy
from meetings.scheduling.busy_words import FAULT_WORDS
from meetings.scheduling.feed_reading import Unclear
from meetings.scheduling.models import Booking, Busy, BusyKind, Feed
from meetings.scheduling.rules import Status
from meetings.worker import beside
from tests import make
from tests.conftest import Clock


def facts(start: str) -> list[str]:
    return list(db.session.scalars(sa.select(Entry.fact).where(Entry.fact.startswith(start)).order_by(Entry.id)))


def taken(busy: Busy) -> list[Booking]:
    return list(db.session.scalars(sa.select(Booking).where(Booking.busy_id == busy.id).order_by(Booking.starts_at)))


def calendar(*hours: str) -> bytes:
    """``20261210T080000/90`` Hà Nội time and minutes, one event each."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x"]
    for n, hour in enumerate(hours):
        start, minutes = hour.split("/")
        lines += ["BEGIN:VEVENT", f"UID:{n}", f"DTSTART;TZID=Asia/Ho_Chi_Minh:{start}"]
        lines += [f"DURATION:PT{minutes}M", f"SUMMARY:Việc {n}", "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


# ------------------------------------------------------------------ typed in


def test_a_block_takes_its_hours_from_nobody_by_force_and_gives_them_back(app: Flask, secretary: User) -> None:
    site, actor = make.site(make.NGHE_AN), make.actor(secretary)
    made = blocking.block(
        site, BusyKind.MAINTENANCE, make.at("2026-12-10 08:00"), make.at("2026-12-15 17:00"), title="Sửa", actor=actor
    )
    pieces = taken(made)
    assert pieces[0].starts_at == make.at("2026-12-10 08:00") and pieces[-1].ends_at == make.at("2026-12-15 17:00")
    assert all(p.site_id == site.id and not p.exclusive and p.expires_at is None for p in pieces)
    assert all(a.ends_at == b.starts_at for a, b in zip(pieces, pieces[1:], strict=False)), "in pieces without a gap"
    meeting = make.meeting(status=Status.DRAFT, sites=[site])
    with pytest.raises(Refused, match="Nghệ An"):
        holding.take(meeting, actor=actor)
    blocking.lift(made, actor=actor)
    assert taken(made) == [] and facts("block.") == ["block.made", "block.lifted"]
    holding.take(meeting, actor=actor)


@pytest.mark.parametrize(
    ("first", "last", "kind", "field"),
    [
        ("2026-12-10 08:00", "2026-12-10 08:00", "maintenance", "last_day"),
        ("2026-11-10 08:00", "2026-11-20 08:00", "maintenance", "last_day"),
        ("2026-12-10 08:00", "2028-01-10 08:00", "maintenance", "last_day"),
        ("2029-12-10 08:00", "2029-12-11 08:00", "maintenance", "first_day"),
        ("2026-12-10 08:00", "2026-12-11 08:00", "leave", "kind"),  # sites go on no leave
        ("2026-12-10 08:00", "2026-12-11 08:00", "feed", "kind"),
    ],
)
@pytest.mark.only("sqlite")
def test_hours_that_cannot_be_meant_are_refused_at_their_field(
    app: Flask, secretary: User, first: str, last: str, kind: str, field: str
) -> None:
    with pytest.raises(Refused) as refused:
        blocking.block(make.site(), BusyKind(kind), make.at(first), make.at(last), actor=make.actor(secretary))
    assert refused.value.field == field


def test_a_meeting_that_was_sent_is_told_of_and_never_changed(app: Flask, secretary: User, clock: Clock) -> None:
    actor = make.actor(secretary)
    host, guest = make.site(make.MINISTRY), make.site(make.NGHE_AN)
    other_room = Room(site_id=host.id, name="Phòng 3B", in_service=True)
    db.session.add(other_room)
    chair = make.person()
    sent = make.meeting(status=Status.SCHEDULED, sites=[guest], chair_id=chair.id, secretary=secretary)
    holding.confirm(sent, actor=actor)
    early = blocking.block(guest, BusyKind.OTHER, sent.starts_at, sent.ends_at, actor=actor)
    early.made_at = sent.sent_at - timedelta(days=1)  # known and accepted when it was sent
    clock.forward(minutes=5)
    before = (sent.status, sent.sequence, sent.starts_at, sent.edition)
    hour = timedelta(hours=1)
    over = [
        blocking.block(guest, BusyKind.MAINTENANCE, sent.ends_at - hour, sent.ends_at + hour, actor=actor),
        blocking.block(chair, BusyKind.LEAVE, sent.starts_at - 60 * hour, sent.ends_at + 60 * hour, actor=actor),
        blocking.block(host, BusyKind.MAINTENANCE, sent.starts_at, sent.starts_at + hour, actor=actor),
    ]
    beside = [
        blocking.block(other_room, BusyKind.MAINTENANCE, sent.starts_at, sent.ends_at, actor=actor),
        blocking.block(guest, BusyKind.OTHER, sent.ends_at, sent.ends_at + hour, actor=actor),
        blocking.block(make.site(make.SAI_GON), BusyKind.OTHER, sent.starts_at, sent.ends_at, actor=actor),
    ]
    db.session.flush()
    assert {one.busy.id for one in occupancy.disturbed_by([*over, *beside], actor)} == {busy.id for busy in over}
    assert {one.busy.id for one in occupancy.since_sending([sent])[sent.id]} == {busy.id for busy in over}
    assert (sent.status, sent.sequence, sent.starts_at, sent.edition) == before
    for busy in over:
        blocking.lift(busy, actor=actor)
    assert occupancy.since_sending([sent]) == {}


# ------------------------------------------------------------------ kept elsewhere


def kept(feed: Feed) -> list[tuple[str, str]]:
    rows = db.session.scalars(sa.select(Busy).where(Busy.feed_id == feed.id).order_by(Busy.starts_at))
    return [
        (f"{wall_clock.wall(b.starts_at):%d/%m %H:%M}", f"{wall_clock.wall(b.ends_at):%H:%M} {b.title}".strip())
        for b in rows
    ]


def known_rows() -> set[tuple[Any, ...]]:
    return {tuple(row) for row in db.session.execute(sa.select(Busy.id, Busy.made_at))}


def read(app: Flask, answer: Any, *, alone: bool = True) -> list[tuple[str, str]]:
    """Let the worker read what is due, the other side giving *answer*; returns what it was asked."""
    asked: list[tuple[str, str]] = []
    pool, one = db.engine.pool, db.engine.dialect.name == "postgresql"  # there the lock of the work has a connection

    def fetch(url: str, etag: str) -> Any:
        asked.append((url, etag))
        if alone and pool.checkedout() > one:
            asked.append(("a transaction is open while the outside is waited for", ""))
        if isinstance(answer, Exception):
            raise answer
        return answer

    before, app.extensions["feeds"] = app.extensions["feeds"], fetch
    db.session.commit()
    try:
        beside.read_feeds(app)
    finally:
        app.extensions["feeds"] = before
    db.session.rollback()
    return asked


def test_a_calendar_kept_elsewhere_is_read_again_and_again_and_only_changes_are_written(
    app: Flask, secretary: User, clock: Clock
) -> None:
    actor, site = make.actor(secretary), make.site(make.NGHE_AN)
    feed = blocking.subscribe(site, "https://lich.example/a.ics", keeps_titles=True, actor=actor)
    assert read(app, Fetched(calendar("20261210T080000/90", "20261211T080000/60"), '"1"')) == [(feed.url, "")]
    assert kept(feed) == [("10/12 08:00", "09:30 Việc 0"), ("11/12 08:00", "09:00 Việc 1")]
    first = known_rows()
    assert read(app, Fetched(b"")) == [], "not due before half an hour has passed"
    clock.forward(minutes=31)
    assert read(app, Unchanged()) == [(feed.url, '"1"')]
    clock.forward(hours=24)
    # a new day: it is read whole, so that the horizon moves on; what is still there keeps its row and its instant
    assert read(app, Fetched(calendar("20261210T080000/90", "20261212T080000/60"), '"2"')) == [(feed.url, "")]
    assert kept(feed) == [("10/12 08:00", "09:30 Việc 0"), ("12/12 08:00", "09:00 Việc 1")]
    assert len(first & known_rows()) == 1
    bookings = db.session.scalar(sa.select(sa.func.count(Booking.id)))
    assert bookings == 2 and not db.session.scalar(sa.select(Booking.id).where(Booking.exclusive))
    assert facts("feed.") == ["feed.subscribed", "feed.read", "feed.read"]
    blocking.unsubscribe(feed, actor=actor)
    assert kept(feed) == [] and not db.session.scalar(sa.select(sa.func.count(Booking.id)))
    clock.forward(hours=1)
    assert read(app, Fetched(b"")) == []


def test_what_lasts_for_years_does_not_become_news_every_day(app: Flask, secretary: User, clock: Clock) -> None:
    site = make.site(make.NGHE_AN)
    feed = blocking.subscribe(site, "https://lich.example/a.ics", keeps_titles=False, actor=make.actor(secretary))
    endless = calendar("20261101T000000/2000000")
    read(app, Fetched(endless))
    first = db.session.scalars(sa.select(Busy)).one()
    known, id = first.made_at, first.id
    clock.forward(days=1)
    read(app, Fetched(endless))
    again = db.session.scalars(sa.select(Busy)).one()
    assert (again.id, again.made_at) == (id, known)
    assert again.ends_at == feed.covers_until
    assert max(b.ends_at for b in taken(again)) == again.ends_at


def test_a_calendar_that_cannot_be_read_for_a_day_is_unknown_and_says_why(
    app: Flask, secretary: User, clock: Clock
) -> None:
    site = make.site(make.NGHE_AN)
    feed = blocking.subscribe(site, "https://lich.example/a.ics", keeps_titles=False, actor=make.actor(secretary))
    hour = (make.at("2026-12-10 08:00"), make.at("2026-12-10 09:00"))
    assert site.id in occupancy.unknown_between(*hour).sites, "not read yet"
    read(app, Fetched(calendar("20261210T080000/60")))
    assert site.id not in occupancy.unknown_between(*hour).sites
    late = (make.at("2028-03-01 08:00"), make.at("2028-03-01 09:00"))
    assert site.id in occupancy.unknown_between(*late).sites, "nobody has looked that far"
    for answer in (Failed(Why.TOO_SLOW), Fetched(b"<html>"), RuntimeError("nobody thought of this")):
        clock.forward(hours=7)
        read(app, answer)
        assert site.id not in occupancy.unknown_between(*hour).sites, "one bad try is not yet ignorance"
    assert feed.fault == Unclear.BROKEN_EVENTS and len(kept(feed)) == 1, "what was known is still shown"
    clock.forward(hours=7)
    assert site.id in occupancy.unknown_between(*hour).sites
    read(app, Fetched(calendar("20261210T080000/60")))
    assert site.id not in occupancy.unknown_between(*hour).sites and feed.fault == ""
    assert facts("feed.") == ["feed.subscribed", "feed.read", "feed.failed", "feed.recovered"]


def test_calendars_that_are_not_kept_here_are_unknown_and_never_free(app: Flask, secretary: User) -> None:
    ours, theirs = make.site(make.NGHE_AN), make.site(make.HA_TINH)
    theirs.calendar_kept = False
    minister, deputy = make.person(), make.person("Trần Thứ Trưởng", calendar_kept=True)
    room = db.session.scalars(sa.select(Room).where(Room.site_id == ours.id)).one()
    actor = make.actor(secretary)
    hour = (make.at("2026-12-10 08:00"), make.at("2026-12-10 09:00"))
    unknown = occupancy.unknown_between(*hour)
    assert (unknown.sites, unknown.people, unknown.rooms) == ({theirs.id}, {minister.id}, set())
    for whose in (theirs, minister, room):
        blocking.subscribe(whose, "webcal://lich.example/b.ics", keeps_titles=False, actor=actor)
    assert occupancy.unknown_between(*hour).rooms == {room.id}
    read(app, Fetched(calendar()), alone=False)
    assert occupancy.unknown_between(*hour) == (set(), set(), set())
    assert deputy.id not in unknown.people


@pytest.mark.only("sqlite")
@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://a.example/x",
        "a.example/x.ics",
        "file:///etc/passwd",
        "https://",
        "http://a b.example/",
        "http://[::1",
    ],
)
def test_what_is_no_address_of_a_calendar_is_refused_at_its_field(app: Flask, secretary: User, url: str) -> None:
    with pytest.raises(Refused) as refused:
        blocking.subscribe(make.site(), url, keeps_titles=False, actor=make.actor(secretary))
    assert refused.value.field == "url"


@pytest.mark.only("sqlite")
def test_one_calendar_is_subscribed_to_once_for_the_same_place(app: Flask, secretary: User) -> None:
    site, actor, url = make.site(), make.actor(secretary), "https://lich.example/a.ics"
    room = db.session.scalars(sa.select(Room).where(Room.site_id == site.id)).one()
    blocking.subscribe(site, url, keeps_titles=False, actor=actor)
    blocking.subscribe(room, url, keeps_titles=False, actor=actor)
    with pytest.raises(Refused):
        blocking.subscribe(site, url, keeps_titles=True, actor=actor)


def test_everything_that_can_go_wrong_with_a_calendar_has_its_words() -> None:
    assert set(FAULT_WORDS) == {*Why, *Unclear}
