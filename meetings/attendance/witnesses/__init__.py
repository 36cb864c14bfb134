"""What machines tell of who was connected: attendance files of every platform, read into the same rows.

Pure; :func:`read` never raises, whatever the bytes, and takes bounded time and memory.
"""

from __future__ import annotations

from datetime import date

from meetings.attendance.witnesses import layouts
from meetings.attendance.witnesses.clocks import HANOI
from meetings.attendance.witnesses.opening import MAX_BYTES, MAX_ROWS, Unreadable
from meetings.attendance.witnesses.told import FAULTS, LAYOUTS, LEFT_OUT, Row, Told

__all__ = ["FAULTS", "LAYOUTS", "LEFT_OUT", "MAX_BYTES", "MAX_ROWS", "Row", "Told", "read"]


def read(raw: bytes, *, name: str, on: date, zone: str = HANOI, day_first: bool | None = None) -> Told:
    """What the file *raw* tells. *on* is the day of the meeting in Hà Nội: it decides whether 11/12 is December.

    *name* is what the file is called; nothing follows from it but a word of what may be wrong. *zone* and *day_first* are
    the answers to :attr:`Told.ask`: the zone counts only where the file does not say its own.
    """
    try:
        return layouts.read(raw, on=on, zone=zone, day_first=day_first)
    except Unreadable as known:
        why = known.why
    except Exception:  # a fault of ours must not keep a clerk from her other files
        why = "not_understood"
    if why == "not_understood" and name.lower().endswith(".xls"):
        why = "old_workbook"
    return Told("", faults=(why,))
