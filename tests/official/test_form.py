"""Heads, rules, annexes and Nơi nhận, on which all four documents agree."""

from datetime import date

import pytest

from meetings.official import form, metrics
from meetings.official.form import Issuer, Numbering, Signer, issuer_of
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


def test_a_long_place_and_its_date_stand_on_one_line_and_leave_the_issuer_its_room():
    def head(place):
        dated = form.dated(Issuer("Sở", place), Numbering("GM-UBND", "1", date(2027, 2, 5)))
        written = form.head(Issuer("Sở", "x"), None, dated)
        left, right = (int(part.split('"')[0]) / TWIPS_PER_MM for part in written.split('<w:gridCol w:w="')[1:])
        return dated, left, right, int(written.rsplit('<w:sz w:val="', 1)[1].split('"')[0]) / 2

    dated, left, right, points = head("Thành phố Hồ Chí Minh")
    assert points == 13  # Annex I allows 13 and 14
    assert right > metrics.width(dated, 13, italic=True) + metrics.leaning(dated, 13)
    assert left > 60 and left + right == pytest.approx(form.PORTRAIT, abs=0.1)
    assert head("Hà Nội")[2:] == pytest.approx((98, 14), abs=0.1)


def test_a_list_of_recipients_that_no_page_holds_goes_on_below_the_signature():
    names = [f"Ủy ban nhân dân tỉnh số {n};" for n in range(90)]
    one = form.signed(names[:20], Signer(("CHÁNH VĂN PHÒNG",), "Đinh Quốc Bảo"))
    many = form.signed(names, Signer(("CHÁNH VĂN PHÒNG",), "Đinh Quốc Bảo"))
    both = form.two_signatures(("THƯ KÝ", "A"), ("CHỦ TỌA", "B"), names)
    assert one.count("<w:tr>") == 1 and many.count("<w:tr>") == 1 + 78 and both.count("<w:tr>") == 1 + 78
    assert many.count("nhân dân tỉnh") == both.count("nhân dân tỉnh") == 90


def test_only_the_first_and_the_last_of_many_addressees_are_held_to_their_neighbours():
    lines = form.addressed([f"Tỉnh {n}" for n in range(34)]).split("<w:p>")[1:]
    assert [n for n, line in enumerate(lines) if "<w:keepNext/>" in line] == [0, 34]


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
