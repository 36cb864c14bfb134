"""What every page of the board is drawn from, and the answer to a browser that asks what changed.

The answer carries the same fragments that the page was drawn from, so there is one template for each. Many viewers ask the
same question at once: the newest answers are kept and handed out again.
"""

from __future__ import annotations

import gzip as packing
import json
from collections import OrderedDict
from datetime import datetime
from threading import Lock
from typing import Any, Final
from urllib.parse import urlencode

from flask import render_template, url_for

from meetings.accounts.rules import Actor
from meetings.attendance import live as board
from meetings.attendance import queries, words
from meetings.attendance.live import BUTTONS, Ask, Screen
from meetings.attendance.rules import LEGEND, SOURCE_WORDS, STATE_WORDS, WORDS, Group, Move, Status
from meetings.i18n import locale
from meetings.scheduling.models import Meeting
from meetings.web.assets import asset_url

_KEPT: Final = 48
_answers: OrderedDict[tuple[Any, ...], tuple[bytes, bytes]] = OrderedDict()
_door = Lock()


def context(screen: Screen) -> dict[str, Any]:
    """The names that the templates of the board use."""

    base = url_for("attendance.live", code=screen.meeting.code)

    def link(**changes: Any) -> str:  # some hundred times a board: the address is built once, its parameters here
        args = screen.ask.args(**changes)
        return f"{base}?{urlencode(args)}" if args else base

    return {
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


def title(screen: Screen) -> str:
    """What stands before the page's title while a site is lost: ``(1 mất kết nối) ``."""
    lost = screen.tally.lost
    return f"({lost} {str(WORDS[Status.LOST]).lower()}) " if lost else ""


def answer(meeting: Meeting, actor: Actor, ask: Ask, seen: str, now: datetime, *, gzip: bool) -> tuple[bytes, bool]:
    """The body of a poll that found a change since the version *seen*, and whether it is packed.

    Fragments in HTML: ``sums``, ``legend``, ``todo``, ``log`` whole, ``tiles`` only where something changed (all of them when
    that cannot be told), ``done`` the rows that left the work list. Beside them ``v``, ``phase``, ``title``, ``n`` (sites of the
    list), ``now`` (ms) and ``say`` for the screen reader.
    """
    may = board.May.of(actor, meeting)
    key = (meeting.code, queries.version(meeting), seen, ask, may, locale())
    with _door:
        kept = _answers.get(key) if may.all_sites else None
    if kept is None:
        body = json.dumps(_fresh(meeting, actor, ask, seen, now), ensure_ascii=False, separators=(",", ":")).encode()
        kept = body, packing.compress(body, 5, mtime=0)
        with _door:
            _answers[key] = kept
            while len(_answers) > _KEPT:
                _answers.popitem(last=False)
    return (kept[1], True) if gzip else (kept[0], False)


def _fresh(meeting: Meeting, actor: Actor, ask: Ask, seen: str, now: datetime) -> dict[str, Any]:
    screen = board.screen(meeting, actor, ask, now)
    changed = queries.changed_since(meeting, seen) if seen else None
    names = context(screen)
    parts = {
        part: render_template(f"attendance/part_{part}.html", **names) for part in ("sums", "legend", "todo", "log")
    }
    todo = {row.id for row in screen.work}
    told = [row for row in screen.rows if not row.host and (not screen.many if changed is None else row.id in changed)]
    settled = [row for row in told if row.id not in todo]
    if settled and screen.may.phone:
        screen.officers = queries.officers(settled, now)
    lost = [row for row in screen.rows if changed and row.id in changed and row.status is Status.LOST]
    return {
        "v": screen.version,
        "now": int(now.timestamp() * 1000),
        "phase": screen.phase.value,
        "title": title(screen),
        "say": words.announcement(lost[0].name, screen.tally) if lost else "",
        "tiles": _tiles(screen, changed, names),
        "done": render_template("attendance/part_done.html", settled=settled, **names),
        "n": words.sites(screen.work_total),
        **parts,
    }


def _tiles(screen: Screen, changed: set[int] | None, names: dict[str, Any]) -> dict[str, str]:
    """Fragments by the id of the element they replace."""
    rows = [row for row in screen.rows if not row.host and (changed is None or row.id in changed)]
    if not rows and not screen.many:
        return {}
    drawn = render_template("attendance/part_tiles.html", rows=rows, **names)
    # one rendering for all of them, cut at a mark that no escaped text can contain
    made: dict[str, str] = {}
    for piece in drawn.split("<!--tile-->"):
        id, _, html = piece.strip().partition("\n")
        if html:
            made[id.strip()] = html.strip()
    return made
