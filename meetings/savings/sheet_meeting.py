"""The sheet of what is counted once for the meeting: its hours, what a delegate is given there, the hall, and meeting online."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from meetings.i18n import gettext as _
from meetings.savings.estimate import ONLINE
from meetings.savings.rules import SPECS
from meetings.savings.sheet_book import NOTE, Book, Page, case_heads
from meetings.savings.sheet_norms import Kept
from meetings.savings.tables import Case, Table
from meetings.savings.trips import Occasion
from meetings.savings.waterfall import CATEGORY_WORDS

FACTS: Final = ("half_days", "days", "begins", "ends", "minutes")
SUPPLIES: Final = ("tea", "papers", "meals")
_HEADS, _RATE, _AMOUNT = 10, 4, 7


class Meeting:
    """The sheet: first its facts, later – when the sites stand – what they cost together."""

    def __init__(self, book: Book, occasion: Occasion, venue: str) -> None:
        self.occasion = occasion
        self.page = page = book.page(_("Meeting, hall, online"))
        page.heading((_("Counted once for the meeting"), NOTE, _("Assumed venue: %(name)s", name=venue)))
        words = (
            _("Half days"),
            _("Days"),
            _("Begins, minutes of the day"),
            _("Ends, minutes of the day"),
            _("Minutes online"),
        )
        clock = {"begins": occasion.begins, "ends": occasion.ends}
        for row, (name, word) in enumerate(zip(FACTS, words, strict=True), 4):
            page.texts(row, 0, [word])
            page.given(row, 3, getattr(occasion, name))
            if name in clock:
                page.texts(row, 1, [f"{clock[name] // 60:02d}:{clock[name] % 60:02d}"])
        self.facts = {name: page.at(row, 3) for row, name in enumerate(FACTS, 4)}
        page.texts(
            _HEADS, 0, [_("Item"), _("How it is made"), _("Unit"), _("Number"), *case_heads(_("Rate")), *case_heads(_("Amount"))],
            "head",
        )  # fmt: skip
        self._rows: dict[str, int] = {}

    def at(self, name: str, case: int) -> str:
        """The amount of *name*: of the supplies for one delegate, of everything else for the whole meeting."""
        return self.page.at(self._rows[name], _AMOUNT + case)

    def supplies(self, kept: Kept, host: Table) -> None:
        """What the organiser spends on one delegate; the sites multiply it by people."""
        occasion, page = self.occasion, self.page
        times = {"tea": "half_days", "papers": "", "meals": "days"}
        for name in SUPPLIES:
            row = self._begin(
                name,
                _("%(item)s, for a delegate", item=CATEGORY_WORDS[name]),
                {
                    "tea": _("norm less what a site spends all the same, × half days"),
                    "papers": _("norm less what a site spends all the same"),
                    "meals": _("norm × guests paid by no budget, less what a site spends all the same, × days"),
                }[name],
                _("đ a delegate"),
            )
            if times[name]:
                page.computed(row, 3, f"={self.facts[times[name]]}", getattr(occasion, times[name]))
            else:
                page.computed(row, 3, "=1", 1)
            for case, norm in enumerate(host.cases):
                key = occasion.meals_key if name == "meals" else name
                amount = f"N({kept.used(occasion.province, key, case)})"
                if name == "meals":
                    amount = f"ROUND({amount}*N({kept.used(occasion.province, 'unpaid_share', case)})/100,0)"
                kept_at_site = f"(100-N({kept.used(occasion.province, 'supplies_at_site', case)}))"
                rate = {"tea": norm.tea, "papers": norm.papers, "meals": norm.meals}[name]
                page.computed(row, _RATE + case, f"=ROUND({amount}*{kept_at_site}/100,0)", rate)
                self._product(row, case, rate * (getattr(occasion, times[name]) if times[name] else 1))

    def whole(
        self, kept: Kept, host: Table, sites: tuple[str, int], afar: Sequence[tuple[str, int]],
        going: Sequence[tuple[str, int]],
    ) -> None:  # fmt: skip
        """The hall and meeting online. *sites*: formula and value of their number; *afar* and *going*, for each case: the cells
        of the days of the journeys and of the people of all delegations, and what they come to."""
        page, occasion, halves = self.page, self.occasion, self.facts["half_days"]
        row = self._begin(
            "hall",
            str(CATEGORY_WORDS["hall"]),
            _("only where somebody comes from afar; × half days"),
            _("đ a half day"),
        )
        page.computed(row, 3, f"={halves}", occasion.half_days)
        for case, norm in enumerate(host.cases):
            hall, seat = (f"N({kept.used(occasion.province, key, case)})" for key in ("hall", "hall_seat"))
            page.computed(
                row,
                _RATE + case,
                f"=IF(SUM({afar[case][0]})>0,{hall}+{seat}*SUM({going[case][0]}),0)",
                rate := norm.hall + norm.hall_seat * going[case][1] if afar[case][1] else 0,
            )
            self._product(row, case, rate * occasion.half_days)
        there, many = sites
        for part in ONLINE:
            row = self._begin(
                part,
                str(CATEGORY_WORDS[part]),
                {"room": _("taken off: sites × half days"), "platform": _("taken off: half days")}.get(
                    part, _("taken off: sites and the host × half days")
                ),
                str(SPECS[f"online_{part}"].unit),
            )
            more = 0 if part == "room" else 1
            times = "1" if part == "platform" else f"({there}+{more})" if more else there
            number = -_times(part, many) * occasion.half_days
            page.computed(row, 3, f"=-IF({there}>0,{times}*{halves},0)", number)
            for case, norm in enumerate(host.cases):
                rate = norm.online[part]
                page.computed(row, _RATE + case, f"=N({kept.used(occasion.province, f'online_{part}', case)})", rate)
                self._product(row, case, rate * number)
        self._co2(kept, host, there, many)
        page.widths((1, 46), (1, 56), (1, 24), (1, 12), (6, 16))
        page.finish(_HEADS)

    def _co2(self, kept: Kept, host: Table, there: str, many: int) -> None:
        row = self._begin(
            "co2",
            _("CO₂ of meeting online, milligrams"),
            _("connection and power of the room an hour, × minutes ÷ 60, sites and the host"),
            _("mg a site and hour"),
        )
        minutes = self.occasion.minutes * (many + 1) if many else 0
        self.page.computed(row, 3, f"=-IF({there}>0,{self.facts['minutes']}*({there}+1),0)", -minutes)
        for case, norm in enumerate(host.cases):
            line, watts, grid = (
                f"N({kept.used(self.occasion.province, key, case)})" for key in ("co2_online", "room_watts", "co2_grid")
            )
            self.page.computed(row, _RATE + case, f"={line}*1000+{watts}*{grid}", norm.co2_site_hour)
            rate, times = (self.page.at(row, column).partition("!")[2] for column in (_RATE + case, 3))
            self.page.computed(row, _AMOUNT + case, f"=-ROUND({rate}*-{times}/60,0)", -_emitted(norm, minutes))

    def _begin(self, name: str, word: str, how: str, unit: str) -> int:
        row = self._rows[name] = _HEADS + 1 + len(self._rows)
        self.page.texts(row, 0, [word, how, unit])
        return row

    def _product(self, row: int, case: int, value: int) -> None:
        rate, times = (_local(self.page, row, column) for column in (_RATE + case, 3))
        self.page.computed(row, _AMOUNT + case, f"={times}*{rate}", value)


def _local(page: Page, row: int, column: int) -> str:
    return page.at(row, column).partition("!")[2]


def _times(part: str, sites: int) -> int:
    if not sites:
        return 0
    return {"room": sites, "platform": 1}.get(part, sites + 1)


def _emitted(norm: Case, minutes: int) -> int:
    return (norm.co2_site_hour * minutes + 30) // 60
