"""Names, telephones and addresses."""

import pytest

from meetings.directory import persons
from meetings.directory.persons import Named


@pytest.mark.parametrize(
    ("written", "column", "meant"),
    [
        ("Ông Lê Minh Khang", "", Named("Ông", "Lê Minh Khang")),
        ("bà Lê Thị Hà, Chánh Văn phòng", "", Named("Bà", "Lê Thị Hà", "Chánh Văn phòng")),
        ("Đ/c Trần Văn Ba", "Nam", Named("Ông", "Trần Văn Ba")),
        ("Đồng chí Bà Lò Thị Mai", "", Named("Bà", "Lò Thị Mai")),
        ("Lê Thị Hà", "", Named("", "Lê Thị Hà")),
        ("Lê Thị Hà", "Nữ", Named("Bà", "Lê Thị Hà")),
        ("Bà", "", Named("", "Bà")),
        ("Bàn Thị Sinh", "", Named("", "Bàn Thị Sinh")),
        ("", "", Named("", "")),
    ],
)
def test_the_honorific_is_read_where_it_is_written_and_never_guessed(written, column, meant):
    assert persons.named(written, column) == meant


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("0912 000 345", "0912000345"),
        ("0912.000.345", "0912000345"),
        ("+84 912 000 345", "0912000345"),
        ("84912000345", "0912000345"),
        ("912000345", "0912000345"),
        ("(024) 3845-0101", "02438450101"),
        ("2438450101", "02438450101"),
        ("0240001234", "0240001234"),
        ("0912000345 / 0983000111", "0912000345"),
        ("0912000345; 0983000111", "0912000345"),
        ("1900 6068", "19006068"),
        ("", None),
        ("không có", None),
        ("0912", None),
        ("09120003456", None),
        ("0912000345 (Zalo)", None),
        ("１２３", None),
    ],
)
def test_a_telephone_number_is_kept_as_its_digits(written, kept):
    assert persons.phone(written) == kept


def test_a_telephone_number_is_shown_as_it_is_read_aloud():
    assert persons.spoken("0912000345") == "0912 000 345"
    assert persons.spoken("02438450101") == "024 3845 0101"
    assert persons.spoken("02383840101") == "0238 384 0101"
    assert persons.spoken("19006068") == "19006068"


@pytest.mark.parametrize("good", ["le.ha+hop@Nghean.GOV.VN", "<a@b.example>", " a@b.example. ", "mailto:a@b.example"])
def test_an_address_that_mail_can_reach_is_kept(good):
    assert persons.email(good)


@pytest.mark.parametrize(
    "bad",
    ["", "a", "a@b", "a b@c.example", "á@b.example", "a@b..example", ".a@b.example", "a@b.example, c@d.example", "a@-b.example",
     "a@b.example\nBcc: x@y.example", "a" * 65 + "@b.example", "a@" + "b" * 64 + ".example"],
)  # fmt: skip
def test_an_address_that_mail_cannot_reach_is_none(bad):
    assert persons.email(bad) is None
