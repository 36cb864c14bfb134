"""The machines' witness: taken, matched by a person, laid beside the roll; and nobody's entry overwritten."""

from __future__ import annotations

import io
import time
from typing import Any

import openpyxl
import pytest

from meetings.accounts.models import User
from meetings.accounts.rules import Actor
from meetings.attendance import queries, remarks, services, side_by_side, witness_queries, witnessing
from meetings.attendance.comparing import Verdict
from meetings.attendance.models import Connection, Mark, Witness
from meetings.attendance.rules import MarkSource, Move
from meetings.database import db
from meetings.errors import Refused
from meetings.journal.models import Entry
from meetings.post.models import Enclosure
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.scheduling.rules import Status
from tests import make
from tests.conftest import Clock

TEAMS = """1. Summary
Meeting title\tHội nghị trực tuyến
Attended participants\t3
Start time\t12/10/26, 7:50:00 AM
End time\t12/10/26, 11:05:00 AM
Meeting duration\t3h 15m
Average attendance time\t2h 40m

2. Participants
Name\tFirst Join\tLast Leave\tIn-Meeting Duration\tEmail\tParticipant ID (UPN)\tRole
Diem cau Nghe An (Guest)\t12/10/26, 7:58:00 AM\t12/10/26, 11:02:00 AM\t2h 43m\t\t\tPresenter
Sở Nội vụ Hà Tĩnh\t12/10/26, 7:55:00 AM\t12/10/26, 11:03:00 AM\t3h 8m\tDIEMCAU.42@42.example\tdiemcau.42@42.example\tPresenter
iPad so 3\t12/10/26, 8:30:00 AM\t12/10/26, 9:00:00 AM\t30m\t\t\tAttendee

3. In-Meeting Activities
Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole
Diem cau Nghe An (Guest)\t12/10/26, 7:58:00 AM\t12/10/26, 8:20:00 AM\t22m\t\tPresenter
Diem cau Nghe An (Guest)\t12/10/26, 8:41:00 AM\t12/10/26, 11:02:00 AM\t2h 21m\t\tPresenter
Sở Nội vụ Hà Tĩnh\t12/10/26, 7:55:00 AM\t12/10/26, 11:03:00 AM\t3h 8m\tDIEMCAU.42@42.example\tPresenter
iPad so 3\t12/10/26, 8:30:00 AM\t12/10/26, 9:00:00 AM\t30m\t\tAttendee
"""


def at(meeting: Meeting, path: str = "/witnesses") -> str:
    return f"/meetings/{meeting.code}/roll-call{path}"


def taken(meeting: Meeting, text: str, name: str, who: Actor) -> Witness:
    """*text* as a witness, its clock that of Hà Nội and its months before its days."""
    made = witnessing.take(meeting, text.encode("utf-16"), name, actor=who)
    return witnessing.settle(made, zone="Asia/Ho_Chi_Minh", day_first=False, actor=who) if made.asks else made


@pytest.fixture
def held(meeting: Meeting, nghe_an: MeetingSite, ha_tinh: MeetingSite, clock: Clock, who: Actor) -> Meeting:
    """Nghệ An marked itself in at 07:58 and stayed so; Hà Tĩnh at 08:00; closed at 11:02."""
    clock.at("2026-12-10 07:58")
    services.check_in(nghe_an, 12, actor=Actor.link(7, "Ông Trần Đầu Mối"))
    clock.at("2026-12-10 08:00")
    services.mark(ha_tinh, Move.IN, actor=who, source=MarkSource.SECRETARY, head_count=9)
    clock.at("2026-12-10 11:02")
    services.close_roll(meeting, {}, actor=who)
    clock.at("2026-12-10 11:30")
    return meeting


@pytest.fixture
def told(held: Meeting, who: Actor) -> Witness:
    """The report of Microsoft Teams about :func:`held`."""
    return taken(held, TEAMS, "Attendance report.csv", who)


def participant(meeting: Meeting, name: str) -> witness_queries.Participant:
    page = witness_queries.participants(meeting, show="all", words="", number=1)
    return next(row for row in page.rows if name in row.name)


def compared(meeting: Meeting, site: MeetingSite) -> side_by_side.Compared:
    return next(row.both for row in side_by_side.comparison(meeting).sites if row.id == site.id)


def rows() -> list[Any]:
    return [(c.name, c.joined_at, c.left_at) for c in db.session.query(Connection).order_by(Connection.id)]


def facts(meeting: Meeting) -> list[str]:
    return [entry.fact for entry in db.session.query(Entry).filter_by(root=meeting.code).order_by(Entry.id)]


# --- scenario 24 -----------------------------------------------------------------------------------------------------


def test_the_gap_of_21_minutes_is_shown_and_nobody_is_overwritten(
    held: Meeting, told: Witness, nghe_an: MeetingSite, secretary: User, browser: Any
) -> None:
    marks = [(m.id, m.at, m.after, m.by) for m in db.session.query(Mark).order_by(Mark.id)]
    before = rows()
    guest = participant(held, "Nghe An")
    assert guest.matched_by == "", "a name never counts without a person"
    assert guest.suggestions[0][0] == guest.likely == nghe_an.id
    assert compared(held, nghe_an).verdict is Verdict.ONLY_HUMAN

    client = browser(secretary)
    page = client.get(at(held, "/witnesses/matching"))
    assert page.soup.find("input", attrs={"name": f"m-{guest.who}", "value": str(nghe_an.id)}).has_attr("checked")
    said = {f"m-{guest.who}": str(nghe_an.id), f"m-{participant(held, 'iPad').who}": "nobody"}
    seen = queries.version(held)
    page = client.post(at(held, "/witnesses/matching"), data=said)
    assert page.status_code == 303 and page.location.endswith("/comparison")
    words = client.get(page.location).soup.find("table").find("tbody").find("tr").get_text(" ")
    for part in ("Nghệ An", "07:58–08:20, 08:41–11:02", "có mặt suốt", "lệch 21 phút", "đã xác nhận Nguyễn Thị Hoa"):
        assert part in " ".join(words.split())
    assert compared(held, nghe_an).minutes == 21

    db.session.expire_all()
    assert [(m.id, m.at, m.after, m.by) for m in db.session.query(Mark).order_by(Mark.id)] == marks
    assert rows() == before
    book = openpyxl.load_workbook(io.BytesIO(client.get(at(held, "/comparison.xlsx")).data))
    cells = [str(c.value) for line in book.worksheets[0].iter_rows(min_row=5) for c in line if c.value is not None]
    assert "Máy: 07:58–08:20, 08:41–11:02; Người: có mặt suốt; lệch 21 phút" in cells
    assert any("Ông Trần Đầu Mối" in cell for cell in cells) and "Attendance report.csv" in cells
    assert facts(held).count("connection.matched") == 1
    assert queries.changed_since(held, seen) == set(), "who was who touches no tile of the board"


def test_a_note_beside_the_marks_is_no_mark_of_the_roll(
    meeting: Meeting, ha_tinh: MeetingSite, clock: Clock, who: Actor
) -> None:
    clock.at("2026-12-10 08:05")
    remarks.note(ha_tinh, "Đã gọi, đang nối lại.", actor=who, source=MarkSource.SECRETARY)
    clock.at("2026-12-10 08:25")
    services.mark(ha_tinh, Move.IN, actor=who, source=MarkSource.SECRETARY, head_count=9)
    clock.at("2026-12-10 11:02")
    services.close_roll(meeting, {}, actor=who)
    taken(meeting, TEAMS, "Attendance report.csv", who)
    found = next(row for row in side_by_side.comparison(meeting).sites if row.id == ha_tinh.id)
    assert [mark.after for mark in found.marks] == ["in"]
    assert found.verdict is Verdict.AGREE, "called late is no disagreement, whatever was noted before"


# --- a file ----------------------------------------------------------------------------------------------------------


def test_a_file_is_kept_sealed_and_the_same_file_is_told(held: Meeting, told: Witness, who: Actor) -> None:
    assert witness_queries.file_of(told) == TEAMS.encode("utf-16")
    kept = db.session.get(Enclosure, told.kept)
    assert kept is not None and kept.data != TEAMS.encode("utf-16") and told.kept != told.sha256
    with pytest.raises(Refused, match="Chính tệp này"):
        taken(held, TEAMS, "again.csv", who)
    witnessing.withdraw(told, actor=who)
    assert taken(held, TEAMS, "again.csv", who).id != told.id


def test_what_the_file_leaves_open_is_asked_before_anything_is_read(
    held: Meeting, secretary: User, browser: Any
) -> None:
    client = browser(secretary)
    sent = {"file": (io.BytesIO(TEAMS.encode("utf-16")), "Attendance report.csv")}
    asked = client.post(at(held), data=sent, content_type="multipart/form-data").location
    assert db.session.query(Connection).count() == 0
    assert "10/12/2026" in client.get(asked).words
    assert client.post(asked, data={"zone": "Mars/Olympus"}).status_code == 422
    page = client.post(asked, data={"zone": "Asia/Ho_Chi_Minh", "day_first": "no"})
    assert page.status_code == 303 and page.location.endswith("/matching")
    assert db.session.query(Connection).count() == 4


def test_an_address_that_only_one_site_has_is_matched_by_itself(
    told: Witness, held: Meeting, ha_tinh: MeetingSite
) -> None:
    found = participant(held, "Sở Nội vụ")
    assert (found.site_id, found.matched_by) == (ha_tinh.id, "address")
    assert compared(held, ha_tinh).verdict is Verdict.AGREE


def test_a_withdrawn_witness_and_a_clock_put_right_leave_what_was_told(
    told: Witness, held: Meeting, ha_tinh: MeetingSite, who: Actor
) -> None:
    before = rows()
    witnessing.shift(told, 3600, actor=who)
    both = compared(held, ha_tinh)
    assert both.verdict is Verdict.DIFFER and 50 <= both.minutes <= 60
    assert abs(side_by_side.skew_of(told) + 3600) <= 300, "the roll says by how much it is wrong; a person decides"
    witnessing.withdraw(told, actor=who)
    assert not side_by_side.comparison(held).witnesses
    assert witness_queries.participants(held, show="all", words="", number=1).total == 0
    assert rows() == before
    assert {"witness.taken", "witness.shifted", "witness.withdrawn"} <= set(facts(held))


def test_a_confirmed_name_is_suggested_at_the_next_meeting_and_counts_there_only_after_a_person(
    told: Witness, held: Meeting, nghe_an: MeetingSite, who: Actor, secretary: User, clock: Clock
) -> None:
    ipad = participant(held, "iPad")
    assert nghe_an.id not in [id for id, _n, _p in ipad.suggestions]
    certain = participant(held, "Sở Nội vụ")
    site = db.session.get(MeetingSite, certain.site_id)
    said = [witnessing.Decision(ipad.who, nghe_an), witnessing.Decision(certain.who, site)]
    assert witnessing.confirm(held, said, actor=who) == 1, "what is certain and stood so on the page stays as it is"
    assert participant(held, "Sở Nội vụ").matched_by == "address"
    assert participant(held, "iPad").confirmed_by == "Nguyễn Thị Hoa"
    later = make.meeting(status=Status.SCHEDULED, starts="2026-12-17 08:00", secretary=secretary)
    clock.at("2026-12-17 12:00")
    taken(later, TEAMS.replace("12/10/26", "12/17/26"), "next.csv", who)
    again = participant(later, "iPad")
    assert again.matched_by == "" and again.suggestions[0][1] == "Nghệ An"


def test_two_devices_of_one_name_at_one_time_are_two_participants(held: Meeting, who: Actor) -> None:
    taken(held, TEAMS + "iPad so 3\t12/10/26, 8:40:00 AM\t12/10/26, 9:10:00 AM\t30m\t\tAttendee\n", "two.csv", who)
    assert witness_queries.participants(held, show="all", words="ipad", number=1).total == 2


@pytest.mark.only("sqlite")
@pytest.mark.parametrize("raw", [b"", b"\x00\xff" * 500, b"PK\x03\x04rubbish", "Họ tên;Chức vụ\nA;B".encode()])
def test_what_is_no_attendance_file_is_refused_in_a_sentence(held: Meeting, who: Actor, raw: bytes) -> None:
    with pytest.raises(Refused) as refused:
        witnessing.take(held, raw, "x.csv", actor=who)
    assert str(refused.value.message).endswith(".") and refused.value.field == "file"


# --- who may, and how much -------------------------------------------------------------------------------------------


def test_a_technician_takes_files_the_secretary_says_who_is_who_and_a_site_sees_its_own_part(
    held: Meeting, told: Witness, technician: User, site_officer: User, browser: Any
) -> None:
    client = browser(technician)
    assert client.get(at(held, "/witnesses/matching")).status_code == 200
    assert client.post(at(held, "/witnesses/matching"), data={}).status_code == 403
    assert client.post(at(held, f"/witnesses/{told.id}/withdraw"), data={}).status_code == 403
    sent = {"file": (io.BytesIO(b"x"), "a.csv")}
    assert client.post(at(held), data=sent, content_type="multipart/form-data").status_code == 422
    officer = browser(site_officer)
    page = officer.get(at(held, "/comparison?show=all"))
    assert "Nghệ An" in page.words and "Hà Tĩnh" not in page.words, "no province sees another's"
    assert "Attendance report" not in officer.get(at(held)).words
    assert officer.get(at(held, "/comparison.xlsx")).status_code == 403


def test_what_is_typed_for_another_site_stays_where_it_means_none(
    held: Meeting, told: Witness, ha_tinh: MeetingSite, secretary: User, browser: Any
) -> None:
    client, ipad = browser(secretary), participant(held, "iPad").who
    client.get(at(held, "/witnesses/matching"))
    page = client.post(at(held, "/witnesses/matching"), data={f"m-{ipad}": "later", f"o-{ipad}": "Atlantis"})
    assert page.status_code == 422 and page.soup.find(id=f"o-{ipad}")["value"] == "Atlantis"
    page = client.post(at(held, "/witnesses/matching"), data={f"m-{ipad}": "later", f"o-{ipad}": "ha tinh"})
    assert page.status_code == 303 and participant(held, "iPad").site_id == ha_tinh.id
    client.post(at(held, "/witnesses/matching"), data={f"m-{ipad}": "none"})
    assert participant(held, "iPad").matched_by == ""


@pytest.mark.only("sqlite")
def test_four_thousand_rows_are_taken_quickly(held: Meeting, who: Actor) -> None:
    line = "May tram {n}\t12/10/26, 8:0{a}:00 AM\t12/10/26, 10:{m:02d}:00 AM\t2h\tm{n}@bo.example\tAttendee\n"
    body = "".join(line.format(n=n, m=n % 60, a=n % 10) for n in range(4_000))
    begun = time.process_time()
    taken(held, TEAMS + body, "big.csv", who)
    took = time.process_time() - begun
    assert witness_queries.participants(held, show="open", words="", number=2).total == 4_002
    assert db.session.query(Connection).count() == 4_004
    assert took < 6, f"{took:.1f} s"


def test_a_file_that_waits_is_named_on_the_comparison_and_can_be_withdrawn(
    held: Meeting, secretary: User, browser: Any
) -> None:
    client = browser(secretary)
    sent = {"file": (io.BytesIO(TEAMS.encode("utf-16")), "Attendance report.csv")}
    asked = client.post(at(held), data=sent, content_type="multipart/form-data").location
    empty = client.get(at(held, "/comparison"))
    assert "Có tệp đang chờ trả lời" in empty.words and "Attendance report.csv" in empty.words
    assert empty.soup.find("a", href=asked.removeprefix("http://localhost"))
    assert client.get(asked).soup.find("form", action=f"{asked}/withdraw".removeprefix("http://localhost"))
    assert client.post(f"{asked}/withdraw").status_code == 303
    assert client.post(asked, data={"zone": "UTC", "day_first": "no"}).status_code == 409
    assert "đã rút" in client.get(asked).words and "chờ trả lời" not in client.get(at(held, "/comparison")).words


@pytest.mark.parametrize(
    ("text", "zone", "said"),
    [
        (TEAMS.replace("12/10/26", "10/21/26"), "Asia/Ho_Chi_Minh", "Không có giờ nào trong tệp thuộc ngày họp"),
        (TEAMS, "Asia/Tokyo", ""),
        (TEAMS, "America/Los_Angeles", "Không ai trong tệp có mặt trong giờ họp"),
    ],
)
def test_whoever_takes_the_file_of_another_day_or_zone_is_told_before_names_are_asked(
    held: Meeting, secretary: User, browser: Any, text: str, zone: str, said: str
) -> None:
    client = browser(secretary)
    sent = {"file": (io.BytesIO(text.encode("utf-16")), "Attendance report.csv")}
    asked = client.post(at(held), data=sent, content_type="multipart/form-data").location
    page = client.post(asked, data={"zone": zone, "day_first": "no"})
    assert page.location.endswith("/matching") is not bool(said)
    if said:
        assert said in client.get(page.location).words and said in client.get(at(held, "/comparison")).words
        first = client.get(at(held, "/witnesses/matching")).soup.find("fieldset").get_text()
        assert ("21/10/2026" in first) is ("10/21" in text)
