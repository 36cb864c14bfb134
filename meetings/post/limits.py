"""The numbers that bound what people can make leave this house, and when a bound lets go again.

A letter or a message costs its reader a glance and the office its reputation: a mail server that is flooded puts the
sender on a list, and then nothing arrives. So what a press of a button causes is bounded by address, person and meeting;
what an approval or a sending releases is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class Setting(StrEnum):
    """What an administrator can set, under the name it is kept by."""

    ADDRESS_HOUR = "address_hour"
    ADDRESS_DAY = "address_day"
    PERSON_HOUR = "person_hour"
    MEETING_DAY = "meeting_day"
    TEXTS_ON = "texts_on"
    TEXTS_MARKED = "texts_marked"
    NUMBER_DAY = "number_day"
    TEXTS_MEETING = "texts_meeting"
    TEXTS_MONTH = "texts_month"


HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Range:
    """The value that comes with the product, and between which others it can be chosen."""

    usual: int
    least: int
    most: int


RANGES: Final[dict[Setting, Range]] = {
    # six letters in an hour are a correction of a correction; more is a mistake, or malice
    Setting.ADDRESS_HOUR: Range(6, 1, 60),
    Setting.ADDRESS_DAY: Range(20, 1, 500),
    # a secretary who gives new links to the sites of a province one by one presses a button every half minute
    Setting.PERSON_HOUR: Range(120, 1, 2_000),
    Setting.MEETING_DAY: Range(300, 1, 20_000),
    # messages cost money and reach private telephones: nothing leaves before somebody has said so
    Setting.TEXTS_ON: Range(0, 0, 1),
    Setting.TEXTS_MARKED: Range(0, 0, 1),
    Setting.NUMBER_DAY: Range(3, 1, 20),
    Setting.TEXTS_MEETING: Range(4_000, 1, 50_000),
    Setting.TEXTS_MONTH: Range(10_000, 1, 500_000),
}
"""Each setting with its usual value and its bounds."""

WINDOWS: Final[dict[Setting, timedelta]] = {
    Setting.ADDRESS_HOUR: HOUR,
    Setting.ADDRESS_DAY: DAY,
    Setting.PERSON_HOUR: HOUR,
    Setting.MEETING_DAY: DAY,
    Setting.NUMBER_DAY: DAY,
    Setting.TEXTS_MONTH: timedelta(days=30),
}
"""The time over which each bound counts; one that is not here counts for ever. Windows slide: no midnight gives back all."""


def fits(setting: Setting, value: int) -> bool:
    """Whether *value* can be set."""
    return RANGES[setting].least <= value <= RANGES[setting].most


def free_at(nth_newest: datetime | None, window: timedelta, now: datetime) -> datetime | None:
    """When the next one is possible, None for at once. *nth_newest*: when the n-th newest was, where n is the bound.

    Counting from the n-th newest alone is enough: while it lies in the window, n lie in it.
    """
    if nth_newest is None or nth_newest + window <= now:
        return None
    return nth_newest + window
