"""Call detail records of Cisco Meeting Server: XML as it was pushed, several documents after each other, or the same in JSON.

A leg is told by a start and an end; the end has only its length in seconds, so a lost start can be reckoned from it.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from meetings.attendance.witnesses.clocks import Clock, from_iso
from meetings.attendance.witnesses.drafting import Draft, Who
from meetings.attendance.witnesses.opening import MAX_ROWS, Unreadable, as_map, as_maps, as_text

_END: Final = re.compile(r"</records\s*>")
_MOST_DOCUMENTS: Final = 20_000
_SCHEMES: Final = ("sip:", "sips:", "h323:", "tel:")
Record = dict[str, Any]


def records_in(text: str) -> tuple[list[Record], int]:
    """The records of all documents in *text* as maps, and how many documents were damaged."""
    found: list[Record] = []
    damaged = 0
    documents = _END.split(text, _MOST_DOCUMENTS)
    if len(documents) > _MOST_DOCUMENTS:
        raise Unreadable("too_many_rows")
    for document in documents[:-1]:
        try:
            root = fromstring(document[max(document.find("<records"), 0) :] + "</records>", forbid_dtd=True)
        except (ParseError, DefusedXmlException, ValueError):
            damaged += 1
            continue
        found += [{**one.attrib, **_told(one)} for one in root if _bare(one) == "record"]
        if len(found) > 4 * MAX_ROWS:
            raise Unreadable("too_many_rows")
    return found, damaged + ("<records" in documents[-1])


def _bare(one: Element) -> str:
    return one.tag.rpartition("}")[2] if isinstance(one.tag, str) else ""


def _told(record: Element) -> Record:
    told: Record = {}
    for part in record:
        inner: Record = {_bare(one): (one.text or "").strip() for one in part}
        told[_bare(part)] = {**part.attrib, **inner}
    return told


def cms(pages: list[Record], draft: Draft, clock: Clock) -> None:
    """Legs by their id; the names a leg was given later count where it had none at its start."""
    records = [one for page in pages for one in (as_maps(page.get("records")) or as_maps(page.get("record")) or [page])]
    legs: dict[str, Record] = {}
    numbers: dict[str, list[int]] = {}
    seen: set[tuple[str, str, str]] = set()
    for record in records:
        kind, at = as_text(record.get("type") or record.get("recordType")), from_iso(record.get("time"))
        number = as_text(record.get("recordIndex"))
        if number.isdigit() and len(number) < 12:
            numbers.setdefault(as_text(record.get("session")), []).append(int(number))
        if not kind.startswith("callLeg"):
            _call(kind, at, record, draft)
            continue
        told = as_map(record.get("callLeg")) or record
        leg = as_text(told.get("id"))
        if not leg or (kind, leg, str(at)) in seen:
            draft.leave_out("repeated" if leg else "damaged")
            continue
        seen.add((kind, leg, str(at)))
        held = legs.setdefault(leg, {"id": leg})
        for key, value in told.items():
            if value and not held.get(key):
                held[key] = value
        if kind == "callLegStart":
            held["came"] = at
        elif kind == "callLegEnd":
            held["went"] = at
            held["spent"] = as_text(told.get("durationSeconds"))
    for held in legs.values():
        _leg(held, draft)
    if any(len(set(told)) <= max(told) - min(told) for told in numbers.values()):
        draft.faults.add("gaps_in_record")


def _call(kind: str, at: datetime | None, record: Record, draft: Draft) -> None:
    if kind == "callStart":
        draft.title = draft.title or as_text(as_map(record.get("call")).get("name"))
        draft.began_at = draft.began_at or at
    elif kind == "callEnd":
        draft.ended_at = at or draft.ended_at
    else:
        draft.leave_out("another_event")


def _leg(held: Record, draft: Draft) -> None:
    came, went, spent = held.get("came"), held.get("went"), as_text(held.get("spent"))
    seconds = int(spent) if spent.isdigit() and len(spent) < 8 else None
    if seconds is not None and went is None and came is not None:
        went = came + timedelta(seconds=seconds)
    address = _without_scheme(as_text(held.get("remoteAddress") or held.get("remoteParty"), 254))
    own = _without_scheme(as_text(held.get("localAddress")))
    name = as_text(held.get("displayName") or held.get("remoteParty"))
    draft.add(Who(name or address, address, own), came, went, seconds)


def _without_scheme(text: str) -> str:
    return next((text[len(scheme) :] for scheme in _SCHEMES if text.lower().startswith(scheme)), text)
