"""The công văn đôn đốc: model 1.5, with its tasks in the letter or in an annex."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from meetings.minutes.urging import UrgedTask, UrgingPaper, numbered, write_urging
from meetings.official.form import Issuer, Numbering, Signer
from tests.official.sound import assert_sound, parts, text

URGING = UrgingPaper(
    issuer=Issuer("Bộ Thủy văn số", "Hà Nội", symbol="BTVS"),
    numbering=Numbering("BTVS-VP", "9", date(2027, 3, 12)),
    about="đôn đốc thực hiện nhiệm vụ sau Hội nghị trực tuyến toàn quốc tổng kết công tác dự báo lũ",
    to=("Cục Dự báo", "Ủy ban nhân dân tỉnh Lào Cai", "Ủy ban nhân dân tỉnh Cà Mau"),
    opening=(
        "Thực hiện kết luận của Bộ trưởng tại Hội nghị ngày 25 tháng 02 năm 2027, các cơ quan, đơn vị được giao nhiệm vụ có "
        "thời hạn. Đến nay còn các nhiệm vụ sau chưa hoàn thành:",
    ),
    tasks=(
        UrgedTask("Ban hành hướng dẫn cảnh báo sớm.", "Cục Dự báo", date(2027, 3, 5), "Quá hạn 07 ngày",
                  "Thông báo số 412/TB-BTVS"),
        UrgedTask("Rà soát trạm đo.", "UBND tỉnh Lào Cai", date(2027, 3, 15), "Còn 03 ngày, đã làm 40%"),
        UrgedTask("Báo cáo số liệu.", "UBND tỉnh Cà Mau", None, "Chưa báo cáo"),
    ),
    asked=("Đề nghị các cơ quan, đơn vị khẩn trương hoàn thành và cập nhật kết quả trước ngày 19 tháng 3 năm 2027.",),
    last="Bộ Thủy văn số thông báo để các cơ quan, đơn vị biết, thực hiện",
    signer=Signer(("TL. BỘ TRƯỞNG", "CHÁNH VĂN PHÒNG"), "Đinh Quốc Bảo"),
    recipients=("Như trên;", "Bộ trưởng (để báo cáo);", "Lưu: VT, VP."),
)  # fmt: skip


def test_the_letter_follows_model_1_5() -> None:
    data = write_urging(URGING)
    assert_sound(data)
    said = text(data)
    order = [
        "Số: 09/BTVS-VP", "V/v đôn đốc thực hiện", "Hà Nội, ngày 12 tháng 3 năm 2027", "Kính gửi:", "- Cục Dự báo;",
        "- Ủy ban nhân dân tỉnh Cà Mau.", "chưa hoàn thành:", "Quá hạn 07 ngày", "05/03/2027", "biết, thực hiện./.",
        "Nơi nhận:", "CHÁNH VĂN PHÒNG",
    ]  # fmt: skip
    places = [said.index(part) for part in order[:2]] + [said.index(part) for part in order[3:7]]
    assert places == sorted(places) and all(part in said for part in order)
    assert "CÔNG VĂN" not in said and said.count("./.") == 1  # model 1.5 prints no name of its kind
    assert "(Thông báo số 412/TB-BTVS)" in said
    subject = parts(data)["word/document.xml"].decode().split("V/v", 1)[0].rsplit("<w:p>", 1)[1]
    assert 'w:sz w:val="24"' in subject and "<w:b/>" not in subject and 'w:jc w:val="center"' in subject


def test_one_addressee_stands_behind_the_colon() -> None:
    said = text(write_urging(replace(URGING, to=("Cục Dự báo",))))
    assert "Kính gửi: Cục Dự báo." in said


def test_many_tasks_go_into_an_annex_and_the_letter_counts_them() -> None:
    data = write_urging(replace(URGING, tasks=URGING.tasks * 20))
    assert_sound(data)
    said = text(data)
    assert "(60 nhiệm vụ, danh sách tại Phụ lục kèm theo)." in said
    assert "(Kèm theo Công văn số 09/BTVS-VP ngày 12 tháng 3 năm 2027 của Bộ Thủy văn số)" in said
    assert said.index("CHÁNH VĂN PHÒNG") < said.index("DANH SÁCH NHIỆM VỤ") < said.index("Quá hạn 07 ngày")


@pytest.mark.parametrize(
    ("issuer", "drafter", "line"),
    [
        (Issuer("UBND tỉnh Lào Cai", "Lào Cai", symbol="UBND"), "VP", "Số: 45/UBND-VP"),
        (Issuer("Văn phòng", "Hà Nội"), "VP", "Số: 45/VP"),
        (Issuer("Văn phòng", "Hà Nội"), "", "Số: 45/VP"),
    ],
)
def test_its_symbol_names_the_body_and_who_drafts_and_no_kind(issuer: Issuer, drafter: str, line: str) -> None:
    assert numbered(issuer, drafter, "45").line.replace("\u00a0", " ") == line
