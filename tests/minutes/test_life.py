"""The life of a record: what was submitted is what is approved, and nothing is written over a file that was edited in Word."""

from __future__ import annotations

import io
import re
from datetime import date

import docx
import pytest

from meetings import journal, links
from meetings.accounts.queries import actor_of
from meetings.accounts.rules import Role
from meetings.attendance.models import Presence
from meetings.database import db
from meetings.errors import Forbidden, Refused
from meetings.minutes import (
    deadline,
    files,
    hand_edits,
    handing,
    letters,
    life,
    notice_words,
    queries,
    record_numbers,
    standing,
    telling,
    word_file,
    writing,
)
from meetings.minutes.record_numbers import Numbers
from meetings.minutes.rules import FileOrigin, RecordStatus, Step, Which
from meetings.numbering import queries as given
from meetings.numbering.services import choose_counting
from meetings.post.models import Letter
from tests import make
from tests.minutes.test_services import words, write_something
from tests.minutes.test_word_file import edited, with_words

RECORD, NOTICE = Which.RECORD, Which.NOTICE


@pytest.fixture
def said(begun, hoa):
    write_something(begun, hoa)
    return begun


@pytest.fixture
def head(approver):
    return actor_of(approver)


@pytest.fixture
def clerk(records_clerk):
    return actor_of(records_clerk)


def changed(record, which=RECORD, was="Thành phần tham dự", becomes="Thành phần dự họp"):
    """The document as it comes back from Word."""
    return edited(writing.printed(record, which).data, was, becomes)


def brought(record, actor, which=RECORD, **more):
    return hand_edits.bring(record, which, changed(record, which, **more), "Biên bản (sửa).docx", actor=actor)


def text(file):
    return words(files.read(file))


def test_both_are_kept_and_the_edited_one_holds(said, hoa, held):
    ours = writing.printed(said, RECORD).data
    hers = brought(said, hoa)
    kept = files.of(said, RECORD)
    assert [one.origin for one in kept] == [FileOrigin.EDITED, FileOrigin.WRITTEN]
    assert files.current(said, RECORD) is hers and files.read(kept[1]) == ours
    assert "Thành phần dự họp" in text(hers) and hers.name == "Biên bản (sửa).docx"
    assert files.current(said, NOTICE) is None
    with pytest.raises(Refused, match="không có gì thay đổi") as refused:
        hand_edits.bring(said, RECORD, ours, "a.docx", actor=hoa)
    assert refused.value.field == "file"
    entry = next(e for e in journal.queries.of(held.code) if e.fact == "record_file.kept" and e.actor == hoa.key)
    assert hers.sha256[:16] in (telling.told(entry.fact, entry.details) or "")


def test_nothing_is_written_over_an_edit_before_somebody_was_asked(said, hoa):
    """Blocks change, the roll changes: she is told in how many places, and each of her three ways is hers to go."""
    hers = brought(said, hoa)
    assert hand_edits.newer(hers) == []
    queries.written(said).conclusions[0].text = "Thống nhất ban hành chỉ thị."
    db.session.query(Presence).filter_by(head_count=12).one().head_count = 15
    db.session.flush()
    places = hand_edits.newer(hers)
    assert len(places) == 2, "the conclusion and the line of the annex"
    with pytest.raises(Refused, match="mới hơn ở 2 chỗ"):
        life.submit(said, actor=hoa)
    assert "Thống nhất ban hành hướng dẫn." in text(files.current(said, RECORD))

    hand_edits.keep_hers(hers, actor=hoa)
    assert hand_edits.newer(hers) == [] and files.current(said, RECORD) is hers

    hand_edits.write_anew(hers, actor=hoa)
    assert standing.holding(said, RECORD) is None, "from here on the page is the document"
    assert hers.set_aside_at is not None and files.read(hers)
    life.submit(said, actor=hoa)
    assert "ban hành chỉ thị" in text(files.current(said, RECORD))


def test_a_file_that_was_set_aside_can_hold_again(said, hoa):
    hers = brought(said, hoa)
    hand_edits.write_anew(hers, actor=hoa)
    again = hand_edits.hold_again(hers, actor=hoa)
    assert again.id != hers.id and again.sha256 == hers.sha256
    assert files.current(said, RECORD) is again


def test_what_is_approved_are_the_bytes_that_were_shown(said, hoa, head, held):
    life.submit(said, actor=hoa)
    seen = files.shown(said)
    hers = brought(said, head)
    with pytest.raises(Refused, match="đã thay đổi sau khi mở trang này"):
        life.approve(said, seen, actor=head)
    life.approve(said, files.shown(said), actor=head)
    assert said.record_sha256 == hers.sha256 and said.notice_sha256 == seen[1]
    db.session.query(Presence).filter_by(head_count=12).one().head_count = 99
    db.session.flush()
    handing.issue(said, Numbers(), [], [], actor=hoa, silent=True)
    assert said.record_sha256 == hers.sha256, "the roll changed after the approval, and the approved file did not"


def test_tracked_changes_reach_nobody(said, hoa):
    tracked = with_words(changed(said), b"<w:r>", b'<w:del w:id="1" w:author="Hoa"></w:del><w:r>')
    hand_edits.bring(said, RECORD, tracked, "a.docx", actor=hoa)
    assert standing.of(said, hoa)[0].unsettled
    with pytest.raises(Refused, match="Track Changes"):
        life.submit(said, actor=hoa)


def test_who_may_bring_a_file_depends_on_where_the_record_is(said, hoa, head, clerk):
    with pytest.raises(Forbidden):
        brought(said, head)
    life.submit(said, actor=hoa)
    brought(said, head)
    life.approve(said, actor=head)
    with pytest.raises(Forbidden):
        brought(said, head)
    handing.issue(said, Numbers(), [], [], actor=clerk, silent=True)
    with pytest.raises(Refused, match="phiên bản mới"):
        brought(said, clerk)


# --- number and day


def test_a_number_is_put_into_the_edited_file_and_nothing_else_moves(said, hoa, head, clerk):
    brought(said, hoa)
    life.submit(said, actor=hoa)
    life.approve(said, actor=head)
    before = word_file.lines(files.read(files.current(said, RECORD)))
    numbers = Numbers("31", date(2026, 12, 10), "412", date(2026, 12, 14))
    handing.issue(said, numbers, [], [], actor=clerk, silent=True)
    places = word_file.differences(before, word_file.lines(files.read(files.current(said, RECORD))))
    assert [one.theirs[0].split(" | ")[0] for one in places] == [
        "Số: 31/BB-BĐPS",
        "(Kèm theo Biên bản số 31/BB-BĐPS ngày 10 tháng 12 năm 2026 của Bộ Điều phối số)",
    ]
    assert said.record_sha256 == files.current(said, RECORD).sha256
    assert "Số: 412/TB-BĐPS" in words(files.read(files.current(said, NOTICE)))
    assert [one.origin for one in files.of(said, RECORD)].count(FileOrigin.EDITED) == 2, "what was approved stays, too"


def test_a_number_line_that_was_touched_is_the_clerks_to_fill(said, hoa, head, clerk):
    """The system does not guess: she types the number in Word, and what she brings may say nothing else that is new."""
    opened = docx.Document(io.BytesIO(changed(said)))
    line = next(p for row in opened.tables[0].rows for c in row.cells for p in c.paragraphs if p.text.startswith("Số:"))
    line.runs[0].text = "Số lưu trữ:/BB-BĐPS"
    saved = io.BytesIO()
    opened.save(saved)
    hand_edits.bring(said, RECORD, saved.getvalue(), "a.docx", actor=hoa)
    life.submit(said, actor=hoa)
    life.approve(said, actor=head)
    numbers = Numbers("31", date(2026, 12, 10))
    with pytest.raises(Refused, match="Số: 31/BB-BĐPS") as refused:
        handing.issue(said, numbers, [], [], actor=clerk, silent=True)
    assert refused.value.field == "number"


def test_in_an_approved_document_only_number_and_day_may_be_new(said, hoa, head, clerk, held):
    life.submit(said, actor=hoa)
    life.approve(said, actor=head)
    approved = files.read(files.current(said, RECORD))
    with pytest.raises(Refused, match="chỉ được bổ sung số và ngày"):
        hand_edits.bring(said, RECORD, edited(approved, "Địa điểm", "Nơi"), "a.docx", actor=clerk)
    lines = hand_edits.number_lines(said, RECORD, "31", date(2026, 12, 10))
    annex = next(line for line in lines.values() if line.startswith("(Kèm theo"))
    body = held.organiser.name.replace(" ", "\u00a0")
    assert annex.endswith(f" của\u00a0{body})"), "the name of the body stays on one line, also beside its number"
    by_hand, _missing = word_file.with_lines(approved, lines)
    hers = hand_edits.bring(said, RECORD, by_hand, "co-so.docx", actor=clerk)
    assert said.record_sha256 == hers.sha256
    handing.issue(said, Numbers("31", date(2026, 12, 10)), [], [], actor=clerk, silent=True)
    assert said.record_sha256 == hers.sha256


def test_a_number_is_given_once_by_the_clerk_and_without_a_gap_by_the_system(said, hoa, head, clerk, held):
    body = held.organiser
    life.submit(said, actor=hoa)
    life.approve(said, actor=head)
    make.done()
    with pytest.raises(Refused) as refused:
        handing.issue(said, Numbers("31"), [], [], actor=clerk, silent=True)
    assert refused.value.field == "on", "a number counts in the year of its day"
    db.session.rollback()
    choose_counting(record_numbers.series_of(body, NOTICE), True, by="x")
    handing.issue(said, Numbers("31", date(2026, 12, 10)), [], [], actor=clerk, silent=True)
    assert (said.number, said.notice_number, said.notice_on) == ("31", "1", date(2026, 12, 10))
    assert "Số: 01/TB-BĐPS" in words(files.read(files.current(said, NOTICE)))
    line = given.holder(record_numbers.series_of(body, RECORD), 2026, 31)
    assert line is not None and line.about == held.code

    second = life.renew(said, "Sửa tên đơn vị.", actor=hoa)
    life.submit(second, actor=hoa)
    life.approve(second, actor=head)
    make.done()
    with pytest.raises(Refused, match=held.code) as refused:
        handing.issue(second, Numbers("31", date(2026, 12, 10)), [], [], actor=clerk, silent=True)
    assert refused.value.field == "number"
    db.session.rollback()
    handing.issue(second, Numbers("35", date(2026, 12, 11)), [], [], actor=clerk, silent=True)
    assert second.notice_number == "2"
    assert given.left_out(record_numbers.series_of(body, RECORD), 2026) == [32, 33, 34]
    record_numbers.explain(body, RECORD, 2026, 32, "Cấp trên giấy cho biên bản kiểm kê", actor=clerk)
    assert given.left_out(record_numbers.series_of(body, RECORD), 2026) == [33, 34]
    with pytest.raises(Refused):
        record_numbers.explain(body, RECORD, 2026, 31, "x", actor=clerk)


def test_the_second_notice_says_which_it_replaces_and_the_first_stays(said, hoa, head, clerk):
    life.submit(said, actor=hoa)
    life.approve(said, actor=head)
    handing.issue(said, Numbers("", None, "412", date(2026, 12, 14)), [], [], actor=clerk, silent=True)
    first = (said.record_sha256, said.notice_sha256)
    second = life.renew(said, "Sửa tên đơn vị.", actor=hoa)
    assert "thay thế Thông báo số 412/TB-BĐPS ngày 14 tháng 12 năm 2026" in words(writing.printed(second, NOTICE).data)
    assert (said.record_sha256, said.notice_sha256) == first and queries.kept(first[1])
    assert "thay thế" not in words(writing.printed(said, NOTICE).data)


# --- the deadline


def test_the_deadline_is_watched_and_told_once_before_and_once_on_the_day(held, hoa, clock):
    """Held on Thursday 10 December: due on Thursday the 17th."""
    assert held.ended_at
    for day, count in (("15", 0), ("16", 1), ("16", 0), ("17", 1), ("17", 0), ("18", 0)):
        clock.at(f"2026-12-{day} 09:00")
        assert deadline.remind(make.at(f"2026-12-{day} 09:00")) == count, day
    kinds = [letter.subject for letter in db.session.query(Letter).order_by(Letter.id)]
    assert "đến hạn ngày 17/12/2026" in kinds[0] and "hạn cuối" in kinds[1]
    (late,) = deadline.open_ones(date(2026, 12, 21))
    assert (late.due, late.late, late.record) == (date(2026, 12, 17), 2, None), "a weekend is not late"


def test_home_says_what_is_overdue_and_what_waits_for_the_leader(browser, said, held, hoa, secretary, leader, clock):
    clock.at("2026-12-21 09:00")
    page = browser(secretary).get("/")
    assert re.search(r"Biên bản .* quá hạn 2 ngày làm việc", page.words)
    life.submit(said, actor=hoa)
    make.done()
    page = browser(leader).get("/")
    card = page.soup.find("section", attrs={"aria-labelledby": "approve"})
    assert card and held.code in card.get_text() and card.find("a", href=f"/meetings/{held.code}/minutes")
    assert "quá hạn 2 ngày làm việc" in card.get_text().lower()
    assert len(page.soup.find("main").find_all("a", href=f"/meetings/{held.code}/minutes")) == 1, "offered once"


# --- the pages


def test_she_brings_a_file_back_and_the_page_shows_what_differs(browser, secretary, said, held):
    client = browser(secretary)
    address = f"/meetings/{held.code}/minutes/documents/record"
    page = client.submit(address, {"bring-file": (io.BytesIO(changed(said)), "Sửa.docx")}, form=address)
    assert "có hiệu lực" in page.words and "Thêm một câu trong Word." in page.words
    assert [one.get_text(strip=True) for one in page.soup.select(".places del")] == ["tham dự:"]
    refused = client.submit(address, {"bring-file": (io.BytesIO(b"PK\x03\x04"), "a.docx")}, form=address)
    assert refused.status_code == 422 and refused.soup.find(id="bring-file-error")
    page = client.get(f"/meetings/{held.code}/minutes/preview")
    assert "Thành phần dự họp" in page.soup.find(id="minutes").get_text(), "the page shows the file that holds"
    sent = client.get(f"/meetings/{held.code}/documents/bien-ban.docx")
    assert "Thành phần dự họp" in words(sent.data)


def test_the_approver_approves_what_is_on_her_page_or_nothing(browser, approver, said, held, hoa):
    life.submit(said, actor=hoa)
    make.done()
    client = browser(approver)
    page = client.get(f"/meetings/{held.code}/minutes")
    assert said.record_sha256 == "" and files.shown(said)[0] in page.words
    stale = {"approve-seen": "0" * 64 + "," + "0" * 64}
    answer = client.submit(f"/meetings/{held.code}/minutes", stale, form="/approve")
    assert answer.status_code == 409 and "đã thay đổi sau khi mở trang này" in answer.words
    client.submit(f"/meetings/{held.code}/minutes", form="/approve")
    assert queries.newest(held).status is RecordStatus.APPROVED


def test_a_stranger_and_an_invited_unit_see_no_file(browser, said, held, hoa, site_officer):
    hers = brought(said, hoa)
    make.done()
    for who in (site_officer, make.user(Role.SECRETARY, make.HO_CHI_MINH)):
        client = browser(who, look=False)
        for address in (f"files/{hers.id}", f"files/{hers.id}/download", "documents/record", "versions/1/compare"):
            assert client.get(f"/meetings/{held.code}/minutes/{address}").status_code in (403, 404), address


def test_two_versions_are_compared_in_words(browser, secretary, said, held, hoa, head):
    life.submit(said, actor=hoa)
    life.approve(said, actor=head)
    second = life.renew(said, "Sửa tên đơn vị.", actor=hoa)
    queries.written(second).conclusions[0].text = "Thống nhất ban hành chỉ thị."
    make.done()
    page = browser(secretary).get(f"/meetings/{held.code}/minutes/versions/2/compare")
    assert "Sửa tên đơn vị." in page.words
    assert {one.get_text(strip=True) for one in page.soup.select(".places ins")} >= {"chỉ thị."}


def test_the_steps_go_from_the_draft_to_the_readers(said, hoa, head):
    def now(record):
        return next(step for step, state in standing.steps(record) if state == "now")

    assert now(said) is Step.WRITTEN
    life.submit(said, actor=hoa)
    assert now(said) is Step.WAITING
    life.approve(said, actor=head)
    assert now(said) is Step.APPROVED
    handing.issue(said, Numbers(), [], [], actor=hoa, silent=True)
    assert now(said) is Step.SENT and Step.SIGNED not in dict(standing.steps(said))


def test_the_clerk_keeps_the_register_with_what_the_paper_got(
    browser, records_clerk, administrator, said, held, hoa, head
):
    life.submit(said, actor=hoa)
    life.approve(said, actor=head)
    handing.issue(said, Numbers("", None, "5", date(2026, 12, 10)), [], [], actor=hoa, silent=True)
    record_numbers.note(said, NOTICE, "3", date(2026, 12, 10), "Ghi nhầm", actor=hoa)
    second = life.renew(said, "Sửa.", actor=hoa)
    life.submit(second, actor=hoa)
    life.approve(second, actor=head)
    handing.issue(second, Numbers("", None, "5a", date(2026, 12, 11)), [], [], actor=hoa, silent=True)
    third = life.renew(second, "Sửa.", actor=hoa)
    life.submit(third, actor=hoa)
    life.approve(third, actor=head)
    handing.issue(third, Numbers("", None, "6", date(2026, 12, 11)), [], [], actor=hoa, silent=True)
    sums = (said.record_sha256, said.notice_sha256)
    make.done()
    client = browser(records_clerk)
    page = client.get("/numbers/minutes")
    assert [row.get_text() for row in page.soup.select("#book ~ table tbody th")] == ["06", "05A", "03"]
    assert "Không có trong sổ này: 4, 5" in page.words
    page = client.submit("/numbers/minutes", {"number": "4", "why": "Hỏng phôi"}, form="/numbers/minutes")
    assert "Hỏng phôi" in page.words and "Không có trong sổ này: 5." in page.words
    address = f"/meetings/{held.code}/minutes/versions/1/number/record"
    refused = client.submit(address, {"number": "7", "on": "01/01/2020"}, form=address)
    assert refused.status_code == 422
    client.submit(address, {"number": "7", "on": "10/12/2026"}, form=address)
    db.session.refresh(said)
    assert said.number == "7" and (said.record_sha256, said.notice_sha256) == sums, "no file is touched"
    settings = browser(administrator)
    settings.submit("/settings/numbering/minutes", {"unit": make.MINISTRY, "kind": "notice", "by": "system"})
    assert record_numbers.by_system(held.organiser, NOTICE) and not record_numbers.by_system(held.organiser, RECORD)


def test_a_leader_reads_by_her_private_link_what_was_edited_in_word(client, said, hoa, head, clerk):
    brought(said, hoa)
    life.submit(said, actor=hoa)
    life.approve(said, actor=head)
    handing.issue(said, Numbers(), [make.person("Lê Minh Khang")], [], actor=clerk)
    (found,) = queries.hand_outs(said)
    path = f"/v/{links.token('v', found.link.id, found.link.issue)}"
    make.done()
    client.submit(path, {"reader": "yes"}, form="/code")
    code = db.session.query(Letter).filter_by(kind="reading_code").one().fills["code"]
    page = client.submit(path, {"code": code}, form="Mở văn bản")
    assert "Thêm một câu trong Word." in page.words and "Thành phần dự họp" in page.words


def test_who_reads_beside_the_file_reads_what_was_edited_in_word(client, said, hoa, head, clerk):
    (conclusion,) = notice_words.sentences(queries.written(said))[0][:1]
    brought(said, hoa, NOTICE, was=conclusion, becomes="Kết luận khác hẳn")
    assert notice_words.edited(queries.written(said))[0].startswith("Kết luận khác hẳn")
    life.submit(said, actor=hoa)
    life.approve(said, actor=head)
    handing.issue(said, Numbers(), [make.person("Lê Minh Khang")], [], actor=clerk)
    (found,) = queries.hand_outs(said)
    letter = letters.conclusions(letters.Wordings(queries.written(said)), found)
    for body in (letter.text, letter.html):
        assert "Kết luận khác hẳn" in body and conclusion not in body
    page = client.get(make.private(make.sites_of(said.meeting)[0]))
    assert said.notice_title not in page.words, "the file may bear another"


def test_a_notice_that_was_edited_elsewhere_keeps_its_numbered_points_in_the_letter(said, hoa):
    brought(said, hoa, NOTICE, was="THÔNG BÁO", becomes="THÔNG  BÁO KẾT LUẬN")
    assert notice_words.edited(queries.written(said)) == ()


def test_what_was_put_in_at_either_end_of_the_conclusions_is_part_of_them():
    ours = ["Mở đầu", "Một", "Hai", "Tổ chức"]
    assert notice_words.between(ours, ["Mở đầu", "Không", "Một", "Hai", "Ba", "Tổ chức"], 1, 3) == (
        "Không",
        "Một",
        "Hai",
        "Ba",
    )
    assert notice_words.between(ours, ["Mở đầu", "Hai", "Tổ chức"], 1, 3) == ("Hai",)
    assert notice_words.between(ours, ["Khác", "Mốt", "Hai"], 1, 3) == ("Mốt", "Hai")
