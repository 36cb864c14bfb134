"""The short way of a press behind a private link: it keeps what the long way keeps, and nothing that the long way refuses."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from meetings.accounts.rules import Actor
from meetings.attendance import services
from meetings.attendance.models import Mark, Presence, Roll
from meetings.attendance.rules import RollStatus
from meetings.clock import now
from meetings.database import db
from meetings.directory.models import Contact
from meetings.invitations import doorstep
from meetings.journal.models import Entry, Payload
from meetings.scheduling.models import MeetingSite
from tests import make
from tests.conftest import Clock
from tests.pages import Client


@pytest.fixture
def session(here: MeetingSite, clock: Clock) -> MeetingSite:
    """Nghệ An ten minutes after the meeting was opened, its roll open."""
    clock.at("2026-12-10 08:10")
    services.open_roll(here.meeting, actor=Actor("user:1", "Nguyễn Thị Hoa", 1))
    make.done()
    return here


def send(client: Client, link: str, **values: str) -> int:
    token = client.get(f"{link}/check-in").soup.select_one("[name=csrf_token]")["value"]
    return client.post(f"{link}/check-in", data={"csrf_token": token, "once": "k1", "age": "0.2", **values}).status_code


def kept(site: MeetingSite) -> list[object]:
    """All that stands about the presence of *site*, but for what numbers and clocks make of it."""
    db.session.expire_all()
    of = {"meeting_site_id": site.id}
    rows = [*db.session.query(Mark).filter_by(**of), *db.session.query(Presence).filter_by(**of)]
    loose = ("id", "meeting_site_id", "once", "at", "since", "joined_at", "marked_at", "by", "actor")
    told: list[object] = [
        [(c, getattr(r, c)) for c in (column.name for column in r.__table__.c) if c not in loose] for r in rows
    ]
    entry = db.session.query(Entry).filter_by(subject=f"presence:{site.id}").one()
    payload = db.session.get_one(Payload, entry.id)
    return [*told, entry.fact, entry.root, sorted(payload.data)]


def test_the_short_way_keeps_what_the_long_way_keeps_and_asks_little(
    client: Client, session: MeetingSite, link: str
) -> None:
    other = make.sites_of(session.meeting)[1]
    services.check_in(other, 7, actor=Actor.link(99, other.name), once="k2", age=0.2)
    make.done()
    token = client.get(f"{link}/check-in").soup.select_one("[name=csrf_token]")["value"]
    asked: list[str] = []
    form = {"csrf_token": token, "once": "k1", "age": "0.2", "head_count": "7"}

    def note(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert client.post(f"{link}/check-in", data=form).status_code == 303
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert client.post(f"{link}/check-in", data=form).status_code == 303
    small = [text for text in asked if text.startswith(("SELECT", "INSERT", "UPDATE"))]
    assert len(small) <= (8 if db.engine.dialect.name == "sqlite" else 11), small
    assert kept(session) == kept(other)
    assert db.session.query(Mark).filter_by(meeting_site_id=session.id).count() == 1, "sent twice, kept once"


def ended(site: MeetingSite) -> None:
    make.invitation_of(site).link.ended_at = now()


def taken_out(site: MeetingSite) -> None:
    site.removed_at = now()


def stopped(site: MeetingSite) -> None:
    site.site.in_service = False


def left_office(site: MeetingSite) -> None:
    for contact in db.session.scalars(sa.select(Contact).where(Contact.site_id == site.site_id)):
        contact.valid_to = now()


def newer(site: MeetingSite) -> None:
    make.invitation_of(site).link.issue += 1


def roll_closed(site: MeetingSite) -> None:
    roll = db.session.scalars(sa.select(Roll).where(Roll.meeting_id == site.meeting_id)).one()
    roll.status, roll.closed_at = RollStatus.CLOSED, now()


@pytest.mark.parametrize(
    ("what", "status"),
    [(ended, 410), (taken_out, 410), (stopped, 410), (left_office, 410), (newer, 410), (roll_closed, 409)],
)
def test_what_the_page_refuses_is_refused_by_the_short_way_too(
    client: Client, session: MeetingSite, link: str, what: Callable[[MeetingSite], None], status: int
) -> None:
    token = client.get(f"{link}/check-in").soup.select_one("[name=csrf_token]")["value"]
    assert doorstep.of(link.rpartition("/")[2]) is not None
    what(db.session.get_one(MeetingSite, session.id))
    make.done()
    form = {"csrf_token": token, "head_count": "7", "once": "k1"}
    assert client.post(f"{link}/check-in", data=form).status_code == status
    assert db.session.query(Mark).count() == 0


@pytest.mark.parametrize("count", ["0", "", "x", "9999999"])
def test_a_number_that_is_none_is_asked_for_again(client: Client, session: MeetingSite, link: str, count: str) -> None:
    assert send(client, link, head_count=count) == 422
    assert db.session.query(Mark).count() == 0
