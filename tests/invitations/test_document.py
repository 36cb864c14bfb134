"""The giấy mời: one page, one list, sound for Word, printed where the decree wants it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from meetings.invitations.document import AgendaLine, InvitationLetter, Setting, SiteLine, height, setting, write
from meetings.official.form import Issuer, Numbering, Signer
from tests.make import at
from tests.official.printed import MM, printed
from tests.official.sound import assert_sound, lines, parts, text

LETTER = InvitationLetter(
    issuer=Issuer("Bộ Thủy văn số", "Hà Nội"),
    numbering=Numbering("GM-BTVS", "88", date(2027, 2, 5)),
    event="Hội nghị trực tuyến toàn quốc tổng kết công tác dự báo lũ năm 2026 và triển khai nhiệm vụ năm 2027",
    chair="Bà Trần Ngọc Lan, Bộ trưởng Bộ Thủy văn số",
    starts_at=at("2027-02-25 08:00"),
    length=timedelta(hours=3, minutes=15),
    host_place="Phòng họp trực tuyến tầng 5, trụ sở Bộ Thủy văn số, số 7 đường Sông Gianh, thành phố Hà Nội",
    sites=tuple(
        SiteLine(f"Tỉnh Số {n}", "Phòng họp trực tuyến UBND tỉnh", at("2027-02-24 14:00") + timedelta(minutes=5 * n))
        for n in range(1, 35)
    ),
    signer=Signer(("TL. BỘ TRƯỞNG", "CHÁNH VĂN PHÒNG"), "Đinh Quốc Bảo"),
    invited="Ủy ban nhân dân các tỉnh, thành phố trực thuộc Trung ương",
    site_place="Phòng họp trực tuyến của Ủy ban nhân dân tỉnh, thành phố",
    composition="Lãnh đạo Ủy ban nhân dân tỉnh, thành phố; Chánh Văn phòng; lãnh đạo các sở, ngành liên quan",
    max_delegates=25,
    reply_by=at("2027-02-22 17:00"),
    rehearsal_at=at("2027-02-24 14:00"),
    join_by=at("2027-02-25 07:45"),
    contact="Ông Vũ Tiến Đạt, Văn phòng Bộ Thủy văn số, điện thoại 024.0000.0707",
    technical="024.0000.0708",
    recipients=("Như trên;", "Bộ trưởng (để báo cáo);", "Các Thứ trưởng;", "Lưu: VT, VP. VTĐ.(40)"),
)


def test_the_letter_says_all_that_an_invitation_must():
    data = write(LETTER)
    assert_sound(data)
    said = text(data)
    for part in (
        "GIẤY MỜI",
        "Số: 88/GM-BTVS",
        "Hà Nội, ngày 05 tháng 02 năm 2027",
        "Chủ trì: Bà Trần Ngọc Lan",
        "08 giờ 00, thứ Năm, ngày 25 tháng 02 năm 2027 (thời lượng dự kiến: 03 giờ 15 phút)",
        "trước 17 giờ 00, ngày 22 tháng 02 năm 2027",
        "(34 điểm cầu, danh sách tại Phụ lục kèm theo)",
        "DANH SÁCH ĐIỂM CẦU VÀ LỊCH KIỂM TRA KỸ THUẬT",
        "(Kèm theo Giấy mời số 88/GM-BTVS ngày 05 tháng 02 năm 2027 của Bộ Thủy văn số)",
        "024.0000.0708./.",
    ):
        assert part in said


def test_dates_times_and_names_are_not_torn():
    said = "\n".join(lines(write(LETTER)))
    for tied in ("ngày\u00a025\u00a0tháng\u00a002\u00a0năm\u00a02027", "08\u00a0giờ\u00a000", "Bà\u00a0Trần"):
        assert tied in said
    assert "Độc lập\u00a0-\u00a0Tự do\u00a0-\u00a0Hạnh phúc" in said


def test_the_same_letter_gives_the_same_bytes():
    assert write(LETTER) == write(replace(LETTER))


def test_a_draft_leaves_number_and_day_to_the_records_clerk():
    said = text(write(replace(LETTER, numbering=Numbering("GM-BTVS"))))
    assert "Số:      /GM-BTVS" in said
    assert "Hà Nội, ngày      tháng      năm" in said


def test_a_draft_whose_year_is_known_prints_it():
    draft = replace(LETTER, numbering=Numbering("GM-BTVS"), year=2027)
    assert "Hà Nội, ngày      tháng      năm 2027" in text(write(draft))


def test_one_site_is_named_in_the_letter_without_an_annex():
    said = text(write(replace(LETTER, sites=LETTER.sites[:1], invited="")))
    assert "trân trọng kính mời: Tỉnh Số 1." in said
    assert "Phụ lục" not in said


def test_a_few_sites_are_named_in_the_letter_and_many_in_the_annex():
    assert not setting(replace(LETTER, sites=LETTER.sites[:4])).annex
    assert setting(LETTER).annex


def test_a_long_letter_is_set_closer_then_smaller_then_its_list_moves_to_the_annex():
    short = replace(LETTER, composition="Lãnh đạo", papers="", sites=LETTER.sites[:3])
    assert setting(short) == Setting(276, 14.0, False)
    found = [setting(replace(LETTER, sites=LETTER.sites[:5], papers="tài liệu kèm theo " * n)) for n in range(0, 60, 4)]
    steps = [Setting(276, 14.0, False), Setting(240, 14.0, False), Setting(276, 13.0, False), Setting(240, 13.0, False)]
    order = [steps.index(one) if one in steps else 9 for one in found]
    assert order == sorted(order)
    assert found[-1].annex


def test_who_should_come_moves_to_an_annex_where_the_letter_had_no_page_for_it():
    who = "; ".join(["Lãnh đạo Ủy ban nhân dân", "Chánh Văn phòng", "lãnh đạo các sở, ban, ngành có liên quan"] * 11)
    letter = replace(LETTER, composition=who, agenda=(AgendaLine(LETTER.starts_at, "Khai mạc"),))
    assert setting(letter).guests and not setting(LETTER).guests
    said = text(write(letter))
    assert "Thành phần tại điểm cầu: theo danh sách tại Phụ lục II kèm theo. Đề nghị không quá 25 đại biểu" in said
    assert "THÀNH PHẦN TẠI ĐIỂM CẦU" in said and said.count("- Chánh Văn phòng;") == 11
    assert "- lãnh đạo các sở, ban, ngành có liên quan./." in said and "Chương trình tại Phụ lục III" in said


def test_long_recipients_and_long_lines_of_the_signer_count_into_the_page():
    to = tuple(f"Văn phòng Đoàn đại biểu Quốc hội và Hội đồng nhân dân tỉnh, thành phố số {n};" for n in range(12))
    assert height(replace(LETTER, recipients=to), setting(LETTER)) > height(LETTER, setting(LETTER)) + 60


def test_an_agenda_becomes_an_annex_of_its_own():
    agenda = (
        AgendaLine(at("2027-02-25 08:00"), "Khai mạc"),
        AgendaLine(at("2027-02-25 08:15"), "Báo cáo", "Vụ Dự báo"),
    )
    data = write(replace(LETTER, agenda=agenda))
    assert_sound(data)
    said = text(data)
    assert "Phụ lục I\n" in said and "Phụ lục II\n" in said and "Vụ Dự báo" in said
    assert "danh sách tại Phụ lục I kèm theo" in said
    assert "Nội dung: theo Chương trình tại Phụ lục II kèm theo." in said


def test_a_programme_that_names_nobody_has_no_empty_column():
    said = text(write(replace(LETTER, agenda=(AgendaLine(at("2027-02-25 08:00"), "Khai mạc"),))))
    assert "Khai mạc" in said and "Thực hiện" not in said


def test_what_is_not_known_leaves_no_lone_stop_behind():
    bare = replace(LETTER, chair="", host_place="", site_place="", sites=LETTER.sites[:1], recipients=())
    said = text(write(bare))
    assert "Chủ trì" not in said and "Địa điểm" not in said and "Nơi nhận" not in said


def test_hostile_names_stay_names():
    bad = "Xã <b>&amp; ]]> \x00\ud800"
    data = write(replace(LETTER, sites=(SiteLine(bad, bad), *LETTER.sites), chair=bad))
    assert_sound(data)
    assert "Xã <b>&amp; ]]>" in text(data)


def test_3321_communes_fit_a_letter_under_200_kilobytes():
    sites = tuple(SiteLine(f"Phường Số {n}", "Phòng họp UBND phường") for n in range(3321))
    assert_sound(write(replace(LETTER, sites=sites)))


def test_the_rule_under_the_motto_is_as_long_as_the_motto():
    document = parts(write(LETTER))["word/document.xml"].decode()
    inset = int(document.split('<w:ind w:left="')[5].split('"')[0])
    assert (98 * 1440 / 25.4 - 2 * inset) * 25.4 / 1440 == pytest.approx(60.4, abs=0.5)


def test_printed_it_keeps_the_measures_of_the_decree(tmp_path):
    sheet = printed(write(LETTER), tmp_path)
    assert len(sheet.pages) == 2
    assert sheet.pages[0] == pytest.approx((210.0, 297.0), abs=0.1)

    def baseline(start: str, points: float, page: int = 1) -> float:
        return sheet.line(start, page)[2] - 0.2163 * points * MM

    left, right, _ = sheet.line("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
    assert (left, right) == pytest.approx((98.2, 193.8), abs=1)  # one line, not wrapped
    assert baseline("CỘNG HÒA", 13) == pytest.approx(24.3, abs=1)
    assert baseline("Độc lập", 14) == pytest.approx(29.9, abs=1)
    assert baseline("BỘ THỦY VĂN SỐ", 13) == pytest.approx(24.3, abs=1)
    assert baseline("Số:", 13) == pytest.approx(39.6, abs=1)
    assert baseline("Hà Nội,", 14) == pytest.approx(39.9, abs=1)
    assert baseline("GIẤY MỜI", 14) == pytest.approx(49.8, abs=1)
    assert baseline("Bộ Thủy văn số trân trọng", 14) == pytest.approx(72.8, abs=1)
    assert sheet.line("Bộ Thủy văn số trân trọng")[0] == pytest.approx(42.8, abs=1)
    assert min(word.left for word in sheet.words) == pytest.approx(30.1, abs=1)
    assert max(word.right for word in sheet.words) <= 195.5
    assert not [word for word in sheet.words if word.page == 1 and word.top < 18]  # no page number on the first page
