"""How wide and how high Times New Roman sets a text, without the font being present.

Advance widths in 1/2048 em, read from Liberation Serif 2.1 (metric-compatible with Times New Roman). A vowel with a
tone is as wide as its plain sister; only ơ and ư differ, so ASCII and four letters tell all of Vietnamese.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Final

MM_PER_POINT: Final = 25.4 / 72
LEADING: Final = (1825 + 443 + 87) / 2048  # ascent + descent + gap, in em: what "single" line spacing means

_LEAN: Final = (0.891 + 0.2163) / 12
"""A twelfth of the height of the type, in em."""


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(word) for word in text.split())


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split("|"))


_ASCII: Final[dict[str, tuple[int, ...]]] = {
    "": _numbers(
        "512 682 836 1024 1024 1706 1593 369 682 682 1024 1155 512 682 512 569 1024 1024 1024 1024 1024 1024 1024 1024 "
        "1024 1024 569 569 1155 1155 1155 909 1886 1479 1366 1366 1479 1251 1139 1479 1479 682 797 1479 1251 1821 1479 "
        "1479 1139 1479 1366 1139 1251 1479 1479 1933 1479 1479 1251 682 569 682 961 1024 682 909 1024 909 1024 909 682 "
        "1024 1024 569 569 1024 569 1593 1024 1024 1024 1024 682 797 569 1024 1024 1479 1024 1024 909 983 410 983 1108"
    ),
    "b": _numbers(
        "512 682 1137 1024 1024 2048 1706 569 682 682 1024 1167 512 682 512 569 1024 1024 1024 1024 1024 1024 1024 1024 "
        "1024 1024 682 682 1167 1167 1167 1024 1905 1479 1366 1479 1479 1366 1251 1593 1593 797 1024 1593 1366 1933 1479 "
        "1593 1251 1593 1479 1139 1366 1479 1479 2048 1479 1479 1366 682 569 682 1190 1024 682 1024 1139 909 1139 909 "
        "682 1024 1139 569 682 1139 569 1706 1139 1024 1139 1139 909 797 682 1139 1024 1479 1024 1024 909 807 451 807 "
        "1065"
    ),
    "i": _numbers(
        "512 682 860 1024 1024 1706 1593 438 682 682 1024 1382 512 682 512 569 1024 1024 1024 1024 1024 1024 1024 1024 "
        "1024 1024 682 682 1382 1382 1382 1024 1884 1251 1251 1366 1479 1251 1251 1479 1479 682 909 1366 1139 1706 1366 "
        "1479 1251 1479 1251 1024 1139 1479 1251 1706 1251 1139 1139 797 569 797 864 1024 682 1024 1024 909 1024 909 569 "
        "1024 1024 569 569 909 569 1479 1024 1024 1024 1024 797 797 569 1024 909 1366 909 909 797 819 563 819 1108"
    ),
    "bi": _numbers(
        "512 797 1137 1024 1024 1706 1593 569 682 682 1024 1167 512 682 512 569 1024 1024 1024 1024 1024 1024 1024 1024 "
        "1024 1024 682 682 1167 1167 1167 1024 1704 1366 1366 1366 1479 1366 1366 1479 1593 797 1024 1366 1251 1821 1479 "
        "1479 1251 1479 1366 1139 1251 1479 1366 1821 1366 1251 1251 682 569 682 1167 1024 682 1024 1024 909 1024 909 "
        "682 1024 1139 569 569 1024 569 1593 1139 1024 1024 1024 797 797 569 1139 909 1366 1024 909 797 713 451 713 1167"
    ),
}
_OTHERS: Final[dict[str, dict[str, int]]] = {
    "": {"ơ": 1083, "ư": 1110, "Ơ": 1479, "Ư": 1589, "₂": 714, "×": 1155},
    "b": {"ơ": 1134, "ư": 1229, "Ơ": 1593, "Ư": 1630, "₂": 614, "×": 1167},
    "i": {"ơ": 1093, "ư": 1117, "Ơ": 1479, "Ư": 1544, "₂": 712, "×": 1382},
    "bi": {"ơ": 1099, "ư": 1227, "Ơ": 1479, "Ư": 1587, "₂": 714, "×": 1167},
}
_SIGNS: Final = {
    "–": 1024,
    "—": 2048,
    "…": 2048,
    "“": 1024,
    "”": 1024,
    "‘": 682,
    "’": 682,
    "«": 1024,
    "»": 1024,
    "\u00a0": 512,
}


@cache
def _advance(letter: str, face: str) -> int:
    if letter in _SIGNS:
        return _SIGNS[letter]
    if letter in _OTHERS[face]:
        return _OTHERS[face][letter]
    apart = unicodedata.normalize("NFD", letter)
    plain = {"đ": "d", "Đ": "D"}.get(letter, apart[0])
    if "\u031b" in apart:
        return _OTHERS[face][{"o": "ơ", "u": "ư", "O": "Ơ", "U": "Ư"}.get(plain, "ơ")]
    place = ord(plain) - 32
    # what is not Latin is taken as wide as a capital: a guess on the safe side
    return _ASCII[face][place] if 0 <= place < len(_ASCII[face]) else 1479


def width(text: str, points: float, *, bold: bool = False, italic: bool = False) -> float:
    """The length in millimetres of *text* on one line."""
    face = ("b" if bold else "") + ("i" if italic else "")
    return sum(_advance(letter, face) for letter in text) / 2048 * points * MM_PER_POINT


def leaning(text: str, points: float) -> float:
    """What LibreOffice adds to *text* in italics: each non-breaking space is a piece of its own, with room to lean over."""
    return text.count("\u00a0") * _LEAN * points * MM_PER_POINT


def line_height(points: float, spacing: float = 1.0) -> float:
    """The height in millimetres of one line."""
    return points * LEADING * spacing * MM_PER_POINT


def lines_needed(
    pieces: Sequence[tuple[str, bool]], points: float, room: float, *, indent: float = 0.0, italic: bool = False
) -> int:
    """How many lines of *room* mm a paragraph of (text, bold) pieces takes; the first is *indent* mm shorter."""
    words = [(word, bold) for text, bold in pieces for word in text.split(" ") if word]
    space = width(" ", points)
    count, used = 1, indent
    at_start = True
    for word, bold in words:
        length = width(word, points, bold=bold, italic=italic)
        if not at_start and used + space + length > room:
            count, used, at_start = count + 1, 0.0, True
        used += length + (0 if at_start else space)
        at_start = False
        while used > room:  # a word longer than a line is broken by the renderer
            count, used = count + 1, used - room
    return count


# words of two syllables that a title line may not tear; a line may well begin with one of _OPENERS
_COMPOUNDS: Final = _words(
    "hội nghị|trực tuyến|toàn quốc|sơ kết|tổng kết|công tác|chuyển đổi|triển khai|nhiệm vụ|kết luận|giao ban|"
    "chuyên đề|tập huấn|thủ tục|hành chính|cải cách|kinh tế|xã hội|phát triển|giải quyết|công việc|thông tin|"
    "truyền thông|an toàn|giao thông|phòng chống|thiên tai|nông nghiệp|môi trường|y tế|giáo dục|đào tạo|khoa học|"
    "công nghệ|tài chính|kế hoạch|đầu tư|xây dựng|quốc phòng|an ninh|địa phương|trung ương|nhân dân|ủy ban|bộ trưởng|"
    "thứ trưởng|chủ tịch|thủ tướng|chính phủ|tỉnh ủy|dữ liệu|điện tử|kết nối|dân cư|quản lý|nhà nước|điều phối|"
    "mô hình|chính quyền|hai cấp|quán triệt|phổ biến|nghị quyết|nghị định|thông tư|chỉ thị|quyết định|đề án|dự án|"
    "dự báo|cảnh báo|ứng phó|khắc phục|hậu quả|mưa lũ|tham nhũng|lãng phí|tiêu cực|thanh tra|kiểm tra|giám sát|"
    "tuyên truyền|vận động|bầu cử|đại biểu|hội đồng|quốc hội|đô thị|nông thôn|đất đai|giải phóng|mặt bằng|đầu mối|"
    "hạ tầng|tài nguyên|lao động|việc làm|an sinh|du lịch|văn hóa|thể thao|thương mại|công nghiệp|doanh nghiệp|"
    "ngân sách|tài sản|hồ sơ|dịch vụ|sắp xếp|bộ máy|tổ chức|cán bộ|công chức|viên chức|thi đua|khen thưởng|thực hiện|"
    "chỉ đạo|điều hành|tháo gỡ|khó khăn|vướng mắc|giải pháp|trọng tâm|kết quả|mục tiêu|chương trình|quốc gia|đổi số"
)
_OPENERS: Final = _words("và|của|tại|về|với|cho|trong|trên|để|nhằm|từ|đến|giữa|theo|do")


def balanced(text: str, points: float, room: float, *, bold: bool = True) -> list[str]:
    """A title cut into the fewest lines of at most *room* mm, near one length, no compound word torn.

    A line break in *text* is kept: whoever typed it knows better.
    """
    lines: list[str] = []
    for part in text.split("\n"):
        lines += _cut(part.split(" "), points, room, bold)
    return [line for line in lines if line]


def _cut(words: list[str], points: float, room: float, bold: bool) -> list[str]:
    lengths = [width(word, points, bold=bold) for word in words]
    space = width(" ", points, bold=bold)
    total = sum(lengths) + space * (len(words) - 1)
    if total <= room or len(words) < 2:
        return [" ".join(words)]
    fewest = lines_needed([(" ".join(words), bold)], points, room)
    ideal = total / fewest
    # best[i]: the least penalty of setting words[i:], and where its first line ends
    best: list[tuple[float, int]] = [(0.0, 0)] * (len(words) + 1)
    for start in range(len(words) - 1, -1, -1):
        options = []
        used = -space
        for end in range(start + 1, len(words) + 1):
            used += space + lengths[end - 1]
            if used > room and end > start + 1:
                break
            torn = _tear(words, end)
            options.append((((used - ideal) / ideal) ** 2 + torn + best[end][0] + 0.5, end))
        best[start] = min(options)
    cuts = [0]
    while cuts[-1] < len(words):
        cuts.append(best[cuts[-1]][1])
    return [" ".join(words[a:b]) for a, b in pairwise(cuts)]


def _tear(words: list[str], end: int) -> float:
    """What it costs to end a line before ``words[end]``."""
    if end >= len(words):
        return 0.0
    pair = f"{words[end - 1]} {words[end]}".lower().strip(",.;:")
    if pair in _COMPOUNDS:
        return 1.0
    return -0.05 if words[end].lower() in _OPENERS else 0.0
