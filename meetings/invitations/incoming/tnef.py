"""``winmail.dat`` (TNEF): in which older Outlook answers, where no iCalendar comes out of its server.

Only what an answer needs is read. ``tnefparse`` is an oracle of the tests and no part of the product: a count in the
file decides how often it goes round, up to four thousand million times.
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from meetings.invitations.incoming.calendar import Reading, Writer
from meetings.invitations.incoming.text import clean_address, decoded, lines, one_line
from meetings.invitations.incoming.types import CalendarAnswer

MOST_BYTES: Final = 1024 * 1024
_MOST_OBJECTS: Final = 2000
_MOST_PROPERTIES: Final = 2000
_SIGNATURE: Final = b"\x78\x9f\x3e\x22"
_MESSAGE_CLASS, _PROPERTIES = 0x8008, 0x9003

_FIXED: Final = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_LONG: Final = (0x0D, 0x1E, 0x1F, 0x102)
_MEETING: Final = uuid.UUID("6ed8da90-450b-1b10-98da-00aa003f1305")
_APPOINTMENT: Final = uuid.UUID("00062002-0000-0000-c000-000000000046")
_GLOBAL_ID, _CLEAN_GLOBAL_ID, _SAID_AT = (_MEETING, 0x03), (_MEETING, 0x23), (_MEETING, 0x01)
_SEQUENCE, _REPLACES = (_APPOINTMENT, 0x8201), (_APPOINTMENT, 0x8228)
_NEW_START, _NEW_END = (_APPOINTMENT, 0x8250), (_APPOINTMENT, 0x8251)
_CLASS, _BODY, _EMAIL, _SMTP = 0x001A, 0x1000, 0x0065, 0x5D02

_ANSWERS: Final = {
    "ipm.microsoft schedule.mtgrespp": "ACCEPTED",
    "ipm.microsoft schedule.mtgrespa": "TENTATIVE",
    "ipm.microsoft schedule.mtgrespn": "DECLINED",
    "ipm.schedule.meeting.resp.pos": "ACCEPTED",
    "ipm.schedule.meeting.resp.tent": "TENTATIVE",
    "ipm.schedule.meeting.resp.neg": "DECLINED",
}
_FOREIGN: Final = b"vCal-Uid\x01\0\0\0"
Key = int | tuple[uuid.UUID, int]


def read(data: bytes, writer: Writer) -> Reading | None:
    """What the file says; None where it carries no answer (a letter with pictures, a request)."""
    if not data.startswith(_SIGNATURE) or len(data) > MOST_BYTES:
        return Reading("", fault="broken_tnef") if b"MtgResp" in data[:4096] or b"Meeting.Resp" in data[:4096] else None
    kind, found, whole = _opened(data)
    partstat = _ANSWERS.get(kind.lower())
    if partstat is None:
        return None if whole or "resp" not in kind.lower() else Reading("", fault="broken_tnef")
    if not whole:
        return Reading("REPLY", fault="broken_tnef")
    global_id = found.get(_CLEAN_GLOBAL_ID) or found.get(_GLOBAL_ID)
    if not isinstance(global_id, bytes):
        return Reading("REPLY", fault="no_component")
    day = found.get(_GLOBAL_ID)
    one_date = isinstance(day, bytes) and any(day[16:20])  # the date of a series, as a day; its hour stands elsewhere
    instance = _time(found.get(_REPLACES)) if one_date else None
    starts_at, ends_at = _time(found.get(_NEW_START)), _time(found.get(_NEW_END))
    sequence = found.get(_SEQUENCE, 0)
    attendee = clean_address(_text(found.get(_SMTP))) or clean_address(_text(found.get(_EMAIL))) or writer.address
    answer = CalendarAnswer(
        method="COUNTER" if starts_at and partstat == "TENTATIVE" else "REPLY",
        uid=_uid(global_id),
        instance=instance,
        sequence=sequence if isinstance(sequence, int) and sequence >= 0 else 0,
        stamp=_time(found.get(_SAID_AT)) or writer.sent_at,
        attendee=attendee,
        partstat=partstat,
        said=one_line(kind, 60),
        comment=lines(_text(found.get(_BODY)), 1000),
        starts_at=starts_at,
        ends_at=ends_at,
        clear=bool(_uid(global_id)) and (instance is not None or not one_date),
    )
    return Reading(answer.method, (answer,))


def _opened(data: bytes) -> tuple[str, dict[Key, Any], bool]:
    """Its class, its properties, and whether it was read to its end."""
    kind, where = "", 6
    found: dict[Key, Any] = {}
    for _ in range(_MOST_OBJECTS):
        if where >= len(data):
            return kind, found, True
        if where + 9 > len(data):
            return kind, found, False
        name, length = struct.unpack_from("<H", data, where + 1)[0], struct.unpack_from("<I", data, where + 5)[0]
        inside = data[where + 9 : where + 9 + length]
        where += 9 + length + 2
        if where > len(data):
            return kind, found, False
        if name == _MESSAGE_CLASS:
            kind = one_line(decoded(inside.rstrip(b"\0")), 60)
        elif name == _PROPERTIES:
            try:
                found.update(_properties(inside))
            except (struct.error, ValueError):
                return kind, found, False
            kind = kind or one_line(_text(found.get(_CLASS)), 60)
    return kind, found, False


def _properties(data: bytes) -> Iterator[tuple[Key, Any]]:
    (count,) = struct.unpack_from("<I", data, 0)
    where = 4
    if count > _MOST_PROPERTIES:
        raise ValueError("more properties than any message has")
    for _ in range(count):
        kind, name = struct.unpack_from("<HH", data, where)
        where += 4
        key: Key = name
        if name >= 0x8000:
            space, is_named = (
                uuid.UUID(bytes_le=data[where : where + 16]),
                struct.unpack_from("<I", data, where + 16)[0],
            )
            (lid,) = struct.unpack_from("<I", data, where + 20)
            where += 24
            if is_named:
                where += lid + -lid % 4
            key = (space, -1 if is_named else lid)
        many, kind = bool(kind & 0x1000), kind & ~0x1000
        times = 1
        if many or kind in _LONG:
            (times,) = struct.unpack_from("<I", data, where)
            where += 4
            if times > _MOST_PROPERTIES:
                raise ValueError("more values than any property has")
        for index in range(times):
            if kind in _FIXED:
                value, where = data[where : where + _FIXED[kind]], where + _FIXED[kind]
            elif kind in _LONG:
                (length,) = struct.unpack_from("<I", data, where)
                value, where = data[where + 4 : where + 4 + length], where + 4 + length + -length % 4
            else:
                raise ValueError("a property of no known type")
            if where > len(data):
                raise ValueError("a property that ends behind the end")
            if not index:
                yield key, _value(kind, value)


def _value(kind: int, value: bytes) -> Any:
    if kind == 0x03:
        return struct.unpack("<i", value)[0]
    if kind == 0x40:
        return struct.unpack("<Q", value)[0]
    if kind == 0x1F:
        return value[: len(value) // 2 * 2].decode("utf-16-le", "replace").rstrip("\0")
    return decoded(value.rstrip(b"\0")) if kind == 0x1E else value


def _uid(global_id: bytes) -> str:
    """Outlook keeps the UID of others behind forty bytes of its own; what it made itself is named in hexadecimals."""
    inside = global_id[40:]
    if inside.startswith(_FOREIGN):
        return one_line(decoded(inside[len(_FOREIGN) :].split(b"\0")[0]), 400)
    return global_id.hex().upper() if len(global_id) < 400 else ""


def _time(ticks: Any) -> datetime | None:
    """A FILETIME: tenths of microseconds since 1601."""
    if not isinstance(ticks, int) or not 0 < ticks < 0x7FFF_FFFF_FFFF_FFFF:
        return None
    try:
        return (datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=ticks // 10)).replace(microsecond=0)
    except OverflowError:
        return None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
