"""The biên bản and the thông báo kết luận as files and on paper."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from meetings.minutes.document import (
    LevelLine,
    NoticePaper,
    Part,
    RecordPaper,
    RollLine,
    Task,
    task_sentence,
    write_notice,
    write_record,
)
from meetings.official.form import Issuer, Numbering, Signer
from tests.make import at
from tests.official.printed import MM, printed, printed_all
from tests.official.sound import assert_sound, lines, parts, text

LONG = (
    "đề nghị ban hành hướng dẫn thống nhất về quy trình cảnh báo sớm, trong đó làm rõ trách nhiệm của từng cấp, thời gian "
    "phát tin và cách tiếp nhận phản hồi của người dân vùng hạ du."
)
RECORD = RecordPaper(
    issuer=Issuer("Văn phòng", "Hà Nội", "Bộ Thủy văn số", "Văn phòng Bộ Thủy văn số"),
    numbering=Numbering("BB-VP", "31", date(2027, 2, 25)),
    title="Hội nghị trực tuyến toàn quốc tổng kết công tác dự báo lũ năm 2026 và triển khai nhiệm vụ năm 2027",
    kind="hội nghị",
    started_at=at("2027-02-25 08:05"),
    ended_at=at("2027-02-25 11:15"),
    place="Phòng họp trực tuyến tầng 5, trụ sở Bộ Thủy văn số, kết nối trực tuyến với 34 điểm cầu",
    attendance=(
        "Tại điểm cầu chính: lãnh đạo Bộ (18 đại biểu)",
        "Tại các điểm cầu: 33/34 điểm cầu",
        "Vắng: 01 điểm cầu",
    ),
    chair="Bà Trần Ngọc Lan, Bộ trưởng Bộ Thủy văn số",
    secretary="Ông Vũ Tiến Đạt, Chuyên viên Văn phòng",
    parts=(
        Part("Khai mạc", (f"Chủ tọa khai mạc, {LONG}",), at("2027-02-25 08:05"), at("2027-02-25 08:15")),
        Part("Thảo luận", tuple(f"{letter}) Điểm cầu tỉnh {n}: {LONG}" for n, letter in enumerate("abcdđe"))),
    ),
    closing=Part("Kết luận của chủ tọa", ("Chủ tọa thống nhất với các kiến nghị.",)),
    signatures=("Vũ Tiến Đạt", "Trần Ngọc Lan"),
    tasks=(
        Task("Ban hành hướng dẫn.", "Cục Dự báo", "Trung tâm Dữ liệu", date(2027, 3, 31)),
        Task("Báo cáo.", "Văn phòng"),
    ),
    agreed=("Các đại biểu nhất trí với kết luận.",),
    recipients=("Chủ tọa (để báo cáo);", "Các điểm cầu tham dự;", "Lưu: VT, Hồ sơ."),
    roll=(
        RollLine("Tỉnh Lào Cai", 23, at("2027-02-25 07:45"), timedelta(hours=3, minutes=10)),
        RollLine("Tỉnh Cà Mau", note="Vắng (có báo trước)"),
    ),
)
NOTICE = NoticePaper(
    issuer=Issuer("Bộ Thủy văn số", "Hà Nội"),
    numbering=Numbering("TB-BTVS", "412", date(2027, 3, 2)),
    title="Kết luận của Bộ trưởng Trần Ngọc Lan tại Hội nghị trực tuyến toàn quốc tổng kết công tác dự báo lũ",
    opening=("Ngày 25 tháng 02 năm 2027, Bộ trưởng Trần Ngọc Lan chủ trì Hội nghị.", "Bộ trưởng kết luận như sau:"),
    parts=(Part("Đánh giá chung", (LONG.capitalize(),)), Part("Nhiệm vụ", ("a) Cục Dự báo ban hành hướng dẫn.",))),
    last="Bộ Thủy văn số thông báo để các cơ quan, đơn vị biết, thực hiện.",
    signer=Signer(("TL. BỘ TRƯỞNG", "CHÁNH VĂN PHÒNG"), "Đinh Quốc Bảo"),
    recipients=("Bộ trưởng, các Thứ trưởng (để báo cáo);", "UBND các tỉnh, thành phố trực thuộc TW;", "Lưu: VT, VP."),
)


def test_the_record_follows_model_1_9():
    data = write_record(RECORD)
    assert_sound(data)
    said = text(data)
    order = [
        "BIÊN BẢN", "Thời gian bắt đầu: 08 giờ 05, thứ Năm, ngày 25 tháng 02 năm 2027.", "Địa điểm:", "Thành phần tham dự:",
        "Chủ trì (chủ tọa):", "Thư ký (người ghi biên bản):", "Nội dung (theo diễn biến hội nghị):",
        "1. Khai mạc (08 giờ 05 - 08 giờ 15)", "3. Kết luận của chủ tọa", "31/03/2027", "Các đại biểu nhất trí",
        "Hội nghị kết thúc vào 11 giờ 15, ngày 25 tháng 02 năm 2027./.", "THƯ KÝ", "CHỦ TỌA", "Nơi nhận:", "Phụ lục",
        "KẾT QUẢ ĐIỂM DANH CÁC ĐIỂM CẦU", "Vắng (có báo trước)",
    ]  # fmt: skip
    places = [said.index(part) for part in order]
    assert places == sorted(places)
    assert "Hà Nội, ngày" not in said  # model 1.9 has no place and date in its head


def test_the_annex_sums_up_each_level_where_there_are_several():
    levels = (LevelLine("Cấp tỉnh", 34, 33, 5, 1, 642), LevelLine("Cấp xã", 3321, 3210, 12, 111, 25_004))
    said = lines(write_record(replace(RECORD, levels=levels)))
    assert said[said.index("Tổng số") :][:6] == ["Tổng số", "3.355", "3.243", "17", "112", "25.646"]
    assert said.index("Tổng số") < said.index("Vào họp lúc")
    assert "Tổng số" not in lines(write_record(replace(RECORD, levels=levels[:1])))


def test_a_record_without_conclusion_or_roll_is_still_whole():
    data = write_record(replace(RECORD, closing=None, tasks=(), roll=(), recipients=(), agreed=(), ended_at=None))
    assert_sound(data)
    assert "kết thúc cùng ngày./." in text(data)


def test_what_a_record_does_not_know_leaves_no_lone_stop_behind():
    said = text(write_record(replace(RECORD, place="", chair="", secretary="", attendance=())))
    assert ": ." not in said and "Thành phần tham dự" not in said


def test_a_statement_of_several_lines_becomes_several_paragraphs():
    data = write_record(replace(RECORD, parts=(Part("Thảo luận", ("dòng một\ndòng hai",)),)))
    assert "\ndòng một\ndòng hai\n" in text(data)


def test_hostile_statements_stay_text():
    bad = "<w:p/> & ]]> \x00\x0c\ud800 <script>"
    data = write_record(replace(RECORD, parts=(Part(bad, (bad,)),), tasks=(Task(bad, bad, bad),)))
    assert_sound(data)
    assert text(data).count("<script>") == 5


def test_the_notice_follows_model_1_4():
    data = write_notice(NOTICE)
    assert_sound(data)
    said = text(data)
    assert "Số: 412/TB-BTVS" in said and "Hà Nội, ngày 02 tháng 3 năm 2027" in said
    assert "biết, thực hiện./." in said and said.count("./.") == 1
    assert "TL. BỘ TRƯỞNG" in said


def test_a_notice_without_number_keeps_its_year():
    said = text(write_notice(replace(NOTICE, numbering=Numbering("TB-BTVS"), year=2027)))
    assert "Số:      /TB-BTVS" in said and "tháng      năm 2027" in said


@pytest.mark.parametrize(
    ("task", "sentence"),
    [
        (
            Task("Ban hành hướng dẫn.", "Cục Dự báo", "Trung tâm Dữ liệu", date(2027, 3, 5)),
            "Cục Dự báo chủ trì, phối hợp với Trung tâm Dữ liệu ban hành hướng dẫn; hoàn thành trước ngày 05 tháng 3 năm 2027.",
        ),
        (Task("UBND các tỉnh báo cáo", "Văn phòng"), "Văn phòng UBND các tỉnh báo cáo."),
    ],
)
def test_a_task_is_one_sentence(task, sentence):
    assert task_sentence(task) == sentence


def test_the_same_values_give_the_same_bytes():
    assert write_record(RECORD) == write_record(replace(RECORD))
    assert write_notice(NOTICE) == write_notice(replace(NOTICE))


def test_printed_the_record_keeps_the_measures_of_the_decree(tmp_path):
    sheet = printed(write_record(RECORD), tmp_path)
    assert len(sheet.pages) == 3

    def baseline(start: str, points: float, page: int = 1) -> float:
        return sheet.line(start, page)[2] - 0.2163 * points * MM

    assert baseline("BỘ THỦY VĂN SỐ", 13) == pytest.approx(24.3, abs=1)
    assert baseline("VĂN PHÒNG", 13) == pytest.approx(29.6, abs=1)
    assert baseline("Số:", 13) == pytest.approx(39.6, abs=1)
    assert baseline("BIÊN BẢN", 14) == pytest.approx(49.4, abs=1)
    assert baseline("Thời gian bắt đầu", 14) == pytest.approx(72.4, abs=1)
    assert sheet.line("THƯ KÝ", 2) and sheet.line("CHỦ TỌA", 2)
    numbers = [word for word in sheet.words if word.top < 18]
    assert [(word.page, word.text) for word in numbers] == [(2, "2")]  # none on the first page, the annex begins anew
    left, right, bottom = sheet.line("2", 2)
    assert (left + right) / 2 == pytest.approx(112.5, abs=1)
    signs = sheet.line("CHỦ TỌA", 2)
    assert sheet.line("Trần Ngọc Lan", 2)[2] - signs[2] == pytest.approx(
        5 * 5.68, abs=1
    )  # four lines for the signature


def test_a_line_that_opens_what_follows_is_never_the_last_of_a_page():
    written = parts(write_record(RECORD))["word/document.xml"].decode()
    for opening in ("Thành phần tham dự:", "Nội dung (theo diễn biến hội nghị):", "Chủ tọa giao các nhiệm vụ sau:"):
        assert "<w:keepNext/>" in written[: written.index(opening)].rsplit("<w:p>", 1)[1]


def test_printed_a_signature_never_stands_alone(tmp_path):
    """Bodies of all lengths: the page of the signatures has a line of the text, and both signatures and Nơi nhận."""
    assert not list(_alone(range(9, 46, 6), tmp_path))


def test_printed_the_roll_of_34_provinces_has_one_page_and_no_roll_leaves_a_line_alone(tmp_path):
    """Five provinces with a note of two lines; and rolls of every length about the end of a page, with nothing else."""
    deputy = "Ông Phạm Hoàng Nam dự thay Bà Dương Ngọc Diệp"
    noted = [n in (5, 12, 19, 26, 33) for n in range(50)]
    roll = [RollLine(f"Tỉnh {n}", 20, at("2027-02-25 07:45"), timedelta(hours=3), deputy * noted[n]) for n in range(50)]
    bare = replace(RECORD, parts=(), tasks=(), attendance=(), agreed=())
    sheets = printed_all(
        {str(n): write_record(replace(bare, roll=tuple(roll[:n]))) for n in (34, *range(37, 45))}, tmp_path
    )
    whole = sheets["34"]
    assert len(whole.pages) == whole.words[-1].page and whole.line("./.", len(whole.pages))
    assert whole.line("34", len(whole.pages)) and whole.line("Phụ lục", len(whole.pages))
    torn = {}
    for length, sheet in sheets.items():
        last = sheet.on(len(sheet.pages))
        if "Phụ" not in [word.text for word in last]:
            torn[length] = sum(word.text == "Tỉnh" for word in last)
    assert torn and all(lines >= 3 for lines in torn.values()), torn


@pytest.mark.prove
def test_printed_a_signature_never_stands_alone_whatever_the_length(tmp_path):
    assert not list(_alone(range(1, 81), tmp_path))


def _alone(lengths, folder):
    """The documents, of a body of each of *lengths* lines, whose signature has no line of the text on its page."""
    line = "Đơn vị báo cáo kết quả."
    bare = replace(RECORD, roll=(), tasks=(), attendance=(), agreed=())
    files = {}
    for count in lengths:
        part = (Part("Thảo luận", (line,) * count),)
        files[f"bien-ban-{count}"] = write_record(replace(bare, parts=part, closing=None))
        files[f"thong-bao-{count}"] = write_notice(replace(NOTICE, parts=part))
        files[f"doan-{count}"] = write_notice(replace(NOTICE, parts=(Part("Một", (f"{line} " * 3 * count,)),)))
    for name, sheet in printed_all(files, folder).items():
        last = sheet.on(len(sheet.pages))
        words = [word.text for word in last]
        above = words.index("THƯ") if name.startswith("bien") else min(words.index("Nơi"), words.index("TL."))
        if above < 5 or "nhận:" not in words or "Lưu:" not in words:
            yield name
