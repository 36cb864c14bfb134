"""An envelope sender of its own for each letter, so that what comes back names the letter by its address alone.

Half of the servers that send a letter back quote neither its Message-ID nor its recipient in a form that can be trusted
(a forwarded one names an address we never wrote to), but every one sends to the envelope sender: RFC 5321 §4.5.5. The
mark is keyed, so that nobody can have a letter called undeliverable by counting ids.
"""

from __future__ import annotations

import re
from typing import Final

from meetings import links

DIGITS: Final = 10  # 40 bits: a wrong guess costs whoever guesses one message in a mailbox that is counted
_OURS: Final = re.compile(r"[^@]*\+b\.([0-9a-f]{1,8})\.([0-9a-f]{10})@[^@]+", re.IGNORECASE)


def address(sender: str, letter_id: int) -> str:
    """``local+b.<id>.<mark>@domain``: the same whenever it is asked for. *sender* itself where a local part would get
    longer than the 64 characters that RFC 5321 allows."""
    local, _at, domain = sender.rpartition("@")
    marked = f"{local}+b.{letter_id:x}.{links.mark(_subject(letter_id), DIGITS)}"
    return f"{marked}@{domain}" if len(marked) <= 64 else sender


def read(address: str) -> int | None:
    """The id of the letter whose envelope bore *address*, None for any other, however odd. Servers on the way may have
    written it in capitals or between angle brackets."""
    found = _OURS.fullmatch(address.strip().removeprefix("<").removesuffix(">"))
    if found is None:
        return None
    letter_id = int(found[1], 16)
    return letter_id if letter_id < 2**31 and links.marked(_subject(letter_id), found[2].lower()) else None


def _subject(letter_id: int) -> str:
    return f"letter.{letter_id:x}"
