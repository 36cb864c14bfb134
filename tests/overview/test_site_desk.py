"""A site's page for those who sign in: the officer of the site, the technician, the secretary on the telephone."""

from __future__ import annotations

from typing import Any

import pytest

from meetings import journal
from meetings.accounts.models import User
from meetings.accounts.rules import Role
from meetings.attendance import queries as attendance
from meetings.attendance.rules import State
from meetings.database import db
from meetings.invitations.rules import Reply, Source
from meetings.readiness import queries as readiness
from meetings.readiness.rules import Outcome
from meetings.scheduling.models import MeetingSite
from meetings.scheduling.rules import Status
from tests import make
from tests.conftest import Clock

STEPS = ("/reply", "/roster", "/line-test", "/check-in")
ALL_PASSED = dict.fromkeys(("line", "picture", "microphone", "loudspeaker", "screen", "power"), "pass")


@pytest.fixture
def here(secretary: User) -> MeetingSite:
    """The site of Nghệ An in a meeting to which it has been asked."""
    return make.sites_of(make.meeting(status=Status.SCHEDULED, secretary=secretary))[0]


@pytest.fixture
def desk(here: MeetingSite) -> str:
    return f"/meetings/{here.meeting.code}/sites/{here.id}/desk"


def last(here: MeetingSite, fact: str) -> Any:
    db.session.expire_all()
    return journal.queries.of(here.meeting.code, fact=fact)[0]


def test_the_officer_of_a_site_does_all_four_steps_signed_in(
    browser: Any, here: MeetingSite, desk: str, site_officer: User, clock: Clock
) -> None:
    client = browser(site_officer)
    page = client.get(desk)
    assert [a["href"] for a in page.soup.select(".tasks a")] == [desk + step for step in STEPS]
    page = client.submit(desk + "/reply", {"answer": "accepted"}, form="/reply")
    assert page.request.path == desk + "/done/reply"
    found = make.invitation_of(here)
    db.session.expire_all()
    assert (found.reply, found.reply_source, found.replied_by) == (Reply.ACCEPTED, Source.ACCOUNT, site_officer.name)
    client.submit(desk + "/roster", {"pasted": "Bà Lê Thanh Tâm\tPhó Giám đốc\tSở Tài chính"}, form="/roster")
    assert [delegate.name for delegate in readiness.delegates(here)] == ["Lê Thanh Tâm"]
    client.submit(desk + "/line-test", ALL_PASSED, form="/line-test")
    (test,) = readiness.line_tests(here).values()
    assert (test.source, test.by, test.outcome) == ("self", site_officer.name, Outcome.PASSED)
    clock.at("2026-12-10 07:50")
    client = browser(site_officer)
    client.submit(desk + "/check-in", {"head_count": "12"}, form="check-in-form")
    db.session.expire_all()
    assert attendance.presence(here.id).state is State.IN
    for fact in ("invitation.answered", "roster.filed", "line_test.recorded", "presence.marked"):
        assert last(here, fact).actor == f"user:{site_officer.id}", fact


def test_the_secretary_notes_a_roster_and_a_line_test_told_on_the_telephone(
    browser: Any, here: MeetingSite, desk: str, secretary: User
) -> None:
    client = browser(secretary)
    page = client.get(desk)
    reply, roster, test, check_in = (a["href"] for a in page.soup.select(".tasks a"))
    assert (roster, test) == (desk + "/roster", desk + "/line-test")
    assert reply == desk.removesuffix("/desk") + "/reply" and "/roll-call/live" in check_in
    assert "Nguyễn Thị Hoa ghi theo lời điểm cầu báo qua điện thoại." in page.words
    values = {"honorific": "Bà", "name": "Lê Thanh Tâm", "title": "Phó Giám đốc"}
    assert "Bà Lê Thanh Tâm" in client.submit(desk + "/roster", values, form="/add").words
    one = client.get(desk + "/roster").soup.select_one(".ros a.who")["href"]
    client.submit(one, form="/remove")
    assert readiness.delegate_count(here) == 0
    client.submit(desk + "/line-test", {"line": "fault", "note_line": "Rớt mạng"}, form="/line-test")
    (found,) = readiness.line_tests(here).values()
    assert (found.source, found.by) == ("telephone", secretary.name)
    assert last(here, "line_test.recorded").details["source"] == "telephone"


def test_the_technician_notes_a_line_test_and_nothing_else(
    browser: Any, here: MeetingSite, desk: str, technician: User
) -> None:
    client = browser(technician)
    assert [a["href"] for a in client.get(desk).soup.select(".tasks a")] == [desk + "/line-test"]
    client.submit(desk + "/line-test", ALL_PASSED, form="/line-test")
    (found,) = readiness.line_tests(here).values()
    assert (found.source, found.by) == ("technician", technician.name)
    for step in ("/reply", "/roster", "/check-in"):
        assert client.get(desk + step).status_code == 403, step


def test_what_is_refused_is_said_at_its_field_and_the_typing_is_kept(
    browser: Any, here: MeetingSite, desk: str, secretary: User
) -> None:
    client = browser(secretary)
    page = client.submit(desk + "/line-test", {"line": "pass", "microphone": "fault"}, form="/line-test")
    assert page.status_code == 422
    assert page.soup.select_one("#note_microphone-error") and page.soup.select_one("#line-0").has_attr("checked")
    page = client.submit(desk + "/roster", {"name": "Lê Thanh Tâm"}, form="/add")
    assert page.status_code == 422
    assert page.soup.select_one("#title-error") and page.soup.select_one("#name")["value"] == "Lê Thanh Tâm"


@pytest.mark.parametrize("step", ["", *STEPS])
@pytest.mark.parametrize(
    ("role", "at"),
    [
        (Role.SITE_OFFICER, make.HA_TINH),  # asked to the same meeting, for another site
        (Role.SITE_OFFICER, make.MINISTRY),  # of the organiser: not this site's
        (Role.SECRETARY, make.NGHE_AN),  # of the invited unit: arranges nothing here
        (Role.TECHNICIAN, make.HO_CHI_MINH),
        (Role.LEADER, make.MINISTRY),
    ],
)
def test_others_enter_nothing_for_the_site(
    browser: Any, here: MeetingSite, desk: str, role: Role, at: str, step: str
) -> None:
    assert browser(make.user(role, at)).get(desk + step).status_code in (403, 404)


def test_the_page_of_another_meetings_site_is_not_found(browser: Any, here: MeetingSite, secretary: User) -> None:
    other = make.meeting(status=Status.SCHEDULED, secretary=secretary)
    assert browser(secretary).get(f"/meetings/{other.code}/sites/{here.id}/desk").status_code == 404


def test_the_list_of_sites_leads_to_the_page(
    browser: Any, here: MeetingSite, desk: str, secretary: User, technician: User, site_officer: User
) -> None:
    listed = f"/meetings/{here.meeting.code}/sites"
    for who in (technician, site_officer):
        assert browser(who).get(listed).soup.find("a", href=desk) is not None
    assert browser(secretary).get(f"{listed}/{here.id}").soup.find("a", href=desk) is not None
