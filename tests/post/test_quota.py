"""Mail bombing: whoever clicks a thousand times makes no more leave than the bound lets through, and is told until when."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from meetings import worker
from meetings.accounts.models import User
from meetings.accounts.queries import actor_of
from meetings.accounts.rules import SYSTEM
from meetings.clock import now
from meetings.database import db
from meetings.errors import Refused
from meetings.invitations import asking
from meetings.journal import record
from meetings.post import quota
from meetings.post.limits import Setting
from meetings.post.models import Letter, Press
from meetings.post.rules import LetterStatus
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status
from tests import make

CLICKS = 1000 if os.environ.get("PROVE") == "1" else 25
AN_HOUR = 6
"""Letters to one address within an hour, as the product comes."""


@pytest.fixture
def meeting(secretary: User) -> Meeting:
    """Two sites have been asked, and their invitations have left: no bound stands in their way."""
    made = make.meeting(status=Status.SCHEDULED, asked=False, secretary=secretary)
    asking.issue(record("meeting.sent", made, actor=SYSTEM))
    db.session.execute(sa.update(Letter).values(status=LetterStatus.SENT))
    db.session.commit()
    return made


def clicked(press: Callable[[], Any]) -> list[Any]:
    """The pages of very many clicks."""
    return [press() for _click in range(CLICKS)]


def let_through(pages: list[Any]) -> int:
    refused = [page for page in pages if page.status_code == 429]
    assert len(refused) + sum(page.status_code == 303 for page in pages) == CLICKS
    assert "Có thể gửi tiếp từ 10 giờ 00, 01/12/2026" in refused[-1].words
    return CLICKS - len(refused)


def test_a_thousand_new_links_for_one_site_are_six_letters(
    meeting: Meeting, secretary: User, browser: Any, clock: Any
) -> None:
    client, site = browser(secretary), make.sites_of(meeting)[0]
    path = f"/meetings/{meeting.code}/sites/{site.id}/link"
    before = make.invitation_of(site).link.issue
    assert let_through(clicked(lambda: client.post(path))) == AN_HOUR
    db.session.expire_all()
    assert db.session.query(Letter).filter_by(kind="new_link").count() == AN_HOUR
    assert make.invitation_of(site).link.issue == before + AN_HOUR, "what was refused changed no link"
    assert client.post(path).soup.h1.get_text() == "Đã gửi nhiều trong thời gian ngắn"
    # the other site is another address, and an hour later this one is free again
    assert client.post(f"/meetings/{meeting.code}/sites/{make.sites_of(meeting)[1].id}/link").status_code == 303
    clock.forward(minutes=61)
    assert client.post(path).status_code == 303


def test_a_letter_that_is_refused_again_and_again_is_sent_again_six_times(
    meeting: Meeting, secretary: User, browser: Any
) -> None:
    client, letter = browser(secretary), db.session.query(Letter).order_by(Letter.id).first()
    assert letter is not None
    left: list[bool] = []

    def press() -> Any:
        letter.status = LetterStatus.REFUSED  # as a server would say, before each of the clicks
        db.session.commit()
        page = client.post(f"/meetings/{meeting.code}/letters/{letter.id}/resend", data={"email": letter.to_address})
        db.session.expire_all()
        left.append(letter.status is LetterStatus.WAITING)
        return page

    client.look = False
    assert let_through(clicked(press)) == AN_HOUR == sum(left)


def test_reminders_by_hand_and_letters_to_oneself_have_their_bound(
    app: Flask, meeting: Meeting, secretary: User, browser: Any
) -> None:
    client, site = browser(secretary), make.sites_of(meeting)[0]
    client.look = False
    for _click in range(CLICKS):
        client.post(f"/meetings/{meeting.code}/trial-letter", data={"site": site.name})
        seen = client.get(f"/meetings/{meeting.code}/reminders/now").soup.find(attrs={"name": "seen"})
        client.post(f"/meetings/{meeting.code}/reminders/now", data={"seen": seen["value"] if seen else ""})
    while worker.tick(app):
        pass
    by_address = sa.select(Letter.to_address, sa.func.count()).where(Letter.kind != "invitation")
    found = dict(db.session.execute(by_address.group_by(Letter.to_address)).all())
    assert found.pop(secretary.email) == AN_HOUR
    assert len(found) == 2, "each site was reminded"
    assert all(count <= AN_HOUR for count in found.values()), found


def test_one_code_after_the_other_ends_as_well(secretary: User) -> None:
    """A minute lies between two codes of a private link; a machine has a thousand minutes."""
    actor, at = actor_of(secretary), now()
    for _code in range(AN_HOUR):
        quota.hold_to(actor, "Leader@bdps.example", "code", "", at)
    with pytest.raises(Refused) as refused:
        quota.hold_to(actor, "leader@bdps.example", "code", "", at)
    assert refused.value.status == 429 and "leader@bdps.example" in str(refused.value.message)


def test_who_writes_to_many_reaches_those_who_are_free(secretary: User) -> None:
    actor, at = actor_of(secretary), now()
    for _click in range(AN_HOUR):
        assert quota.hold_to_many(actor, ["a@x.example"], "reminder", "HN-1", at).free == {"a@x.example"}
    held = quota.hold_to_many(actor, ["A@x.example", "b@x.example"], "reminder", "HN-1", at)
    assert held.free == {"b@x.example"} and held.later == 1 and held.again_at is not None
    with pytest.raises(Refused):
        quota.hold_to_many(actor, ["a@x.example"], "reminder", "HN-1", at)


def test_a_person_and_a_meeting_have_bounds_of_their_own_and_the_product_has_none(secretary: User) -> None:
    actor, at = actor_of(secretary), now()
    quota.change(Setting.PERSON_HOUR, 3, by="t", at=at)
    for number in range(3):
        quota.hold_to(actor, f"{number}@x.example", "new_link", "HN-1", at)
    with pytest.raises(Refused):
        quota.hold_to(actor, "other@x.example", "new_link", "HN-2", at)
    quota.change(Setting.PERSON_HOUR, 100, by="t", at=at)
    quota.change(Setting.MEETING_DAY, 3, by="t", at=at)
    with pytest.raises(Refused):
        quota.hold_to(actor, "other@x.example", "new_link", "HN-1", at)
    quota.hold_to(actor, "other@x.example", "reminder", "HN-1", at)
    for _letter in range(50):
        quota.hold_to(SYSTEM, "other@x.example", "new_link", "HN-1", at)


def test_nothing_is_forgotten_before_its_day_and_everything_after(secretary: User, clock: Any) -> None:
    clock.at("2026-12-01 09:00")
    for _press in range(AN_HOUR):
        quota.hold_to(actor_of(secretary), "a@x.example", "code", "", now())
    clock.forward(minutes=59)
    with pytest.raises(Refused):
        quota.hold_to(actor_of(secretary), "a@x.example", "code", "", now())
    clock.forward(hours=24)
    quota.hold_to(actor_of(secretary), "a@x.example", "code", "", now())
    assert db.session.query(Press).count() == 1, "an address is kept here for a day and no longer"


def test_an_administrator_changes_a_bound_and_it_is_written_down(administrator: User, browser: Any) -> None:
    client = browser(administrator)
    wrong = client.submit("/settings/limits", {"address_hour": "0"}, follow=False)
    assert wrong.status_code == 422 and "từ 1 đến 60" in wrong.words
    page = client.submit("/settings/limits", {"address_hour": "2", "texts_on": "y"})
    assert page.status_code == 200 and quota.setting(Setting.ADDRESS_HOUR) == 2
    assert quota.setting(Setting.TEXTS_ON) == 1 and quota.setting(Setting.ADDRESS_DAY) == 20
    own = make.user("administrator", make.NGHE_AN)
    assert browser(own).get("/settings/limits").status_code == 200
    assert browser(own, look=False).submit("/settings/limits", {"address_hour": "9"}, follow=False).status_code == 403
