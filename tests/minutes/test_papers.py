"""What the roll says becomes what the record says."""

from __future__ import annotations

from dataclasses import replace

from meetings.attendance import queries as attendance
from meetings.invitations.models import Reply
from meetings.minutes import papers, queries
from meetings.minutes.models import Statement
from meetings.minutes.rules import StatementKind
from meetings.scheduling.models import Meeting
from meetings.units.models import UnitKind
from tests import make


def test_the_record_names_who_came_in_whose_place(held: Meeting) -> None:
    invitation = make.invitation_of(make.sites_of(held)[0])
    invitation.reply, invitation.substitute_honorific = Reply.SUBSTITUTE, "Bà"
    invitation.substitute_name, invitation.replaced_name = "Trần Thị Quỳnh", "Ông Nguyễn Văn An"
    make.done()
    roll = attendance.summary(held)
    said = "\n".join(papers.attendance_lines(held, roll))
    assert "01 điểm cầu cử người dự thay: Bà Trần Thị Quỳnh dự thay Ông Nguyễn Văn An - tỉnh Nghệ An" in said
    first = papers.roll_lines(roll, held, held.ended_at)[0]
    assert first.note.startswith("Bà Trần Thị Quỳnh dự thay Ông Nguyễn Văn An")


def test_the_annex_says_why_a_site_was_absent_and_counts_each_level(held: Meeting) -> None:
    roll = attendance.summary(held)
    second = papers.roll_lines(roll, held, held.ended_at)[1]
    assert second.note == "Vắng (có báo trước): ứng phó bão" and second.joined_at is None
    there, away = roll.rows
    sums = papers.levels(roll, {there.id: UnitKind.PROVINCE, away.id: UnitKind.COMMUNE})
    assert [(one.level, one.invited, one.present, one.absent, one.people) for one in sums] == [
        ("Cấp tỉnh", 1, 1, 0, 12),
        ("Cấp xã", 1, 0, 1, 0),
    ]
    assert queries.levels(held) == {there.id: UnitKind.PROVINCE, away.id: UnitKind.PROVINCE}


def test_nobody_is_counted_where_nobody_counted_and_no_annex_is_named_that_is_not_there(held: Meeting) -> None:
    roll = attendance.summary(held)
    uncounted = replace(roll, rows=tuple(replace(row, head_count=None) for row in roll.rows), host_head_count=None)
    assert "1/2 điểm cầu tham dự (chi tiết tại Phụ lục);" in "\n".join(papers.attendance_lines(held, uncounted))
    many = replace(roll, rows=roll.rows[:1] * 3355)
    assert "3.355/3.355 điểm cầu tham dự, 40.260 đại biểu" in "\n".join(papers.attendance_lines(held, many))
    alone = replace(roll, rows=(), host_head_count=18)
    (line,) = papers.attendance_lines(held, alone)
    assert line.startswith("Tại điểm cầu chính:") and line.endswith("(18 đại biểu).")
    begun = papers.skeleton(held, [], alone, "Phòng họp tầng 2")
    assert begun.place == "Phòng họp tầng 2" and "điểm cầu" not in begun.notice_opening
    assert "ý kiến phát biểu của các đại biểu" in begun.notice_opening


def test_a_vote_is_told_with_its_counts() -> None:
    vote = Statement(
        text="Thông qua dự thảo.", kind=StatementKind.VOTE, votes_for=33, votes_against=1, votes_withheld=0
    )
    said = "Biểu quyết: thông qua dự thảo. Kết quả: 33 tán thành, 01 không tán thành, 0 không biểu quyết."
    assert papers.voted(vote) == said
    assert papers.voted(Statement(text="Biểu quyết lần hai", kind=StatementKind.VOTE)) == "Biểu quyết lần hai"
