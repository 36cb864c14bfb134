"""The board at the size of the country: what it costs must not grow with the number of sites it does not show."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from meetings.accounts.models import User
from meetings.attendance.models import Presence
from meetings.attendance.rules import MarkSource, State
from meetings.clock import now
from meetings.database import db
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.units.models import Unit, UnitKind
from tests import make
from tests.conftest import Clock


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that run inside."""
    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH", "INSERT", "UPDATE", "DELETE")):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def fill(meeting: Meeting, communes: int, provinces: list[Unit]) -> None:
    """*communes* sites more, shared out among *provinces*; four of five are in."""
    ids = []
    for number in range(communes):
        province = provinces[number % len(provinces)]
        site = make.site(make.unit(f"8{number:04d}", f"Xã Đông {number}", parent=province))
        db.session.add(
            joined := MeetingSite(
                meeting_id=meeting.id,
                site_id=site.id,
                unit_id=site.unit_id,
                province_id=province.id,
                name=site.name,
                unit_name="",
                position=number,
                added_at=now(),
            )
        )
        db.session.flush()
        ids.append(joined.id)
    rows = [
        {
            "meeting_site_id": id,
            "state": State.IN,
            "since": now(),
            "joined_at": now(),
            "left_at": None,
            "lost_seconds": 0,
            "head_count": 9,
            "with_notice": None,
            "reason": "",
            "source": MarkSource.SELF,
            "by": "",
        }
        for id in ids
        if id % 5
    ]
    db.session.execute(sa.insert(Presence), rows)


def test_the_number_of_statements_does_not_grow_with_the_sites(
    hour: Clock, browser: Any, meeting: Meeting, secretary: User
) -> None:
    client = browser(secretary)
    path = f"/meetings/{meeting.code}/roll-call/live"
    fill(meeting, 70, [make.units()[code] for code in (make.NGHE_AN, make.HA_TINH, make.HO_CHI_MINH)])
    client.get(path)
    with counted() as few:
        assert client.get(path).status_code == 200
    fill_more = 140
    provinces = make.units()
    for number in range(fill_more):
        made = make.meeting_site(
            meeting, make.site(make.unit(f"7{number:04d}", f"Xã Tây {number}", parent=provinces[make.NGHE_AN]))
        )
        made.province_id = provinces[make.NGHE_AN].id
    with counted() as many:
        assert client.get(path).status_code == 200
    assert len(many) == len(few) <= 24


@pytest.mark.prove
def test_a_poll_of_3355_sites_stays_under_15_kilobytes_and_150_milliseconds(
    hour: Clock, browser: Any, meeting: Meeting, secretary: User
) -> None:
    nation = make.units()[make.NATION]
    fill(meeting, 3_353, [make.unit(f"6{n:02d}", f"Tỉnh {n}", UnitKind.PROVINCE, parent=nation) for n in range(34)])
    client = browser(secretary)
    address = f"/meetings/{meeting.code}/roll-call/live.json"
    client.get(address)
    spent = []
    for number in range(5):
        begun = time.process_time()
        answer = client.get(f"{address}?page={number + 1}", headers={"Accept-Encoding": "gzip"})
        spent.append(time.process_time() - begun)
        assert len(answer.data) < 15 * 1024
        assert b"3.355" in gzip.decompress(answer.data)
    assert sorted(spent)[2] < 0.150
