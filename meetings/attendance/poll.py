"""What every page of the board is drawn from, and the answer to a browser that asks what changed.

The answer carries the same fragments that the page was drawn from, so there is one template for each. Many viewers ask the
same question at once: the newest answers are kept and handed out again.
"""

from __future__ import annotations

import gzip as packing
import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from threading import Lock
from typing import Any, Final
from urllib.parse import urlencode

from flask import current_app, url_for
from markupsafe import Markup

from meetings.accounts.access import numbers_of
from meetings.accounts.rules import Actor
from meetings.attendance import kept, live, queries, words
from meetings.attendance.board import ProvinceRow, SiteRow
from meetings.attendance.kept import Board, Memory
from meetings.attendance.live import BUTTONS, Ask, May, Screen
from meetings.attendance.models import Mark
from meetings.attendance.queries import Line
from meetings.attendance.rules import LEGEND, SOURCE_WORDS, STATE_WORDS, WORDS, Group, Move, Status
from meetings.i18n import locale
from meetings.scheduling import queries as scheduling
from meetings.web.assets import asset_url

_KEPT: Final = 96
_answers: OrderedDict[tuple[Any, ...], tuple[bytes, bytes]] = OrderedDict()
_door = Lock()


def context(screen: Screen, memory: Memory | None = None) -> dict[str, Any]:
    """The names that the templates of the board use; fragments are looked for in *memory* before they are drawn."""

    base = url_for("attendance.live", code=screen.meeting.code)

    of_site: dict[str, list[str]] = {}

    def link(**changes: Any) -> str:  # some hundred times a board: the address is built once, its parameters here
        site = changes.get("site")
        if site is not None and changes.keys() <= {"site", "want"}:
            want = changes.get("want", screen.ask.want)
            if want not in of_site:
                args = screen.ask.args(site=0, want=want)
                of_site[want] = f"{base}?{urlencode(args)}".split("site=0")
            return str(site).join((f"{of_site[want][0]}site=", of_site[want][1]))
        return _address(base, screen.ask, tuple(changes.items()))

    names: dict[str, Any] = {
        "s": screen,
        "poll_title": title(screen),
        "sprite": asset_url("icons.svg"),
        "meeting": screen.meeting,
        "link": link,
        "words": words,
        "WORDS": WORDS,
        "STATES": STATE_WORDS,
        "SOURCES": SOURCE_WORDS,
        "LEGEND": LEGEND,
        "BUTTONS": BUTTONS,
        "Group": Group,
        "Move": Move,
        "Status": Status,
    }
    names["drawn"] = Drawn(screen, names, memory)
    return names


@lru_cache(maxsize=2_000)
def _address(base: str, ask: Ask, changes: tuple[tuple[str, Any], ...]) -> str:
    args = ask.args(**dict(changes))
    return f"{base}?{urlencode(args)}" if args else base


def title(screen: Screen) -> str:
    """What stands before the page's title while a site is lost: ``(1 mất kết nối) ``."""
    lost = screen.tally.lost
    return f"({lost} {str(WORDS[Status.LOST]).lower()}) " if lost else ""


def nothing_new(seen: str, number: int, now: datetime) -> bool:
    """Whether who was told *seen* knows everything: the change number, and with it the minute in which a page was drawn.

    Amber and red, "just marked" and lengths of time come with the clock and with no fact, so what was told is good until the
    minute ends: all of them turn on whole minutes. Without a minute (when the meeting is over) only facts count.
    """
    return seen.partition(".")[0] == str(number) and _same_minute(seen, now)


def _same_minute(seen: str, now: datetime) -> bool:
    return seen.partition(".")[2] in ("", str(int(now.timestamp()) // 60))


def answer(code: str, actor: Actor, ask: Ask, seen: str, now: datetime, *, gzip: bool) -> tuple[bytes, bool] | None:
    """The body of a poll, and whether it is packed; None where nothing has changed since the version *seen*.

    Fragments in HTML: ``sums``, ``legend``, ``log`` whole, ``todo`` whole where anything in it is other, ``tiles`` only
    where something changed (all of them when that cannot be told), ``done`` the rows that left the work list. Beside them
    ``v``, ``phase``, ``title``, ``n`` (sites of the list), ``now`` (ms) and ``say`` for the screen reader.
    """
    house, number = numbers_of(code)
    right = _rights.get((actor, code))
    if right is not None and (right.house != house or not timedelta() <= now - right.at < _LONGEST):
        right = None
    if right is not None and right.number == number and nothing_new(seen, number, now):
        return None
    board = kept.board(code) if right is None or right.may.all_sites else None
    if right is not None and board is not None:
        with board.lock:
            board.bring(house, number)
            if right.reading == board.reading:
                _remember(actor, code, replace(right, number=board.number))
                return _from(board, actor, right.may, ask, seen, now, gzip=gzip)
    # what the actor may do here is looked up anew: nobody knew, or the meeting itself has changed
    meeting = scheduling.meeting_for(actor, code)
    may = May.of(actor, meeting)
    if meeting.starts_at is None or not may.all_sites:
        _remember(actor, code, Right(may, house, number, 0, now))
        if nothing_new(seen, number, now):
            return None
        return _packed(_fresh(live.screen(meeting, actor, ask, now), seen, now), gzip)
    board = kept.board(meeting.code)
    with board.lock:
        board.bring(house, number)
        _remember(actor, code, Right(may, house, board.number, board.reading, now))
        return _from(board, actor, may, ask, seen, now, gzip=gzip)


def right_of(actor: Actor, code: str) -> Right | None:
    """What is remembered of *actor* since the last answer."""
    return _rights.get((actor, code))


def told_already(
    code: str, right: Right, ask: Ask, seen: str, locale: str, now: datetime, number: int, *, gzip: bool
) -> bytes | None:
    """The body that somebody with the same rights was given within this second for the same question."""
    board = kept.peek(code)
    if board is None or board.reading != right.reading or board.number != number:
        return None
    found = _answers.get((code, number, seen, ask, right.may, locale, int(now.timestamp())))
    return None if found is None else found[1] if gzip else found[0]


@dataclass(frozen=True, slots=True)
class Right:
    """What somebody may do on a board, as it was found *at*, when house and meeting had these change numbers."""

    may: May
    house: int
    number: int
    reading: int
    at: datetime


_LONGEST: Final = timedelta(minutes=1)
_MOST: Final = 2_000
_rights: OrderedDict[tuple[Actor, str], Right] = OrderedDict()


def _remember(actor: Actor, code: str, right: Right) -> None:
    with _door:
        _rights[actor, code] = right
        while len(_rights) > _MOST:
            _rights.popitem(last=False)


def _from(
    board: Board, actor: Actor, may: May, ask: Ask, seen: str, now: datetime, *, gzip: bool
) -> tuple[bytes, bool] | None:
    """The answer from the *board* in memory: one for all who ask the same within a second."""
    if nothing_new(seen, board.number, now):
        return None
    key = (board.code, board.number, seen, ask, may, locale(), int(now.timestamp()))
    found = _answers.get(key)
    if found is None:
        screen = board.screen(ask, may, now)
        if screen is None:
            assert board.meeting is not None
            meeting = scheduling.meeting_for(actor, board.code)
            body = _fresh(live.screen(meeting, actor, ask, now), seen, now)
        else:
            body = _fresh(screen, seen, now, board)
        found = _answers[key] = _both(body)
        with _door:
            while len(_answers) > _KEPT:
                _answers.popitem(last=False)
    return (found[1], True) if gzip else (found[0], False)


def _both(news: dict[str, Any]) -> tuple[bytes, bytes]:
    body = json.dumps(news, ensure_ascii=False, separators=(",", ":")).encode()
    return body, packing.compress(body, 5, mtime=0)


def _packed(news: dict[str, Any], gzip: bool) -> tuple[bytes, bool]:
    plain, packed = _both(news)
    return (packed, True) if gzip else (plain, False)


def _fresh(screen: Screen, seen: str, now: datetime, board: Board | None = None) -> dict[str, Any]:
    changed = _changed(screen, seen, board)
    names = context(screen, board.drawn if board else None)
    drawn = names["drawn"]
    rows = [row for row in screen.rows if not row.host and (changed is None or row.id in changed)]
    # rows of the list: who stands in it now, or stood in it as the page was drawn
    moved = [
        row for row in rows if row.status in screen.listed or changed is None or _stood_in(screen, changed[row.id])
    ]
    parts = ["sums", "legend"] if screen.many else ["sums", "legend", "log"]  # a page of many sites has no log
    if changed is None or moved or not _same_minute(seen, now):
        parts.append("todo")
    todo = {row.id for row in screen.work}
    settled = [row for row in moved if row.id not in todo] if changed is not None or not screen.many else []
    if settled and screen.may.phone:
        more = board.officers_of(settled, now) if board else queries.officers(settled, now)
        screen.officers = {**screen.officers, **more}
    lost = [row for row in rows if changed and row.status is Status.LOST]
    tiles = {f"t{row.id}": drawn.cell(row) for row in rows}
    if screen.many:
        provinces = screen.provinces
        if board and changed is not None:  # the others stand as they stood: their tiles do not blink
            places = {board.rows[id].province_id for id in changed if id in board.rows}
            provinces = [province for province in provinces if province.id in places]
        tiles |= {f"p{p.id or 0}": drawn.province(p) for p in provinces}
        if rows and screen.province is not None:
            tiles["in"] = drawn.entered(screen.province)
    return {
        "v": screen.told,
        "now": int(now.timestamp() * 1000),
        "phase": screen.stage,
        "title": title(screen),
        "say": words.announcement(lost[0].name, screen.tally) if lost else "",
        "tiles": tiles,
        "done": "".join(drawn.row(row, True) for row in settled),
        "n": words.sites(screen.work_total),
        **{part: drawn.part(part) for part in parts},
    }


def _changed(screen: Screen, seen: str, board: Board | None) -> Mapping[int, SiteRow | None] | None:
    """The sites that changed since *seen*, as they stood then (None: not known); None where that cannot be told."""
    known = seen.partition(".")[0]
    if known == screen.version:
        return {}
    if not known:
        return None
    if board:
        return board.since(known)
    found = queries.changed_since(screen.meeting, known)
    return None if found is None else dict.fromkeys(found)


def _stood_in(screen: Screen, row: SiteRow | None) -> bool:
    """Whether a site that stood as *row* stood in the list; of whom that is not known it is said."""
    return row is None or row.status in screen.listed


class Drawn:
    """The fragments of a board: each drawn once for all who are shown the same, where a *memory* is given."""

    def __init__(self, screen: Screen, names: dict[str, Any], memory: Memory | None) -> None:
        self._screen, self._names = screen, names
        minute = int(screen.now.timestamp()) // 60  # texts tell minutes; the page counts the seconds of a lost site
        whole = screen.province is None  # then each row names its province
        same = (locale(), screen.ask, screen.may, screen.phase, screen.closed, screen.view, whole, minute)
        self._pieces = {} if memory is None else memory.setdefault(same, {})
        while memory is not None and len(memory) > kept.DRAWN:
            memory.popitem(last=False)

    @cached_property
    def _macros(self) -> Any:
        return current_app.jinja_env.get_template("attendance/_board.html").make_module(self._names)

    def cell(self, row: SiteRow) -> Markup:
        """The tile, dot or line of a site."""
        of = (row, self._screen.numbers.get(row.id))
        return self._kept(("cell", row.id), of, lambda: self._macros.cell(row))

    def row(self, row: SiteRow, done: bool = False) -> Markup:
        """Its row in the work list; *done*: it is none any more, and stays until the list is sorted."""
        of = (row, self._screen.numbers.get(row.id), self._screen.officers.get(row.id))
        return self._kept(("done" if done else "row", row.id), of, lambda: self._macros.work_row(row, done))

    def province(self, one: ProvinceRow) -> Markup:
        """The tile of a province."""
        place = self._screen.province_spots.get(one.id, "")
        here = self._screen.province is not None and self._screen.province.id == one.id
        return self._kept(("province", one.id), (one, place, here), lambda: self._macros.province(one, place))

    def entered(self, one: ProvinceRow) -> Markup:
        """How many of the province that is open are in, beside its name."""
        return self._kept(("in", one.id), (one.tally,), lambda: self._macros.entered(one))

    def line(self, mark: Mark | Line) -> Markup:
        """A line of the log."""
        return self._kept(("line", mark.id), (), lambda: self._macros.log_line(mark))

    def part(self, name: str) -> str:
        """One of the parts that are sent whole."""
        s = self._screen
        seen: dict[str, tuple[Any, ...]] = {
            "sums": (s.tally, s.host_people, (s.complete_provinces, s.real_provinces) if s.many else ()),
            "legend": (s.tally,),
            "log": tuple(mark.id for mark in s.log),
        }

        def draw() -> str:
            return str(getattr(self._macros, f"part_{name}")())

        return self._kept((name, None), seen[name], draw) if name in seen else draw()

    def _kept(self, key: tuple[str, int | None], of: tuple[Any, ...], draw: Callable[[], str]) -> Markup:
        """The piece *key*, drawn anew where it was drawn of something else."""
        found = self._pieces.get(key)
        if found is None or found[0] != of:
            found = self._pieces[key] = (of, Markup(draw()).strip())
        return found[1]
