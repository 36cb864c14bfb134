"""The short words a writer types at the beginning of a line: ``/nv`` makes it an action item, ``/kl`` a conclusion.

They are read where the text is saved, not where it is typed: so they do the same on a phone, in any browser, without
scripts, and under every Vietnamese input method (none of them changes a slash followed by these letters).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final


class Command(StrEnum):
    """What a line becomes."""

    TASK = "nv"  # nhiệm vụ
    CONCLUSION = "kl"  # kết luận
    VOTE = "bq"  # biểu quyết
    NOTE = "gc"  # ghi chú


_COMMAND: Final = re.compile(r"^\s*/\s?(nv|kl|bq|gc)(?![^\W_])[ \t:.\-–]*(.*)$", re.IGNORECASE)
_COUNTS: Final = re.compile(
    r"^(?!\d\d?/\d\d?/\d{4})(\d{1,5})\s*[-/–,;]\s*(\d{1,5})(?:\s*[-/–,;]\s*(\d{1,5}))?(?![\d/])[ \t:.\-–]*"
)
_DUE: Final = re.compile(
    r"[\s,;.(–-]*\b(?:(?:hoàn thành |xong )?trước|hạn|chậm nhất(?: là| vào)?)[\s:]*(?:ngày\s+)?"
    r"(\d{1,2})(?:[/.-]|\s+tháng\s+)(\d{1,2})(?:(?:[/.-]|\s+năm\s+)(\d{4}))?[).;\s]*$",
    re.IGNORECASE,
)
_LEAD: Final = re.compile(r"^([^:\n]{2,120}):\s+(?=\S)")


@dataclass(frozen=True)
class Made:
    """One line that becomes something else, and what is to be done with it."""

    command: Command
    text: str


@dataclass(frozen=True)
class Read:
    """A typed text: what stays of it, and what its lines become."""

    rest: str
    made: tuple[Made, ...] = ()


def read(text: str) -> Read:
    """Take the lines that begin with a command out of *text*; a command with nothing behind it stays as it is."""
    rest: list[str] = []
    made: list[Made] = []
    for line in text.split("\n"):
        found = _COMMAND.match(line)
        if found and found[2].strip():
            made.append(Made(Command(found[1].lower()), capital(found[2].strip())))
        else:
            rest.append(line)
    return Read("\n".join(rest).strip(), tuple(made))


def capital(text: str) -> str:
    """*text* with a capital at its beginning, as a sentence of its own."""
    return text[:1].upper() + text[1:]


def counts(text: str) -> tuple[str, tuple[int | None, int | None, int | None]]:
    """``30-2-1 Thông qua dự thảo`` → the question and for, against, withheld; without figures three times None."""
    found = _COUNTS.match(text)
    if not found:
        return text, (None, None, None)
    figures = tuple(int(figure) if figure else None for figure in found.groups())
    return capital(text[found.end() :].strip()), (figures[0], figures[1], figures[2])


def due(text: str, *, today: date) -> tuple[str, date | None]:
    """``Ban hành hướng dẫn, hạn 31/01`` → what is to be done and the day; without a year the next such day after *today*."""
    found = _DUE.search(text)
    if not found or not text[: found.start()].strip():
        return text, None
    day, month, year = int(found[1]), int(found[2]), found[3]
    try:
        on = date(int(year) if year else today.year, month, day)
        on = on if year or on >= today else on.replace(year=today.year + 1)
    except ValueError:
        return text, None
    return text[: found.start()].strip(), on


def lead(text: str) -> tuple[str, str]:
    """``Vụ Kế hoạch: ban hành hướng dẫn`` → who leads, and what is to be done; no lead where no colon stands."""
    found = _LEAD.match(text)
    return (found[1].strip(), capital(text[found.end() :].strip())) if found else ("", text)


def merged(stored: str, typed: str) -> str:
    """Two wordings of a text in one: what both hold once, then what either holds alone; nothing is lost."""
    if typed in stored:
        return stored
    if stored in typed:
        return typed
    lines = stored.split("\n")
    return "\n".join([*lines, *(line for line in typed.split("\n") if line.strip() and line not in lines)])
