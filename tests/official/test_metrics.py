"""Widths of the type, and titles cut into lines."""

import pytest

from meetings.official import metrics
from meetings.official.layout import usual
from meetings.official.text import bound


def test_the_national_title_and_the_motto_are_as_long_as_they_print():
    nation, motto = (line for line in usual().rows[0].right if line.what == "text")
    assert metrics.width(nation.text, nation.points, bold=True) == pytest.approx(95.6, abs=0.3)
    assert metrics.width(motto.text, motto.points, bold=True) == pytest.approx(60.4, abs=0.3)


def test_a_tone_adds_nothing_to_a_width_and_a_horn_does():
    assert metrics.width("ế", 14) == metrics.width("e", 14)
    assert metrics.width("ự", 14) > metrics.width("u", 14)
    assert metrics.width("Đ", 14) == metrics.width("D", 14)


def test_the_signs_of_an_estimate_are_as_wide_as_they_print():
    assert metrics.width("CO₂", 14) == pytest.approx(14 * 25.4 / 72 * (1366 + 1479 + 714) / 2048)
    assert metrics.width("×", 14) == pytest.approx(14 * 25.4 / 72 * 1155 / 2048)


def test_what_is_not_latin_is_taken_for_wide():
    assert metrics.width("日", 14) >= metrics.width("N", 14)


def test_a_short_title_stays_on_one_line():
    assert metrics.balanced("Họp giao ban tháng 12", 14, 130) == ["Họp giao ban tháng 12"]


def test_a_long_title_is_cut_near_its_middle_and_tears_no_word_of_two_syllables():
    title = bound("Hội nghị trực tuyến toàn quốc sơ kết công tác cải cách hành chính năm 2026 và phương hướng năm 2027")
    lines = metrics.balanced(title, 14, 138)
    assert len(lines) == 2
    assert " ".join(lines) == title
    ends = {lines[0].split(" ")[-1], lines[1].split(" ")[0]}
    assert not {"cải", "cách"} <= ends and not {"hành", "chính"} <= ends
    assert all(metrics.width(line, 14, bold=True) <= 138 for line in lines)


def test_a_line_break_that_was_typed_is_kept():
    assert metrics.balanced("Dòng một\ndòng hai", 14, 138) == ["Dòng một", "dòng hai"]


def test_a_word_longer_than_the_line_does_not_hang():
    assert metrics.balanced("x" * 300, 14, 100) == ["x" * 300]
    assert metrics.lines_needed([("x" * 300, False)], 14, 100) > 5
