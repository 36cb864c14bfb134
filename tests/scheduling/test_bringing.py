"""Bringing the sites below: what is offered, what is kept of it, and what the giấy mời says."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from meetings import journal, worker
from meetings.accounts.rules import SYSTEM, Actor
from meetings.database import db
from meetings.directory.models import Site
from meetings.errors import NotFound, Refused
from meetings.invitations import cascade_letters, letters
from meetings.invitations.models import Paper
from meetings.post import queries as post
from meetings.post.models import Letter
from meetings.scheduling import bringing, cascades, moving
from meetings.scheduling.models import Change, Meeting, MeetingSite
from meetings.scheduling.rules import Status
from meetings.units.models import UnitKind
from tests import make

OFFICER = Actor.link(1, "Nghệ An")


def ask(meeting: Meeting, **more: Any) -> None:
    cascades.ask(meeting, **{"levels": 2, "bring_by": None, "most": None, "note": "", "actor": SYSTEM, **more})


@pytest.fixture
def head(app: Flask) -> MeetingSite:
    """Nghệ An in a meeting that was sent and asks for communes; it has two."""
    make.site(make.KIM_LIEN), make.site(make.VINH_HUNG), make.site(make.SAI_GON)
    meeting = make.meeting(status=Status.SCHEDULED)
    ask(meeting)
    make.done()
    return make.sites_of(meeting)[0]


def site(code: str) -> Site:
    return db.session.query(Site).filter_by(code=code).one()


def of(head: MeetingSite, code: str) -> MeetingSite | None:
    return db.session.query(MeetingSite).filter_by(meeting_id=head.meeting_id, site_id=site(code).id).one_or_none()


def offered(head: MeetingSite) -> list[str]:
    found = cascades.of(head.meeting)
    assert found is not None
    return [one.site.code for one in bringing.candidates(head, found)]


def test_only_sites_below_the_head_are_offered_and_one_stranger_refuses_the_whole_press(head: MeetingSite) -> None:
    assert sorted(offered(head)) == [make.VINH_HUNG, make.KIM_LIEN]
    for stranger in (site(make.SAI_GON), site(make.HA_TINH), site(make.NGHE_AN), site(make.MINISTRY)):
        with pytest.raises(Refused):
            bringing.bring(head, {site(make.KIM_LIEN).id, stranger.id}, actor=OFFICER)
    assert of(head, make.KIM_LIEN) is None


def test_what_was_brought_stands_behind_its_province_and_leaves_the_secretarys_forms_alone(head: MeetingSite) -> None:
    edition = head.meeting.edition
    bringing.bring(head, {site(make.KIM_LIEN).id}, actor=OFFICER)
    row = of(head, make.KIM_LIEN)
    assert row is not None and (row.brought_by_id, row.province_id) == (head.id, head.unit_id)
    assert head.meeting.edition == edition
    assert db.session.scalars(sa.select(Change)).one().sites == [row.id]


def test_no_more_are_brought_than_was_said(head: MeetingSite) -> None:
    ask(head.meeting, most=1)
    bringing.bring(head, {site(make.KIM_LIEN).id}, actor=OFFICER)
    with pytest.raises(Refused):
        bringing.bring(head, {site(make.VINH_HUNG).id}, actor=OFFICER)


def test_what_the_organiser_took_out_only_the_organiser_asks_back(head: MeetingSite) -> None:
    bringing.bring(head, {site(make.KIM_LIEN).id}, actor=OFFICER)
    row = of(head, make.KIM_LIEN)
    assert row is not None
    moving.remove_sites(head.meeting, [row.id], "không thuộc thành phần", actor=SYSTEM)
    with pytest.raises(Refused):
        bringing.bring(head, {site(make.KIM_LIEN).id}, actor=OFFICER)
    moving.add_sites(head.meeting, [site(make.KIM_LIEN)], "mời lại theo chỉ đạo", actor=SYSTEM)
    assert row.removed_at is None


def test_a_third_level_is_brought_by_the_second_and_goes_with_it(head: MeetingSite) -> None:
    commune = make.units()[make.KIM_LIEN]
    post = make.site(make.unit("T-1", "Trạm Y tế", UnitKind.OFFICE, parent=commune, type="trạm"))
    bringing.bring(head, {site(make.KIM_LIEN).id}, actor=OFFICER)
    row = of(head, make.KIM_LIEN)
    assert row is not None
    with pytest.raises(NotFound):
        cascades.open_for(row)
    assert post.code not in offered(head)
    ask(head.meeting, levels=3)
    assert post.code in offered(head) and offered(row) == [post.code]
    bringing.bring(row, {post.id}, actor=OFFICER)
    below = of(head, post.code)
    assert below is not None and (below.brought_by_id, below.province_id) == (row.id, head.unit_id)
    assert set(db.session.scalars(sa.select(MeetingSite.id).where(cascades.below(head)))) == {row.id, below.id}
    with pytest.raises(Refused):  # the province sees it, and only the commune takes it out
        bringing.take_out(head, below.id, "không cần nữa", actor=OFFICER)
    bringing.take_out(head, row.id, "xã không dự được", actor=OFFICER)
    assert row.removed_at is not None and below.removed_at is not None


def test_the_giay_moi_that_says_so_stays_the_one_that_was_released(app: Flask) -> None:
    """Asked before it was sent, a commune gets the very paper; asked after it, the first that is brought makes another."""
    make.site(make.KIM_LIEN), make.site(make.VINH_HUNG)
    before, after = make.meeting(), make.meeting(starts="2026-12-17 08:00")
    ask(before, note="xã biên giới")
    for meeting in (before, after):
        meeting.status, meeting.sent_at = Status.SCHEDULED, meeting.created_at
        make.book(meeting)
    ask(after)
    assert "mời các điểm cầu cấp xã (xã biên giới) cùng dự" in letters.giay_moi(before).brings
    for meeting, papers in ((before, 0), (after, 1)):
        place = make.sites_of(meeting)[0]
        bringing.bring(place, {site(make.KIM_LIEN).id}, actor=OFFICER)
        bringing.bring(place, {site(make.VINH_HUNG).id}, actor=OFFICER)
        assert meeting.paper == papers
    make.done()
    while worker.follow_up():
        pass
    kept = db.session.scalars(sa.select(Paper.sha256).where(Paper.meeting_id == before.id)).all()
    assert len(set(kept)) == 1


def test_whoever_is_to_bring_sites_reads_it_in_the_invitation_and_nobody_else_does(app: Flask) -> None:
    make.site(make.KIM_LIEN)
    meeting = make.meeting(sites=[make.site(make.NGHE_AN), make.site(make.HA_TINH)])
    ask(meeting, most=7)
    meeting.status, meeting.sent_at = Status.SCHEDULED, meeting.created_at
    journal.record("meeting.sent", meeting, actor=SYSTEM)
    make.done()
    worker.follow_up()
    said = cascade_letters.request(meeting)
    assert "Tối đa 7 điểm cầu" in said
    told = {one.to_address: "Tối đa 7" in post.readable(one).text for one in db.session.query(Letter)}
    assert told == {"diemcau.40@40.example": True, "diemcau.42@42.example": False}  # Hà Tĩnh has no communes here


def test_a_giay_moi_that_waits_for_approval_is_not_changed_by_asking(app: Flask) -> None:
    meeting = make.meeting(status=Status.AWAITING_APPROVAL)
    with pytest.raises(Refused):
        ask(meeting)
