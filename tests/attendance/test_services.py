from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from meetings import journal
from meetings.accounts.rules import Actor
from meetings.attendance import queries, rules, services, words
from meetings.attendance.models import Mark, Presence
from meetings.attendance.rules import Decision, Group, MarkSource, Move, RollStatus, State, Status
from meetings.database import db
from meetings.errors import Forbidden, Refused
from meetings.invitations.models import Reply
from meetings.readiness.models import LineTest, Outcome, Round
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.scheduling.rules import Status as MeetingStatus
from tests import make
from tests.attendance.conftest import OFFICER
from tests.conftest import Clock

Press = Callable[..., Mark]


def state_of(site: MeetingSite) -> State:
    found = queries.presence(site.id)
    return found.state if found else State.NOT_IN


def test_a_site_checks_in_with_its_people(hour: Clock, meeting: Meeting, nghe_an: MeetingSite) -> None:
    made = services.check_in(nghe_an, 128, actor=OFFICER)
    assert (made.source, made.by, made.before, made.after) == (
        MarkSource.SELF,
        "Ông Trần Đầu Mối",
        State.NOT_IN,
        State.IN,
    )
    sums = queries.tally(meeting)
    assert (sums.total, sums.present, sums.people) == (2, 1, 128)


def test_ready_can_be_pressed_from_45_minutes_before(clock: Clock, meeting: Meeting, nghe_an: MeetingSite) -> None:
    clock.at("2026-12-10 07:14")
    with pytest.raises(Refused):
        services.ready(nghe_an, actor=OFFICER)
    clock.at("2026-12-10 07:15")
    services.ready(nghe_an, actor=OFFICER)
    assert state_of(nghe_an) is State.READY


def test_the_secretary_marks_from_an_hour_before(
    clock: Clock, meeting: Meeting, nghe_an: MeetingSite, press: Press
) -> None:
    clock.at("2026-12-10 06:59")
    with pytest.raises(Refused):
        press(nghe_an, Move.IN)
    clock.at("2026-12-10 07:00")
    press(nghe_an, Move.IN)
    assert meeting.status is MeetingStatus.SCHEDULED


def test_the_first_mark_after_the_hour_opens_the_meeting(hour: Clock, meeting: Meeting, nghe_an: MeetingSite) -> None:
    services.check_in(nghe_an, 20, actor=OFFICER)
    assert meeting.status is MeetingStatus.IN_SESSION
    opened = journal.queries.of(meeting.code, fact="meeting.opened")
    assert [entry.actor for entry in opened] == ["system"]


def test_opening_twice_changes_nothing(clock: Clock, meeting: Meeting, who: Actor) -> None:
    clock.at("2026-12-10 07:55")
    services.open_roll(meeting, actor=who)
    services.open_roll(meeting, actor=who)
    assert len(journal.queries.of(meeting.code, fact="meeting.opened")) == 1


def test_a_lost_site_that_comes_back_keeps_its_first_hour_and_its_break(
    hour: Clock, nghe_an: MeetingSite, press: Press
) -> None:
    press(nghe_an, Move.IN, head_count=20)
    hour.forward(minutes=10)
    services.report_lost(nghe_an, actor=OFFICER)
    hour.forward(minutes=21)
    press(nghe_an, Move.IN)
    found = queries.presence(nghe_an.id)
    assert found is not None
    assert (found.state, found.lost_seconds, found.head_count) == (State.IN, 21 * 60, 20)
    assert found.joined_at == make.at("2026-12-10 08:10")


def test_a_queued_mark_sent_twice_counts_once(hour: Clock, meeting: Meeting, nghe_an: MeetingSite) -> None:
    first = services.check_in(nghe_an, 12, actor=OFFICER, once="k-1", age=90)
    again = services.check_in(nghe_an, 12, actor=OFFICER, once="k-1", age=300)
    assert first.id == again.id
    assert queries.count_marks(meeting) == 1
    assert first.at == make.at("2026-12-10 08:08:30")


def test_a_site_that_presses_twice_says_one_thing(hour: Clock, meeting: Meeting, nghe_an: MeetingSite) -> None:
    first = services.check_in(nghe_an, 12, actor=OFFICER, once="k-3")
    assert services.check_in(nghe_an, 12, actor=OFFICER, once="k-4").id == first.id
    assert queries.count_marks(meeting) == 1
    assert services.check_in(nghe_an, 13, actor=OFFICER, once="k-5").id != first.id, "another number is another fact"
    services.report_lost(nghe_an, actor=OFFICER)
    services.report_lost(nghe_an, actor=OFFICER)
    services.check_in(nghe_an, 13, actor=OFFICER)
    assert queries.count_marks(meeting) == 4


def test_the_key_of_a_queued_mark_serves_one_site_only(hour: Clock, nghe_an: MeetingSite, ha_tinh: MeetingSite) -> None:
    services.check_in(nghe_an, 12, actor=OFFICER, once="k-2")
    with pytest.raises(Forbidden):
        services.check_in(ha_tinh, 12, actor=OFFICER, once="k-2")


def test_undoing_gives_back_what_was_there_and_keeps_both_in_the_history(
    hour: Clock, meeting: Meeting, nghe_an: MeetingSite, press: Press, who: Actor
) -> None:
    press(nghe_an, Move.IN, head_count=31)
    hour.forward(minutes=1)
    wrong = press(nghe_an, Move.ABSENT, with_notice=True, reason="Nhầm điểm cầu")
    services.undo(wrong, actor=who, source=MarkSource.SECRETARY)
    found = queries.presence(nghe_an.id)
    assert found is not None
    assert (found.state, found.head_count, found.reason, found.with_notice) == (State.IN, 31, "", None)
    assert found.since == make.at("2026-12-10 08:10")
    assert len(queries.marks_of(nghe_an.id)) == 3


def test_only_the_newest_mark_can_be_taken_back(hour: Clock, nghe_an: MeetingSite, press: Press, who: Actor) -> None:
    first = press(nghe_an, Move.IN)
    press(nghe_an, Move.LOST)
    with pytest.raises(Refused):
        services.undo(first, actor=who, source=MarkSource.SECRETARY)


def test_every_mark_is_in_the_journal_under_the_meeting(
    hour: Clock, meeting: Meeting, nghe_an: MeetingSite, press: Press
) -> None:
    press(nghe_an, Move.ABSENT, with_notice=True, reason="Ứng phó bão")
    entry = journal.queries.of(meeting.code, fact="presence.marked")[0]
    assert entry.actor_name == "Nguyễn Thị Hoa"
    assert entry.details == {
        "site": "Nghệ An",
        "before": "not_in",
        "after": "absent",
        "source": "secretary",
        "with_notice": True,
        "reason": "Ứng phó bão",
    }


def test_a_meeting_that_was_not_sent_has_no_roll(hour: Clock, who: Actor) -> None:
    draft = make.meeting(status=MeetingStatus.DRAFT)
    site = make.sites_of(draft)[0]
    with pytest.raises(Refused):
        services.mark(site, Move.IN, actor=who, source=MarkSource.SECRETARY)


def test_closing_writes_absent_for_whoever_never_came_and_closes_the_meeting(
    hour: Clock, meeting: Meeting, nghe_an: MeetingSite, ha_tinh: MeetingSite, press: Press, who: Actor
) -> None:
    invitation = make.invitation_of(ha_tinh)
    invitation.reply, invitation.reason = Reply.DECLINED, "Ứng phó bão"
    press(nghe_an, Move.IN, head_count=20)
    hour.at("2026-12-10 11:15")
    roll = services.close_roll(meeting, {}, actor=who)
    db.session.flush()
    assert (roll.status, meeting.status) == (RollStatus.CLOSED, MeetingStatus.CLOSED)
    found = queries.presence(ha_tinh.id)
    assert found is not None
    assert (found.state, found.with_notice, found.reason) == (State.ABSENT, True, "Ứng phó bão")
    assert found.source is MarkSource.CLOSING
    assert queries.summary(meeting).unknown == ()
    closed = journal.queries.of(meeting.code, fact="roll.closed")[0]
    assert closed.details["absent"] == [{"site": "Hà Tĩnh", "with_notice": True, "reason": "Ứng phó bão"}]


def test_an_override_on_the_confirm_page_counts_and_one_for_a_site_that_came_meanwhile_does_not(
    hour: Clock, meeting: Meeting, nghe_an: MeetingSite, ha_tinh: MeetingSite, press: Press, who: Actor
) -> None:
    press(nghe_an, Move.IN, head_count=20)
    services.ready(ha_tinh, actor=OFFICER)
    decisions = {
        nghe_an.id: Decision(Move.ABSENT),  # it came in while the page stood open
        ha_tinh.id: Decision(Move.IN, head_count=9),
    }
    services.close_roll(meeting, decisions, actor=who)
    assert (state_of(nghe_an), state_of(ha_tinh)) == (State.IN, State.IN)
    assert queries.summary(meeting).people == 29


def test_a_lost_site_stays_lost_when_the_roll_is_closed(
    hour: Clock, meeting: Meeting, nghe_an: MeetingSite, press: Press, who: Actor
) -> None:
    press(nghe_an, Move.IN)
    press(nghe_an, Move.LOST)
    services.close_roll(meeting, {}, actor=who)
    assert state_of(nghe_an) is State.LOST


def test_the_roll_is_not_closed_before_the_hour_nor_twice(clock: Clock, meeting: Meeting, who: Actor) -> None:
    clock.at("2026-12-10 07:59")
    with pytest.raises(Refused):
        services.close_roll(meeting, {}, actor=who)
    clock.at("2026-12-10 08:30")
    services.close_roll(meeting, {}, actor=who)
    with pytest.raises(Refused):
        services.close_roll(meeting, {}, actor=who)


def test_the_end_of_the_meeting_lies_between_its_start_and_now(hour: Clock, meeting: Meeting, who: Actor) -> None:
    for wall in ("2026-12-10 07:59", "2026-12-10 08:11"):
        with pytest.raises(Refused) as no:
            services.close_roll(meeting, {}, actor=who, ended_at=make.at(wall))
        assert no.value.field == "ended_at"
    services.close_roll(meeting, {}, actor=who, ended_at=make.at("2026-12-10 08:09"))
    assert meeting.ended_at == make.at("2026-12-10 08:09")


def test_after_closing_a_correction_needs_its_reason_and_is_handed_on(
    hour: Clock, meeting: Meeting, nghe_an: MeetingSite, press: Press, who: Actor
) -> None:
    services.close_roll(meeting, {}, actor=who)
    with pytest.raises(Refused) as no:
        press(nghe_an, Move.IN, head_count=5)
    assert no.value.status == 422
    with pytest.raises(Refused):
        services.check_in(nghe_an, 5, actor=OFFICER)
    press(nghe_an, Move.IN, head_count=5, correction="Điểm cầu vào bằng điện thoại")
    summary = queries.summary(meeting)
    assert [(site, why) for site, _, _, why in summary.corrections] == [("Nghệ An", "Điểm cầu vào bằng điện thoại")]
    assert journal.queries.of(meeting.code, fact="presence.corrected")


def test_a_closed_roll_is_corrected_not_undone(
    hour: Clock, meeting: Meeting, nghe_an: MeetingSite, press: Press, who: Actor
) -> None:
    made = press(nghe_an, Move.IN)
    services.close_roll(meeting, {}, actor=who)
    with pytest.raises(Refused):
        services.undo(made, actor=who, source=MarkSource.SECRETARY)


def test_the_host_counts_with_its_people_and_not_as_a_site(
    hour: Clock, meeting: Meeting, nghe_an: MeetingSite, press: Press, who: Actor
) -> None:
    press(nghe_an, Move.IN, head_count=20)
    services.count_host(meeting, 18, actor=who)
    sums, summary = queries.tally(meeting), queries.summary(meeting)
    assert (sums.total, sums.present, sums.people) == (2, 1, 38)
    assert (summary.invited, len(summary.present), summary.people) == (2, 1, 38)


# --- questions -------------------------------------------------------------------------------------------------------


def test_the_sums_of_the_provinces_agree_with_the_rows(
    hour: Clock, meeting: Meeting, nghe_an: MeetingSite, ha_tinh: MeetingSite, press: Press
) -> None:
    commune = make.meeting_site(meeting, make.site(make.KIM_LIEN))
    commune.province_id = nghe_an.province_id
    press(nghe_an, Move.IN, head_count=12)
    press(commune, Move.IN, head_count=3)
    press(commune, Move.LOST)
    rows, provinces = queries.sites(meeting), queries.provinces(meeting)
    assert [(p.name, p.tally.total, p.tally.present, p.tally.lost) for p in provinces] == [
        ("Nghệ An", 2, 1, 1),
        ("Hà Tĩnh", 1, 0, 0),
    ]
    for province in provinces:
        mine = [row for row in rows if row.province_id == province.id]
        for status in Status:
            assert province.tally.by_status[status] == sum(row.status is status for row in mine)


def test_the_test_of_the_day_outweighs_the_rehearsal_once_it_says_anything(
    hour: Clock, meeting: Meeting, nghe_an: MeetingSite
) -> None:
    def tested(round_: Round, outcome: Outcome) -> LineTest:
        made = LineTest(
            meeting_site_id=nghe_an.id,
            round=round_,
            outcome=outcome,
            items={},
            notes={},
            tested_at=make.at("2026-12-09 15:00"),
            source="self",
        )
        db.session.add(made)
        db.session.flush()
        return made

    def words() -> tuple[str, Status]:
        row = queries.site(meeting, nghe_an.id)
        assert row is not None
        sums = queries.tally(meeting)
        assert sums.by_status[row.status] >= 1
        return row.test, row.status

    tested(Round.REHEARSAL, Outcome.PASSED)
    assert words() == ("passed", Status.LINE_CHECKED)
    today = tested(Round.ON_DAY, Outcome.UNTESTED)
    assert words() == ("passed", Status.LINE_CHECKED)
    today.outcome = Outcome.FAILED
    db.session.flush()
    assert words() == ("failed", Status.INVITED)


def test_the_version_moves_with_every_fact_and_names_the_sites_it_is_about(
    hour: Clock, meeting: Meeting, nghe_an: MeetingSite, press: Press, who: Actor
) -> None:
    services.open_roll(meeting, actor=who)
    make.done()
    seen = queries.version(meeting)
    assert queries.changed_since(meeting, seen) == set()
    press(nghe_an, Move.IN)
    assert queries.version(meeting) == seen, "numbered before it was committed"
    make.done()
    assert queries.version(meeting) != seen
    assert queries.changed_since(meeting, seen) == {nghe_an.id}
    assert queries.changed_since(meeting, "no version") is None
    assert queries.changed_since(meeting, "1.9") is None


def test_a_reply_is_told_to_the_board_by_its_site(hour: Clock, meeting: Meeting, nghe_an: MeetingSite) -> None:
    seen = queries.version(meeting)
    journal.record("invitation.answered", make.invitation_of(nghe_an), actor=OFFICER)
    make.done()
    assert queries.changed_since(meeting, seen) == {nghe_an.id}


def test_the_roll_by_voice_goes_on_behind_the_last_site_and_comes_back_to_who_was_passed_over(
    hour: Clock, meeting: Meeting, nghe_an: MeetingSite, ha_tinh: MeetingSite, press: Press
) -> None:
    order = [row.id for row in queries.sites(meeting)]
    assert queries.next_uncalled(meeting, after=None, skip="") == order[0]
    assert queries.next_uncalled(meeting, after=order[0], skip=str(order[0])) == order[1]
    press(next(s for s in (nghe_an, ha_tinh) if s.id == order[1]), Move.IN)
    assert queries.next_uncalled(meeting, after=order[1], skip="") == order[0]
    press(next(s for s in (nghe_an, ha_tinh) if s.id == order[0]), Move.ABSENT)
    assert queries.next_uncalled(meeting, after=order[0], skip="") is None


def test_the_officer_named_for_the_day_is_rung_before_the_one_in_the_directory(
    hour: Clock, meeting: Meeting, nghe_an: MeetingSite
) -> None:
    row = queries.site(meeting, nghe_an.id)
    assert row is not None
    usual = queries.officers([row], make.at("2026-12-10 08:10"))[nghe_an.id].phone
    make.invitation_of(nghe_an).day_phone = "0905 000 111"
    db.session.flush()
    row = queries.site(meeting, nghe_an.id)
    assert row is not None
    assert queries.officers([row], make.at("2026-12-10 08:10"))[nghe_an.id].phone == "0905 000 111" != usual


def test_presences_are_one_a_site_whatever_happened(
    hour: Clock, meeting: Meeting, nghe_an: MeetingSite, press: Press, who: Actor
) -> None:
    for move in (Move.READY, Move.IN, Move.LOST, Move.IN, Move.LEFT, Move.IN):
        press(nghe_an, move)
    services.close_roll(meeting, {}, actor=who)
    assert db.session.query(Presence).count() == 2
    assert queries.tally(meeting).of(Group.ABSENT) == 1


def test_a_meeting_that_nobody_opened_began_when_it_was_planned(
    clock: Clock, meeting: Meeting, nghe_an: MeetingSite, who: Actor
) -> None:
    clock.at("2026-12-10 11:30")
    services.close_roll(meeting, {}, actor=who, ended_at=make.at("2026-12-10 11:15"))
    assert (meeting.opened_at, meeting.ended_at) == (make.at("2026-12-10 08:00"), make.at("2026-12-10 11:15"))


def test_a_first_mark_made_late_does_not_shift_the_beginning(hour: Clock, nghe_an: MeetingSite, press: Press) -> None:
    press(nghe_an, Move.IN)
    assert nghe_an.meeting.opened_at == make.at("2026-12-10 08:00")


def test_a_meeting_opened_by_hand_began_at_that_moment(hour: Clock, meeting: Meeting, who: Actor) -> None:
    services.open_roll(meeting, actor=who)
    assert meeting.opened_at == make.at("2026-12-10 08:10")


# --- two at once -----------------------------------------------------------------------------------------------------

HOA = Actor("user:901", "Nguyễn Thị Hoa")


def test_of_two_officers_the_last_mark_stands_both_are_kept_and_the_second_is_told(
    hour: Clock, meeting: Meeting, nghe_an: MeetingSite, press: Press
) -> None:
    first = press(nghe_an, Move.ABSENT, actor=HOA, with_notice=False)
    second = press(nghe_an, Move.IN, head_count=7)
    assert state_of(nghe_an) is State.IN
    assert queries.crossed(first) is None
    assert queries.crossed(second) is first
    assert words.crossed(second, first).startswith("Nguyễn Thị Hoa vừa ghi “vắng” lúc 08:10:00")
    assert [m.id for m in queries.marks_of(nghe_an.id)] == [first.id, second.id]
    hour.forward(minutes=3)
    assert queries.crossed(press(nghe_an, Move.LOST)) is None, "three minutes ago is not just now"


def test_a_mark_that_a_device_kept_does_not_overturn_what_was_marked_after_it(
    hour: Clock, meeting: Meeting, nghe_an: MeetingSite, press: Press
) -> None:
    newer = press(nghe_an, Move.ABSENT, actor=HOA, with_notice=True, reason="Ứng phó bão")
    hour.forward(minutes=5)
    late = press(nghe_an, Move.IN, head_count=7, once="k-late", age=420)  # pressed two minutes before the other
    found = queries.presence(nghe_an.id)
    assert found is not None
    assert (found.state, found.reason, found.by) == (State.ABSENT, "Ứng phó bão", HOA.name)
    assert queries.crossed(late) is newer and "lần ghi đó có hiệu lực" in words.crossed(late, newer)
    assert press(nghe_an, Move.IN, head_count=7, once="k-late", age=600).id == late.id
    assert press(nghe_an, Move.READY, age=1).after is State.READY, "what comes at once follows what stands"


def test_a_mark_that_does_not_follow_says_who_was_there_before(
    hour: Clock, meeting: Meeting, nghe_an: MeetingSite, press: Press
) -> None:
    press(nghe_an, Move.IN)
    press(nghe_an, Move.ABSENT, actor=HOA, with_notice=False)
    with pytest.raises(Refused, match="Nguyễn Thị Hoa vừa ghi điểm cầu này “vắng” lúc 08:10:00"):
        press(nghe_an, Move.LOST)


def test_what_somebody_else_has_followed_up_is_not_taken_back(
    hour: Clock, nghe_an: MeetingSite, press: Press, who: Actor
) -> None:
    first = press(nghe_an, Move.IN)
    press(nghe_an, Move.LOST, actor=HOA)
    with pytest.raises(Refused, match="Sau đó Nguyễn Thị Hoa đã ghi điểm cầu này “mất kết nối”"):
        services.undo(first, actor=who, source=MarkSource.SECRETARY)
    assert state_of(nghe_an) is State.LOST


def test_following_mark_by_mark_comes_to_the_sum_of_all_marks(
    hour: Clock, nghe_an: MeetingSite, press: Press, who: Actor
) -> None:
    dice = Random(20261210)
    for step in range(60):
        hour.forward(seconds=dice.choice([0, 1, 40, 300]))
        stands = queries.presence(nghe_an.id)
        state = stands.state if stands else State.NOT_IN
        newest = rules.last_effective(queries.marked(queries.marks_of(nghe_an.id)))
        if newest is not None and dice.random() < 0.2:
            wrong = next(m for m in queries.marks_of(nghe_an.id) if m.id == newest.id)
            services.undo(wrong, actor=who, source=MarkSource.SECRETARY)
        else:
            move = dice.choice([move for (before, move) in rules.MOVES if before is state])
            age = dice.choice([0, 0, 3, 90, 500])
            try:
                press(nghe_an, move, age=age, head_count=dice.choice([None, 4, 9]), with_notice=False)
            except Refused:
                assert age > rules.AT_ONCE, "it follows from what stands"
        found = queries.presence(nghe_an.id)
        sum_of_all = rules.standing(queries.marked(queries.marks_of(nghe_an.id)))
        assert found is not None
        for name in ("state", "joined_at", "left_at", "lost_seconds", "head_count", "with_notice", "reason"):
            assert getattr(found, name) == getattr(sum_of_all, name), (step, name)
