"""Names, telephones and e-mail addresses as people write them, and as they are kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from meetings.official.text import fold, tidy

HONORIFICS: Final = ("Ông", "Bà")
_PREFIX: Final = re.compile(r"^(ông|bà|mr|mrs|ms|đồng chí|đ/c|đc)(?:\.\s*|\s+)(?=\S)", re.IGNORECASE)
_MEANT: Final = {"ông": "Ông", "bà": "Bà", "mr": "Ông", "mrs": "Bà", "ms": "Bà"}
_GENDERS: Final = {
    "ong": "Ông",
    "nam": "Ông",
    "mr": "Ông",
    "male": "Ông",
    "ba": "Bà",
    "nu": "Bà",
    "mrs": "Bà",
    "female": "Bà",
}
# Addresses as mail servers really take them; quoted local parts and bare IPs exist on paper only.
_EMAIL: Final = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
_GROUPS: Final = (
    (re.compile(r"0[35789]\d{8}"), 4, 7),
    (re.compile(r"02[48]\d{8}"), 3, 7),
    (re.compile(r"02\d{9}"), 4, 7),
    (re.compile(r"02\d{8}"), 3, 6),
)
_SEVERAL: Final = re.compile(r"\s*[;,/]\s*|\s+(?:-|hoặc|và)\s+|\n")


@dataclass(frozen=True)
class Named:
    """A person's honorific (``Ông``, ``Bà`` or nothing: it is never guessed) and name."""

    honorific: str
    name: str
    title: str = ""


def named(text: str, honorific: str = "") -> Named:
    """Take ``Ông Lê Minh Khang, Chánh Văn phòng`` apart; *honorific* is what a column of its own says (``Nữ``, ``Bà``)."""
    name, _, title = tidy(text).partition(",")
    said = _GENDERS.get(fold(honorific).rstrip("."), "")
    found = _PREFIX.match(name)
    while found:
        said = said or _MEANT.get(found[1].casefold(), "")
        name = name[found.end() :]
        found = _PREFIX.match(name)
    return Named(said, name.strip(), title.strip())


def phone(text: str) -> str | None:
    """The digits of the first telephone number in *text*: ``+84 912.000.345`` → ``0912000345``. None: it is none.

    A mobile number that lost its zero in a spreadsheet gets it back.
    """
    first = next((part for part in _SEVERAL.split(text.strip()) if part), "")
    if re.search(r"[^\d\s.()+\-–]", first):
        return None
    digits = re.sub(r"\D", "", first)
    if first.lstrip("( ").startswith("+84") or (digits.startswith("84") and len(digits) in (11, 12)):
        digits = "0" + digits[2:].removeprefix("0")
    elif (len(digits) == 9 and digits[0] in "35789") or (len(digits) == 10 and digits[0] == "2"):
        digits = "0" + digits
    if re.fullmatch(r"0[35789]\d{8}|02\d{8,9}|1[89]00\d{4,6}|069\d{5,8}|0080\d{4,5}|080\d{5,6}", digits):
        return digits
    return None


def spoken(digits: str) -> str:
    """A telephone number as it is read aloud: ``0912 000 345``, ``024 3845 0101``, ``0238 384 0101``."""
    for form, first, second in _GROUPS:
        if form.fullmatch(digits):
            return f"{digits[:first]} {digits[first:second]} {digits[second:]}"
    return digits


def email(text: str) -> str | None:
    """The address in *text*, its domain in small letters; None: mail cannot go there."""
    address = tidy(text).removeprefix("mailto:").strip("<>").rstrip(".,;")
    if len(address) > 254 or len(address.partition("@")[0]) > 64 or not _EMAIL.fullmatch(address):
        return None
    local, _, domain = address.partition("@")
    return f"{local}@{domain.lower()}"


def same_person(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two (name, post) are one person; a post may be written in short: *Bộ trưởng* for *Bộ trưởng Bộ Y tế*."""
    (name, post), (name_too, post_too) = ([tidy(text).casefold() for text in pair] for pair in (one, other))
    return bool(name) and name == name_too and (post.startswith(post_too) or post_too.startswith(post))
