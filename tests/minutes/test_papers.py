"""What the roll says becomes what the record says."""

from __future__ import annotations

from meetings.attendance import queries as attendance
from meetings.invitations.models import Reply
from meetings.minutes import papers
from meetings.scheduling.models import Meeting
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
