"""The six steps of the booking by their pages: what is kept, what is refused and where, and what a GET never does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from meetings.accounts.models import User
from meetings.accounts.rules import Role
from meetings.database import db
from meetings.directory.models import Room
from meetings.invitations import approval
from meetings.journal.models import Entry
from meetings.scheduling import clashes, queries
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Secrecy, Status
from meetings.units.models import Unit
from tests import make
from tests.overview.conftest import everything
from tests.pages import Client, Page, standing

STEPS = ("details", "sites", "time", "agenda", "invitation", "send")

DETAILS = {
    "title": "Hội nghị sơ kết chuyển đổi số",
    "type": "review",
    "secrecy": "ordinary",
    "chair_honorific": "Ông",
    "chair_name": "Lê Minh Khang",
    "chair_title": "Bộ trưởng",
    "hours": "3",
    "minutes": "15",
    "composition": "Lãnh đạo Ủy ban nhân dân",
}
TIME = {"day": "10/12/2026", "start": "08:00", "hours": "3", "minutes": "15", "in_spite_of": ""}
AGENDA = {"title": ["Khai mạc", "Thảo luận"], "minutes": ["10", "60"], "presenter": ["Ban Tổ chức", ""]}
WORDING = {
    "signer_authority": "TL. BỘ TRƯỞNG",
    "signer_title": "CHÁNH VĂN PHÒNG",
    "signer_name": "Trần Văn Duyệt",
    "contact_name": "Bà Nguyễn Thị Hoa",
    "contact_phone": "024.000.1234",
    "technical_phone": "",
    "recipients": "",
    "invitation_number": "",
    "invitation_on": "",
    "platform_link": "",
    "dial_string": "",
}
MAY_BE_ABSENT = ("stay", "next", "edition", "in_spite_of")  # a reason is asked for when sites are busy
TYPED: dict[str, dict[str, Any]] = {
    "new": DETAILS,
    "details": DETAILS,
    "time": TIME,
    "agenda": AGENDA,
    "invitation": WORDING,
    "send": {"reply_day": "08/12/2026", "reply_time": "17:00"},
}

SESSIONS = "login_session"
"""A POST renews the idle time of its session, whatever else it does."""


@pytest.fixture
def desk(browser: Callable[..., Client], secretary: User, units: dict[str, Unit]) -> Client:
    """The secretary at her browser; the sites stand."""
    for code in (make.MINISTRY, make.NGHE_AN, make.HA_TINH, make.HO_CHI_MINH, make.KIM_LIEN, make.VINH_HUNG):
        make.site(code)
    return browser(secretary)


@pytest.fixture
def draft(desk: Client, secretary: User) -> Meeting:
    """A draft of which every step is done."""
    return make.meeting(secretary=secretary, asked=False)


def page_of(step: str, meeting: Meeting) -> str:
    return "/meetings/new" if step == "new" else f"/meetings/{meeting.code}/book/{step}"


def type_into(client: Client, path: str, values: dict[str, Any]) -> Page:
    """Send the step's form as it stands with *values* over it."""
    page = client.get(path)
    form = page.form(fields=[name for name in values if name not in MAY_BE_ABSENT])
    return client.post(path, data={**standing(form), **values})


# ------------------------------------------------------------------ the way through


def test_a_meeting_is_booked_in_six_steps(desk: Client, units: dict[str, Unit]) -> None:
    answer = type_into(desk, "/meetings/new", DETAILS)
    assert answer.status_code == 303
    assert answer.location == "/meetings/HN-2026-0001/book/sites"
    base = "/meetings/HN-2026-0001/book"
    sites = [str(queries.sites_by_code([code])[0].id) for code in (make.NGHE_AN, make.HA_TINH)]
    answer = desk.post(f"{base}/sites", data={"shown": sites, "site": sites, "next": "1"})
    assert (answer.status_code, answer.location) == (303, f"{base}/time")
    answer = type_into(desk, f"{base}/time", TIME)
    assert (answer.status_code, answer.location) == (303, f"{base}/agenda")
    answer = type_into(desk, f"{base}/agenda", AGENDA)
    assert (answer.status_code, answer.location) == (303, f"{base}/invitation")
    answer = type_into(desk, f"{base}/invitation", WORDING)
    assert (answer.status_code, answer.location) == (303, f"{base}/send")
    offered = standing(desk.get(f"{base}/send").form(fields=["reply_day"]))
    answer = desk.post(f"{base}/send", data=offered)
    assert (answer.status_code, answer.location) == (303, "/meetings/HN-2026-0001/sending")
    db.session.rollback()
    meeting = queries.by_code("HN-2026-0001")
    assert meeting is not None
    assert meeting.status is Status.SCHEDULED
    assert (meeting.starts_at, meeting.ends_at) == (make.at("2026-12-10 08:00"), make.at("2026-12-10 11:15"))
    assert [row.name for row in queries.sites_of(meeting)] == ["Nghệ An", "Hà Tĩnh"]
    assert [(a.title, a.minutes) for a in queries.agenda_of(meeting)] == [("Khai mạc", 10), ("Thảo luận", 60)]
    assert meeting.signer_name == "Trần Văn Duyệt"
    assert db.session.query(Entry).filter_by(root=meeting.code, fact="meeting.sent").count() == 1


@pytest.mark.parametrize("step", ["details", "time", "agenda", "invitation"])
def test_a_step_can_be_kept_without_going_on(desk: Client, draft: Meeting, step: str) -> None:
    answer = type_into(desk, page_of(step, draft), {**TYPED[step], "stay": "1"})
    assert (answer.status_code, answer.location) == (303, page_of(step, draft))


def test_the_page_of_each_step_shows_what_was_kept(desk: Client, draft: Meeting) -> None:
    assert "chuyển đổi số" in desk.get(page_of("details", draft)).soup.find(id="title").text
    form = standing(desk.get(page_of("time", draft)).form(fields=["start"]))
    assert (form["start"], form["hours"], form["minutes"]) == ("08:00", "3", "15")
    assert "Khai mạc" in str(desk.get(page_of("agenda", draft)).form(fields=["presenter"]))
    assert desk.get(page_of("invitation", draft)).soup.find(id="signer_name")["value"] == "Trần Văn Duyệt"
    assert "Nghệ An" in desk.get(page_of("sites", draft)).words


def test_the_room_that_was_chosen_at_first_is_the_meetings_room(desk: Client, units: dict[str, Unit]) -> None:
    hall = Room(site_id=make.site(make.MINISTRY).id, name="Hội trường lớn", seats=300)
    db.session.add(hall)
    db.session.flush()
    wanted = hall.id
    assert type_into(desk, "/meetings/new", {**DETAILS, "room": str(wanted)}).status_code == 303
    db.session.rollback()
    meeting = queries.by_code("HN-2026-0001")
    assert meeting is not None and meeting.host_room_id == wanted


# ------------------------------------------------------------------ sites


def quick(client: Client, meeting: Meeting, **values: str) -> Page:
    return client.post(f"/meetings/{meeting.code}/book/sites/quick", data=values)


def chosen(meeting: Meeting) -> set[str]:
    db.session.rollback()
    return {row.site.code for row in make.sites_of(meeting)}


def test_sites_are_chosen_many_at_once_and_taken_out_again(
    desk: Client, draft: Meeting, units: dict[str, Unit]
) -> None:
    province = str(units[make.NGHE_AN].id)
    assert quick(desk, draft, what="provinces").status_code == 303
    assert chosen(draft) == {make.NGHE_AN, make.HA_TINH, make.HO_CHI_MINH}
    assert quick(desk, draft, what="communes", of=province).status_code == 303
    assert chosen(draft) == {make.NGHE_AN, make.HA_TINH, make.HO_CHI_MINH, make.KIM_LIEN, make.VINH_HUNG}
    assert quick(desk, draft, what="none").status_code == 303
    assert chosen(draft) == set()


def test_a_quick_choice_keeps_what_was_ticked_before_it(desk: Client, draft: Meeting, units: dict[str, Unit]) -> None:
    kim_lien, ha_tinh = make.site(make.KIM_LIEN).id, make.site(make.HA_TINH).id
    ticks = {"shown": [kim_lien, ha_tinh], "site": [kim_lien]}
    path, province = f"/meetings/{draft.code}/book/sites/quick", str(units[make.NGHE_AN].id)
    assert desk.post(path, data={"what": "communes", "of": province, **ticks}).status_code == 303
    assert chosen(draft) == {make.NGHE_AN, make.KIM_LIEN, make.VINH_HUNG}
    assert desk.post(path, data={"what": "no such choice", "shown": [kim_lien], "site": []}).status_code == 422
    assert make.KIM_LIEN in chosen(draft), "a choice that is refused changes nothing"


def test_the_quick_choices_are_buttons_of_the_form_of_the_ticks(desk: Client, draft: Meeting) -> None:
    page = desk.get(f"/meetings/{draft.code}/book/sites")
    pressed = [button for button in page.soup.find_all("button") if button.get("form") == "ticks"]
    assert pressed[0].get("name") is None, "Enter saves the ticks and chooses nothing"
    assert {button["value"] for button in pressed[1:]} >= {"provinces", "all-communes", "communes", "none"}
    assert page.soup.find("form", id="ticks") is not None


def test_taking_all_out_takes_out_a_site_that_has_since_been_closed(desk: Client, draft: Meeting) -> None:
    make.site(make.HA_TINH).in_service = False
    assert quick(desk, draft, what="none").status_code == 303
    assert chosen(draft) == set()


def test_a_tick_that_is_gone_takes_the_site_out_and_leaves_those_not_shown(desk: Client, draft: Meeting) -> None:
    nghe_an, kim_lien = make.site(make.NGHE_AN).id, make.site(make.KIM_LIEN).id
    path = f"/meetings/{draft.code}/book/sites"
    assert desk.post(path, data={"shown": [nghe_an, kim_lien], "site": [kim_lien]}).status_code == 303
    assert chosen(draft) == {make.HA_TINH, make.KIM_LIEN}


def test_pasted_codes_and_names_are_read_and_the_rest_is_named(desk: Client, draft: Meeting) -> None:
    path = f"/meetings/{draft.code}/book/sites/paste"
    page = desk.post(path, data={"codes": "79\nKim Liên\nxã không có"}, follow_redirects=True)
    assert "xã không có" in page.words
    assert chosen(draft) == {make.NGHE_AN, make.HA_TINH, make.HO_CHI_MINH, make.KIM_LIEN}


def test_pasted_lines_that_name_nothing_are_refused_and_kept(desk: Client, draft: Meeting) -> None:
    page = desk.post(f"/meetings/{draft.code}/book/sites/paste", data={"codes": "xã không có"})
    assert page.status_code == 422
    assert page.soup.find(id="codes-error")
    assert page.soup.find(id="codes").text.strip() == "xã không có"
    assert chosen(draft) == {make.NGHE_AN, make.HA_TINH}


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"what": "nothing of the kind"},
        {"what": "group", "group": "999"},
        {"what": "group", "group": "9" * 5000},
        {"what": "communes", "of": "x"},
        {"what": "meeting", "like": "HN-2026-9999"},
        {"what": "meeting", "like": "a\x00b"},
    ],
)
def test_a_choice_that_does_not_exist_is_refused(desk: Client, draft: Meeting, values: dict[str, str]) -> None:
    assert quick(desk, draft, **values).status_code in (404, 422)
    assert chosen(draft) == {make.NGHE_AN, make.HA_TINH}


@pytest.mark.parametrize("ids", [["0"], ["-1"], ["9" * 5000], ["2147483648"], ["x", "\x00", ""], ["999999"]])
def test_a_tick_of_no_site_adds_none(desk: Client, draft: Meeting, ids: list[str]) -> None:
    assert desk.post(f"/meetings/{draft.code}/book/sites", data={"shown": ids, "site": ids}).status_code == 303
    assert chosen(draft) == {make.NGHE_AN, make.HA_TINH}


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize("secrecy", [Secrecy.SECRET, Secrecy.HIGH, Secrecy.TOP])
@pytest.mark.parametrize("step", ["new", "details"])
def test_a_secrecy_class_is_refused_with_the_reason_at_its_field(
    desk: Client, draft: Meeting, step: str, secrecy: Secrecy
) -> None:
    make.done()
    before = everything(SESSIONS)
    page = type_into(desk, page_of(step, draft), {**DETAILS, "title": "Tên đang gõ dở", "secrecy": secrecy.value})
    assert page.status_code == 422
    assert "117/2025/QH15" in page.soup.find(id="secrecy-error").text
    assert page.soup.find(id="title").text.strip() == "Tên đang gõ dở"
    assert page.soup.find("input", {"name": "secrecy", "value": secrecy.value}).has_attr("checked")
    assert everything(SESSIONS) == before


BAD: list[tuple[str, str, Any]] = [
    ("details", "title", ""),
    ("details", "title", "   "),
    ("details", "title", "x" * 301),
    ("details", "title", "a\x00b"),
    ("details", "title", "\x1b[31mđỏ"),
    ("details", "title", "a\ufffeb"),
    ("details", "type", "party"),
    ("details", "secrecy", "cosmic"),
    ("details", "chair_honorific", "Đại tướng"),
    ("details", "chair_name", "x" * 121),
    ("details", "chair_name", "a\x07b"),
    ("details", "room", "999999"),
    ("details", "room", "9" * 5000),
    ("details", "organiser", "999999"),
    ("details", "organiser", "x"),
    ("details", "hours", "9" * 5000),
    ("details", "hours", "-1"),
    ("details", "hours", "2.5"),
    ("details", "hours", "hai"),
    ("details", "minutes", "60"),
    ("details", "max_delegates", "99999999999999999999"),
    ("details", "composition", "x" * 1001),
    ("details", "note", "a\x00b"),
    ("time", "day", ""),
    ("time", "day", "32/12/2026"),
    ("time", "day", "10/12/99999"),
    ("time", "day", "0001-01-01"),
    ("time", "day", "9999-12-31"),
    ("time", "day", "30/11/2026"),
    ("time", "day", "a\x00b"),
    ("time", "start", "25:00"),
    ("time", "start", "tám giờ"),
    ("time", "start", "9" * 5000),
    ("time", "hours", "49"),
    ("time", "hours", "9" * 5000),
    ("time", "in_spite_of", "x" * 501),
    ("time", "in_spite_of", "a\x00b"),
    ("invitation", "signer_name", ""),
    ("invitation", "signer_name", "a\x00b"),
    ("invitation", "contact_phone", "không có"),
    ("invitation", "contact_phone", "9" * 5000),
    ("invitation", "invitation_number", "12a"),
    ("invitation", "invitation_number", "1" * 7),
    ("invitation", "invitation_on", "hôm qua"),
    ("invitation", "platform_link", "javascript:alert(1)"),
    ("invitation", "platform_link", "https://x.example/\x00"),
    ("invitation", "recipients", "x" * 2001),
    ("send", "reply_day", "31/02/2026"),
    ("send", "reply_day", "11/12/2026"),
    ("send", "reply_day", ""),
    ("send", "reply_time", "24:61"),
]


@pytest.mark.parametrize(("step", "field", "value"), BAD, ids=[f"{s}-{f}-{i}" for i, (s, f, _) in enumerate(BAD)])
def test_what_cannot_be_kept_is_refused_at_its_field_and_changes_nothing(
    desk: Client, draft: Meeting, step: str, field: str, value: str
) -> None:
    make.done()
    before = everything(SESSIONS)
    page = type_into(desk, page_of(step, draft), {**TYPED[step], field: value})
    assert page.status_code == 422
    # the bounds of a time are told at the field that the rule names
    place = {("time", "30/11/2026"): "start"}.get((step, value), field)
    assert page.soup.find(id=f"{place}-error"), page.words[:600]
    assert everything(SESSIONS) == before


@pytest.mark.parametrize(
    ("step", "wrong", "kept"),
    [
        ("details", {"chair_name": ""}, {"title": "Đang gõ dở", "chair_title": "Thứ trưởng"}),
        ("time", {"start": "25:00"}, {"day": "11/12/2026", "in_spite_of": "Vì vậy"}),
        ("invitation", {"signer_name": ""}, {"signer_title": "PHÓ CHÁNH VĂN PHÒNG", "contact_phone": "024.000.9999"}),
    ],
)
def test_what_was_typed_beside_a_mistake_is_still_there(
    desk: Client, draft: Meeting, step: str, wrong: dict[str, str], kept: dict[str, str]
) -> None:
    page = type_into(desk, page_of(step, draft), {**TYPED[step], **kept, **wrong})
    assert page.status_code == 422
    there = standing(page.form(fields=list(kept)))
    assert {name: str(there[name]).strip() for name in kept} == kept


@pytest.mark.parametrize(
    "agenda",
    [
        {"title": [""], "minutes": ["10"], "presenter": ["Ai đó"]},
        {"title": ["x" * 501], "minutes": ["10"], "presenter": [""]},
        {"title": ["a\x00b"], "minutes": ["10"], "presenter": [""]},
        {"title": ["Khai mạc"], "minutes": ["9" * 5000], "presenter": [""]},
        {"title": ["Khai mạc"], "minutes": ["-5"], "presenter": [""]},
        {"title": ["Khai mạc"], "minutes": ["0"], "presenter": [""]},
        {"title": ["Khai mạc"], "minutes": ["²"], "presenter": [""]},
        {"title": ["Khai mạc"], "minutes": [""], "presenter": [""]},
        {"title": ["Khai mạc"], "minutes": ["10"], "presenter": ["x" * 301]},
    ],
    ids=range(9),
)
def test_a_bad_line_of_the_agenda_is_refused_and_the_agenda_stays(
    desk: Client, draft: Meeting, agenda: dict[str, list[str]]
) -> None:
    make.done()
    before = everything(SESSIONS)
    page = type_into(desk, page_of("agenda", draft), agenda)
    assert page.status_code == 422
    assert everything(SESSIONS) == before


def test_columns_of_unequal_length_make_no_line(desk: Client, draft: Meeting) -> None:
    page = type_into(
        desk, page_of("agenda", draft), {"title": ["Khai mạc", "Thảo luận"], "minutes": ["10"], "presenter": []}
    )
    assert page.status_code == 422
    db.session.rollback()
    assert len(queries.agenda_of(draft)) == 4


@pytest.mark.parametrize("step", ["details", "time", "agenda", "invitation"])
def test_a_form_that_was_open_too_long_is_told_who_was_faster(
    desk: Client, draft: Meeting, browser: Callable[..., Client], step: str
) -> None:
    opened = str(draft.edition)
    faster = browser(make.user(Role.SECRETARY, name="Trần Thị Nhanh"))
    assert type_into(faster, page_of("invitation", draft), {**WORDING, "dial_string": "1234"}).status_code == 303
    before = everything(SESSIONS)
    page = type_into(desk, page_of(step, draft), {**TYPED[step], "edition": opened})
    assert page.status_code == 409
    assert "Trần Thị Nhanh" in page.words
    assert everything(SESSIONS) == before


def test_a_busy_site_is_named_and_can_be_invited_with_a_reason(desk: Client, draft: Meeting, secretary: User) -> None:
    other = make.meeting(
        status=Status.SCHEDULED,
        sites=[make.site(make.NGHE_AN)],
        starts="2026-12-12 09:00",
        host_site=make.site(make.HO_CHI_MINH),
        secretary=secretary,
    )
    code = other.code
    page = type_into(desk, page_of("time", draft), {**TIME, "day": "12/12/2026"})
    assert page.status_code == 409
    assert "Nghệ An" in page.words and code in page.words
    answer = type_into(desk, page_of("time", draft), {**TIME, "day": "12/12/2026", "in_spite_of": "Đã đồng ý"})
    assert answer.status_code == 303
    db.session.rollback()
    assert [clash.reason for clash in clashes.accepted(draft)] == ["Đã đồng ý"]


def test_an_unfinished_booking_is_not_sent_and_the_open_steps_are_shown(desk: Client, secretary: User) -> None:
    draft = make.meeting(secretary=secretary, asked=False, agenda=())
    page = type_into(desk, page_of("send", draft), TYPED["send"])
    assert page.status_code == 422
    db.session.rollback()
    assert draft.status is Status.DRAFT


@pytest.mark.parametrize("step", [s for s in STEPS if s != "sites"])
def test_a_meeting_that_was_sent_is_not_changed_by_its_draft(desk: Client, secretary: User, step: str) -> None:
    sent = make.meeting(status=Status.SCHEDULED, secretary=secretary)
    path = page_of(step, sent)
    make.done()
    before = everything(SESSIONS)
    page = desk.post(path, data={**DETAILS, "organiser": str(sent.organiser_id), **TYPED[step]})
    assert 400 <= page.status_code < 500
    assert everything(SESSIONS) == before


@pytest.mark.parametrize("step", STEPS)
def test_who_comes_back_to_a_step_after_sending_is_led_to_the_meeting(desk: Client, secretary: User, step: str) -> None:
    sent = make.meeting(status=Status.SCHEDULED, secretary=secretary)
    answer = desk.get(f"/meetings/{sent.code}/book/{step}")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/meetings/{sent.code}")


def test_an_hour_at_night_or_on_a_day_off_is_warned_of(desk: Client, draft: Meeting) -> None:
    said = "ngoài giờ làm việc hoặc vào ngày nghỉ"
    assert said not in desk.get(page_of("agenda", draft)).words
    for start, end in [("2026-12-13 08:00", "2026-12-13 09:00"), ("2026-12-10 15:00", "2026-12-10 18:00")]:
        draft.starts_at, draft.ends_at = make.at(start), make.at(end)
        make.done()
        assert said in desk.get(page_of("agenda", draft)).words


def test_before_the_last_button_what_was_forgotten_is_named(desk: Client, draft: Meeting) -> None:
    page = desk.get(page_of("send", draft)).words
    assert "Chưa có đường dẫn phòng họp" in page
    draft.platform_link, draft.minutes_long = "https://hop.example/1", 15
    make.done()
    page = desk.get(page_of("send", draft)).words
    assert "Chưa có đường dẫn phòng họp" not in page
    assert "Chương trình dài hơn thời lượng cuộc họp" in page


# ------------------------------------------------------------------ addresses, strangers, reading


@pytest.mark.parametrize(
    "code", ["HN-2026-9999", "x", "9" * 5000, "%00", "a%00b", "%ed%a0%80", "%ff", "HN-2026-0001%0a"]
)
def test_a_code_of_no_meeting_is_not_found(desk: Client, code: str) -> None:
    for step in STEPS:
        assert desk.get(f"/meetings/{code}/book/{step}").status_code in (400, 404), step
    assert desk.post(f"/meetings/{code}/book/sites", data={"site": "1"}).status_code in (400, 404)
    assert desk.post(f"/meetings/{code}/book/drop").status_code in (400, 404)


@pytest.mark.parametrize(
    "query", ["open=x", f"open={'9' * 5000}", "open=-1", "open=2147483648", "q=%00", "q=%ff", "q=%25"]
)
def test_a_strange_address_shows_the_list_all_the_same(desk: Client, draft: Meeting, query: str) -> None:
    assert desk.get(f"{page_of('sites', draft)}?{query}").status_code in (200, 400)


def test_nobody_else_books(browser: Callable[..., Client], draft: Meeting, stranger: User) -> None:
    make.done()
    before = everything(SESSIONS)
    invited = browser(make.user(Role.SECRETARY, make.NGHE_AN))
    for client, allowed in ((browser(stranger), {404}), (invited, {403, 404}), (browser(), {303})):
        for step in STEPS:
            assert client.get(page_of(step, draft)).status_code in allowed
            answer = client.post(page_of(step, draft), data=TYPED.get(step, {"site": "1"}))
            assert answer.status_code in allowed
            if allowed == {303}:
                assert answer.location.startswith("/sign-in")
        assert client.post(f"/meetings/{draft.code}/book/drop").status_code in allowed
    left = everything(SESSIONS)
    assert left["meeting"] == before["meeting"] and left["meeting_site"] == before["meeting_site"]


def test_reading_changes_nothing(desk: Client, draft: Meeting) -> None:
    make.done()
    before = everything(SESSIONS)
    for _ in range(2):
        for step in (*STEPS, "new"):
            assert desk.get(page_of(step, draft)).status_code == 200
            assert desk.head(page_of(step, draft)).status_code == 200
    assert everything(SESSIONS) == before


def test_a_draft_is_given_up(desk: Client, draft: Meeting) -> None:
    assert desk.post(f"/meetings/{draft.code}/book/drop").status_code == 303
    db.session.rollback()
    assert draft.status is Status.CANCELLED


# ------------------------------------------------------------------ for which body


def bodies(page: Page) -> list[str]:
    """What the select of inviting bodies offers, in its order."""
    return [option.get_text() for option in page.soup.select("select#organiser option")]


def everywhere() -> None:
    """Every unit of the small state has a site, but for the nation."""
    for code in (make.MINISTRY, make.NGHE_AN, make.HA_TINH, make.HO_CHI_MINH, make.KIM_LIEN, make.VINH_HUNG):
        make.site(code)


def test_a_secretary_of_the_country_books_for_a_ministry_or_a_province_and_chooses_which(browser: Any) -> None:
    everywhere()
    there = browser(make.user(Role.SECRETARY, make.NATION))
    page = there.get("/meetings/new")
    offered = bodies(page)
    assert offered[1:] == [
        "Bộ Điều phối số",
        "Ủy ban nhân dân tỉnh Hà Tĩnh",
        "Ủy ban nhân dân thành phố Hồ Chí Minh",
        "Ủy ban nhân dân tỉnh Nghệ An",
    ], "the nation has no site, and its communes are too many"
    assert offered[0] == "Chọn cơ quan mời"
    refused = there.submit("/meetings/new", DETAILS)
    assert refused.status_code == 422
    assert "Chọn cơ quan mời." in refused.soup.find(id="organiser-error").get_text()
    nghe_an = make.units()[make.NGHE_AN]
    saved = there.submit("/meetings/new", {**DETAILS, "organiser": str(nghe_an.id), "stay": "1"})
    assert saved.status_code == 200
    made = db.session.query(Meeting).one()
    assert made.organiser_id == nghe_an.id and made.host_site_id == make.site(make.NGHE_AN).id
    again = there.get("/meetings/new")
    assert again.soup.select_one("select#organiser option[selected]").get_text() == "Ủy ban nhân dân tỉnh Nghệ An"


def test_a_secretary_of_a_province_books_for_it_unless_she_chooses_one_of_its_communes(browser: Any) -> None:
    everywhere()
    there = browser(make.user(Role.SECRETARY, make.NGHE_AN))
    assert bodies(there.get("/meetings/new")) == [
        "Ủy ban nhân dân tỉnh Nghệ An",
        "Ủy ban nhân dân phường Phường Vinh Hưng",
        "Ủy ban nhân dân xã Xã Kim Liên",
    ]
    commune = make.units()[make.KIM_LIEN]
    # the room on the page is still one of the province
    there.submit("/meetings/new", {**DETAILS, "organiser": str(commune.id)})
    made = db.session.query(Meeting).one()
    assert made.organiser_id == commune.id and made.host_site_id == make.site(make.KIM_LIEN).id


def test_a_body_without_a_site_in_service_is_not_offered_and_the_field_says_so(browser: Any) -> None:
    make.site(make.KIM_LIEN).in_service = False
    there = browser(make.user(Role.SECRETARY, make.KIM_LIEN))
    sentence = "Chưa có đơn vị nào của tài khoản này có điểm cầu đang sử dụng"
    assert sentence in there.get("/meetings/new").soup.find(id="organiser-hint").get_text()
    page = there.submit("/meetings/new", DETAILS)
    assert page.status_code == 422
    assert sentence in page.soup.find(id="organiser-error").get_text()
    assert db.session.query(Meeting).count() == 0


# ------------------------------------------------------------------ in one place or online


def test_every_step_says_what_both_forms_would_cost_once_a_site_is_chosen(desk: Client, secretary: User) -> None:
    empty = make.meeting(secretary=secretary, asked=False, sites=[])
    draft = make.meeting(secretary=secretary, asked=False)
    make.done()
    for step in STEPS:
        shown = desk.get(page_of(step, draft)).soup.find("aside").text
        assert "Họp tập trung so với trực tuyến (ước tính)" in shown, step
        assert "trong khoảng từ" in shown, step
        assert "Họp tập trung so với" not in desk.get(page_of(step, empty)).soup.find("aside").text, step
    card = desk.get(page_of("send", draft)).soup.find(id="forms").text
    for words in (
        "50 người tại 2 điểm cầu",
        "Điều 7 Quyết định 45/2018/QĐ-TTg",
        "Đối chiếu qua nguồn thứ cấp",
        "CO₂",
        "giờ",
    ):
        assert words in card, words


def test_what_cannot_be_counted_is_named_with_what_is_missing_and_the_invitations_leave_all_the_same(
    desk: Client, secretary: User
) -> None:
    make.site(make.HA_TINH).latitude = None
    place = make.site(make.NGHE_AN)
    db.session.query(Room).filter_by(site_id=place.id).update({"seats": None})
    place.seats = None
    meeting = make.meeting(secretary=secretary, asked=False, max_delegates=None)
    make.done()
    page = desk.get(page_of("send", meeting))
    card = page.soup.find(id="forms")
    assert "Chưa so sánh được hai hình thức" in card.text
    assert "Chưa tính được 2 trong 2 điểm cầu" in card.text
    assert "Chưa biết số người dự kiến: Nghệ An." in card.text
    assert "Chưa biết tọa độ hoặc khoảng cách: Hà Tĩnh." in card.text
    assert not card.find("table"), "what online costs alone would look like a loss"
    assert card.find("a", href=f"{page_of('details', meeting)}#max_delegates")
    answer = desk.post(page_of("send", meeting), data=standing(page.form(fields=["reply_day"])))
    assert answer.status_code == 303
    db.session.rollback()
    assert meeting.status is Status.SCHEDULED


def test_the_place_of_the_host_is_asked_for_where_it_is_not_known(desk: Client, secretary: User) -> None:
    make.site(make.MINISTRY).latitude = None
    meeting = make.meeting(secretary=secretary, asked=False)
    make.done()
    card = desk.get(page_of("send", meeting)).soup.find(id="forms").text
    assert "Chưa biết tọa độ điểm cầu chính" in card
    assert "Chưa biết tọa độ hoặc khoảng cách" not in card, "not every site by name, for one that is missing"


def test_who_approves_sees_both_forms_beside_the_invitation(
    browser: Callable[..., Client], secretary: User, approver: User
) -> None:
    meeting = make.meeting(secretary=secretary, asked=False)
    approval.submit(meeting, make.at("2026-12-08 17:00"), actor=make.actor(secretary))
    make.done()
    page = browser(approver).get(f"/meetings/{meeting.code}/approval")
    assert "Họp tập trung so với trực tuyến (ước tính)" in page.soup.find("aside").text
    assert "Điều 7 Quyết định 45/2018/QĐ-TTg" in page.soup.find(id="forms").text
    assert page.form("/approval/approve"), "nothing is stopped"
