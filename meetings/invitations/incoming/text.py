"""Letters out of bytes that came from anywhere: character sets, encoded words, addresses, dates and plain text."""

from __future__ import annotations

import binascii
import html
import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

MOST_TEXT: Final = 4000

# Only what turns bytes into letters quickly: "punycode" and "idna" take minutes, "utf-7" hides what it says.
_KNOWN: Final = re.compile(
    r"(utf-?(8|16|32)(-?[lb]e)?(-sig)?|(us-)?ascii|iso-?8859-?\d{1,2}|latin-?\d|(windows-|cp|x-cp)\d{3,4}|koi8-[rut]"
    r"|big5(-?hkscs)?|gb2312|gbk|gb18030|euc-?(jp|kr)|shift[-_]?jis|iso-2022-(jp|kr)(-\d)?|ks_c_5601-1987|tis-620"
    r"|macroman|macintosh)"
)
_WORD: Final = re.compile(r"=\?([^?\s]{1,40})\?([bBqQ])\?([^?]*)\?=")
_GAP: Final = re.compile(r"(\?=)\s+(=\?)")
_MONTHS: Final = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DATE: Final = re.compile(
    r"(\d{1,2})[ -]+([A-Za-z]{3})[a-z]*[ -]+(\d{2,4})[ ,]+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([+-]\d{4}|[A-Z]{1,5})?"
)
_ZONES: Final = {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "ICT": 7}
ADDRESS: Final = re.compile(r"[^\s<>()\[\],;:\"'@]{1,64}@[^\s<>()\[\],;:\"'@]{1,190}")
_SILENT_TAGS: Final = ("script", "style", "head", "title")
_BREAKING: Final = ("br", "p", "/p", "div", "/div", "tr", "/tr", "li", "table", "blockquote", "hr", "h1", "h2", "h3")


def latin(value: bytes) -> str:
    return value.decode("latin-1")


def decoded(data: bytes, charset: str = "", *, cut: bool = False) -> str:
    """*data* in letters, NFC: as it says of itself, else UTF-8, else what is written in Vietnam and its neighbourhood.
    Never refuses: Latin-1 knows every byte. *cut*: its end was taken off, maybe within a letter."""
    said = charset.strip().strip("\"'").lower().partition("*")[0]
    if data.startswith(b"\xef\xbb\xbf"):
        said, data = "utf-8", data[3:]
    elif data.startswith((b"\xff\xfe", b"\xfe\xff")):
        said = "utf-16"
    elif b"\x1b$" in data and not said.startswith("iso-2022"):
        said = "iso-2022-jp"
    tried = [said.replace("x-cp", "cp")] if _KNOWN.fullmatch(said) else []
    for name in (*tried, "utf-8", "cp1258", "cp1252"):
        try:
            text = data.decode(name)
        except UnicodeDecodeError as fault:
            if not cut or fault.reason != "unexpected end of data":
                continue
            text = data[: fault.start].decode(name)
        except (UnicodeError, LookupError, ValueError):
            continue
        return unicodedata.normalize("NFC", text.removeprefix("\ufeff"))
    return latin(data)


def words(value: bytes, most: int) -> str:
    """A header that people read: encoded words (RFC 2047) decoded, also badly folded ones and those whose letter is cut
    in two; raw bytes of any character set; one line."""
    longest = 8 * most + 1000
    text = decoded(value[:longest], cut=len(value) > longest)
    if "=?" in text:
        text = _unpacked(_GAP.sub(r"\1\2", text))
    return one_line(text, most)


def _unpacked(text: str) -> str:
    out: list[str] = []
    held, held_charset, at = b"", "", 0
    for match in _WORD.finditer(text):
        between, charset = text[at : match.start()], match[1].partition("*")[0].lower()
        if held and (between or charset != held_charset):
            out.append(decoded(held, held_charset))
            held = b""
        out.append(between)
        octets = match[3].encode("utf-8", "replace")
        if match[2] in "bB":
            octets = re.sub(rb"[^A-Za-z0-9+/]", b"", octets)
            octets = octets[: len(octets) - 1] if len(octets) % 4 == 1 else octets
            held += binascii.a2b_base64(octets + b"=" * (-len(octets) % 4))
        else:
            held += binascii.a2b_qp(octets, header=True)
        held_charset, at = charset, match.end()
    if held:
        out.append(decoded(held, held_charset))
    out.append(text[at:])
    return "".join(out)


def one_line(text: str, most: int) -> str:
    """*text* as one line that can be kept and printed: no controls, no half letters."""
    clean = "".join(c if c.isprintable() else " " for c in text[: 4 * most + 100])
    return " ".join(clean.split())[:most].strip()


def lines(text: str, most: int = MOST_TEXT) -> str:
    """*text* with its line breaks, no other controls, no more than two breaks together."""
    text = text[: 4 * most + 100].replace("\r\n", "\n").replace("\r", "\n")
    clean = "".join(c if c.isprintable() or c == "\n" else " " for c in text)
    clean = re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \u00a0]+\n", "\n", clean))
    return clean.strip()[:most].strip()


def unmarked(page: str) -> str:
    """The words of an HTML page. Linear, and no parser that a page could keep busy."""
    out: list[str] = []
    silent = ""
    first, *pieces = page.split("<")
    out.append(first)
    for piece in pieces:
        tag, shut, rest = piece.partition(">")
        name = re.match(r"/?[A-Za-z][A-Za-z0-9]{0,15}", tag)
        told = name[0].lower() if name else ""
        if silent:
            silent = "" if told == "/" + silent else silent
            if silent:
                continue
        elif told in _SILENT_TAGS:
            silent = told
            continue
        elif not shut or not (told or tag.startswith(("!", "?", "/"))):
            out.append("<" + piece)
            continue
        if told in _BREAKING:
            out.append("\n")
        out.append(rest)
    joined = html.unescape("".join(out).replace("\xa0", " "))
    return "\n".join(" ".join(line.split()) for line in joined.split("\n"))


def addresses(value: bytes, most: int = 50) -> list[tuple[str, str]]:
    """(name, address) of each mailbox of a header, addresses in lower case. What is no address is passed over."""
    found: list[tuple[str, str]] = []
    for piece in _at_commas(decoded(value[:8192], cut=len(value) > 8192)):
        inside = re.findall(r"<\s*([^<>]*?)\s*>", piece)
        candidate = inside[-1] if inside else re.sub(r"\([^()]*\)", " ", piece)
        match = ADDRESS.search(candidate)
        if match is None:
            continue
        name = piece[: piece.rfind("<")] if inside else " ".join(re.findall(r"\(([^()]*)\)", piece))
        name = re.sub(r"\\(.)", r"\1", name.strip().removeprefix('"').removesuffix('"'))
        found.append((words(name.encode(), 200), clean_address(match[0])))
        if len(found) >= most:
            break
    return found


def _at_commas(text: str) -> list[str]:
    """Cut at the commas outside quotes and brackets (and at the semicolons with which Outlook sets people apart)."""
    pieces: list[str] = []
    begins, quoted, slashed = 0, False, False
    for at, letter in enumerate(text):
        if slashed:
            slashed = False
        elif letter == "\\":
            slashed = True
        elif letter == '"':
            quoted = not quoted
        elif letter in ",;" and not quoted:
            pieces.append(text[begins:at])
            begins = at + 1
    return [*pieces, text[begins:]]


def clean_address(address: str) -> str:
    """An address as addresses are compared here: without ``mailto:``, brackets and capitals. "" for what is none."""
    bare = address.strip().strip("\"'<>").strip()
    if bare[:7].lower() == "mailto:":
        bare = bare[7:].strip()
    bare = bare.partition("?")[0].rstrip(".").lower()
    return bare if len(bare) <= 254 and ADDRESS.fullmatch(bare) and bare.isprintable() else ""


def message_ids(text: str, most: int = 50) -> list[str]:
    """Every ``<…>`` without odd letters, in order."""
    return re.findall(r"<[!-;=?-~]{1,250}>", text[:20_000])[:most]


def sent_at(text: str) -> datetime | None:
    """The Date of a message, aware, UTC."""
    match = _DATE.search(text[:200])
    if match is None or match[2].lower() not in _MONTHS:
        return None
    year = int(match[3])
    year += 2000 if year < 50 else 1900 if year < 1000 else 0
    zone = match[7] or "+0000"
    if zone[0] in "+-":
        offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5])) * (-1 if zone[0] == "-" else 1)
    else:
        offset = timedelta(hours=_ZONES.get(zone, 0))
    try:
        said = datetime(
            year,
            _MONTHS.index(match[2].lower()) + 1,
            int(match[1]),
            int(match[4]),
            int(match[5]),
            min(int(match[6] or 0), 59),
            tzinfo=timezone(offset),
        )
        return said.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
