"""People as they are typed into a message: one a line or several behind semicolons, with greetings before and after.

Pure. Only what cannot be a person is passed over: a greeting, thanks, a line that announces the list. A numbered line is
always a person, and so is one that begins with «Ông», «Bà» or «Đ/c».
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from meetings.directory import persons, tables
from meetings.official.text import fold, tidy

NUMBERING: Final = re.compile(
    r"^(?:(?:stt|tt)\s*:?\s*)?\(?\d{1,4}\s*[.):/-]+\s*|^(?:stt|tt)\s*:?\s*\d{1,4}\s+|^[-–•*+·]\s+"
    r"|^\d{1,3}\s+(?=[^\W\d_])",
    re.IGNORECASE,
)
ROLES: Final = re.compile(
    r"(pho )?truong doan|thanh vien|phat bieu|tham luan|thu ky|ky thuat( vien)?|dai bieu|khach moi|du thinh"
)
ADDRESSED: Final = re.compile(r"(ông|bà|đồng chí|đ/c|đc)\.?\s", re.IGNORECASE)
_STAMP: Final = re.compile(r"^\[[^\]]*\d{1,2}[:/hg]\d{1,2}[^\]]*\]\s*(?:[^:\d]{1,60}:\s*)?")
"""«[10/12/2026 10:32] Hoa VP: …» before each message that is copied."""
_ANNOUNCED: Final = re.compile(
    r"^[^:]{2,120}?\b(?:gồm(?:\s+có)?|như\s+sau|gom(?:\s+co)?|nhu\s+sau)\s*:\s*", re.IGNORECASE
)
_SAID: Final = re.compile(
    # with their marks: «Trần Trọng Nghĩa», «Đặng Kỳ Nam» and «Lê Văn Nha» are people
    r"(?:kính|kinh|em|xin)\s+(?:gửi|gui|chào|chao|báo cáo|xin|cảm ơn|cam on|đăng ký|trình)\b.*"
    r"|(?:gửi|gui)\s+(?:anh|chị|chi|em|các|quý|văn phòng|vp)\b.*|(?:chào|dạ|vâng|alo)\b.*"
    r"|(?:cảm ơn|cam on|trân trọng|danh sách|danh sach|đăng ký|thành phần)\b.*|tran trong|.*\sạ",
    re.IGNORECASE,
)
_TITLED: Final = re.compile(
    # with their marks: Trương and Tống are names, and so is Phó
    r"(?:nguyên|quyền|q\.)?\s*(?:phó(?=\s+(?:chủ|bí|giám|trưởng|chánh|vụ|cục|chi|tổng|văn|hiệu|viện|phòng|ban|ct|vp)\b|$)"
    r"|chủ tịch|bí thư|giám đốc|tổng|trưởng|chánh|vụ trưởng|cục trưởng|chi cục trưởng"
    r"|thứ trưởng|bộ trưởng|hiệu trưởng|viện trưởng|đội trưởng|chỉ huy|công chức|viên chức|chuyên viên|cán bộ|kế toán"
    r"|nhân viên|[uủ][yỷ] viên|thanh tra viên|kiểm sát viên|p?ct|p?cvp|p?gđ|p?bt)\b.*",
    re.IGNORECASE,
)
_BODY: Final = re.compile(
    r"(?:ubnd|hđnd|[uủ][yỷ] ban|hội đồng|sở|ban|phòng|văn phòng|trung tâm|công an|đảng [uủ][yỷ]|hội|mặt trận|ubmttq"
    r"|trường|bệnh viện|trạm|cục|chi cục|vụ|bộ|xã|phường|đặc khu|tỉnh|thành phố|vp)\b.*",
    re.IGNORECASE,
)
_NAMED: Final = re.compile(r"([^:]{2,60}?)\s*:\s*(\S.*)")
_BRACKETED: Final = re.compile(r"([^(),:]*?[^\W\d_][^(),:]*?)\s*\(([^()]{2,200})\)[\s,.;–-]*(.*)")


def titled(text: str) -> bool:
    """Whether *text* begins as a post does: «Phó Chủ tịch UBND»."""
    return bool(_TITLED.fullmatch(tidy(text)))


def body(text: str) -> bool:
    """Whether *text* begins as the name of an office does: «UBND xã»."""
    return bool(_BODY.fullmatch(tidy(text)))


def messages(lines: Sequence[str]) -> list[str]:
    """The people of a message, one a line: without hour and sender before each, without greetings; several of one line apart."""
    found: list[str] = []
    for line in lines:
        text = _STAMP.sub("", line.strip())
        if not _person(text):
            text = _ANNOUNCED.sub("", text)
        pieces = [piece.strip() for piece in text.split(";") if piece.strip()]
        several = len(pieces) > 1 and all(_whole(piece) for piece in pieces)
        found += [piece for piece in (pieces if several else [text]) if piece and not _said(piece)]
    return found


def several(lines: Sequence[str]) -> bool:
    """Whether semicolons stand between whole people here, and not between the cells of a table."""
    pieces = [piece for line in lines for piece in _ANNOUNCED.sub("", line).split(";") if piece.strip()]
    return len(pieces) > len(lines) and all(_whole(piece) for piece in pieces)


def cells(line: str) -> list[str]:
    """A typed line: name first, organisation last, what is between is the title (which may hold commas)."""
    parts, roles = _parts(NUMBERING.sub("", line.strip()))
    tail: list[str] = []
    while len(parts) > 1 and (persons.phone(parts[-1]) or ROLES.fullmatch(fold(parts[-1]))):
        tail.insert(0, parts.pop())
    if len(parts) > 3:
        parts = [parts[0], ", ".join(parts[1:-1]), parts[-1]]
    roles += [part for part in tail if not persons.phone(part)]
    phones = [part for part in tail if persons.phone(part)]
    return [*parts, *[""] * (3 - len(parts)), " ".join(roles[:1]), " ".join(phones[:1])] if parts else []


def _parts(line: str) -> tuple[list[str], list[str]]:
    """What dashes, commas, a colon or brackets keep apart in *line*, the name first; and the part in the delegation before it."""
    roles: list[str] = []
    before: list[str] = []
    after: list[str] = []
    found = _NAMED.fullmatch(line)
    if found and ROLES.fullmatch(fold(found[1])):
        roles, line = [found[1]], found[2]
        found = _NAMED.fullmatch(line)
    if found and not re.search(r"\d|\s[-–—]\s|,", found[1]):
        if (titled(found[1]) or body(found[1])) and not (titled(found[2]) or body(found[2])):
            line, after = found[2], [found[1]]
        else:
            before, line = [found[1]], found[2]
    elif (found := _BRACKETED.fullmatch(line)) and not re.search(r"\s[-–—]\s", found[1]):
        before, line = [found[1], found[2]], found[3]
    parts = re.split(r"\s+[-–—]\s+", line)
    if len(parts) == 1:
        parts = line.split(",")
    kept = [part for part in map(tidy, [*before, *parts[:1], *after, *parts[1:]]) if part]
    return kept, roles


def _person(text: str) -> bool:
    return bool(ADDRESSED.match(text) or NUMBERING.match(text))


def _whole(piece: str) -> bool:
    """Whether *piece* holds a person with his post, or calls somebody so."""
    return bool(ADDRESSED.match(piece.strip()) or re.search(r"\s[-–—]\s|,|:|\(", piece))


def _said(text: str) -> bool:
    return not _person(text) and (text.endswith(":") or bool(_SAID.fullmatch(tables.clean(text).rstrip(" .!,"))))
