"""Which layout a file is of, whatever it is called: a workbook, XML, JSON, events line by line, or a table.

The order of the questions is the point: a table is what is left, since any text with a comma looks like one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any, Final
from urllib.parse import parse_qs

from meetings.attendance.witnesses import cms, feeds, records
from meetings.attendance.witnesses.clocks import HERE, Clock, zone_of
from meetings.attendance.witnesses.drafting import Draft
from meetings.attendance.witnesses.opening import (
    MAX_BYTES,
    MAX_LINES,
    Unreadable,
    as_map,
    as_maps,
    as_text,
    is_workbook,
    json_of,
    records_of,
    tables_of,
    text_of,
    workbook_of,
)
from meetings.attendance.witnesses.sheets import read_tables
from meetings.attendance.witnesses.told import Told

Reader = Callable[[list[dict[str, Any]], Draft, Clock], None]
_READERS: Final[dict[str, Reader]] = {
    "graph": records.graph,
    "zoom_api": records.zoom,
    "meet": records.meet,
    "trueconf": records.trueconf,
    "pexip": records.pexip,
    "bbb_dashboard": records.dashboard,
    "jitsi": feeds.jitsi,
    "bbb_webhooks": feeds.webhooks,
    "livekit": feeds.livekit,
    "cms": cms.cms,
}
_WRAPPINGS: Final = ("body", "payload", "raw", "json", "content", "data", "event")
_FORM: Final = re.compile(r"(?:^|&)event=(?:%5B|\[)", re.MULTILINE | re.IGNORECASE)
_DEEPEST: Final = 3


def read(raw: bytes, *, on: date, zone: str, day_first: bool | None) -> Told:
    """What the file tells; raises :class:`Unreadable` where it cannot be opened."""
    if len(raw) > MAX_BYTES:
        raise Unreadable("too_big")
    if not raw.strip(b" \t\r\n\0\xef\xbb\xbf\xff\xfe"):
        raise Unreadable("empty")
    if raw.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable("old_workbook")
    draft = Draft()
    there = zone_of(zone)
    if there is None:
        draft.faults.add("unknown_zone")
    clock = Clock(on, there or HERE, day_first)
    if is_workbook(raw):
        return read_tables(((grid, "") for grid in workbook_of(raw)), draft, clock)
    text = text_of(raw)
    start = text.lstrip("\ufeff\0 \t\r\n")
    if start.startswith("<"):
        pages, damaged = cms.records_in(start)
        draft.leave_out("damaged", damaged)
        return _recorded(pages, draft, clock)
    if start.startswith(("{", "[")) or _FORM.search(start[:200_000]):
        pages, damaged = _pages(start)
        draft.leave_out("damaged", damaged)
        return _recorded(pages, draft, clock)
    return read_tables(tables_of(start), draft, clock)


def _pages(text: str) -> tuple[list[dict[str, Any]], int]:
    """The maps a file is made of: one document, a list of pages, one on each line, form bodies among them."""
    if _FORM.search(text[:200_000]) and not text.startswith(("{", "[")):
        lines = [line for line in text.splitlines()[:MAX_LINES] if line.strip()]
        found = [one for line in lines for one in _form(line.strip())]
        return found, sum(not _form(line.strip()) for line in lines)
    whole = json_of(text)
    documents, damaged = ([whole], 0) if whole is not None else records_of(text)
    found = []
    for document in documents:
        found += _opened(document, _DEEPEST)
        if len(found) > MAX_LINES:
            raise Unreadable("too_many_rows")
    return found, damaged


def _form(line: str) -> list[dict[str, Any]]:
    try:
        told = parse_qs(line, max_num_fields=50).get("event", [])
    except ValueError:
        return []
    return [one for part in told for one in as_maps(json_of(part))]


def _opened(document: object, deep: int) -> list[dict[str, Any]]:
    """*document* as pages that a reader may know; a record of a request (headers, body) is opened."""
    if isinstance(document, list):
        return [page for one in document for page in _opened(one, deep)] if deep else []
    if not isinstance(document, dict):
        return []
    if layout_of(document) or not deep:
        return [document]
    for key in _WRAPPINGS:
        inner = document.get(key)
        if isinstance(inner, str):
            inner = _form(inner) if _FORM.search(inner[:2000]) else json_of(inner)
        if isinstance(inner, dict | list) and (pages := _opened(inner, deep - 1)):
            if any(layout_of(page) for page in pages):
                return pages
    return [document]


def layout_of(page: dict[str, Any]) -> str:
    """The layout of one page or event, by the fields that only it has; "" where there are none."""
    if as_text(page.get("event_name")).startswith("muc-"):
        return "jitsi"
    if as_map(page.get("data")).get("type") == "event":
        return "bbb_webhooks"
    if "recordIndex" in page or (as_text(page.get("type")).startswith("call") and "time" in page):
        return "cms"
    if isinstance(page.get("event"), str) and (
        "createdAt" in page or "created_at" in page or isinstance(page.get("participant"), dict) or "room" in page
    ):
        return "livekit"
    if isinstance(page.get("users"), dict | list) and any("intIds" in user for user in as_maps(page["users"])[:50]):
        return "bbb_dashboard"
    if "objects" in page and "meta" in page:
        return "pexip"
    for key in ("value", "attendanceRecords", "participants", "list", "records", "items", "logs"):
        if isinstance(page.get(key), list) and (found := _listed(as_maps(page[key])[:50])):
            return found
    if any(key.startswith("participantSessions") for key in page):
        return "meet"
    if isinstance(page.get("participants"), list) and "page_size" in page:
        return "zoom_api"
    return "graph" if isinstance(page.get("attendanceRecords"), list) else ""


def _listed(items: list[dict[str, Any]]) -> str:
    for item in items:
        if "attendanceIntervals" in item or "totalAttendanceInSeconds" in item or "attendanceRecords" in item:
            return "graph"
        if "earliestStartTime" in item or "signedinUser" in item or "anonymousUser" in item or "phoneUser" in item:
            return "meet"
        if "recordIndex" in item:
            return "cms"
        if "call_id" in item or isinstance(item.get("join_time"), dict):
            return "trueconf"
        if "join_time" in item or "registrant_id" in item:
            return "zoom_api"
    return ""


def _recorded(pages: list[dict[str, Any]], draft: Draft, clock: Clock) -> Told:
    layout = next((found for page in pages if (found := layout_of(page))), "")
    if not layout:
        raise Unreadable("not_understood")
    fitting = [page for page in pages if layout_of(page) in (layout, "")]
    draft.leave_out("damaged", len(pages) - len(fitting))
    _READERS[layout](fitting, draft, clock)
    draft.faults |= clock.faults
    days = [at for row in draft.rows for at in (row.joined_at, row.left_at) if at]
    if days and not any(clock.near(at) for at in days):
        draft.faults.add("another_day")
    return draft.told(
        layout,
        zone_fixed=not clock.unzoned,
        ask=frozenset(({"zone"} if clock.unzoned else set()) | ({"day_first"} if clock.asked else set())),
    )
