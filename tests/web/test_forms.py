"""What a person types: cleaned once, kept as typed when it is refused, and refused in her language."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import date, time
from typing import Any

import pytest
from flask import Flask, g
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from werkzeug.datastructures import MultiDict
from wtforms import IntegerField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice

from meetings import i18n
from meetings.errors import Refused
from meetings.web.forms import Day, Form, Line, Text, TimeOfDay, answer, between, one_of, optional, required


class Trial(Form):
    class Meta(Form.Meta):
        csrf = False

    line = Line("Tên", required("Nhập tên."), max=20)
    text = Text("Nội dung", max=50)
    day = Day("Ngày", optional())
    at = TimeOfDay("Giờ", optional())
    seats = IntegerField("Số ghế", [optional(), between(1, 500)])
    floor = IntegerField("Tầng", [optional()])
    code = Line("Mã", optional(), one_of(lambda: ["A", "B"], "Chọn một mã trong danh sách."))


@pytest.fixture(autouse=True)
def request_of_a_form(app: Flask) -> Iterator[None]:
    with app.test_request_context("/", method="POST"):
        yield


def sent(**typed: Any) -> Trial:
    return Trial(MultiDict({"line": "Tên", **typed}))


def refused(field: str, **typed: Any) -> list[str]:
    form = sent(**typed)
    assert not form.validate(), f"{typed} was taken as {form[field].data!r}"
    assert set(form.errors) == {field}
    return [str(sentence) for sentence in form[field].errors]


# ------------------------------------------------------------------ cleaning


def test_a_line_is_composed_trimmed_and_its_blanks_are_folded() -> None:
    form = sent(line=unicodedata.normalize("NFD", "  Nguyễn\t Thị \u00a0 Hoà  "))
    assert form.validate()
    assert form.line.data == "Nguyễn Thị Hoà"


def test_a_text_keeps_its_lines_and_loses_what_trails() -> None:
    form = sent(text="  một  \r\nhai\t\rba  \n\n bốn\n")
    assert form.validate()
    assert form.text.data == "một\nhai\nba\n\n bốn"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(some.text(max_size=80))
def test_whatever_is_taken_is_clean_and_cleaning_it_again_changes_nothing(typed: str) -> None:
    form = sent(line=typed, text=typed)
    form.validate()
    for field in (form.line, form.text):
        if not field.errors:
            assert field.data == unicodedata.normalize("NFC", field.data).strip()
            assert not any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" for c in field.data)
            again = sent(line=field.data, text=field.data)
            assert again[field.name].data == field.data


def test_the_length_counts_what_is_kept_and_not_how_it_was_spelt() -> None:
    spelt = unicodedata.normalize("NFD", "ễ" * 20)
    assert len(spelt) == 60
    assert sent(line=spelt).validate()


def test_a_thing_not_sent_is_empty_and_not_nothing() -> None:
    form = Trial(MultiDict({"line": "Tên"}))
    assert form.validate()
    assert form.text.data == ""


# ------------------------------------------------------------------ refusing


@pytest.mark.parametrize(
    "bad",
    [
        *("\x00", "\x07", "\x1b[31m", "\x7f", "\x85", "\ud800", "\udfff", "\ufffd", "\ufffe", "\uffff"),
        *("a\nb", "a\r\nBcc: b@c.vn"),
    ],
)
def test_characters_that_cannot_be_kept_are_refused_in_a_line(bad: str) -> None:
    assert refused("line", line=f"Tên{bad}x") == ["Nội dung có ký tự không lưu được."]


@pytest.mark.parametrize("bad", ["\x00", "\x07", "\x1b", "\x7f", "\x0b", "\x0c", "\ud800", "\ufffd", "\ufffe"])
def test_characters_that_cannot_be_kept_are_refused_in_a_text(bad: str) -> None:
    assert refused("text", text=f"một\n{bad}hai") == ["Nội dung có ký tự không lưu được."]


def test_they_are_refused_in_numbers_and_days_too() -> None:
    for field in ("day", "at", "seats"):
        assert refused(field, **{field: "12\x00"})
    assert refused("seats", seats="12\x0c") == ["Nội dung có ký tự không lưu được."]


@pytest.mark.parametrize("empty", ["", "   ", "\u00a0", "\t"])
def test_what_must_be_filled_is_asked_for_in_its_own_sentence(empty: str) -> None:
    assert refused("line", line=empty) == ["Nhập tên."]


def test_too_long_a_text_is_refused_with_the_number() -> None:
    assert sent(line="x" * 20).validate()
    (sentence,) = refused("line", line="x" * 21)
    assert "20" in sentence
    assert "50" in refused("text", text="x" * 51)[0]


@pytest.mark.parametrize("number", ["mười", "1,5", "501"])
def test_a_number_that_is_none_is_refused_in_one_sentence_of_ours(number: str) -> None:
    assert refused("seats", seats=number) == ["Nhập số từ 1 đến 500."]
    assert refused("floor", floor="tầng hai") == ["Nhập một số nguyên."]


class Choosing(Form):
    class Meta(Form.Meta):
        csrf = False

    kind = SelectField("Loại", choices=[SelectChoice("a", "A")])
    room = SelectField("Phòng", choices=[SelectChoice(1, "A")], coerce=int)
    people = SelectMultipleField("Người", choices=[SelectChoice("a", "A")])


def test_what_the_library_says_of_a_choice_is_said_in_vietnamese() -> None:
    form = Choosing(MultiDict({"kind": "x", "room": "x", "people": "x"}))
    assert not form.validate()
    said = [sentence for field in form for sentence in field.errors]
    assert said == [
        "Chọn một mục trong danh sách.",
        "Lựa chọn này không hợp lệ. Chọn lại trong danh sách.",
        "“x” không có trong danh sách. Chọn lại.",
    ]


@pytest.mark.parametrize("number", ["0", "501", "-1", "9" * 4000])
def test_a_number_out_of_range_is_refused(number: str) -> None:
    assert refused("seats", seats=number)


@pytest.mark.parametrize("number", ["mười", "1,5", "1e3", "0x10", "NaN", ""])
def test_what_is_no_number_is_refused(number: str) -> None:
    if number:
        assert refused("seats", seats=number)
    else:
        assert sent(seats=number).validate()


def test_a_choice_that_is_not_offered_is_refused() -> None:
    assert sent(code="A").validate()
    assert refused("code", code="C") == ["Chọn một mã trong danh sách."]


def test_what_was_typed_is_kept_when_it_is_refused() -> None:
    form = sent(line="x" * 30, day="ngày mai", at="sáng sớm")
    assert not form.validate()
    assert form.line.data == "x" * 30
    assert 'value="ngày mai"' in form.day() and 'value="sáng sớm"' in form.at()


def test_a_sentence_is_in_the_readers_language() -> None:
    i18n.choose("en")
    assert refused("day", day="tomorrow") == ["Enter the day as dd/mm/yyyy."]
    i18n.choose("vi")
    (sentence,) = refused("day", day="ngày mai")
    assert "Enter" not in sentence


# ------------------------------------------------------------------ days and times


@pytest.mark.parametrize("typed", ["2026-12-10", "10.12.2026", "10/12/2026", "10-12-2026", " 10/12/2026 "])
def test_a_day_is_read_as_it_is_usually_written(typed: str) -> None:
    form = sent(day=typed)
    assert form.validate()
    assert form.day.data == date(2026, 12, 10)


@pytest.mark.parametrize(
    "typed",
    [
        "31/02/2026",
        "12/13/2026",
        "10/12/26",
        "1999-12-31",
        "2101-01-01",
        "0001-01-01",
        "9" * 5000,
        "mai",
        "١٠/١٢/٢٠٢٦ ",
    ],
)
def test_a_day_that_is_none_is_refused(typed: str) -> None:
    assert len(refused("day", day=typed)) == 1


@pytest.mark.parametrize("typed", ["08:00", "8:00", "8h00", "8H", "08:00:00", "8 giờ 00", "8giờ00", " 8h "])
def test_a_time_is_read_as_it_is_usually_written(typed: str) -> None:
    form = sent(at=typed)
    assert form.validate(), form.errors
    assert form.at.data == time(8, 0)


@pytest.mark.parametrize("typed", ["24:00", "8:60", "-1:00", "8", "tám giờ", "8:0:0:0", "99999", "8pm"])
def test_a_time_that_is_none_is_refused(typed: str) -> None:
    assert len(refused("at", at=typed)) == 1


class Dated(Form):
    class Meta(Form.Meta):
        csrf = False

    day = Day("Ngày", required("Nhập ngày."))
    at = TimeOfDay("Giờ", required("Nhập giờ."))
    seats = IntegerField("Số ghế", [required("Nhập số ghế.")])


@pytest.mark.parametrize(
    ("typed", "sentences"),
    [
        (("", " ", ""), ("Nhập ngày.", "Nhập giờ.", "Nhập số ghế.")),
        (
            ("32/12/2026", "25:00", "mười"),
            (
                "Nhập ngày theo dạng ngày/tháng/năm, ví dụ 10/12/2026.",
                "Nhập giờ theo dạng giờ:phút, ví dụ 08:00.",
                "Nhập một số nguyên.",
            ),
        ),
    ],
)
def test_what_is_wrong_with_a_thing_that_must_be_filled_is_said_and_not_that_it_is_missing(
    typed: tuple[str, ...], sentences: tuple[str, ...]
) -> None:
    form = Dated(MultiDict(zip(("day", "at", "seats"), typed, strict=True)))
    assert not form.validate()
    assert [form[name].errors for name in ("day", "at", "seats")] == [[sentence] for sentence in sentences]


def test_a_day_out_of_range_that_must_be_filled_says_the_range() -> None:
    form = Dated(MultiDict({"day": "01/01/1999", "at": "08:00", "seats": "1"}))
    assert not form.validate() and form.day.errors == ["Nhập ngày trong khoảng năm 2000 đến 2100."]


def test_a_day_and_a_time_are_shown_again_as_their_pickers_want_them() -> None:
    form = sent(day="10/12/2026", at="8h05")
    assert 'value="10/12/2026"' in form.day() and 'value="08:05"' in form.at()


# ------------------------------------------------------------------ answering


def test_a_good_form_does_what_it_asks() -> None:
    response = answer(sent(), lambda: "done", lambda: "shown")
    assert (response.status_code, response.get_data(as_text=True)) == (200, "done")
    assert not g.get("refused")


def test_a_bad_form_is_shown_again_and_nothing_is_done() -> None:
    response = answer(sent(line=""), lambda: pytest.fail("it was done"), lambda: "shown")
    assert (response.status_code, response.get_data(as_text=True)) == (422, "shown")
    assert g.refused


@pytest.mark.parametrize("field", ["line", None, "no such field"])
def test_a_rule_that_says_no_is_told_at_its_field_or_above_the_form(field: str | None) -> None:
    form = sent()

    def act() -> str:
        raise Refused("Tên này đã có.", field=field, status=409)

    assert answer(form, act, lambda: "shown").status_code == 409
    assert g.refused
    if field == "line":
        assert form.line.errors == ["Tên này đã có."] and form.refusals == []
    else:
        assert form.refusals == ["Tên này đã có."]
