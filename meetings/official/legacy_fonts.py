"""Vietnamese typed with fonts older than Unicode, and the way back.

Lists that still live in old Excel files were typed with TCVN3 (.VnTime, …) or VNI-Windows (VNI-Times, …) fonts: the
bytes say «Hoµng V¨n Léc» or «Hoaøng Vaên Loäc», only the font made them readable. Pasted elsewhere they are garbage.
The tables are those of TCVN 5712:1993 (VN3) and VNI-Windows, each as it reads when taken for Windows-1252.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from typing import Final


class Font(StrEnum):
    """The family of fonts a text was typed with."""

    TCVN3 = "tcvn3"
    VNI = "vni"


def _pairs(table: str) -> dict[str, str]:
    return {pair[:-1]: pair[-1] for pair in table.split()}


# TCVN3: one byte a letter; accented capitals share the code of their small letter (the .VnTimeH fonts draw them big).
_TCVN3: Final = _pairs(
    "µà ¸á ¶ả ·ã ¹ạ ¨ă »ằ ¾ắ ¼ẳ ½ẵ Æặ ©â Çầ Êấ Èẩ Éẫ Ëậ ®đ Ìè Ðé Îẻ Ïẽ Ñẹ ªê Òề Õế Óể Ôễ Öệ ×ì Ýí Øỉ Üĩ Þị "
    "ßò ãó áỏ âõ äọ «ô åồ èố æổ çỗ éộ ¬ơ êờ íớ ëở ìỡ îợ ïù óú ñủ òũ ôụ õừ øứ öử ÷ữ ùự úỳ ýý ûỷ üỹ þỵ "
    "¡Ă ¢Â §Đ £Ê ¤Ô ¥Ơ ¦Ư"
) | {"\u00ad": "ư"}

# VNI: a plain letter followed by its mark; a few letters stand alone.
_VNI_SMALL: Final = _pairs(
    "aøà aùá aûả aõã aïạ aêă aèằ aéắ aúẳ aüẵ aëặ aââ aàầ aáấ aåẩ aãẫ aäậ eøè eùé eûẻ eõẽ eïẹ eâê eàề eáế eåể eãễ "
    "eäệ oøò oùó oûỏ oõõ oïọ oâô oàồ oáố oåổ oãỗ oäộ ôøờ ôùớ ôûở ôõỡ ôïợ uøù uùú uûủ uõũ uïụ öøừ öùứ öûử öõữ öïự "
    "yøỳ yùý yûỷ yõỹ îỵ ôơ öư ñđ æỉ óĩ òị ìì íí"
)
_VNI: Final = _VNI_SMALL | {
    form: good.upper() for small, good in _VNI_SMALL.items() for form in {small.upper(), small[0].upper() + small[1:]}
}
_VNI_LONGEST_FIRST: Final = re.compile("|".join(sorted(map(re.escape, _VNI), key=len, reverse=True)))

# Signs that no Vietnamese word in Unicode contains: the strong ones hardly any other word does, the weak ones stand in
# foreign names («Müller», «Noël»).
_TCVN3_STRONG: Final = re.compile("[µ¸¶·¹¨»¾¼½©®ª«¬¡¢§£¤¥¦\u00ad×÷Þþ]|(?<=[a-z])[À-ÖØ-Þ]")  # «NguyÔn»
_TCVN3_WEAK: Final = re.compile("[ßåÆÇËÎÏÑÖØÜäæçëîïñöøûü]")
_VNI_STRONG: Final = re.compile("[aeouyôö][øûå]|a[êèéúàáâ]|e[âàáã]|oâ|[AEOUYÔÖ][ØÛÅ]|A[ÊÈÉÚÀÁÂ]|E[ÂÀÁÃ]|OÂ")
_VNI_WEAK: Final = re.compile("[aeouyôö][ïäëü]|[AEOUYÔÖ][ÏÄËÜ]|ñ|Ñ")
# Letters that only Unicode Vietnamese has: with one of these the text needs no help.
_GENUINE: Final = re.compile("[ăđơưĂĐƠƯ\u1ea0-\u1ef9]")
_WORD: Final = re.compile(r"\S+")


def suspected(text: str) -> Font | None:
    """The old font *text* was typed with, None where nothing speaks for one.

    A guess to be offered, never acted on in silence: «Müller» is a name too, so one odd word among many good ones
    does not raise it.
    """
    words = [word for word in _WORD.findall(unicodedata.normalize("NFC", text)) if any(map(str.isalpha, word))]
    if any(_GENUINE.search(word) for word in words):
        words = [word for word in words if not _GENUINE.search(word)]
    odd = {
        Font.TCVN3: sum(_oddity(word, _TCVN3_STRONG, _TCVN3_WEAK) for word in words),
        Font.VNI: sum(_oddity(word, _VNI_STRONG, _VNI_WEAK) for word in words),
    }
    # the signs of VNI are nearly all letters of TCVN3 too: where both could be, that one which makes Vietnamese of it
    could_be = [font for font in (Font.VNI, Font.TCVN3) if odd[font] >= 2]
    return max(could_be, key=lambda font: (_syllables(to_unicode(text, font)), odd[font]), default=None)


_SYLLABLE: Final = re.compile(
    "(?:[bcdđghklmnpqrstvx]|[ckgnpt]h|gi|ngh?|qu|tr)?"
    "[ou]?(?:[aăâeêioôơuưy]|ia|iê|ya|yê|ua|uô|ưa|ươ)(?:c|ch|m|n|ng|nh|p|t|[iyou])?"
)
_TONE: Final = re.compile("[\u0300\u0301\u0303\u0309\u0323]")


def _syllables(text: str) -> int:
    """How many words of *text* are built as Vietnamese syllables are, with one tone at most."""
    count = 0
    for word in re.findall(r"[^\W\d_]+", text.lower()):
        toneless, tones = _TONE.subn("", unicodedata.normalize("NFD", word))
        count += tones < 2 and bool(_SYLLABLE.fullmatch(unicodedata.normalize("NFC", toneless)))
    return count


def _oddity(word: str, strong: re.Pattern[str], weak: re.Pattern[str]) -> int:
    """2, 1 or 0; a sign counts only beside a plain letter (a lone «·» or «×» is punctuation)."""
    if not re.search("[A-Za-z]", word):
        return 0
    return 2 if strong.search(word) else int(bool(weak.search(word)))


def to_unicode(text: str, font: Font) -> str:
    """*text* as it was meant, NFC. Parts that already are Unicode Vietnamese (line by line) stay as they are."""
    lines = unicodedata.normalize("NFC", text).split("\n")
    return "\n".join(line if _GENUINE.search(line) else _convert(line, font) for line in lines)


def _convert(line: str, font: Font) -> str:
    if font is Font.VNI:
        return unicodedata.normalize("NFC", _VNI_LONGEST_FIRST.sub(lambda found: _VNI[found[0]], line))
    return unicodedata.normalize("NFC", "\t".join(map(_of_tcvn3, line.split("\t"))))


def _of_tcvn3(cell: str) -> str:
    """A cell of TCVN3. Its capital fonts have the codes of small letters: «NGUYÔN» says NGUYỄN, «Lª» beside it LÊ."""
    words = re.split(r"(\s+)", cell)
    big = [bool(re.search("(?<!^)[A-Z]", word)) and not re.search("[a-z]", word) for word in words]
    in_capitals = any(big) and not re.search("[a-z]", cell)
    read = []
    for word, capitals in zip(words, big, strict=True):
        turned = "".join(_TCVN3.get(letter, letter) for letter in word)
        read.append(turned.upper() if capitals or in_capitals else turned)
    return "".join(read)
