"""The titles of columns, in any letter case and in English or Vietnamese: which column says what."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from meetings.attendance.witnesses.clocks import plain, stamp


class Column(StrEnum):
    """What a column may say of a participant."""

    NAME = "name"
    ORIGINAL = "original"  # a name with the device's own behind it, in brackets
    JOIN = "join"
    LEAVE = "leave"
    FIRST = "first"  # first join of several
    LAST = "last"  # last leave of several
    LENGTH = "length"
    ADDRESS = "address"
    IDENTITY = "identity"
    ACTION = "action"
    STAMP = "stamp"
    WAITING = "waiting"


_TITLES: Final[dict[str, Column]] = {
    title: column
    for column, titles in {
        Column.NAME: "name|full name|fullname|display name|participant|participant name|user name|attendee name|attendee|"
        "ten|ten day du|ho ten|ho va ten|ten hien thi|ten nguoi tham gia|ten nguoi tham du|nguoi tham gia|nguoi tham du|"
        "site|site name|ten diem cau|diem cau|ten don vi|don vi|co quan, don vi|ten co quan, don vi|unit|endpoint",
        Column.ORIGINAL: "name (original name)|ten (ten goc)|ten (ten ban dau)|ten nguoi dung (ten goc)",
        Column.JOIN: "join time|joined at|joined|join|time joined|join date|in|vao|gio vao|vao luc|thoi gian vao|thoi diem vao|"
        "tham gia|thoi gian tham gia|gio tham gia|thoi diem tham gia|tham gia luc|vao hop|gio vao hop|ket noi luc|gio ket noi|"
        "thoi gian ket noi",
        Column.LEAVE: "leave time|left at|left|leave|time left|leave date|out|ra|gio ra|ra luc|thoi gian ra|thoi diem ra|"
        "roi khoi|roi di|roi|thoi gian roi|thoi gian roi di|gio roi|gio roi di|thoi diem roi|thoi gian roi khoi|roi luc|roi hop|"
        "ra hop|"
        "gio ra hop|thoat luc|gio thoat|thoi gian thoat|ngat ket noi luc|gio ngat|thoi gian ngat ket noi",
        Column.FIRST: "first join|first join time|lan tham gia dau tien|tham gia lan dau|tham gia dau tien|"
        "lan dau tham gia|thoi gian tham gia dau tien",
        Column.LAST: "last leave|last leave time|lan roi di cuoi cung|roi di lan cuoi|lan roi cuoi cung|roi khoi cuoi cung|"
        "lan cuoi roi di|roi di cuoi cung|thoi gian roi di cuoi cung",
        Column.LENGTH: "duration|duration (minutes)|duration(minutes)|total duration (minutes)|total durection(minutes)|"
        "total durection (minutes)|total duration(minutes)|in-meeting duration|attendance duration|meeting duration|"
        "thoi luong|thoi luong (phut)|tong thoi luong (phut)|thoi luong trong cuoc hop|thoi luong tham gia|so phut|"
        "thoi luong tham du|tong thoi gian|tong thoi gian (phut)|tong thoi luong",
        Column.ADDRESS: "email|e-mail|user email|attendee email|email address|mail|thu dien tu|dia chi email|"
        "email nguoi dung|email cua nguoi dung|dia chi thu dien tu",
        Column.IDENTITY: "participant id (upn)|participant id|participantid|upn|id nguoi tham gia (upn)|"
        "id nguoi tham du (upn)|ma diem cau|ma so|ma|site id|site code|external id|ma don vi|user id",
        Column.ACTION: "user action|action|hanh dong|hanh dong cua nguoi dung|thao tac|thao tac cua nguoi dung",
        Column.STAMP: "timestamp|utceventtimestamp|dau thoi gian|thoi gian|thoi diem|time",
        Column.WAITING: "in waiting room|waiting room|trong phong cho|dang trong phong cho|o phong cho|phong cho",
    }.items()
    for title in titles.split("|")
}

_HINTS: Final = (
    (re.compile(r"waiting room|phong cho"), Column.WAITING),
    (re.compile(r"\(upn\)"), Column.IDENTITY),
    (re.compile(r"original name|ten goc|ten ban dau"), Column.ORIGINAL),
    (re.compile(r"thoi luong|durection|\bduration\b"), Column.LENGTH),
    (re.compile(r"^(?!host|meeting|organi).*(\bemail\b|thu dien tu)"), Column.ADDRESS),
    (re.compile(r"(first|dau tien|lan dau).*|.*(dau tien|lan dau)$"), Column.FIRST),
    (re.compile(r"(last|cuoi).*(leave|roi|ra\b|thoat)|(leave|roi|thoat).*(cuoi|last)"), Column.LAST),
    (re.compile(r"^(join|joined)\b.*time|^(thoi gian|thoi diem|gio|luc) (tham gia|vao|ket noi)\b"), Column.JOIN),
    (re.compile(r"^(leave|left)\b.*time|^(thoi gian|thoi diem|gio|luc) (roi|ra|thoat|ngat)\b"), Column.LEAVE),
    (re.compile(r"^(ten|ho va ten|ho ten) (?!cuoc hop|su kien|chu|nguoi chu|nguoi to chuc|may chu)"), Column.NAME),
)
_ZONE_TAIL: Final = re.compile(r"\s*[\[(](?:utc|gmt|ict|gio|local|dd|mm|hh|yyyy)[^\])]*[\])]\s*$")

_KEYS: Final[dict[str, str]] = {
    word: key
    for key, words in {
        "title": "meeting title|topic|event name|meeting name|meeting topic|tieu de cuoc hop|ten cuoc hop|chu de|cuoc hop|"
        "ten su kien",
        "began": "start time|meeting start time|event start time|thoi gian bat dau|thoi gian bat dau cuoc hop|gio bat dau|"
        "bat dau",
        "ended": "end time|meeting end time|event end time|thoi gian ket thuc|thoi gian ket thuc cuoc hop|gio ket thuc|"
        "ket thuc",
    }.items()
    for word in words.split("|")
}


def column_of(title: str) -> Column | None:
    """What the column under *title* says, None where that is not known or not of interest."""
    said = plain(title).strip(" :*.")
    if not said or len(said) > 60:
        return None
    bare = _ZONE_TAIL.sub("", said)
    if said in _KEYS:
        return None
    found = _TITLES.get(said) or _TITLES.get(bare)
    if found:
        return found
    return next((column for pattern, column in _HINTS if pattern.search(bare)), None)


def columns_of(cells: list[str]) -> dict[Column, int]:
    """The columns of a header row; of two that say the same the first."""
    found: dict[Column, int] = {}
    for place, cell in enumerate(cells):
        if cell and not cell[0].isdigit() and "@" not in cell and (column := column_of(cell)):
            found.setdefault(column, place)
    return found


def is_header(cells: list[str], columns: dict[Column, int]) -> bool:
    """Whether such a row heads a table of attendance: it has somebody, and a time or a length.

    The block about the meeting itself has titles too («Participants», «Duration»), but no time at which anybody came.
    """
    somebody = {Column.NAME, Column.ORIGINAL} & columns.keys()
    comings = {Column.JOIN, Column.FIRST, Column.STAMP} & columns.keys()
    if not comings and any(key_of(cell) for cell in cells):
        return False
    if any("@" in cell or (cell[:1].isdigit() and stamp(cell)) for cell in cells):
        return False  # «Joined», «Attendee» are words of a line too: a title is never a time or an address
    if somebody:
        return bool(comings or {Column.LENGTH, Column.LEAVE, Column.LAST} & columns.keys())
    return bool({Column.ADDRESS, Column.IDENTITY} & columns.keys()) and bool(comings - {Column.STAMP})


def key_of(text: str) -> str:
    """``title``, ``began`` or ``ended`` where *text* announces that of the meeting; "" else."""
    return _KEYS.get(plain(text).strip(" :"), "")
