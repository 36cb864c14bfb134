"""Calendars to subscribe to by a secret address: the dates they give other programs, and whom they open to."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import icalendar
import pytest
import recurring_ical_events
from flask import Flask

from meetings import links
from meetings.accounts.models import Grant, User
from meetings.accounts.rules import Role
from meetings.clock import HANOI, now
from meetings.database import db
from meetings.directory.models import Room
from meetings.invitations import calendar_links, letters
from meetings.invitations.models import CalendarLink
from meetings.overview import calendar as calendar_view
from meetings.scheduling import blocking
from meetings.scheduling.models import BusyKind, Meeting, MeetingSeries
from meetings.scheduling.rules import Status
from tests import make
from tests.overview.test_calendar import held
from tests.pages import Client

Browser = Callable[..., Client]
Line = tuple[str, str, str]
"""A day, hours, and what: as the calendar page says it."""


def subscribed(whose: Any, who: User) -> str:
    """The path of a calendar of *whose* hours, made for *who*."""
    made = calendar_links.make(whose, actor=make.actor(who))
    return calendar_links.address(made).removeprefix("http://hop.example")


def by_a_program(data: bytes) -> list[Line]:
    """What a calendar program understands: expanded by a library that knows nothing of ours."""
    found = recurring_ical_events.of(icalendar.Calendar.from_ical(data)).between(date(2026, 9, 1), date(2028, 1, 1))
    return sorted(_line(event["DTSTART"].dt, event["DTEND"].dt, str(event["SUMMARY"])) for event in found)


def by_hand(data: bytes) -> list[Line]:
    """The same by twenty lines that know nothing of any library."""
    assert all(len(line) <= 75 for line in data.split(b"\r\n")) and b"\n" not in data.replace(b"\r\n", b"")
    text = data.decode().replace("\r\n ", "")
    assert text.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n") and "\r\nMETHOD:PUBLISH\r\n" in text
    zone = text[text.index("BEGIN:VTIMEZONE") : text.index("END:VTIMEZONE")]
    assert "TZID:Asia/Ho_Chi_Minh" in zone and "TZOFFSETTO:+0700" in zone
    found = []
    for event in text.split("BEGIN:VEVENT\r\n")[1:]:
        values = dict(line.split(":", 1) for line in event.split("END:VEVENT")[0].strip().split("\r\n"))
        times = [values[f"{name};TZID=Asia/Ho_Chi_Minh"] for name in ("DTSTART", "DTEND")]
        begins, ends = (datetime.strptime(time, "%Y%m%dT%H%M%S").replace(tzinfo=HANOI) for time in times)
        found.append(_line(begins, ends, re.sub(r"\\([;,\\])", r"\1", values["SUMMARY"])))
    return sorted(found)


def _line(begins: datetime, ends: datetime, summary: str) -> Line:
    begins, ends = begins.astimezone(HANOI), ends.astimezone(HANOI)
    what = re.sub(r" \[HN-[\d-]+\]$|^\(Giữ chỗ\) |^ĐÃ HỦY: |^HOÃN: ", "", re.sub(r" \[HN-[\d-]+\]$", "", summary))
    if what.startswith("Bận: cuộc họp của"):
        what = "bận"
    return f"{begins:%d/%m/%Y}", f"{begins:%H:%M}–{ends:%H:%M}", what


def on_the_page(client: Client, address: str, days: list[str]) -> list[Line]:
    """What the calendar page says of every period in *days*, without drafts that hold nothing."""
    found = []
    for day in days:
        for section in client.get(f"{address}&day={day}").soup.select(".cal-list section"):
            shown = re.search(r"\d\d/\d\d/\d{4}", section.h3.get_text())
            for bar in section.select(".bar:not(.draft)"):
                hours, what = bar.select_one(".t").get_text(), bar.select_one(".w").get_text()
                found.append((shown[0], hours.strip(), " ".join(what.split())))
    return sorted(found)


@pytest.fixture
def random_meetings(app: Flask, secretary: User) -> list[Meeting]:
    """Two dozen meetings of three bodies in December and January, in every state there is."""
    chance = random.Random(20261210)
    colleague = make.user(Role.SECRETARY, name="Đồng Nghiệp")
    other = make.user(Role.SECRETARY, make.HO_CHI_MINH, name="Thư Ký Thành Phố")
    sites = [make.site(code) for code in (make.NGHE_AN, make.HA_TINH, make.KIM_LIEN)]
    made = []
    for n in range(24):
        status = chance.choice([Status.DRAFT, Status.SCHEDULED, Status.SCHEDULED, Status.CANCELLED, Status.POSTPONED])
        city = n % 4 == 0
        day = date(2026, 12, 1) + timedelta(days=chance.randrange(60))
        made.append(
            make.meeting(
                status=status, title=f"Họp; số {n}, “thử” \\ {'rất dài ' * chance.randrange(9)}".strip(),
                starts=f"{day} {chance.randrange(7, 16):02}:{chance.choice(['00', '15', '30'])}",
                minutes=chance.choice([30, 90, 240]), sites=chance.sample(sites, chance.randrange(1, 4)),
                organiser=make.units()[make.HO_CHI_MINH] if city else None, asked=False,
                secretary=other if city else chance.choice([secretary, colleague]),
            )
        )  # fmt: skip
        if status is Status.DRAFT and chance.random() < 0.6:
            held(made[-1], None, minutes=100_000)
    weekly = MeetingSeries(
        uid="hang-tuan@hop.example", rule="FREQ=WEEKLY", first_on=date(2026, 12, 7), starts=time(8), minutes_long=60,
        title="Giao ban", organiser_id=made[1].organiser_id, made_by="", made_at=now(),
    )  # fmt: skip
    db.session.add(weekly)
    for n, hour in enumerate(("2026-12-07 08:00", "2026-12-15 14:00", "2026-12-21 08:00")):  # the second was moved
        starts = make.at(hour)
        date_of = {"series": weekly, "series_on": date(2026, 12, 7) + timedelta(days=7 * n)}
        made.append(make.meeting(status=Status.SCHEDULED, sites=sites, secretary=secretary, asked=False, **date_of))
        made[-1].starts_at, made[-1].ends_at, made[-1].title = starts, starts + timedelta(hours=1), f"Giao ban {n}"
    return made


def test_other_programs_read_the_dates_that_the_calendar_page_shows(
    app: Flask, browser: Browser, secretary: User, random_meetings: list[Meeting]
) -> None:
    site = make.site(make.NGHE_AN)
    blocking.block(
        site,
        BusyKind.MAINTENANCE,
        make.at("2026-12-15 08:00"),
        make.at("2026-12-15 17:00"),
        actor=make.actor(secretary),
    )
    client, reader = browser(secretary), browser(look=False)
    mine, of_site = subscribed(None, secretary), subscribed(site, secretary)
    data = reader.get(mine).get_data()
    page = on_the_page(client, "/calendar?view=month&by=room&mine=yes", ["2026-12-01", "2027-01-01"])
    assert len(page) > 5 and by_a_program(data) == by_hand(data) == page
    data = reader.get(of_site).get_data()
    weeks = [f"{date(2026, 11, 30) + timedelta(days=7 * n)}" for n in range(10)]
    page = on_the_page(client, "/calendar?view=week&by=site&province=&q=nghe an", weeks)
    page = [(day, hours, "Bảo trì" if what == "Bảo trì" else what) for day, hours, what in page]
    assert by_a_program(data) == by_hand(data) and sorted(set(by_hand(data))) == sorted(set(page))
    assert any(what == "bận" for _day, _hours, what in page), "some of them belong to the city, which did not invite us"


def test_an_entry_bears_the_uid_and_sequence_of_its_invitations_and_says_its_state(
    app: Flask, browser: Browser, secretary: User
) -> None:
    sent = make.meeting(status=Status.SCHEDULED, secretary=secretary, sequence=3)
    hold = make.meeting(starts="2026-12-11 08:00", secretary=secretary)
    held(hold, None)
    gone = make.meeting(status=Status.CANCELLED, starts="2026-12-12 08:00", secretary=secretary, sequence=4)
    make.meeting(starts="2026-12-13 08:00", secretary=secretary, title="Chỉ là nháp")
    sent.platform_link, sent.dial_string = "https://phong.example/bi-mat", "400123"
    data = browser(look=False).get(subscribed(None, secretary)).get_data()
    events = {str(e["UID"]): e for e in icalendar.Calendar.from_ical(data).walk("VEVENT")}
    assert {(uid, int(e["SEQUENCE"]), str(e["STATUS"]), str(e["TRANSP"])) for uid, e in events.items()} == {
        (letters.uid(sent, "x@hop.example"), 3, "CONFIRMED", "OPAQUE"),
        (letters.uid(hold, "x@hop.example"), 0, "TENTATIVE", "OPAQUE"),
        (letters.uid(gone, "x@hop.example"), 4, "CANCELLED", "TRANSPARENT"),
    }
    text = data.decode().replace("\r\n ", "")
    for secret in ("024 000", "0912", "/m/", "/j/", "bi-mat", "400123", "ATTENDEE"):
        assert secret not in text, secret


def test_a_calendar_that_has_not_changed_is_not_sent_again(app: Flask, browser: Browser, secretary: User) -> None:
    meeting = make.meeting(status=Status.SCHEDULED, secretary=secretary)
    path, reader = subscribed(None, secretary), browser(look=False)
    first = reader.get(path)
    assert first.mimetype == "text/calendar" and first.headers["Referrer-Policy"] == "no-referrer"
    again = reader.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304 and again.get_data() == b""
    meeting.title = "Tên đã đổi"
    assert reader.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_an_address_dies_with_its_newer_issue_its_owner_and_her_right(
    app: Flask, browser: Browser, secretary: User, stranger: User
) -> None:
    actor, reader = make.actor(secretary), browser(look=False)
    site = make.site(make.NGHE_AN)
    path = subscribed(site, secretary)
    assert subscribed(site, secretary) == path, "asked for twice it is the same"
    link = db.session.query(CalendarLink).one()
    assert reader.get(path).status_code == 200
    client = browser(secretary)
    client.submit("/calendar/subscriptions", form=f"/calendar/subscriptions/{link.id}/renew")
    db.session.expire_all()
    newer = calendar_links.address(link).removeprefix("http://hop.example")
    assert reader.get(path).status_code == 410 and reader.get(newer).status_code == 200
    for address in (f"/calendar/subscriptions/{link.id}/renew", f"/calendar/subscriptions/{link.id}/take-back"):
        assert browser(stranger).post(address).status_code == 404, "an address is its owner's alone"
    db.session.query(Grant).filter_by(user_id=secretary.id).update({"role": Role.FINANCE})
    assert reader.get(newer).status_code == 410, "finance sees no directory"
    db.session.query(Grant).filter_by(user_id=secretary.id).update({"role": Role.SECRETARY})
    secretary.active = False
    assert reader.get(newer).status_code == 410
    secretary.active = True
    assert reader.get(newer).status_code == 200
    calendar_links.take_back(link, actor=actor)
    assert reader.get(newer).status_code == 410
    # a link of another kind with the same number opens nothing here, nor this one there
    assert reader.get(f"/c/{links.token('m', link.link_id, link.link.issue)}.ics").status_code == 410
    assert reader.get(newer.replace("/c/", "/m/").removesuffix(".ics")).status_code == 410


@pytest.mark.only("sqlite")
def test_whoever_guesses_addresses_is_told_to_wait(app: Flask, browser: Browser, secretary: User) -> None:
    calendar_view.wrong_links.forget()
    reader, good = browser(look=False), subscribed(None, secretary)
    try:
        answers = [reader.get(f"/c/{'a' * 30}{n}.ics").status_code for n in range(31)]
        assert answers[:29] == [410] * 29 and answers[-1] == 429
        assert reader.get(good).status_code == 200, "an office behind one address keeps its good ones"
    finally:
        calendar_view.wrong_links.forget()


def test_the_page_makes_an_address_for_what_its_reader_may_see(
    app: Flask, browser: Browser, secretary: User, leader: User
) -> None:
    chair = make.person()
    room = db.session.query(Room).filter_by(site_id=make.site(make.MINISTRY).id).one()
    make.site(make.KIM_LIEN)
    meeting = make.meeting(status=Status.SCHEDULED, chair_id=chair.id, secretary=secretary, sites=[])
    client, reader = browser(secretary), browser(look=False)
    for values in ({"of": f"room-{room.id}"}, {"of": f"person-{chair.id}"}, {"site": make.KIM_LIEN}, {"of": "mine"}):
        page = client.submit("/calendar/subscriptions", values)
    addresses = [str(field["value"]) for field in page.soup.select("input[readonly]")]
    assert len(addresses) == 4 and "Lịch họp của điểm cầu Xã Kim Liên" in page.words
    page = client.submit("/calendar/subscriptions", {"site": "99999"})
    assert page.status_code == 422 and page.soup.find(id="site-error")
    found = [meeting.code in reader.get(a.removeprefix("http://hop.example")).get_data(as_text=True) for a in addresses]
    assert found == [True, True, False, True]
    # a leader's own are those she chairs; other calendars are not offered to her, and not made
    chair.email = leader.email.upper()
    page = browser(leader).submit("/calendar/subscriptions", {"of": "mine"})
    (address,) = [str(field["value"]) for field in page.soup.select("input[readonly]")]
    assert meeting.code in reader.get(address.removeprefix("http://hop.example")).get_data(as_text=True)
    refused = browser(leader).post("/calendar/subscriptions", data={"of": f"room-{room.id}"})
    assert refused.status_code == 422
