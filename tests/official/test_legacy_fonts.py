"""Old Vietnamese fonts are recognised, turned round, and nothing that is Unicode is suspected."""

from __future__ import annotations

import unicodedata

import pytest

from meetings.official.legacy_fonts import Font, suspected, to_unicode

MEANT = "Hoàng Văn Lộc\tPhó Chủ tịch\tUBND tỉnh"
TCVN3 = "Hoµng V¨n Léc\tPhã Chñ tÞch\tUBND tØnh"
VNI = "Hoaøng Vaên Loäc\tPhoù Chuû tòch\tUBND tænh"


@pytest.mark.parametrize(("typed", "font"), [(TCVN3, Font.TCVN3), (VNI, Font.VNI)])
def test_a_line_typed_with_an_old_font_is_recognised_and_read(typed: str, font: Font) -> None:
    assert suspected(typed) is font
    assert to_unicode(typed, font) == MEANT


def test_capitals_of_vni_are_read() -> None:
    assert to_unicode("NGUYEÃN THÒ ÑAØO", Font.VNI) == "NGUYỄN THỊ ĐÀO"


def test_every_small_letter_of_tcvn3_has_its_own_code() -> None:
    from meetings.official import legacy_fonts

    read = list(legacy_fonts._TCVN3.values())
    assert len(read) == len(set(read))
    # 6 tones of 12 vowels less the 6 plain ones typed in ASCII, đ, and the seven capitals with a shape
    assert len([letter for letter in read if letter.islower()]) == 12 * 6 - 6 + 1


@pytest.mark.parametrize(
    "good",
    [
        "Ông Hoàng Văn Lộc",
        "PHẠM THÀNH ĐẠT",
        "Hà Nam\tToán",
        "Hoàng Toàn Khoá Hoà",
        "Hans Müller",
        "Chị Noël",
        "Ông Hoàng Văn Lộc · Phó Chủ tịch · 5 × 10",
        "plain words, no accent",
        "",
    ],
)
def test_nothing_that_is_unicode_is_suspected(good: str) -> None:
    assert suspected(good) is None
    assert suspected(unicodedata.normalize("NFD", good)) is None


def test_lines_that_already_are_unicode_stay_as_they_are() -> None:
    mixed = "Trần Đức Lương\tGiám đốc\n" + TCVN3
    assert suspected(mixed) is Font.TCVN3
    assert to_unicode(mixed, Font.TCVN3) == "Trần Đức Lương\tGiám đốc\n" + MEANT
