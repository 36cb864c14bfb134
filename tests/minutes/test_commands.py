"""The short words at the beginning of a line: what they take out of a text, and what they leave alone."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meetings.minutes import commands
from meetings.minutes.commands import Command, Made

TODAY = date(2026, 12, 10)


def test_a_line_that_begins_with_a_command_leaves_the_text_and_becomes_what_it_asks_for():
    read = commands.read("Giao các đơn vị:\n/nv ban hành hướng dẫn\n / KL: thống nhất\nVà kết thúc.")
    assert read.rest == "Giao các đơn vị:\nVà kết thúc."
    assert read.made == (
        Made(Command.TASK, "Ban hành hướng dẫn"),
        Made(Command.CONCLUSION, "Thống nhất"),
    )


@pytest.mark.parametrize("text", ["/nvụ việc", "/nv", "/nv   ", "/klx", "xem /nv ở dưới", "và/hoặc", "/ nvă"])
def test_what_only_looks_like_a_command_stays(text):
    assert commands.read(text).made == ()
    assert commands.read(text).rest == text.strip()


@given(st.lists(st.sampled_from(["/nv a", "/kl b", "c", "", "/bq 3-1 d", "/gc đ", "/nvx"]) | st.text(max_size=12)))
@settings(max_examples=200, deadline=None)
def test_every_word_is_in_what_stays_or_in_what_is_made(lines):
    text = "\n".join(lines)
    read = commands.read(text)
    for line in text.split("\n"):
        words = line.strip()
        bare = words.removeprefix("/").strip()[2:].strip(" \t:.-–") if read.made else words
        assert words in read.rest or any(bare.lower() in made.text.lower() for made in read.made)


def test_a_vote_is_counted_and_a_date_is_not():
    assert commands.counts("30-2-1 thông qua dự thảo") == ("Thông qua dự thảo", (30, 2, 1))
    assert commands.counts("3000/255: dự thảo") == ("Dự thảo", (3000, 255, None))
    for text in ("15/12/2026 họp lại", "thông qua", "2026 là năm"):
        assert commands.counts(text) == (text, (None, None, None))


def test_a_day_at_the_end_is_when_it_is_due():
    assert commands.due("Ban hành hướng dẫn, hạn 31/01", today=TODAY) == ("Ban hành hướng dẫn", date(2027, 1, 31))
    assert commands.due("Báo cáo trước ngày 05/3/2027.", today=TODAY) == ("Báo cáo", date(2027, 3, 5))
    for said in ("trước 20/12/2026", "hoàn thành trước ngày 20 tháng 12 năm 2026.", "chậm nhất là ngày 20/12/2026"):
        assert commands.due(f"Trình hướng dẫn, {said}", today=TODAY) == ("Trình hướng dẫn", date(2026, 12, 20)), said
    for text in ("Báo cáo hạn 31/02/2027", "Báo cáo quý I", "hạn 31/12"):
        assert commands.due(text, today=TODAY) == (text, None)


@given(st.text(max_size=60), st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_two_wordings_in_one_hold_every_line_of_both(stored, typed):
    both = commands.merged(stored, typed).split("\n")
    assert all(line in "\n".join(both) for line in [*stored.split("\n"), *typed.split("\n")] if line.strip())
