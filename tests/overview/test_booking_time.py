"""The step of the time by its page: the best hours, the heat-map, and the ways out of a collision."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from meetings.accounts.models import User
from meetings.clock import now
from meetings.database import db
from meetings.i18n import gettext, in_locale, ngettext
from meetings.journal.models import Entry
from meetings.scheduling import clashes
from meetings.scheduling.models import Booking, Meeting
from meetings.scheduling.rules import Status
from meetings.units.models import Unit
from tests import make
from tests.overview.conftest import everything
from tests.pages import Client, Page, standing

OTHER = "Hội nghị trực tuyến tỉnh Nghệ An"


def vi(msgid: str, **values: Any) -> str:
    with in_locale("vi"):
        return gettext(msgid, **values)


@pytest.fixture
def desk(browser: Callable[..., Client], secretary: User, units: dict[str, Unit]) -> Client:
    for code in (make.MINISTRY, make.NGHE_AN, make.HA_TINH, make.KIM_LIEN, make.VINH_HUNG):
        make.site(code)
    return browser(secretary)


@pytest.fixture
def draft(desk: Client, secretary: User) -> Meeting:
    """A draft of two provinces and two communes that has no time yet; its chair's calendar is kept here."""
    sites = [make.site(code) for code in (make.NGHE_AN, make.HA_TINH, make.KIM_LIEN, make.VINH_HUNG)]
    made = make.meeting(secretary=secretary, sites=sites, minutes=180, asked=False)
    made.chair_id = make.person(calendar_kept=True).id
    made.starts_at = made.ends_at = None
    return made


@pytest.fixture
def provincial(draft: Meeting, units: dict[str, Unit]) -> Meeting:
    """A conference of the province with its communes, on Thursday from 08:00 to 10:00, sent."""
    return make.meeting(
        status=Status.SCHEDULED, title=OTHER, organiser=units[make.NGHE_AN], chair_name="Hoàng Văn Lộc", minutes=120,
        sites=[make.site(make.KIM_LIEN), make.site(make.VINH_HUNG)], contact_phone="0238 000 0111", asked=False,
        host_site=make.site(make.HO_CHI_MINH),
    )  # fmt: skip


def page_of(meeting: Meeting, **search: str) -> str:
    asked = "&".join(f"{name}={value}" for name, value in search.items())
    return f"/meetings/{meeting.code}/book/time" + (f"?{asked}" if asked else "")


WEEK = {
    "first": "07/12/2026",
    "last": "11/12/2026",
    "long_hours": "3",
    "long_minutes": "0",
    "part": "day",
    "margin": "15",
}
THURSDAY = {**WEEK, "at": "2026-12-10T08:00"}


def offered(page: Page) -> list[str]:
    return [str(radio["value"]) for radio in page.soup.select("input[name=slot]")]


def save(client: Client, path: str, **typed: str) -> Page:
    page = client.get(path)
    return client.post(path, data={**standing(page.form(fields=["day", "slot"])), **typed})


def starts(meeting: Meeting) -> Any:
    db.session.rollback()
    db.session.expire_all()
    return meeting.starts_at


# ------------------------------------------------------------------ the ranked list


def test_the_best_hours_are_offered_and_the_pressed_one_is_held(
    desk: Client, draft: Meeting, provincial: Meeting
) -> None:
    page = desk.get(page_of(draft, **WEEK))
    assert offered(page) == [*(f"2026-12-{day}T{clock}" for day, clock in (
        ("07", "07:30"), ("07", "13:30"), ("08", "07:30"), ("08", "13:30"), ("09", "07:30"),
    )), "own"]  # fmt: skip
    assert save(desk, page_of(draft, **WEEK), slot="2026-12-08T13:30").status_code == 303
    assert starts(draft) == make.at("2026-12-08 13:30")
    held = db.session.query(Booking).filter_by(meeting_id=draft.id).all()
    assert len(held) == 6 and all(booking.expires_at for booking in held), (
        "four sites, the room and the chair, for a while"
    )


def test_an_hour_that_is_typed_wins_over_the_button_that_is_pressed_already(desk: Client, draft: Meeting) -> None:
    answer = save(desk, page_of(draft), day="11/12/2026", start="14:00")
    assert answer.status_code == 303
    assert starts(draft) == make.at("2026-12-11 14:00")
    assert standing(desk.get(page_of(draft)).form(fields=["slot"]))["slot"] == "own", "the hour that stands is kept"
    assert save(desk, page_of(draft)).status_code == 303
    assert starts(draft) == make.at("2026-12-11 14:00")


def test_each_hour_says_who_is_busy_with_what_and_whom_to_call(
    desk: Client, draft: Meeting, provincial: Meeting
) -> None:
    page = desk.get(page_of(draft, **{**WEEK, "first": "10/12/2026", "last": "10/12/2026", "part": "morning"}))
    assert offered(page) == ["2026-12-10T07:30", "own"], "one hour of the morning, the earliest of equally bad ones"
    offer = page.soup.select_one(".offers li")
    assert offer is not None
    said = " ".join(offer.get_text(" ").split())
    assert vi("%(free)s of %(all)s sites free", free="2", all="4") in said and vi("the chair is free") in said
    assert "Nghệ An: Xã Kim Liên, Phường Vinh Hưng" in said and provincial.code in said and "0238 000 0111" in said
    assert OTHER not in page.words, "no unit of the ministry's is in that meeting: its title is not told"


# ------------------------------------------------------------------ the heat-map


def test_the_heat_map_tells_holidays_busy_chairs_and_unknown_calendars_apart(
    desk: Client, draft: Meeting, provincial: Meeting
) -> None:
    make.site(make.HA_TINH).calendar_kept = False
    begins = make.at("2026-12-31 15:00")
    db.session.add(
        Booking(
            meeting_id=provincial.id, person_id=draft.chair_id, starts_at=begins, ends_at=begins + timedelta(hours=2)
        )
    )
    page = desk.get(page_of(draft, **{**WEEK, "first": "31/12/2026", "last": "01/01/2027"}))
    rows = page.soup.select(".heat tbody tr")
    cells = {str(button["value"]): " ".join(button.get_text(" ").split()) for button in rows[0].select("button")}
    eight = cells["2026-12-31T08:00"]
    assert vi("%(when)s: %(free)s of %(all)s sites free.", when="08 giờ 00, 31/12/2026", free="3", all="4") in eight
    assert eight.startswith("3?") and "Chưa rõ" in eight
    assert cells["2026-12-31T15:00"].startswith("╳") and vi("A required person is busy.") in cells["2026-12-31T15:00"]
    assert rows[1].select("button") == [] and "Tết Dương lịch" in rows[1].get_text()
    warned = desk.get(page_of(draft, **THURSDAY)).words
    assert (
        vi("Nothing is known of the calendar of: %(names)s. Ask them before the hour is fixed.", names="Hà Tĩnh")
        in warned
    )


def test_a_half_hour_is_looked_at_as_the_start_without_saving_anything(
    desk: Client, draft: Meeting, provincial: Meeting
) -> None:
    make.done()
    before = everything()
    page = desk.get(page_of(draft, **THURSDAY))
    assert everything() == before
    form = standing(page.form(fields=["slot"]))
    assert (form["slot"], form["day"], form["start"], form["hours"]) == ("own", "10/12/2026", "08:00", "3")
    pressed = page.soup.select(".heat [aria-current]")
    assert [str(button["value"]) for button in pressed] == ["2026-12-10T08:00"]
    assert len(page.soup.select(".heat td.in")) == 6, "three hours are outlined"


@pytest.mark.parametrize(
    "search",
    [
        {"first": "32/12/2026"},
        {"first": "01/01/2020", "last": "02/01/2020"},
        {**WEEK, "last": "11/12/2036"},
        {**WEEK, "long_hours": "99"},
        {**WEEK, "long_hours": "0"},
        {**WEEK, "part": "night", "margin": "7"},
        {"at": "2026-13-45T99:00", "show": "nonsense"},
        {**WEEK, "at": "2099-12-31T23:59", "show": "9999-99-99"},
    ],
)
def test_an_address_that_makes_no_sense_is_answered_with_what_is_wrong(
    desk: Client, draft: Meeting, search: dict[str, str]
) -> None:
    page = desk.get(page_of(draft, **search))
    assert page.status_code == 200
    assert page.form(fields=["day", "start"]) is not None


# ------------------------------------------------------------------ a collision and the ways out


def test_a_collision_is_shown_with_the_half_hours_around_it(desk: Client, draft: Meeting, provincial: Meeting) -> None:
    page = desk.get(page_of(draft, **{**WEEK, "at": "2026-12-10T09:30"}))
    with in_locale("vi"):
        heading = ngettext("%(num)s collision at %(when)s", "", 2, when="09 giờ 30, 10/12/2026")
    assert page.soup.find(id="chosen").get_text() == heading
    shifts = {str(b["value"]): " ".join(b.get_text().split()) for b in page.soup.select(".ways-out [name=at]")}
    assert shifts == {
        "2026-12-10T09:00": vi("30 minutes earlier, %(clock)s: %(busy)s collisions", clock="09 giờ 00", busy="2"),
        "2026-12-10T10:00": vi("30 minutes later, %(clock)s: %(busy)s collisions", clock="10 giờ 00", busy="0"),
    }
    page = desk.get(page_of(draft, **{**WEEK, "at": "2026-12-10T08:30"}))
    offered = [str(b["value"]) for b in page.soup.select(".ways-out [name=at]")]
    assert offered == ["2026-12-10T08:00", "2026-12-10T09:00", "2026-12-10T13:30"], (
        "the nearest that is free, after lunch"
    )
    free = desk.get(page_of(draft, **{**WEEK, "at": "2026-12-10T13:30"}))
    assert "0 trùng" in free.soup.find(id="chosen").get_text()


def test_the_busy_sites_are_left_out_and_no_others(desk: Client, draft: Meeting, provincial: Meeting) -> None:
    page = desk.get(page_of(draft, **THURSDAY))
    form = page.form(fields=["busy_sites"])
    button = next(b for b in form.find_all("button") if "leave-out" in str(b.get("formaction")))
    answer = desk.post(str(button["formaction"]), data=standing(form))
    assert answer.status_code == 303 and "at=2026-12-10T08%3A00" in str(answer.location)
    db.session.rollback()
    assert [row.name for row in make.sites_of(draft)] == ["Nghệ An", "Hà Tĩnh"]
    assert "0 trùng" in desk.get(str(answer.location)).words


def test_all_are_invited_all_the_same_with_a_reason(desk: Client, draft: Meeting, provincial: Meeting) -> None:
    refused = save(desk, page_of(draft, **THURSDAY))
    assert refused.status_code == 409 and provincial.code in refused.words
    assert save(desk, page_of(draft, **THURSDAY), in_spite_of="Chủ tịch tỉnh đã đồng ý").status_code == 303
    assert starts(draft) == make.at("2026-12-10 08:00")
    assert [clash.reason for clash in clashes.accepted(draft)] == ["Chủ tịch tỉnh đã đồng ý"]


def test_what_only_drafts_hold_is_taken_knowingly(desk: Client, draft: Meeting, provincial: Meeting) -> None:
    db.session.query(Booking).filter_by(meeting_id=provincial.id).update({"expires_at": now() + timedelta(days=1)})
    page = desk.get(page_of(draft, **THURSDAY))
    assert vi("Take the places that are only held") in page.words
    assert save(desk, page_of(draft, **THURSDAY)).status_code == 409, "not without knowing it"
    assert save(desk, page_of(draft, **THURSDAY), displacing="1").status_code == 303
    assert starts(draft) == make.at("2026-12-10 08:00")
    assert db.session.query(Entry).filter_by(root=provincial.code, fact="meeting.displaced").count() == 1


def test_what_is_taken_while_the_page_is_open_is_named_and_the_rest_is_kept(
    desk: Client, draft: Meeting, units: dict[str, Unit]
) -> None:
    path = page_of(draft, **WEEK)
    form = standing(desk.get(path).form(fields=["slot"]))
    other = make.meeting(
        status=Status.SCHEDULED, starts="2026-12-09 08:00", sites=[make.site(make.HA_TINH)], chair_name="Ai Đó",
        organiser=units[make.NGHE_AN], asked=False,
    )  # fmt: skip
    make.done()
    answer = desk.post(path, data={**form, "slot": "2026-12-09T07:30", "in_spite_of": ""})
    assert answer.status_code == 409 and starts(draft) is None
    assert other.code in answer.soup.find(class_="clash").get_text()
    kept = standing(answer.form(fields=["slot"]))
    assert (kept["slot"], kept["day"], kept["start"], kept["hours"]) == ("own", "09/12/2026", "07:30", "3")


# ------------------------------------------------------------------ whom the hour has to suit


def needs(client: Client, meeting: Meeting, **pressed: Any) -> Page:
    path = f"/meetings/{meeting.code}/book/time/needs"
    return client.post(path, data={**standing(client.get(path).form(fields=["add"])), **pressed})


def required(meeting: Meeting) -> list[str]:
    db.session.rollback()
    db.session.expire_all()
    return [row.name for row in make.sites_of(meeting) if row.required]


def test_communes_need_not_be_free_and_then_stop_no_hour(desk: Client, draft: Meeting, provincial: Meeting) -> None:
    assert needs(desk, draft, what="provinces").status_code == 303
    assert required(draft) == ["Nghệ An", "Hà Tĩnh"]
    page = desk.get(page_of(draft, **THURSDAY))
    assert vi("Nobody of them is required: the hour can be kept.") in page.words and "in_spite_of" not in page.text
    assert save(desk, page_of(draft, **THURSDAY)).status_code == 303
    assert starts(draft) == make.at("2026-12-10 08:00")
    assert needs(desk, draft, require=str(make.site(make.NGHE_AN).unit_id)).status_code == 303
    assert len(required(draft)) == 4


def test_single_sites_are_ticked_and_people_are_added_and_taken_out(desk: Client, draft: Meeting) -> None:
    guest = make.person("Trần Thị Khách", leader=False)
    make.done()
    nghe_an, ha_tinh = make.site(make.NGHE_AN).id, make.site(make.HA_TINH).id
    assert needs(desk, draft, shown=[nghe_an, ha_tinh], site=[ha_tinh], add=str(guest.id)).status_code == 303
    assert required(draft) == ["Hà Tĩnh", "Xã Kim Liên", "Phường Vinh Hưng"]
    assert clashes.people(draft) == {draft.chair_id: True, guest.id: True}
    form = standing(desk.get(f"/meetings/{draft.code}/book/time/needs").form(fields=["add"]))
    assert form["person"] == form["must"] == str(guest.id)
    del form["must"]
    path = f"/meetings/{draft.code}/book/time/needs"
    assert desk.post(path, data=form).status_code == 303
    db.session.rollback()
    assert clashes.people(draft)[guest.id] is False
    assert desk.post(path, data={**form, "out": str(guest.id)}).status_code == 303
    db.session.rollback()
    assert clashes.people(draft) == {draft.chair_id: True}
    assert desk.post(path, data={"add": "999999"}).status_code == 303, "nobody who is not in the directory"
    db.session.rollback()
    assert clashes.people(draft) == {draft.chair_id: True}
