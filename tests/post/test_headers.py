"""Ten thousand Vietnamese subjects and names (forty thousand in the long version), read back from the bytes by two readers
that know nothing of our writer: the standard library, and a strict one written here after RFC 2047 and RFC 5322."""

from __future__ import annotations

import binascii
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import compat32
from email.utils import parseaddr
from random import Random

import pytest

from meetings.post.message import Address, Envelope, Pattern, build

NUMBER = 10_000 if os.environ.get("PROVE") == "1" else 2_500
"""Letters; each has one subject and three names."""
AT = datetime(2026, 12, 1, 2, 20, 11, tzinfo=UTC)

_SAID = (
    "Giấy mời họp trực tuyến toàn quốc sơ kết công tác chuyển đổi số sáu tháng đầu năm triển khai nhiệm vụ trọng tâm "
    "Hội nghị giao ban thường kỳ Ủy ban nhân dân tỉnh Nghệ An xã Phước Thuận phường Đoàn Kết đặc khu Phú Quý Huế Bộ "
    "trưởng Thứ trưởng Chánh Văn phòng Vụ Kế hoạch – Tài chính Sở Nông nghiệp và Môi trường phòng, chống thiên tai "
    "ứng phó bão số về việc điều chỉnh thời gian ĐỔI GIỜ HOÃN HỦY nghiêng ngả quyển vở khuỷu tay nguyễn Nguyễn Thị "
    "Diễm Quỳnh Đặng Hữu Phước Hoàng Ỷ Lan ẳng ẵng ặc ễ ỵ Ỹ ượt ưỡn rượu kể cả Đắk Lắk Krông Búk Ea H'leo Y Ênuôl"
)
WORDS = _SAID.split()
ODD = (
    '"họp kín"', '"', "\\", "\\\\\"", "(khẩn)", "[HN-2026-0147]", "<b>", "a@b", ",", ";", ":", "A, B", "=?utf-8?B?eA==?=",
    "=?utf-8?Q?x?=", "=?", "?=", "=", "_", "=20", "50%", "'", "“họp”", "‘’", "–", "—", "…", "№ 5", "m²", "½", "₫", "ß", "İı",
    "📅", "👨‍👩‍👧‍👦", "🇻🇳", "👍🏽", "❤️", "\U0001fae8", "漢字", "ສະບາຍດີ", "ខ្មែរ", "e\u0302\u0309", "o\u031b\u0323",
    "a\u0306\u0301", "ệ" * 30,
    "đường-dẫn-rất-dài-không-có-dấu-cách-" * 3, "x" * 75, "x" * 76, "x" * 77, "Subject:", "\u00ad", "ﬁ",
)  # fmt: skip


def sentences(chance: Random) -> Iterator[str]:
    """First every length around which a line, a word or a character may be cut, then whatever chance says."""
    for octets in range(1, 160):
        yield "x" * octets
        yield ("ế" * (octets // 3 + 1)) + "x" * (octets % 3)
        yield "x" * (octets % 4) + "đ" * (octets // 2 + 1)
        yield "x" + " ơ" * (octets // 2)
        yield "x" * (octets % 5) + "😀" * (octets // 4 + 1)
    while True:
        yield " ".join(chance.choice(ODD if chance.random() < 0.12 else WORDS) for _ in range(chance.randint(1, 24)))


_WORD = re.compile(r"=\?(utf-8)\?(B)\?([A-Za-z0-9+/]+={0,2})\?=")
_LINE = re.compile(r"[ -~]*")


def unfolded(raw: str) -> str:
    """The body of a header in one line; raises where a line is longer or odder than the RFCs allow."""
    lines = raw.split("\r\n")
    for number, line in enumerate(lines):
        assert _LINE.fullmatch(line) and (number == 0 or line[0] == " " and line.strip())
        assert len(line) <= 998 and ("=?" not in line or len(line) <= 76), line  # RFC 5322 §2.1.1, RFC 2047 §2
    return "".join(lines)


def decoded(text: str) -> str:
    """Unstructured text (RFC 2047 §5.1): the space between two encoded words is no part of it (§6.2)."""
    found, after_word = "", False
    for number, token in enumerate(text.split(" ")):
        word = _WORD.fullmatch(token)
        if word:
            assert len(token) <= 75
            # a whole number of characters in each (§5): decoded alone
            plain = binascii.a2b_base64(word[3], strict_mode=True).decode("utf-8")
        else:
            assert not ("=?" in token and "?=" in token), token
            plain = token
        found += plain if number == 0 or (word and after_word) else f" {plain}"
        after_word = bool(word)
    return found


def mailbox(text: str) -> tuple[str, str]:
    """A display name and an address (RFC 5322 §3.4), the name a quoted string or encoded words."""
    phrase, opened, rest = text.rpartition("<")
    if not opened:
        return "", text
    assert rest.endswith(">") and rest[:-1].isascii()
    phrase = phrase.rstrip(" ")
    if phrase.startswith('"'):
        assert re.fullmatch(r'"(?:[^"\\]|\\.)*"', phrase), phrase
        return re.sub(r"\\(.)", r"\1", phrase[1:-1]), rest[:-1]
    assert all(_WORD.fullmatch(word) for word in phrase.split(" ")), phrase
    return decoded(phrase), rest[:-1]


def theirs(value: str) -> str:
    return str(make_header(decode_header(value)))


def test_not_one_of_ten_thousand_subjects_and_names_is_damaged() -> None:
    chance = Random(2026)
    made, pattern = sentences(chance), Pattern("x")
    damaged = []
    for number in range(NUMBER):
        subject, *names = (next(made) for _ in range(4))
        who = [Address(name, f"a{number}@tinh.example") for name in names]
        data = build(Envelope(f"k-{number}", who[0], who[1], subject, AT, who[2]), pattern, {}, [])
        head = data.partition(b"\r\n\r\n")[0].decode("ascii")
        raw = dict(re.split(r": ?", line, maxsplit=1) for line in re.split(r"\r\n(?! )", head))
        message = message_from_bytes(data, policy=compat32)
        read = {"Subject": decoded(unfolded(f"Subject: {raw['Subject']}")[9:])}
        again = {"Subject": theirs(message["Subject"].replace("\r\n", ""))}
        wanted = {"Subject": subject}
        for field, address in zip(("From", "To", "Reply-To"), who, strict=True):
            wanted[field] = (address.name, address.address)
            read[field] = mailbox(unfolded(f"{field}: {raw[field]}")[len(field) + 2 :])
            shown, at = parseaddr(message[field].replace("\r\n", ""))
            # the library decodes words inside a quoted string too, where RFC 2047 §5 has none
            again[field] = (theirs(shown) if raw[field][:1] != '"' else shown, at)
        damaged += [(field, want, read[field], again[field]) for field, want in wanted.items()
                    if not want == read[field] == again[field]]  # fmt: skip
    assert not damaged, f"{len(damaged)} of {4 * NUMBER}, first {damaged[0]}"


@pytest.mark.parametrize("broken", ["=?utf-8?B?4buH4bs=?=", "=?utf-8?B?eA==?= ?=x=?"])
def test_the_strict_reader_is_strict(broken: str) -> None:
    with pytest.raises((AssertionError, UnicodeDecodeError)):
        decoded(broken)
