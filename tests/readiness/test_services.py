"""Rosters are filed, mended and never lost; line tests are recorded once, however often a telephone sends them."""

from __future__ import annotations

import pytest
from flask import Flask

from meetings import journal
from meetings.accounts.rules import Actor
from meetings.database import db
from meetings.errors import NotFound, Refused
from meetings.invitations.models import Reply
from meetings.readiness import filing, queries, roster, services
from meetings.readiness.rules import Item, Outcome, Round, Verdict
from meetings.scheduling.models import MeetingSite
from meetings.scheduling.rules import Status
from tests import make
from tests.conftest import Clock

OFFICER = Actor.link(1, "Đầu mối Nghệ An")
SEVEN = """STT\tHọ tên\tChức vụ\tĐơn vị\tVai trò
1\tÔng Hoàng Văn Lộc\tPhó Chủ tịch\tUBND tỉnh\tTrưởng đoàn
2\tBà Nguyễn Thị Mai Anh\tChánh Văn phòng\tVăn phòng\t
3\tÔng Phan Đức Trí\tGiám đốc\tSở KHCN\tPhát biểu
4\tLê Thanh Tâm\t\tSở Tài chính\t
5\tÔng Vũ Hải Đăng\tTrưởng phòng\tSở NNMT\t
6\tTrần Quốc Bảo\tChuyên viên\tVăn phòng\t
7\tBà Hồ Thị Sen\tChuyên viên\tSở Nội vụ\t
"""


@pytest.fixture
def here(app: Flask) -> MeetingSite:
    """The site of Nghệ An in a meeting that was sent."""
    return make.sites_of(make.meeting(status=Status.SCHEDULED))[0]


def file(here: MeetingSite, text: str, *, replace: bool = False) -> roster.Reading:
    return filing.file_roster(here, roster.rows_of(text), actor=OFFICER, replace=replace)


def test_valid_rows_are_saved_even_when_one_row_fails(here: MeetingSite) -> None:
    reading = file(here, SEVEN)
    assert (reading.received, len(reading.usable), len(reading.wanting)) == (7, 6, 1)
    assert [delegate.name for delegate in queries.delegates(here)][:3] == [
        "Hoàng Văn Lộc",
        "Nguyễn Thị Mai Anh",
        "Phan Đức Trí",
    ]
    filed = queries.roster_of(here)
    assert filed is not None
    assert [row["cells"]["name"] for row in filed.pending] == ["Lê Thanh Tâm"]
    assert not filed.late


def test_a_failing_row_is_mended_in_place_and_joins_the_others(here: MeetingSite) -> None:
    file(here, SEVEN)
    assert filing.correct_rows(here, {1: {"title": "Phó Giám đốc"}}, {}, actor=OFFICER) == 0
    fourth = queries.delegates(here)[3]  # where the list had her: the order of protocol is kept
    assert (fourth.name, fourth.title, fourth.organisation) == ("Lê Thanh Tâm", "Phó Giám đốc", "Sở Tài chính")
    filed = queries.roster_of(here)
    assert filed is not None and filed.pending == []


def test_a_row_mended_by_half_keeps_what_was_typed(here: MeetingSite) -> None:
    file(here, "Họ tên\tChức vụ\tĐT\n\t\t\nÔng A Bình\t\tchưa có")
    assert filing.correct_rows(here, {1: {"title": "Giám đốc"}}, {}, actor=OFFICER) == 1
    filed = queries.roster_of(here)
    assert filed is not None
    assert filed.pending[0]["cells"]["title"] == "Giám đốc"
    assert filed.pending[0]["faults"] == ["phone_odd"]


def test_honorifics_that_nothing_said_are_filled_in_afterwards(here: MeetingSite) -> None:
    file(here, SEVEN)
    bao = next(delegate for delegate in queries.delegates(here) if delegate.name == "Trần Quốc Bảo")
    assert bao.honorific == ""
    filing.correct_rows(here, {}, {bao.id: "Ông"}, actor=OFFICER)
    assert bao.honorific == "Ông"
    filing.correct_rows(here, {}, {bao.id: "Kính thưa"}, actor=OFFICER)
    assert bao.honorific == "Ông"


def test_a_second_paste_adds_and_points_out_who_is_there_already(here: MeetingSite) -> None:
    file(here, SEVEN)
    reading = file(here, "Ông Hoàng Văn Lộc\tPhó Chủ tịch\tUBND tỉnh\nÔng Ngô Mới\tChuyên viên\tVăn phòng")
    assert [line.name for line, _ in reading.repeated] == ["Hoàng Văn Lộc"]
    assert [delegate.name for delegate in queries.delegates(here)][-1] == "Ngô Mới"
    assert queries.delegate_count(here) == 7


def test_a_paste_may_take_the_place_of_the_whole_list(here: MeetingSite) -> None:
    file(here, SEVEN)
    file(here, "Ông Ngô Mới\tChuyên viên\tVăn phòng", replace=True)
    assert [(delegate.position, delegate.name) for delegate in queries.delegates(here)] == [(1, "Ngô Mới")]
    filed = queries.roster_of(here)
    assert filed is not None and filed.pending == []


def test_nothing_is_filed_from_text_without_people(here: MeetingSite) -> None:
    with pytest.raises(Refused) as refused:
        file(here, "1\n2\n---")
    assert refused.value.field == "pasted"
    assert queries.roster_of(here) is None


def test_a_list_after_the_deadline_is_taken_and_marked_late(here: MeetingSite, clock: Clock) -> None:
    clock.at("2026-12-08 17:01")
    file(here, SEVEN)
    filed = queries.roster_of(here)
    assert filed is not None and filed.late
    (entry,) = journal.queries.of(here.meeting.code, fact="roster.filed")
    assert entry.details["late"] is True


@pytest.mark.parametrize("status", [Status.CLOSED, Status.CANCELLED, Status.POSTPONED])
def test_after_the_meeting_or_when_it_is_off_nothing_changes(here: MeetingSite, status: Status) -> None:
    here.meeting.status = status
    for attempt in (
        lambda: file(here, SEVEN),
        lambda: filing.add_delegate(here, {"name": "A B", "title": "C"}, actor=OFFICER),
        lambda: filing.remove_delegate(here, 1, actor=OFFICER),
        lambda: filing.drop_row(here, 1, actor=OFFICER),
        lambda: services.save_line_test(here, {Item.LINE: Verdict.PASS}, {}, actor=OFFICER),
    ):
        with pytest.raises(Refused):
            attempt()
    assert queries.roster_of(here) is None


def test_a_site_that_declined_sends_nobody_and_its_earlier_list_is_not_printed(here: MeetingSite) -> None:
    file(here, "Trần Văn Nam\tChuyên viên")
    answer = make.invitation_of(here)
    answer.reply = Reply.DECLINED
    db.session.flush()
    with pytest.raises(Refused):
        file(here, "Lê Thị Hoa\tChuyên viên")
    assert queries.whole(here.meeting) == []
    answer.reply = Reply.ACCEPTED
    db.session.flush()
    assert [delegate.name for _, delegate in queries.whole(here.meeting)] == ["Trần Văn Nam"]
    assert file(here, "Lê Thị Hoa\tChuyên viên").usable


def test_the_same_text_sent_twice_counts_once_mended_or_not(here: MeetingSite, clock: Clock) -> None:
    file(here, SEVEN)
    filed = queries.roster_of(here)
    assert filed is not None
    at = filed.filed_at
    clock.at("2026-12-08 17:30")
    again = file(here, SEVEN)
    assert not again.lines and len(again.repeated) == 7
    assert queries.delegate_count(here) == 6 and len(filed.pending) == 1
    assert filed.filed_at == at and not filed.late  # nothing of it came after the deadline
    filing.correct_rows(here, {1: {"title": "Phó Giám đốc"}}, {}, actor=OFFICER)
    assert not file(here, SEVEN).lines
    assert queries.delegate_count(here) == 7 and filed.pending == []


def test_a_row_without_a_name_that_is_sent_again_waits_once(here: MeetingSite) -> None:
    text = "Họ tên\tChức vụ\tĐơn vị\n\tGiám đốc\tSở Y tế\nÔng A Bình\tPhó Giám đốc\tSở Y tế"
    file(here, text)
    file(here, text)
    filed = queries.roster_of(here)
    assert filed is not None and len(filed.pending) == 1 and queries.delegate_count(here) == 1


def names(here: MeetingSite) -> list[str]:
    return [delegate.name.split()[-1] for delegate in queries.delegates(here)]


def test_the_order_of_protocol_is_changed_by_place_and_the_head_stays_first(here: MeetingSite) -> None:
    file(here, SEVEN)
    assert names(here) == ["Lộc", "Anh", "Trí", "Đăng", "Bảo", "Sen"]
    tri = queries.delegates(here)[2]
    for _twice in range(2):  # the same button pressed again says the same place
        filing.move_delegate(here, tri.id, 2, actor=OFFICER)
        assert names(here) == ["Lộc", "Trí", "Anh", "Đăng", "Bảo", "Sen"]
    filing.move_delegate(here, tri.id, 1, actor=OFFICER)  # not before the head of the delegation
    assert names(here)[:2] == ["Lộc", "Trí"]
    assert len(journal.queries.of(here.meeting.code, fact="roster.delegate_moved")) == 1
    filing.correct_rows(here, {1: {"title": "Phó Giám đốc"}}, {}, actor=OFFICER)
    assert names(here) == ["Lộc", "Trí", "Anh", "Tâm", "Đăng", "Bảo", "Sen"]  # her place was kept


def test_a_delegate_is_corrected_and_a_new_head_of_the_delegation_goes_first(here: MeetingSite) -> None:
    file(here, "Trần Văn Nam\tChuyên viên\tA\nLê Thị Hoa\tPhó Giám đốc\tB")
    hoa = queries.delegates(here)[1]
    values = {"honorific": "Bà", "name": "Lê Thị Hòa", "title": "Giám đốc", "organisation": "Sở B", "role": "head"}
    filing.change_delegate(here, hoa.id, values, actor=OFFICER)
    first = queries.delegates(here)[0]
    assert (first.id, first.name, first.honorific, first.title) == (hoa.id, "Lê Thị Hòa", "Bà", "Giám đốc")
    (entry,) = journal.queries.of(here.meeting.code, fact="roster.delegate_changed")
    assert (entry.details["before"]["name"], entry.details["after"]["name"]) == ("Lê Thị Hoa", "Lê Thị Hòa")
    with pytest.raises(Refused) as refused:
        filing.change_delegate(here, hoa.id, {**values, "name": "trần văn nam", "title": "chuyên viên"}, actor=OFFICER)
    assert refused.value.field == "name"


def test_what_is_changed_after_the_deadline_marks_the_list_late(here: MeetingSite, clock: Clock) -> None:
    file(here, SEVEN)
    clock.at("2026-12-08 17:01")
    filing.move_delegate(here, queries.delegates(here)[3].id, 2, actor=OFFICER)
    filed = queries.roster_of(here)
    assert filed is not None and filed.late


def test_an_honorific_that_was_asked_for_is_not_asked_again_for_a_new_list(here: MeetingSite) -> None:
    file(here, "Trần Văn Nam\tChuyên viên\tA")
    nam = queries.delegates(here)[0]
    filing.correct_rows(here, {}, {nam.id: "Ông"}, actor=OFFICER)
    file(here, "Trần Văn Nam\tChuyên viên\tA\nBà Lê Hoa\tGiám đốc\tB", replace=True)
    assert [one.honorific for one in queries.delegates(here)] == ["Ông", "Bà"]


def test_a_delegate_is_added_by_hand_and_refused_at_the_field_that_is_missing(here: MeetingSite) -> None:
    filing.add_delegate(
        here, {"name": "Bà Lê Thanh Tâm", "title": "Phó Giám đốc", "phone": "912 000 456"}, actor=OFFICER
    )
    (made,) = queries.delegates(here)
    assert (made.honorific, made.name, made.phone) == ("Bà", "Lê Thanh Tâm", "0912000456")
    for values, field in (
        ({"name": "", "title": "x"}, "name"),
        ({"name": "A B", "title": ""}, "title"),
        ({"name": "A B", "title": "C", "phone": "abc"}, "phone"),
        ({"name": "LÊ THANH TÂM", "title": "phó giám đốc"}, "name"),
    ):
        with pytest.raises(Refused) as refused:
            filing.add_delegate(here, values, actor=OFFICER)
        assert refused.value.field == field


def test_a_delegate_of_another_site_cannot_be_removed(here: MeetingSite) -> None:
    other = make.sites_of(here.meeting)[1]
    theirs = filing.add_delegate(other, {"name": "Trần Của Họ", "title": "Giám đốc"}, actor=OFFICER)
    make.db.session.flush()
    with pytest.raises(NotFound):
        filing.remove_delegate(here, theirs.id, actor=OFFICER)
    filing.remove_delegate(other, theirs.id, actor=OFFICER)
    assert queries.delegates(other) == []


def test_a_waiting_row_is_dropped_once_and_pressing_twice_does_no_harm(here: MeetingSite) -> None:
    file(here, SEVEN)
    filing.drop_row(here, 1, actor=OFFICER)
    filing.drop_row(here, 1, actor=OFFICER)
    filed = queries.roster_of(here)
    assert filed is not None and filed.pending == []
    assert len(journal.queries.of(here.meeting.code, fact="roster.row_dropped")) == 1


def test_more_than_the_limit_is_taken(here: MeetingSite) -> None:
    here.meeting.max_delegates = 3
    assert len(file(here, SEVEN).usable) == 6


ALL_PASSED = dict.fromkeys(Item, Verdict.PASS)


def test_a_partial_result_is_kept_and_says_untested(here: MeetingSite) -> None:
    test = services.save_line_test(here, {Item.LINE: Verdict.PASS, Item.PICTURE: Verdict.PASS}, {}, actor=OFFICER)
    assert (test.outcome, test.round, test.items) == (
        Outcome.UNTESTED,
        Round.REHEARSAL,
        {"line": "pass", "picture": "pass"},
    )


def test_a_fault_after_a_pass_reopens_the_site(here: MeetingSite, clock: Clock) -> None:
    clock.at("2026-12-10 07:10")
    services.save_line_test(here, ALL_PASSED, {}, actor=OFFICER)
    clock.at("2026-12-10 07:20")
    note = {Item.MICROPHONE: "Micro 2 bị vọng tiếng"}
    test = services.save_line_test(here, {**ALL_PASSED, Item.MICROPHONE: Verdict.FAULT}, note, actor=OFFICER)
    assert (test.outcome, test.round) == (Outcome.FAILED, Round.ON_DAY)
    newest, first = journal.queries.of(here.meeting.code, fact="line_test.recorded")
    assert (newest.details["before"], newest.details["after"]) == ("passed", "failed")
    assert first.details["after"] == "passed"


def test_the_two_rounds_stand_side_by_side_and_the_newest_counts(here: MeetingSite, clock: Clock) -> None:
    services.save_line_test(here, ALL_PASSED, {}, actor=OFFICER)
    clock.at("2026-12-10 07:10")
    services.save_line_test(here, {Item.LINE: Verdict.FAULT}, {Item.LINE: "Rớt mạng"}, actor=OFFICER)
    assert {round_: test.outcome for round_, test in queries.line_tests(here).items()} == {
        Round.REHEARSAL: Outcome.PASSED,
        Round.ON_DAY: Outcome.FAILED,
    }
    newest = queries.newest(queries.line_tests(here).values())
    assert newest is not None and newest.outcome is Outcome.FAILED


def test_a_queued_result_counts_from_when_it_was_noted_and_only_once(here: MeetingSite, clock: Clock) -> None:
    clock.at("2026-12-10 07:30")
    first = services.save_line_test(here, ALL_PASSED, {}, actor=OFFICER, age=300)
    assert first.tested_at == make.at("2026-12-10 07:25")
    services.save_line_test(here, ALL_PASSED, {}, actor=OFFICER, age=300)
    assert len(journal.queries.of(here.meeting.code, fact="line_test.recorded")) == 1


def test_an_older_result_that_arrives_late_does_not_overwrite_a_newer_one(here: MeetingSite, clock: Clock) -> None:
    clock.at("2026-12-10 07:30")
    services.save_line_test(here, ALL_PASSED, {}, actor=OFFICER)
    clock.at("2026-12-10 07:31")
    late = services.save_line_test(here, {Item.LINE: Verdict.FAULT}, {Item.LINE: "Rớt"}, actor=OFFICER, age=600)
    assert late.outcome is Outcome.PASSED


def test_a_site_that_was_taken_out_prepares_nothing(here: MeetingSite) -> None:
    here.removed_at = make.at("2026-12-02 08:00")
    with pytest.raises(Refused):
        file(here, SEVEN)
