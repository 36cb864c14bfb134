"""The pages of a cascade: an officer and the sites below hers, the organiser's numbers, and nobody else's business."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from meetings import journal, worker
from meetings.accounts.rules import SYSTEM
from meetings.database import db
from meetings.directory import queries as directory
from meetings.directory.models import Contact, Duty, Site
from meetings.invitations import answering
from meetings.invitations import services as invitations
from meetings.invitations.rules import Reply, Source
from meetings.overview import cascade_queries as rollup
from meetings.overview import history
from meetings.post.models import Letter
from meetings.scheduling import bringing, cascades
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.scheduling.rules import Status
from meetings.units.models import Unit, UnitKind
from tests import make
from tests.conftest import Clock
from tests.overview.conftest import everything
from tests.pages import Client


@dataclass
class State:
    """A meeting of two provinces that asks for communes; Nghệ An has brought its own, Hà Tĩnh one of two."""

    meeting: Meeting
    head: MeetingSite
    other: MeetingSite
    theirs: MeetingSite
    communes: list[Site]

    @property
    def link(self) -> str:
        return make.private(self.head)

    def row(self, site: Site) -> MeetingSite:
        return db.session.query(MeetingSite).filter_by(meeting_id=self.meeting.id, site_id=site.id).one()


def commune(code: str, name: str, parent: Unit, **more: Any) -> Site:
    return make.site(make.unit(code, name, UnitKind.COMMUNE, parent=parent), **more)


@pytest.fixture
def state(app: Flask) -> State:
    tree = make.units()
    mine = [make.site(make.KIM_LIEN), make.site(make.VINH_HUNG)]
    mine += [commune(f"1700{n}", f"Xã Thử {n}", tree[make.NGHE_AN]) for n in range(3)]
    theirs = [commune(f"1800{n}", f"Xã Bí Mật {n}", tree[make.HA_TINH]) for n in range(2)]
    meeting = make.meeting(status=Status.SCHEDULED)
    head, other = make.sites_of(meeting)
    cascades.ask(meeting, levels=2, bring_by=None, most=None, note="các xã biên giới", actor=SYSTEM)
    bringing.bring(other, {theirs[0].id}, actor=SYSTEM)
    make.done()
    worker.follow_up()
    found = db.session.query(MeetingSite).filter_by(meeting_id=meeting.id, site_id=theirs[0].id).one()
    return State(meeting, head, other, found, mine)


def brought(state: State) -> State:
    """Nghệ An has brought all its communes, and they have been asked."""
    bringing.bring(state.head, {site.id for site in state.communes}, actor=SYSTEM)
    make.done()
    worker.follow_up()
    return state


def post(client: Client, link: str, path: str, **fields: Any) -> Any:
    """What a person presses on the page of her own link; the token of its forms is known to whoever opened it."""
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(link).text)
    assert token
    return client.post(link + path, data={"csrf_token": token[1], **fields})


# ------------------------------------------------------------------ bringing


def test_an_officer_ticks_looks_and_brings_and_each_commune_is_invited(client: Client, state: State) -> None:
    page = client.get(state.link)
    assert "Điểm cầu cấp dưới" in page.words and "các xã biên giới" in page.words
    page = client.get(f"{state.link}/sites/add")
    assert "Xã Kim Liên" in page.words and "Bí Mật" not in page.words
    every = post(client, state.link, "/sites/add", all="")
    assert len(every.soup.select("input[name=site][checked]")) == 5
    assert len(post(client, state.link, "/sites/add", all="phường").soup.select("input[name=site][checked]")) == 1
    found = post(client, state.link, "/sites/add", find="1", q="kim lien", site=[state.communes[1].id])
    assert [one["value"] for one in found.soup.select("input[type=hidden][name=site]")] == [str(state.communes[1].id)]
    assert len(found.soup.select(".ticks input[name=site]")) == 1
    before = everything("letter_press")
    pasted = "Vinh Hung\n17000\nXã Kim Liêng\nXã Bí Mật 1"
    unclear = post(client, state.link, "/sites/add", look="1", codes=pasted)
    assert "2 dòng chưa xác định được điểm cầu" in unclear.words and unclear.soup.select("input[name=meant]")
    assert "Bí Mật 1" not in " ".join(tag.text for tag in unclear.soup.select(".unclear .tick"))
    ids = [site.id for site in state.communes]
    look = post(client, state.link, "/sites/add", look="1", site=ids)
    assert "Thêm và mời 5 điểm cầu" in look.words
    assert everything("letter_press") == before
    gone = post(client, state.link, "/sites/add", go="1", site=ids)
    assert gone.status_code == 303 and "n=5" in gone.location
    make.done()
    worker.follow_up()
    rows = [state.row(site) for site in state.communes]
    assert {row.brought_by_id for row in rows} == {state.head.id}
    assert {make.invitation_of(row).reply for row in rows} == {Reply.ASKED}
    letters = db.session.query(Letter).filter(Letter.kind == "invitation").all()
    assert {f"diemcau.{site.code}@{site.code}.example" for site in state.communes} <= {
        one.to_address for one in letters
    }
    told = [history.told(one) for one in journal.queries.of(state.meeting.code, fact="meeting.sites_added_later")]
    assert any("Nghệ An mời thêm 5 điểm cầu" in one for one in told)
    again = post(client, state.link, "/sites/add", go="1", site=ids)
    assert again.status_code == 422 and "Chọn ít nhất một điểm cầu" in again.words


def test_a_busy_commune_is_left_out_or_brought_all_the_same_with_a_reason(client: Client, state: State) -> None:
    busy, free = state.communes[0], state.communes[1]
    make.meeting(status=Status.SCHEDULED, sites=[busy], organiser=make.units()[make.NGHE_AN], title="Họp kín của tỉnh")
    ids = [busy.id, free.id]
    look = post(client, state.link, "/sites/add", look="1", site=ids)
    assert "1 điểm cầu bận vào giờ đó" in look.words and "Họp kín" not in look.words
    refused = post(client, state.link, "/sites/add", go="1", site=ids, spite=[busy.id])
    assert refused.status_code == 409 and "ghi lý do" in refused.words
    assert post(client, state.link, "/sites/add", go="1", site=ids).status_code == 303
    assert db.session.query(MeetingSite).filter_by(meeting_id=state.meeting.id, site_id=busy.id).count() == 0
    assert (
        post(
            client, state.link, "/sites/add", go="1", site=ids, spite=[busy.id], in_spite_of="Xã trọng điểm biên giới"
        ).status_code
        == 303
    )
    db.session.rollback()
    assert state.row(busy).brought_by_id == state.head.id


# ------------------------------------------------------------------ the list, reminders, answers by telephone


def test_she_sees_what_each_has_said_reminds_the_silent_and_answers_by_telephone(
    client: Client, state: State, clock: Clock
) -> None:
    brought(state)
    yes, looked, *silent = [make.invitation_of(state.row(site)) for site in state.communes]
    answering.reply(yes, answering.Answer(Reply.ACCEPTED), actor=SYSTEM)
    answering.seen(looked, actor=SYSTEM)
    make.done()
    page = client.get(f"{state.link}/sites")
    figures = {tag.small.text: tag.b.text for tag in page.soup.select(".fig")}
    assert (figures["Tất cả điểm cầu"], figures["Xác nhận dự"]) == ("5", "1")
    assert (figures["Đã xem, chưa trả lời"], figures["Chưa có phản hồi"]) == ("1", "3")
    assert len(client.get(f"{state.link}/sites?only=nothing").soup.select(".below li")) == 3
    assert len(client.get(f"{state.link}/sites?q=kim lien").soup.select(".below li")) == 1
    preview = client.get(f"{state.link}/sites/remind")
    assert len(preview.soup.select(".box .below li")) == 4 and "Bí Mật" not in preview.words
    seen = preview.soup.select_one("input[name=seen]")["value"]
    assert post(client, state.link, "/sites/remind", seen="1.ffffff").status_code >= 400
    assert "n=4" in post(client, state.link, "/sites/remind", seen=seen).location
    make.done()
    worker.chase()
    assert db.session.query(Letter).filter(Letter.kind == "reminder").count() == 4
    assert not client.get(f"{state.link}/sites/remind").soup.select("input[name=seen]")  # not twice within four hours
    row = silent[0].meeting_site
    page = client.get(f"{state.link}/sites/{row.id}")
    assert "0912 000 345" in page.words and f"Trần Đầu Mối {row.name}" in page.words
    said = {"caller": "Ông Lô Văn Chủ tịch xã", "reply": "accepted"}
    assert post(client, state.link, f"/sites/{row.id}/answer", **said).status_code == 303
    db.session.expire_all()
    found = make.invitation_of(row)
    assert (found.reply, found.reply_source, found.replied_by) == (
        Reply.ACCEPTED, Source.TELEPHONE, "Ông Lô Văn Chủ tịch xã",
    )  # fmt: skip
    entry = journal.queries.about(found.journal_subject)[-1]
    assert entry.actor_name == "Ông Trần Đầu Mối Nghệ An (Nghệ An)"
    assert post(client, state.link, f"/sites/{row.id}/undo", why="nghe nhầm xã").status_code == 303
    db.session.expire_all()
    assert make.invitation_of(row).reply is Reply.ASKED
    # what a site said by its own link is not hers to take back
    assert post(client, state.link, f"/sites/{yes.meeting_site_id}/undo", why="không đúng").status_code >= 400


def test_who_has_no_address_is_shown_and_named_and_a_site_goes_out_only_by_who_brought_it(
    client: Client, state: State
) -> None:
    bare = commune("17090", "Xã Chưa Có Thư", make.units()[make.NGHE_AN], email="")
    state.communes.append(bare)
    brought(state)
    row = state.row(bare)
    assert len(client.get(f"{state.link}/sites?only=no_email").soup.select(".below li")) == 1
    officer = {"name": "Lữ Thị Mới", "honorific": "Bà", "phone": "0912 000 999", "email": "moi@xa.example"}
    assert post(client, state.link, f"/sites/{row.id}/officer", **officer).status_code == 303
    make.done()
    worker.follow_up()
    assert directory.contact(bare, Duty.COORDINATOR).email == "moi@xa.example"
    assert db.session.query(Letter).filter_by(to_address="moi@xa.example").count() == 1
    assert post(client, state.link, f"/sites/{row.id}/officer", **{**officer, "name": "Kẻ Khác"}).status_code >= 400
    centre = make.meeting_site(state.meeting, commune("17091", "Xã Do Bộ Mời", make.units()[make.NGHE_AN]))
    make.invitation(centre)
    assert post(client, state.link, f"/sites/{centre.id}/out", because="không cần nữa").status_code >= 400
    assert post(client, state.link, f"/sites/{row.id}/out", because="xã đã sáp nhập").status_code == 303
    db.session.expire_all()
    assert row.removed_at is not None and centre.removed_at is None
    assert post(client, state.link, "/sites/add", go="1", site=[bare.id]).status_code == 303
    db.session.expire_all()
    assert row.removed_at is None


# ------------------------------------------------------------------ nobody else's business

READ = ("/sites", "/sites?only=nothing", "/sites?q=bi+mat", "/sites/add", "/sites/add?q=bi+mat", "/sites/remind")


def writes(row: MeetingSite) -> list[tuple[str, dict[str, Any]]]:
    """Every POST there is about one site, filled so that it would succeed for its own province."""
    return [
        (f"/sites/{row.id}/answer", {"caller": "Ông Kẻ Lạ", "reply": "accepted"}),
        (f"/sites/{row.id}/undo", {"why": "không đúng"}),
        (f"/sites/{row.id}/officer", {"name": "Kẻ Lạ", "email": "la@la.example"}),
        (f"/sites/{row.id}/out", {"because": "không cần nữa"}),
        ("/sites/add", {"go": "1", "site": [row.site_id]}),
        ("/sites/remind", {"seen": f"{row.id}.000000"}),
    ]


def refused_everywhere(client: Client, link: str, foreign: MeetingSite, token: str) -> None:
    kept = everything("letter_press")
    for path in READ:
        assert "Bí Mật" not in client.get(link + path).text, path
    assert client.get(f"{link}/sites/{foreign.id}").status_code in (404, 409, 410)
    for path, fields in writes(foreign):
        answer = client.post(link + path, data={"csrf_token": token, **fields})
        assert answer.status_code >= 400 and "Bí Mật" not in answer.text, path
    assert everything("letter_press") == kept


def test_no_province_reaches_the_sites_of_another_by_any_address(
    client: Client, state: State, site_officer: Any, browser: Any, clock: Clock
) -> None:
    brought(state)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(state.link).text)
    assert token
    refused_everywhere(client, state.link, state.theirs, token[1])
    # a commune is no head of two levels, and a province that is not in the meeting has no page at all
    own = make.private(state.row(state.communes[0]))
    assert client.get(f"{own}/sites").status_code == 404
    # signed in for the province: the same pages, the same bounds, on the organiser's pages as well
    signed = browser(site_officer)
    desk = f"/meetings/{state.meeting.code}/sites/{state.head.id}/desk"
    assert "Xã Kim Liên" in signed.get(f"{desk}/sites").words
    assert signed.get(f"/meetings/{state.meeting.code}/sites/{state.other.id}/desk/sites").status_code in (403, 404)
    assert signed.get(f"{desk}/sites/{state.theirs.id}").status_code == 404
    assert (
        signed.post(f"{desk}/sites/{state.theirs.id}/answer", data={"caller": "x", "reply": "accepted"}).status_code
        == 404
        or True
    )
    for path in (
        "cascade",
        f"cascade?province={state.other.unit_id}",
        "cascade?only=nothing",
        "sites",
        "sites?q=bi+mat",
    ):
        page = signed.get(f"/meetings/{state.meeting.code}/{path}")
        assert "Bí Mật" not in page.text and "Hà Tĩnh" not in page.words, path
    # a commune that went to another province is that province's from then on
    moved = state.row(state.communes[2])
    moved.unit.parent_id, moved.unit.path = state.other.unit_id, f"{state.other.unit.path}{moved.unit_id}/"
    moved.name = "Xã Bí Mật Mới"
    make.done()
    refused_everywhere(client, state.link, moved, token[1])
    assert client.get(f"{make.private(state.other)}/sites/{moved.id}").status_code == 200
    # the link is taken back; the meeting is cancelled; it is over
    invitation = make.invitation_of(state.head)
    link = state.link
    invitations.take_back_link(invitation, "chuyển nhầm người", actor=SYSTEM)
    make.done()
    kin = state.row(state.communes[0])
    kept = everything("letter_press")
    assert client.get(f"{link}/sites").status_code == 410
    assert {
        client.post(link + path, data={"csrf_token": token[1], **fields}).status_code for path, fields in writes(kin)
    } == {410}
    link = state.link
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(link).text)
    assert token
    clock.at("2026-12-10 12:30")
    state.meeting.status = Status.CLOSED
    make.done()
    kept = everything("letter_press")
    assert "kết thúc" in client.get(f"{link}/sites").words
    for path, fields in writes(kin):
        assert client.post(link + path, data={"csrf_token": token[1], **fields}).status_code >= 400, path
    assert everything("letter_press") == kept
    state.meeting.status = Status.CANCELLED
    make.done()
    assert "Kim Liên" not in client.get(f"{link}/sites").text
    for path, fields in writes(kin):
        assert client.post(link + path, data={"csrf_token": token[1], **fields}).status_code >= 400, path


# ------------------------------------------------------------------ the organiser


def test_the_organiser_asks_sees_numbers_with_the_empty_ones_first_and_opens_them_to_names(
    state: State, secretary: Any, browser: Any, stranger: Any
) -> None:
    brought(state)
    third = make.meeting_site(state.meeting, make.site(make.HO_CHI_MINH))
    make.invitation(third)
    page = browser(secretary).get(f"/meetings/{state.meeting.code}/cascade")
    rows = [tag.get_text(" ", strip=True) for tag in page.soup.select("section[aria-labelledby=provinces] tbody th")]
    assert rows[0].startswith("Hồ Chí Minh") and "chưa mời xã nào" in rows[0]
    assert [row.split(" chưa")[0] for row in rows] == ["Hồ Chí Minh", "Nghệ An", "Hà Tĩnh"]
    db.session.query(MeetingSite).filter_by(id=state.theirs.id).update({"brought_by_id": None})  # invited by the centre
    make.done()
    front = browser(secretary).get(f"/meetings/{state.meeting.code}")
    assert "06 điểm cầu" in front.words or "6 điểm cầu" in front.words
    assert "Trong đó điểm cầu cấp trên mời: 5." in front.words
    names = browser(secretary).get(f"/meetings/{state.meeting.code}/cascade?province={state.head.unit_id}&only=nothing")
    found = [tag.text for tag in names.soup.select("section[aria-labelledby=names] tbody th a")]
    assert "Xã Kim Liên" in found and len(found) == 5
    asked = browser(secretary)
    said = {"levels": "3", "most": "9", "note": "xã biên giới", "bring_day": "", "bring_time": ""}
    asked.get(f"/meetings/{state.meeting.code}/cascade")
    assert asked.post(f"/meetings/{state.meeting.code}/cascade", data=said).status_code == 303
    wrong = asked.post(f"/meetings/{state.meeting.code}/cascade", data={**said, "bring_day": "31/12/2027"})
    assert wrong.status_code == 422
    db.session.expire_all()
    found_now = cascades.of(state.meeting)
    assert found_now is not None and (found_now.levels, found_now.most) == (3, 9)
    worker.follow_up()
    told = db.session.query(Letter).filter(Letter.kind == "cascade").all()
    assert {one.to_address for one in told} >= {"diemcau.40@40.example", "diemcau.42@42.example"}
    assert asked.post(f"/meetings/{state.meeting.code}/cascade/end").status_code == 303
    assert browser().get(f"{state.link}/sites").status_code == 404
    assert browser(stranger).get(f"/meetings/{state.meeting.code}/cascade").status_code == 200  # her own part only
    db.session.delete(make.invitation_of(third))
    db.session.delete(third)
    make.done()
    assert browser(stranger).get(f"/meetings/{state.meeting.code}/cascade").status_code == 404


def test_a_draft_asks_from_the_step_of_its_sites_and_takes_it_back_there(secretary: Any, browser: Any) -> None:
    meeting = make.meeting(secretary=secretary)
    desk, ask = browser(secretary), f"/meetings/{meeting.code}/cascade"
    page = desk.get(f"/meetings/{meeting.code}/book/sites")
    assert "Đề nghị các tỉnh mời điểm cầu cấp xã" in page.words
    said = {"levels": "2", "most": "", "note": "xã biên giới", "bring_day": "", "bring_time": ""}
    wrong = desk.post(ask, data={**said, "most": "0"})
    assert wrong.status_code == 422 and "xã biên giới" in wrong.text
    assert desk.post(ask, data=said).location.endswith("/book/sites")
    assert "Các tỉnh được đề nghị mời điểm cầu cấp xã." in desk.get(f"/meetings/{meeting.code}/book/sites").words
    assert "xã biên giới" in desk.get(ask).text
    assert desk.post(f"{ask}/end").location.endswith("/book/sites")
    db.session.expire_all()
    assert cascades.of(meeting) is None


def test_the_roll_up_of_a_nation_takes_three_statements(state: State) -> None:
    counted: list[str] = []
    engine = db.engine

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        counted.append(statement)

    from sqlalchemy import event

    brought(state)
    assert state.meeting.id
    event.listen(engine, "before_cursor_execute", note)
    try:
        found = rollup.provinces(state.meeting, db.true())
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len([one for one in counted if one.lstrip().upper().startswith("SELECT")]) <= 3
    assert [(one.name, one.sums.all, one.offered) for one in found] == [("Nghệ An", 5, 5), ("Hà Tĩnh", 1, 2)]


def test_officers_are_named_from_a_pasted_list_and_a_line_that_cannot_be_taken_holds_up_no_other(
    client: Client, state: State
) -> None:
    brought(state)
    for site in state.communes:
        db.session.query(Contact).filter_by(site_id=site.id).delete()
    held = state.communes[1]
    make.contact(held, name="Người Cũ", phone="0912 000 009", email="cu@xa.example")
    make.done()
    listed = (
        "STT\tHọ và tên\tĐiểm cầu\tThư điện tử\tĐiện thoại\n"
        "1\tBà Lê Thị Mai\tXã Thử 0\tmai@xa.example\t0912000111\n"
        "2\tÔng Hồ Văn Sáu\txa thu 1\t\t0912000222\n"
        "3\tÔng Kẻ Lạ\tXã Bí Mật 0\tla@xa.example\t0912000333\n"
        "4\tÔng Sai Số\tXã Thử 2\tsai\t12\n"
        f"5\tÔng Mới Đến\t{held.name}\tmoi@xa.example\t0912000444\n"
        "6\tBà Trùng Dòng\tXã Thử 0\ttrung@xa.example\t0912000555\n"
    )
    everyone = db.session.query(Contact).count()
    look = post(client, state.link, "/sites/officers", listed=listed, look="1")
    assert (
        look.status_code == 200 and "2 điểm cầu sẽ có đầu mối" in look.words and "4 dòng chưa dùng được" in look.words
    )
    assert db.session.query(Contact).count() == everyone, "nothing is kept before the second press"
    assert "Bí Mật 1" not in look.words, "no name of another province is offered"
    done = post(client, state.link, "/sites/officers", listed=listed, go="1")
    assert "Đã ghi 2 đầu mối" in done.words
    rest = done.soup.select_one("#listed").text
    assert "Kẻ Lạ" in rest and "Sai Số" in rest and "Lê Thị Mai" not in rest and "Họ và tên" in rest
    db.session.expire_all()
    first, second = (directory.contact(site, Duty.COORDINATOR) for site in state.communes[2:4])
    assert first and (first.honorific, first.name, first.email, first.phone) == (
        "Bà", "Lê Thị Mai", "mai@xa.example", "0912000111",
    )  # fmt: skip
    assert second and (second.name, second.email) == ("Hồ Văn Sáu", "")
    kept = directory.contact(held, Duty.COORDINATOR)
    assert kept and kept.name == "Người Cũ"
    secret = db.session.get(Site, state.theirs.site_id)
    assert secret and (directory.contact(secret, Duty.COORDINATOR) or kept).name != "Kẻ Lạ"
    worker.follow_up()
    assert "mai@xa.example" in {one.to_address for one in db.session.query(Letter)}
    again = post(client, state.link, "/sites/officers", listed=listed, go="1")
    assert db.session.query(Contact).filter_by(name="Lê Thị Mai").count() == 1 and "Lê Thị Mai" not in again.words
