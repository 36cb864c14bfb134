"""What a formula counts, in words: ``3 people``, ``1 night``. Numbers in, words out."""

from __future__ import annotations

from meetings.i18n import ngettext


def people(number: int) -> str:
    return ngettext("%(num)s person", "%(num)s people", number)


def cars(number: int) -> str:
    return ngettext("%(num)s car", "%(num)s cars", number)


def days(number: int) -> str:
    return ngettext("%(num)s day", "%(num)s days", number)


def half_days(number: int) -> str:
    return ngettext("%(num)s half day", "%(num)s half days", number)


def nights(number: int) -> str:
    return ngettext("%(num)s night", "%(num)s nights", number)


def rooms(number: int) -> str:
    return ngettext("%(num)s room", "%(num)s rooms", number)


def hours_on_the_way(number: int) -> str:
    return ngettext("%(num)s hour on the way", "%(num)s hours on the way", number)


def sites(number: int) -> str:
    return ngettext("%(num)s site", "%(num)s sites", number)


def product(*factors: str) -> str:
    """``3 people × 2 nights × 600,000``."""
    return " × ".join(factors)
