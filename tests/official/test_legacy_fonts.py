"""Old Vietnamese fonts are recognised, turned round, and nothing that is Unicode is suspected."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


# --- the tables themselves, as the letters stand in the fonts ----------------------------------------------------------

ALPHABET = [
    "aàáảãạ",
    "ăằắẳẵặ",
    "âầấẩẫậ",
    "eèéẻẽẹ",
    "êềếểễệ",
    "iìíỉĩị",
    "oòóỏõọ",
    "ôồốổỗộ",
    "ơờớởỡợ",
    "uùúủũụ",
    "ưừứửữự",
    "yỳýỷỹỵ",
]
# TCVN 5712:1993, VN3: the bytes in the order of ALPHABET (level, huyền, sắc, hỏi, ngã, nặng)
TCVN3_BYTES = [
    "61b5b8b6b7b9", "a8bbbebcbdc6", "a9c7cac8c9cb", "65ccd0cecfd1", "aad2d5d3d4d6", "69d7ddd8dcde",
    "6fdfe3e1e2e4", "abe5e8e6e7e9", "aceaedebecee", "75eff3f1f2f4", "adf5f8f6f7f9", "79fafdfbfcfe",
]  # fmt: skip
TCVN3_CAPITALS = {"Ă": 0xA1, "Â": 0xA2, "Đ": 0xA7, "Ê": 0xA3, "Ô": 0xA4, "Ơ": 0xA5, "Ư": 0xA6}
# VNI-Windows: the letter, then its mark; i and y-nặng have letters of their own
VNI_MARKS = {
    "a": ("", "ø", "ù", "û", "õ", "ï"), "ă": ("ê", "è", "é", "ú", "ü", "ë"), "â": ("â", "à", "á", "å", "ã", "ä"),
    "e": ("", "ø", "ù", "û", "õ", "ï"), "ê": ("â", "à", "á", "å", "ã", "ä"),
    "o": ("", "ø", "ù", "û", "õ", "ï"), "ô": ("â", "à", "á", "å", "ã", "ä"), "ơ": ("", "ø", "ù", "û", "õ", "ï"),
    "u": ("", "ø", "ù", "û", "õ", "ï"), "ư": ("", "ø", "ù", "û", "õ", "ï"),
}  # fmt: skip
VNI_BASE = {"ă": "a", "â": "a", "ê": "e", "ô": "o", "ơ": "ô", "ư": "ö"}


def _tcvn3() -> dict[str, str]:
    table = {"đ": "\xae"}
    for letters, codes in zip(ALPHABET, TCVN3_BYTES, strict=True):
        table |= dict(zip(letters, bytes.fromhex(codes).decode("cp1252"), strict=True))
    return table


def _vni() -> dict[str, str]:
    table = dict(
        zip("iìíỉĩịyỳýỷỹỵđ", ["i", "ì", "í", "æ", "ó", "ò", "y", "yø", "yù", "yû", "yõ", "î", "ñ"], strict=True)
    )
    for letters in ALPHABET:
        if letters[0] in VNI_MARKS:
            base = VNI_BASE.get(letters[0], letters[0])
            table |= {letter: base + mark for letter, mark in zip(letters, VNI_MARKS[letters[0]], strict=True)}
    return table | {letter.upper(): code.upper() for letter, code in table.items()}


def typed_in(font: Font, text: str) -> str:
    """*text* as its bytes read when taken for Windows-1252; the capitals of TCVN3 from its font of capitals."""
    small, vni = _tcvn3(), _vni()
    if font is Font.VNI:
        return "".join(vni.get(letter, letter) for letter in text)
    codes = {**{big: chr(code) for big, code in TCVN3_CAPITALS.items()}, **small}
    return "".join(letter if letter.isascii() else codes.get(letter) or small[letter.lower()] for letter in text)


@pytest.mark.parametrize("font", list(Font))
def test_every_letter_of_the_alphabet_is_read_from_its_bytes_in_both_cases(font: Font) -> None:
    letters = [*"".join(ALPHABET), "đ"]
    assert len(letters) == 73
    for letter in letters:
        # beside a letter that is plain in every font, small and in capitals
        assert to_unicode(typed_in(font, f"kh{letter}n"), font) == f"kh{letter}n"
        assert to_unicode(typed_in(font, f"KH{letter.upper()}N"), font) == f"KH{letter.upper()}N"


NAMES = re.findall(
    r"\S+",
    "Nguyễn Trần Lê Phạm Hoàng Huỳnh Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Thị Văn Đức Hữu Ước Ánh Yến Thùy Mỹ Quỳnh Kỳ",
)
WORDS = re.findall(
    r"\S+", "phó chủ tịch ủy ban nhân dân tỉnh giám đốc sở tài chính văn phòng huyện thường trực nghĩa thuế kiểm lâm"
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(NAMES), min_size=2, max_size=4, unique=True),
    st.lists(st.sampled_from(WORDS), min_size=6, max_size=12, unique=True),
    st.sampled_from(list(Font)),
    st.booleans(),
)
def test_a_list_in_an_old_font_is_recognised_and_comes_back_whole(
    name: list[str], words: list[str], font: Font, capitals: bool
) -> None:
    meant = f"{' '.join(name)}\t{' '.join(words)}"
    if capitals:
        meant = f"Nguyễn {meant}".upper()  # «L£ Vò» alone could be both
    garbled = typed_in(font, meant)
    read = to_unicode(garbled, font)
    # what the fonts of TCVN3 cannot say is which word begins with a capital that has a tone: «¸nh» is Ánh or ánh
    assert read.casefold() == meant.casefold()
    if font is Font.VNI or capitals:
        assert read == meant
    if sum(not letter.isascii() for letter in garbled) >= 8:  # a word or two could be anything
        assert suspected(garbled) in ((font,) if not capitals else (font, None))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([*NAMES, *WORDS, *(w.upper() for w in WORDS)]), min_size=1, max_size=12))
def test_vietnamese_in_unicode_is_never_suspected(words: list[str]) -> None:
    assert suspected(" ".join(words)) is None
