"""The letters themselves: what the first screen says, in both languages, and names that want to be something else."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count

import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from meetings import journal
from meetings.accounts.rules import SYSTEM
from meetings.database import db
from meetings.directory.models import Contact
from meetings.invitations.calendar import Method, pattern
from meetings.official.text import one_line
from meetings.post import queries as letter_box
from meetings.post.letters import kept
from meetings.post.message import Address, Attachment, Envelope, Pattern, build, slot
from meetings.post.models import Letter
from meetings.scheduling import moving
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status
from tests import make
from tests.invitations.itip import check, message_of
from tests.invitations.test_calendar import ENTRY
from tests.invitations.test_changes import worked

WHY = "Chủ trì họp Chính phủ đột xuất"
HOSTILE = (
    "<script>alert(1)</script>",
    "</td></tr></table><img src=x onerror=alert(1)>",
    "\"><a href='http://evil.example'>Bấm vào đây</a>",
    "Tên\r\nBcc: a@evil.example\r\n\r\n<h1>Giả</h1>",
    "Sở \u202eetsil gnod\u202c \u2066Y\u2069 tế\u200f",
    "A & B &lt;C&gt; 'D' \"E\" \\n;,:^`{{ 7*7 }}%(x)s",
    "Dài " + "nguyễn " * 42 + "hết",
    "👩‍👩‍👧‍👦 Điểm cầu 🇻🇳 ﷽",
    "BEGIN:VALARM\u2028END:VEVENT\x0bX:\x85y\x00z\x1b[31m",
)

ELEMENTS = {
    "html", "head", "meta", "title", "style", "body", "div", "table", "tr", "th", "td", "p", "h1", "h2", "a", "s", "b", "br",
}  # fmt: skip
LONG = os.environ.get("PROVE") == "1"

# ------------------------------------------------------------------ every field that reaches a letter


def life(shift: int | None = None) -> dict[str, bytes]:
    """The letters of a whole life of a meeting, by kind; every field that somebody types holds another of the hostile words."""
    fields = count(shift or 0)

    def bad(said: str, most: int) -> str:
        return said if shift is None else HOSTILE[next(fields) % len(HOSTILE)][:most]

    site, other = make.site(make.NGHE_AN), make.site(make.HA_TINH)
    site.name, site.place = bad(site.name, 200), bad(site.place, 300)
    site.unit.full_name = bad(site.unit.full_name, 250)
    for contact in db.session.query(Contact).filter_by(site_id=site.id):
        contact.name = bad(contact.name, 120)
    texts = {
        "title": bad("Hội nghị sơ kết", 300), "chair_name": bad("Lê Minh Khang", 120), "chair_title": bad("Bộ trưởng", 200),
        "composition": bad("Lãnh đạo", 500), "contact_name": bad("Bà Hoa", 120), "contact_phone": bad("024 000 1234", 30),
        "technical_phone": bad("024 000 1235", 30), "note": bad("Mang theo tài liệu", 1000),
    }  # fmt: skip
    organiser = make.units()[make.MINISTRY]
    meeting = make.meeting(status=Status.SCHEDULED, asked=False, sites=[site, other], **texts)
    organiser.full_name = bad(organiser.full_name, 250)
    journal.record("meeting.sent", meeting, actor=SYSTEM, sites=2)
    worked()
    why = bad(WHY, 500)
    moving.reschedule(meeting, make.at("2026-12-10 14:00"), 195, why, actor=SYSTEM)
    worked()
    facts = {**{name: getattr(meeting, name) for name in moving.Facts.__dataclass_fields__}, "chair_name": "Trần Bình"}
    items = [moving.Item(i.title, i.minutes, i.presenter) for i in scheduling.agenda_of(meeting)]
    moving.change_facts(meeting, moving.Facts(**facts), None, items, why, actor=SYSTEM)
    worked()
    moving.postpone(meeting, why, actor=SYSTEM)
    worked()
    moving.reschedule(meeting, make.at("2026-12-15 08:00"), 195, why, actor=SYSTEM)
    worked()
    moving.remove_sites(meeting, [make.sites_of(meeting)[1].id], why, actor=SYSTEM)
    worked()
    moving.cancel(meeting, why, actor=SYSTEM)
    worked()
    letters = db.session.query(Letter).order_by(Letter.id).all()
    return {f"{one.id:03d} {one.kind} {one.to_address}": letter_box.eml(one, hide=False) for one in letters}


@pytest.mark.only("sqlite")
@pytest.mark.parametrize("shift", range(0, len(HOSTILE), 1 if LONG else 4))
def test_a_hostile_name_in_every_field_is_read_as_a_name_and_changes_nothing_else(app: object, shift: int) -> None:
    found = life(shift)
    assert len(found) >= 11
    title = " ".join(one_line(db.session.query(Meeting).one().title).split())
    for name, raw in found.items():
        message = message_of(raw)
        check(raw)
        body = {kind: message.get_body((kind,)).get_content() for kind in ("plain", "html")}
        page = BeautifulSoup(body["html"], "html.parser")
        assert {tag.name for tag in page.find_all()} <= ELEMENTS, name
        assert {a["href"].split("/")[2] for a in page.select('a[href^="http"]')} <= {"hop.example"}, name
        assert not page.select("a:not([href^=http]):not([href^=tel])") and page.find_all("h1")[1:] == [], name
        for text in (body["plain"], page.get_text(" ")):
            assert title in re.sub(r"\s+", " ", text), name
            assert not re.search("[\u202a-\u202e\u2066-\u2069\u200e\u200f\x00\x0b\x1b]", text), name
        assert len(message.keys()) == len(set(message.keys())) and "Bcc" not in message
        assert len(str(message["Subject"]).rpartition(" [")[0]) <= 70


# ------------------------------------------------------------------ random words, on the bytes


anything = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=120)
worded = st.one_of(anything, st.sampled_from(HOSTILE), st.text("ăâđêôơưạảãáà \r\n\t\"'\\;:,^<>&", max_size=200))
BODY = f"Kính gửi: {slot('unit', 'line')}\nĐiểm cầu: {slot('place', 'line')}\n\nHết\n"
HTML = f'<!doctype html><html><body><p title="{slot("unit", "html")}">{slot("place", "html")}</p></body></html>'


@settings(deadline=None, max_examples=3000 if LONG else 60)
@given(unit=worded, place=worded, site=worded, subject=worded, organiser=worded, summary=worded)
def test_whatever_the_words_the_message_is_whole_for_every_reader(
    unit: str, place: str, site: str, subject: str, organiser: str, summary: str
) -> None:
    entry = replace(
        ENTRY,
        summary="x" + summary,
        location=slot("place", "text"),
        organiser=Address(organiser, ENTRY.organiser.address),
    )
    for method in (Method.REQUEST, Method.CANCEL):
        raw = build(
            Envelope(
                "k-1",
                entry.organiser,
                Address(site, "nghean@tinh.example"),
                "x" + subject,
                datetime(2026, 12, 1, tzinfo=UTC),
            ),
            Pattern(BODY, HTML, pattern(entry, method), method.value),
            {
                "unit": unit,
                "place": place,
                "site": site,
                "address": "nghean@tinh.example",
                "partstat": "NEEDS-ACTION",
                "token": "t",
            },
            [Attachment("Giay-moi.docx", "application/octet-stream", b"PK")],
        )
        (told,) = check(raw)
        assert told.attendee == "nghean@tinh.example" and told.method == method
        message = message_of(raw)
        text = message.get_body(("plain",)).get_content()
        assert text.count("\n") == 4 and text.splitlines()[-1] == "Hết"
        page = BeautifulSoup(message.get_body(("html",)).get_content(), "html.parser")
        assert [tag.name for tag in page.find_all()] == ["html", "body", "p"]
        assert page.p is not None and set(page.p.attrs) == {"title"}


@given(anything)
def test_one_line_is_one_line_and_keeps_every_word(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1 and one_line(line) == line
    assert [c for c in line if c.isalnum()] == [c for c in text if c.isalnum()]
    assert len(kept(text).split("\n")) <= max(1, len(text.strip().splitlines()))


# ------------------------------------------------------------------ what a letter says


@pytest.mark.only("sqlite")
def test_every_letter_says_when_which_site_until_when_and_whom_to_call_and_names_the_zone_once(app: object) -> None:
    make.site(make.NGHE_AN)
    db.session.query(Contact).update({"locale": "en"})
    for name, raw in life().items():
        message = message_of(raw)
        plain, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))
        shown = BeautifulSoup(html, "html.parser")
        english = str(message["Content-Language"]) == "en"
        assert len(str(message["Subject"]).rpartition(" [")[0]) <= 70, message["Subject"]
        for text in (plain, shown.get_text(" ")):
            text = text.replace("\xa0", " ")
            assert text.count("UTC+7") == 1, name
            assert "024 000 1234" in text and "Hội nghị sơ kết" in text and "Phòng họp trực tuyến" in text, name
            assert ("Thursday" in text or "Tuesday" in text) if english else ("thứ Năm" in text or "thứ Ba" in text), (
                name
            )
            assert "Đề nghị" not in text.replace("Đề nghị các", "") or not english, name
        assert shown.html is not None and shown.html["lang"] == ("en" if english else "vi")
        if "m/" in plain and "CANCEL" not in raw.decode():
            # what a telephone shows at first: when, which site, whom to call and the way to the page, then all the rest
            button = html.index("border-radius:6px")
            for said in ("UTC+7", "Phòng họp trực tuyến, trụ sở Ủy", "024 000 1234"):
                assert html.replace("\xa0", " ").index(said) < button, (name, said)
            assert button < html.index("024 000 1235"), name
        # the sentence that a list of letters shows, and no picture, no font, no style that must arrive
        hidden = shown.body.find("div")
        assert hidden is not None and "display:none" in hidden["style"] and len(hidden.get_text(strip=True)) > 20, name
        assert "url(" not in html and "@font-face" not in html and shown.find("img") is None
        assert "color-scheme" in html and "prefers-color-scheme" in html
        for tag in shown.body.find_all(["td", "th", "p", "h1", "h2"]):
            assert tag.get("style"), f"{name}: {tag} has no style of its own"
