"""The files of an estimate: the annex of the minutes and the plain table say what the page says."""

from __future__ import annotations

import csv
import io

import pytest

from meetings.accounts.models import User
from meetings.official.money import money, money_in_words
from meetings.official.numbers import number
from meetings.savings import papers, services
from meetings.savings.models import SavingsEstimate
from meetings.scheduling.models import Meeting
from tests import make
from tests.official.sound import assert_sound, text


@pytest.fixture
def estimate(meeting: Meeting, finance: User) -> SavingsEstimate:
    made = services.estimate_meeting(meeting, actor=make.actor(finance))
    make.done()
    return made


def table_of(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def test_the_annex_says_the_range_and_that_it_is_an_estimate(estimate: SavingsEstimate) -> None:
    data = papers.write(estimate)
    assert_sound(data)
    said = text(data)
    assert said.startswith("Phụ lục\nƯỚC TÍNH CHI PHÍ TIẾT KIỆM")
    assert "(Kèm theo Biên bản số" in said
    assert "không phải số quyết toán" in said
    for amount in (estimate.low, estimate.mid, estimate.high):
        assert money(amount) in said
    assert money_in_words(estimate.mid) in said
    for three in estimate.sums.values():
        assert all(number(amount) in said for amount in three)
