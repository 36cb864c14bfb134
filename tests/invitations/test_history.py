"""What a site has said, read from the journal: nothing is lost, and nothing is invented where details were purged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from meetings.invitations.history import answers, before, stands
from meetings.invitations.rules import Reply, Source

BEGAN = datetime(2026, 12, 1, 2, tzinfo=UTC)


@dataclass(frozen=True)
class Entry:
    fact: str
    minutes: int
    details: Mapping[str, Any] = field(default_factory=dict)
    actor_name: str = "Bà Hoa"

    @property
    def at(self) -> datetime:
        return BEGAN + timedelta(minutes=self.minutes)


def said(minutes: int, reply: str, source: str = "link", **more: Any) -> Entry:
    return Entry("invitation.answered", minutes, {"after": {"reply": reply, **more}, "source": source})


def test_the_newest_answer_stands_and_the_one_before_it_would_hold_again() -> None:
    found = answers(
        [said(0, "accepted"), said(5, "declined", "telephone", reason="Bão"), said(9, "accepted", "calendar")]
    )
    standing, earlier = stands(found), before(found)
    assert standing is not None and (standing.reply, standing.source) == (Reply.ACCEPTED, Source.CALENDAR)
    assert earlier is not None and (earlier.reply, earlier.values["reason"]) == (Reply.DECLINED, "Bão")
    assert [one.gone for one in found] == ["replaced", "replaced", ""]


def test_what_was_taken_back_no_longer_stands_and_its_consent_comes_back_with_an_answer() -> None:
    entries = [
        said(0, "substitute", substitute_name="Bà Lan"),
        Entry("invitation.consented", 1, {"given": True, "by": "Bộ trưởng"}),
        said(5, "accepted", "telephone"),
        Entry("invitation.reply_taken_back", 7, {"reason": "Gọi nhầm"}),
    ]
    found = answers(entries)
    standing = stands(found)
    assert standing is not None and standing.reply is Reply.SUBSTITUTE
    assert standing.consent is not None and standing.consent.given
    assert (found[1].gone, found[1].gone_by, found[1].gone_reason) == ("taken_back", "Bà Hoa", "Gọi nhầm")
    assert before(found) is None


def test_a_moved_meeting_ends_what_was_said_before() -> None:
    found = answers([said(0, "accepted"), Entry("invitation.asked_again", 3), said(5, "declined", reason="x")])
    assert [one.gone for one in found] == ["lapsed", ""]
    assert before(found) is None


def test_purged_details_leave_an_answer_that_nobody_can_restore() -> None:
    found = answers([Entry("invitation.answered", 0), said(5, "accepted")])
    assert (found[0].reply, found[0].source, found[0].who) == (None, None, "Bà Hoa")
    assert before(found) is None
    assert stands(answers([Entry("invitation.answered", 0)])) is not None
