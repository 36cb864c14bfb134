"""Heads, rules, annexes and Nơi nhận, on which all four documents agree."""

from datetime import date

import pytest

from meetings.official import form, metrics
from meetings.official.form import Issuer, Numbering, issuer_of
from meetings.official.paper import TWIPS_PER_MM


@pytest.mark.parametrize(
    ("name", "full", "parent", "printed"),
    [
        ("Nghệ An", "Ủy ban nhân dân tỉnh Nghệ An", "", "Ủy ban nhân dân tỉnh Nghệ An"),
        ("Văn phòng", "Văn phòng Bộ Thủy văn số", "Bộ Thủy văn số", "Văn phòng"),
        ("Bộ Thủy văn số", "", "", "Bộ Thủy văn số"),
    ],
)
def test_the_head_prints_the_full_name_less_the_parent_above_it(name, full, parent, printed):
    issuer = issuer_of(name, full, place="Hà Nội", parent=parent)
    assert (issuer.name, issuer.called) == (printed, full or name)


def test_a_long_place_and_its_date_stand_on_one_line():
    dated = form.dated(Issuer("Sở", "Thành phố Hồ Chí Minh"), Numbering("GM-UBND", "1", date(2027, 2, 5)))
    left, right = (
        int(part.split('"')[0]) for part in form.head(Issuer("Sở", "x"), None, dated).split('<w:gridCol w:w="')[1:]
    )
    assert right / TWIPS_PER_MM > metrics.width(dated, 14, italic=True)
    assert (left + right) / TWIPS_PER_MM == pytest.approx(form.PORTRAIT, abs=0.1)


def test_the_rule_under_a_title_is_measured_by_its_last_line():
    written = form.title("Thông báo", "Kết luận của Bộ trưởng tại Hội nghị trực tuyến toàn quốc\nnăm 2027")
    inset = int(written.rsplit('<w:ind w:left="', 1)[1].split('"')[0]) / TWIPS_PER_MM
    assert form.PORTRAIT - 2 * inset == pytest.approx(0.4 * metrics.width("năm 2027", 14, bold=True), abs=0.2)


def test_an_annex_does_not_tear_the_name_of_the_issuing_body():
    cited = "(Kèm theo Giấy mời số 125/GM-BTVS ngày 05 tháng 02 năm 2027 của Bộ Thủy văn số)"
    assert "của\u00a0Bộ\u00a0Thủy\u00a0văn\u00a0số)" in form.annex_head("Phụ lục", "Danh sách", cited)
    assert "của Bộ Thủy" in form.annex_head("Phụ lục", "Danh sách", "(Kèm theo Giấy mời của Bộ Thủy văn số)")


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        (["- Như trên", "Lưu: VT, VP. ĐTL.(40)."], ("Như trên;", "Lưu: VT, VP. ĐTL.(40)")),
        (["– Như trên.", "", "Lưu: VT"], ("Như trên;", "Lưu: VT.")),
    ],
)
def test_the_recipients_are_marked_by_the_decree(typed, printed):
    assert form.listed(typed) == printed
