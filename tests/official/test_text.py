"""Vietnamese text: form, search, order."""

import unicodedata

import pytest

from meetings.official import text


def test_text_is_stored_in_its_composed_form():
    assert text.nfc(unicodedata.normalize("NFD", "Đặng Thị Ngọc Ánh")) == "Đặng Thị Ngọc Ánh"


def test_tidy_leaves_one_space_between_words():
    assert text.tidy("  Nghệ\t An \n") == "Nghệ An"


@pytest.mark.parametrize(
    ("said", "folded"),
    [
        ("Nghệ An", "nghe an"),
        ("ĐẮK LẮK", "dak lak"),
        ("Thừa  Thiên", "thua thien"),
        ("hoà", "hoa"),
        ("hòa", "hoa"),
        ("Ứng", "ung"),
    ],
)
def test_search_forgets_case_and_diacritics(said, folded):
    assert text.fold(said) == folded
    assert text.fold(unicodedata.normalize("NFD", said)) == folded


def test_initials_find_a_name():
    assert text.initials("Điều hành Nghệ An") == "dhna"
    assert text.search_key("Nghệ An", "40") == "nghe an 40 na"


def test_names_stand_as_in_a_vietnamese_dictionary():
    ordered = ["An Giang", "Bắc Ninh", "Cà Mau", "Cao Bằng", "Cần Thơ", "Dương", "Đà Nẵng", "Đắk Lắk", "Điện Biên",
               "Đồng Nai", "Đồng Tháp", "Gia Lai", "Hà Nội", "Hà Tĩnh", "Hải Phòng", "Hồ Chí Minh", "Huế"]  # fmt: skip
    backwards = ordered[::-1]
    assert sorted(backwards, key=text.sort_key) == ordered


def test_tones_stand_in_dictionary_order_after_the_letters():
    ordered = ["ma", "mà", "mả", "mã", "má", "mạ", "mă", "mâ", "mb"]
    backwards = ordered[::-1]
    assert sorted(backwards, key=text.sort_key) == ordered


def test_every_hatted_letter_follows_its_plain_sister():
    ordered = list("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz")
    backwards = ordered[::-1]
    assert sorted(backwards, key=text.sort_key) == ordered


def test_numbers_stand_by_value_before_letters():
    ordered = ["Phường 2", "Phường 10", "Phường An Hội"]
    backwards = ordered[::-1]
    assert sorted(backwards, key=text.sort_key) == ordered


def test_the_order_does_not_depend_on_case_or_form():
    assert text.sort_key("ĐÀ NẴNG") == text.sort_key(unicodedata.normalize("NFD", "đà nẵng"))


def test_a_sort_key_is_ascii_so_every_collation_agrees():
    assert text.sort_key("Đặc khu Lý Sơn 日本 ß").isascii()


def test_people_stand_by_given_name():
    people = ["Trần Văn An", "Lê Minh Khang", "Phạm Hồng Khang", "Bà"]
    assert sorted(people, key=text.name_sort_key) == ["Trần Văn An", "Bà", "Phạm Hồng Khang", "Lê Minh Khang"]


@pytest.mark.parametrize(
    ("loose", "tied"),
    [
        ("ngày 10 tháng 12 năm 2026", "ngày~10~tháng~12~năm~2026"),
        ("điểm a khoản 3, quý I năm 2027", "điểm~a khoản~3, quý~I năm~2027"),
        ("TP. Hồ Chí Minh", "TP.~Hồ Chí Minh"),
        ("08 giờ 00", "08~giờ~00"),
        ("Ông Lê Minh Khang", "Ông~Lê Minh Khang"),
        ("UBND tỉnh", "UBND~tỉnh"),
        ("Độc lập - Tự do", "Độc lập~-~Tự do"),
        ("03 giờ 15 phút", "03~giờ~15~phút"),
        ("cái ngày ấy", "cái ngày ấy"),
    ],
)
def test_a_line_end_does_not_tear_what_belongs_together(loose, tied):
    assert text.bound(loose) == tied.replace("~", "\u00a0")


@pytest.mark.parametrize("last", ["thực hiện", "thực hiện.", "thực hiện./.", "thực hiện; "])
def test_the_last_sentence_ends_with_the_sign_of_the_end(last):
    assert text.ended(last) == "thực hiện./."


def test_lines_typed_below_each_other_become_one_list():
    assert text.strung("Lãnh đạo Sở;\n- Chánh Văn phòng.\n\n") == "Lãnh đạo Sở; Chánh Văn phòng"


@pytest.mark.parametrize(("said", "small"), [("Lãnh đạo Sở", "lãnh đạo Sở"), ("UBND tỉnh", "UBND tỉnh"), ("", "")])
def test_an_abbreviation_keeps_its_capitals_inside_a_sentence(said, small):
    assert text.lowered(said) == small


def test_what_xml_cannot_carry_is_left_out():
    assert text.printable("a\x00b\x0bc\ud800d\ufffee & <f> ]]>") == "abcde & <f> ]]>"


def test_a_place_inside_a_sentence_begins_small_and_a_name_keeps_its_capital() -> None:
    assert text.inside("Trụ sở Bộ Điều phối số") == "trụ sở Bộ Điều phối số"
    assert text.inside("Ủy ban nhân dân tỉnh Nghệ An") == "Ủy ban nhân dân tỉnh Nghệ An"


def test_a_site_is_called_by_its_unit() -> None:
    assert text.placed("Cà Mau", "Ủy ban nhân dân tỉnh Cà Mau") == "tỉnh Cà Mau"
    assert text.placed("Hồ Chí Minh", "Ủy ban nhân dân Thành phố Hồ Chí Minh") == "Thành phố Hồ Chí Minh"
    assert text.placed("Trung ương", "Bộ Điều phối số") == "Trung ương"
