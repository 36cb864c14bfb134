"""Numbers of documents: none twice, none left out, whoever asks when."""

from __future__ import annotations

import threading
from contextvars import Context

import pytest
import sqlalchemy as sa
from flask import Flask

from meetings.database import db
from meetings.numbering.models import Series
from meetings.numbering.services import take


def last(name: str = "giấy mời", year: int = 2026) -> int | None:
    return db.session.scalar(sa.select(Series.last).where(Series.name == name, Series.year == year))


def test_numbers_count_from_one(app: Flask) -> None:
    assert [take("giấy mời", 2026) for _ in range(5)] == [1, 2, 3, 4, 5]


def test_each_series_and_each_year_counts_for_itself(app: Flask) -> None:
    take("giấy mời", 2026)
    assert take("giấy mời", 2027) == 1
    assert take("biên bản", 2026) == 1
    assert take("giấy mời", 2026) == 2


def test_a_number_taken_is_seen_at_once_by_who_has_read_the_series_before(app: Flask) -> None:
    take("giấy mời", 2026)
    series = db.session.scalars(sa.select(Series)).one()
    assert (series.last, take("giấy mời", 2026)) == (1, 2)
    db.session.refresh(series)
    assert series.last == 2


def test_a_roll_back_gives_the_number_back(app: Flask) -> None:
    take("giấy mời", 2026)
    db.session.commit()
    assert take("giấy mời", 2026) == 2
    db.session.rollback()
    assert take("giấy mời", 2026) == 2
    db.session.commit()
    assert last() == 2


def test_a_first_number_rolled_back_leaves_no_series(app: Flask) -> None:
    take("giấy mời", 2026)
    db.session.rollback()
    assert last() is None
    assert take("giấy mời", 2026) == 1


@pytest.mark.parametrize("begun", [False, True])
def test_twenty_who_take_at_once_get_twenty_numbers_without_gap(app: Flask, begun: bool) -> None:
    if begun:
        take("giấy mời", 2026)
    db.session.commit()
    taken: list[int] = []
    faults: list[BaseException] = []
    start = threading.Barrier(20)

    def taker(turned_back: bool) -> None:
        try:
            with app.app_context():
                start.wait(60)
                if turned_back:
                    take("giấy mời", 2026)
                    db.session.rollback()
                number = take("giấy mời", 2026)
                db.session.commit()
                taken.append(number)
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=lambda n=n: Context().run(taker, n % 3 == 0), daemon=True) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []
    assert sorted(taken) == list(range(1 + begun, 21 + begun))
    assert last() == 20 + begun
