"""The images of signature and seal stand where the decree puts them, in whatever words a document is printed."""

from __future__ import annotations

import pytest

from meetings.adapters.pdf import Sheet, Word
from meetings.official import signature_place as place
from meetings.official.signature_place import MM, Found


def page(*lines: tuple[str, float, float], width: float = 595.0, height: float = 842.0) -> Sheet:
    """A page of *lines*: text, middle, top; every letter is six points wide."""
    words = []
    for text, middle, top in lines:
        left = middle - len(text) * 3
        for word in text.split():
            words.append(Word(word, left, top, left + len(word) * 6, top + 15))
            left += (len(word) + 1) * 6
    return Sheet(width, height, tuple(words))


SIGNED = page(
    ("Chánh Văn phòng Đinh Quốc Bảo trình bày báo cáo", 300, 200),
    ("TL. BỘ TRƯỞNG", 430, 500),
    ("CHÁNH VĂN PHÒNG", 430, 516),
    ("Đinh Quốc Bảo", 430, 596),
)


def test_the_signature_stands_in_the_middle_between_title_and_name() -> None:
    gap = place.gap([page(("Mở đầu", 300, 100)), SIGNED], "CHÁNH VĂN PHÒNG", "Đinh Quốc Bảo")
    assert gap.found is Found.TITLE_AND_NAME
    assert gap.page == 1
    hand = place.signature(gap, 450 / 200)
    assert hand.middle == pytest.approx(430, abs=3)
    assert hand.top >= 531 and hand.bottom <= 596
    assert (hand.top + hand.bottom) / 2 == pytest.approx((531 + 596) / 2, abs=1)


def test_the_signature_is_as_wide_as_was_asked_for_where_that_fits() -> None:
    gap = place.gap([SIGNED], "CHÁNH VĂN PHÒNG", "Đinh Quốc Bảo")
    assert place.signature(gap, 3.0, 30).width == pytest.approx(30 * MM)
    assert place.signature(gap, 1.0, 70).height <= gap.box.height


@pytest.mark.parametrize("ratio", [0.4, 1.0, 2.25, 6.0])
def test_the_seal_keeps_its_size_and_covers_a_third_of_the_signature_on_its_left(ratio: float) -> None:
    gap = place.gap([SIGNED], "CHÁNH VĂN PHÒNG", "Đinh Quốc Bảo")
    hand = place.signature(gap, ratio)
    seal = place.seal(gap, hand, 1.0)
    assert hand.width / hand.height == pytest.approx(ratio)
    assert seal.width == pytest.approx(36 * MM) and seal.height == pytest.approx(36 * MM)
    assert (seal.right - hand.left) / hand.width == pytest.approx(1 / 3)
    assert seal.left < hand.left


def test_the_last_place_that_has_both_is_taken_and_the_annex_behind_it_is_not() -> None:
    annex = page(("Danh sách: Đinh Quốc Bảo", 300, 400))
    assert place.gap([SIGNED, annex], "CHÁNH VĂN PHÒNG", "Đinh Quốc Bảo").page == 0


def test_a_name_is_known_in_any_case_and_with_letters_put_together_otherwise() -> None:
    import unicodedata

    other = page(("Chánh Văn Phòng", 430, 500), (unicodedata.normalize("NFD", "ĐINH QUỐC BẢO"), 430, 590))
    assert place.gap([other], "CHÁNH VĂN PHÒNG", "Đinh Quốc Bảo").found is Found.TITLE_AND_NAME


def test_what_is_not_found_is_guessed_on_the_page_and_said() -> None:
    alone = place.gap([page(("Đinh Quốc Bảo", 430, 596))], "CHÁNH VĂN PHÒNG", "Đinh Quốc Bảo")
    assert alone.found is Found.NAME_ALONE and alone.box.bottom == 596
    guessed = place.gap([SIGNED], "CHÁNH VĂN PHÒNG", "Người Khác")
    assert guessed.found is Found.GUESSED
    for hand in (place.signature(guessed, 2.0), place.seal(guessed, place.signature(guessed, 2.0), 1.0)):
        assert 0 <= hand.left < hand.right <= 595 and 0 <= hand.top < hand.bottom <= 842
    assert place.gap([], "A", "B") is None


def test_the_line_of_an_attachment_stands_in_the_upper_right_corner() -> None:
    box = place.corner(SIGNED, 300, 20)
    assert box.right == pytest.approx(595 - 15 * MM) and box.top == pytest.approx(10 * MM)
