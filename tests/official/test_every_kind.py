"""What holds for every kind of document: its texts come back, Word opens it, and on paper it has the decree's measures."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator

import pytest

from meetings.official.pages import lay_out
from tests.official.kinds import ANNEXES, FILLED, ODD, SAMPLES
from tests.official.printed import Print, printed_all
from tests.official.sound import assert_sound, faults, lines

_ODD = "dai"
NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"
TEXTS = 5_040
"""Five thousand, in thirds of rows of two, three and four."""
_WORDS = (
    "Nguyễn", "Thị", "Ánh", "Đặng", "Ngọc", "Quỳnh", "ủy", "ban", "nhân", "dân", "tỉnh", "Thừa", "Thiên", "Huế", "hoà", "thuý",
    "ngày", "10", "tháng", "12", "năm", "2026", "08", "giờ", "00", "Ông", "UBND", "TP.", "-", "điểm", "a", "nghiêng", "Ươm",
    "&", "<", ">", '"', "'", "&amp;", "<w:t>", "]]>", "%s", "%", "{{ x }}", "${y}", "\\", "😀", "👩🏽‍🌾", "🇻🇳", "𡨸喃", "…",
    "“", "”", "–", "e\u0323\u0302", "o\u031b\u0301", "\u200b", "\u00a0", "שלום", "ﬁ", "½", "./.",
)  # fmt: skip


def texts(count: int) -> Iterator[str]:
    """Vietnamese as it arrives: composed and decomposed, with marks of XML, emoji, words without an end; none is empty."""
    chance = random.Random(30)
    for n in range(count):
        words = chance.choices(_WORDS, k=chance.randint(1, 9))
        if n % 50 == 0:
            words.append("".join(chance.choices("ạảãâấđêốơưq", k=300)))
        said = " ".join(words)
        form = ("NFC", "NFD", "")[n % 3]
        said = unicodedata.normalize(form, said) if form else said
        yield f"{said} #{n}"


def plain(text: str) -> str:
    """*text* with plain spaces: a document puts non-breaking ones into dates and names (``text.bound``), and changes
    nothing else."""
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize("kind", FILLED)
def test_five_thousand_texts_come_back_as_they_were_typed(kind: str) -> None:
    typed = list(texts(TEXTS))
    data = FILLED[kind](typed)
    found = iter([plain(line) for line in lines(data)])
    for text in typed:
        assert plain(unicodedata.normalize("NFC", text)) in found, text
    assert list(faults(data)) == []


@pytest.mark.parametrize("kind", SAMPLES | ANNEXES)
def test_word_opens_it_without_repair(kind: str) -> None:
    assert_sound((SAMPLES | ANNEXES)[kind]())


@pytest.fixture(scope="module")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Print]:
    files = {kind: make() for kind, make in (SAMPLES | ANNEXES).items()}
    files |= {f"{kind}-{_ODD}": make() for kind, make in ODD.items()}
    return printed_all(files, tmp_path_factory.mktemp("kinds"))


@pytest.mark.parametrize("kind", SAMPLES)
def test_printed_it_keeps_the_measures_of_the_decree(kind: str, sheets: dict[str, Print]) -> None:
    sheet = sheets[kind]
    across = kind in ("danh-sach", "danh-sach-chung", "ky-ten")
    width, height = (297.0, 210.0) if across else (210.0, 297.0)
    for size in sheet.pages:
        assert size == pytest.approx((width, height), abs=0.1)
    words = [word for page in range(1, len(sheet.pages) + 1) for word in sheet.on(page)]
    assert min(word.left for word in words) == pytest.approx(30.1, abs=1)
    assert max(word.right for word in words) <= width - 15 + 0.5
    assert min(word.top for word in words) >= 20 - 0.5 and max(word.bottom for word in words) <= height - 20 + 0.5

    # title and motto: one line each, sizes, and a rule as long as the motto
    nation, motto = _line(sheet, NATION), _line(sheet, MOTTO)
    centre = (nation[0].left + nation[-1].right) / 2
    assert nation[0].points == pytest.approx(13, abs=0.3) and motto[0].points == pytest.approx(14, abs=0.3)
    assert nation[0].baseline == pytest.approx(24.3, abs=1) and motto[0].baseline == pytest.approx(29.9, abs=1)
    assert nation[-1].right - nation[0].left == pytest.approx(95.0, abs=1)
    rules = [rule for rule in sheet.rules() if rule[2] < 72]
    under = next(rule for rule in rules if rule[0] > motto[0].left - 3)
    assert (under[0], under[1]) == pytest.approx((motto[0].left, motto[-1].right), abs=1)
    assert under[2] == pytest.approx(32.0, abs=1) and (under[0] + under[1]) / 2 == pytest.approx(centre, abs=1)

    # issuer: its rule is a third to a half of its last line
    left = next(rule for rule in rules if rule[1] < motto[0].left)
    above = [word for word in sheet.on(1) if word.right < nation[0].left and word.baseline < left[2]]
    last = [word for word in above if abs(word.baseline - max(one.baseline for one in above)) < 1]
    length = max(word.right for word in last) - min(word.left for word in last)
    assert 1 / 3 <= (left[1] - left[0]) / length <= 1 / 2
    assert all(word.points == pytest.approx(13, abs=0.3) for word in above)

    # what stands under the subject, in every kind that has a title
    if kind != "cong-van":
        title = next(rule for rule in rules if rule[2] > 45)
        near = [word for word in sheet.on(1) if 0 < title[2] - word.baseline < 8]
        line = [word for word in near if word.baseline == pytest.approx(max(w.baseline for w in near), abs=1)]
        assert all(word.points == pytest.approx(14, abs=0.3) for word in line)
        if not any(word.text.startswith("(Kèm") for word in line):
            share = (title[1] - title[0]) / (max(w.right for w in line) - min(w.left for w in line))
            assert 1 / 3 <= share <= 1 / 2

    # the number of the document: 13 points, in the middle under its issuer
    if numbered := [word for word in sheet.on(1) if word.text.startswith("Số:") and word.right < nation[0].left]:
        number = next(word for word in sheet.on(1) if "/" in word.text and word.baseline == numbered[0].baseline)
        assert number.points == pytest.approx(13, abs=0.3) and number.baseline == pytest.approx(39.6, abs=1)
        assert (numbered[0].left + number.right) / 2 == pytest.approx((left[0] + left[1]) / 2, abs=1)

    # page numbers: 13 points, in the middle of the text, from the second page of a section on
    numbers = [word for word in sheet.words if word.top <= 18]
    assert not [word for word in numbers if word.page == 1]
    for word in numbers:
        assert word.text.isdecimal() and word.points == pytest.approx(13, abs=0.3)
        assert (word.left + word.right) / 2 == pytest.approx((30 + width - 15) / 2, abs=1)
    # Nơi nhận: its label 12 points, its lines 11
    label, line = (next(word for word in words if word.text == said) for said in ("nhận:", "Lưu:"))
    assert label.points == pytest.approx(12, abs=0.3) and line.points == pytest.approx(11, abs=0.3)
    if kind == "bien-ban":
        place = [word for word in sheet.on(1) if word.text in ("Địa", "kết") and 75 < word.baseline < 90]
        assert max(word.right for word in sheet.on(1) if word.baseline == place[0].baseline) == pytest.approx(
            195, abs=0.6
        )
        first, second = (next(word for word in sheet.on(1) if word.text == said) for said in ("Thời", "Địa"))
        assert first.left == pytest.approx(42.8, abs=0.5)  # the first line of a paragraph
        assert second.baseline - first.baseline == pytest.approx(6.5 + 2.1, abs=0.3)  # a line, and six points below it
        assert [(word.page, word.text) for word in numbers] == [(2, "2")]  # the annex begins anew
    if kind == "ky-ten":
        assert [(word.page, word.text) for word in numbers][:1] == [(2, "2")]
        assert all(sheet.on(page)[0].text == "STT" for page in range(2, len(sheet.pages) + 1))  # the heads repeat


def _line(sheet: Print, text: str) -> list:
    """The words of the first page's line that says *text*, whole and unbroken."""
    on = sheet.on(1)
    wanted = text.split()
    for start in range(len(on)):
        some = on[start : start + len(wanted)]
        if [word.text for word in some] == wanted:
            assert len({round(word.bottom) for word in some}) == 1, f"{text} is broken"
            return some
    raise AssertionError(f"the first page does not say {text}")


def test_printed_an_official_letter_has_its_subject_under_its_number(sheets: dict[str, Print]) -> None:
    sheet = sheets["cong-van"]
    subject = next(word for word in sheet.on(1) if word.text == "V/v")
    number = next(word for word in sheet.on(1) if word.text.startswith("09/"))
    assert 4 < subject.baseline - number.baseline < 8
    assert subject.points == pytest.approx(12, abs=0.3) and number.baseline == pytest.approx(39.6, abs=1)
    day = next(word for word in sheet.on(1) if word.text.startswith("Nội,"))
    assert day.points == pytest.approx(14, abs=0.3) and day.baseline == pytest.approx(39.9, abs=1)


def test_printed_the_invitation_is_one_page_and_its_list_another(sheets: dict[str, Print]) -> None:
    sheet = sheets["giay-moi"]
    assert len(sheet.pages) == 2 and sheet.line("TL. BỘ TRƯỞNG", 1) and sheet.line("Phụ lục", 2)


@pytest.mark.parametrize("kind", ANNEXES)
def test_printed_an_annex_keeps_the_measures_and_names_its_document(kind: str, sheets: dict[str, Print]) -> None:
    sheet = sheets[kind]
    pages = range(1, len(sheet.pages) + 1)
    assert all(size == pytest.approx((210.0, 297.0), abs=0.1) for size in sheet.pages)
    words = [word for page in pages for word in sheet.on(page)]
    assert min(word.left for word in words) >= 30 - 0.1 and max(word.right for word in words) <= 195.5
    assert min(word.top for word in words) >= 20 - 0.5 and max(word.bottom for word in words) <= 277.5
    first = sheet.on(1)
    assert [word.text for word in first[:2]] == ["Phụ", "lục"]
    assert first[0].points == pytest.approx(14, abs=0.3)
    assert (first[0].left + first[1].right) / 2 == pytest.approx(112.5, abs=1)
    assert sheet.line("(Kèm theo Biên bản số", 1)
    numbers = [word for word in sheet.words if word.top <= 18]
    assert [(word.page, word.text) for word in numbers] == [(page, str(page)) for page in pages if page > 1]
    assert all(word.points == pytest.approx(13, abs=0.3) for word in numbers)
    last = sheet.on(len(sheet.pages))
    assert last[-1].text == "./." and len(last) > 20, "the mark does not stand alone on its page"
    for n, word in enumerate(words):  # a heading stays with what it leads to
        if word.text == "Định" and words[n - 1].text.endswith(".") and words[n - 1].text[:-1].isdecimal():
            assert word.bottom < 265


@pytest.mark.parametrize("kind", SAMPLES | ANNEXES)
def test_the_sheets_of_the_preview_have_every_word_where_the_print_has_it(kind: str, sheets: dict[str, Print]) -> None:
    laid = lay_out((SAMPLES | ANNEXES)[kind]()).sheets
    assert len(laid) == len(sheets[kind].pages)
    for number, sheet in enumerate(laid, 1):
        reckoned = _places((part, word.x, word.y) for word in sheet.words for part in word.text.split("\u00a0")[:1])
        printed = _places((word.text, word.left, word.baseline) for word in sheets[kind].on(number))
        off = [
            word
            for word in reckoned
            if not any(abs(word[1] - x) < 0.6 and abs(word[2] - y) < 0.5 for said, x, y in printed if said == word[0])
        ]
        assert not off


@pytest.mark.parametrize("kind", ODD)
def test_printed_what_is_long_and_odd_needs_no_retouching_either(kind: str, sheets: dict[str, Print]) -> None:
    data, sheet = ODD[kind](), sheets[f"{kind}-{_ODD}"]
    assert_sound(data)
    width, height = sheet.pages[0]
    words = [word for page in range(1, len(sheet.pages) + 1) for word in sheet.on(page)]
    assert min(word.left for word in words) >= 30 - 0.1 and max(word.right for word in words) <= width - 15 + 0.5
    assert max(word.bottom for word in words) <= height - 20 + 0.7  # the box of a last line, the room below its letters
    assert all(sheet.on(page) for page in range(1, len(sheet.pages) + 1))  # no page is empty
    assert max(word.bottom for word in sheet.on(1)) > height / 2 - 20  # nor stands the head alone on its own

    # title and motto are whole, and so are place and date
    for text, points in ((NATION, 13), (MOTTO, 14)):
        assert all(word.points == pytest.approx(points, abs=0.3) for word in _line(sheet, text))
    if kind in ("giay-moi", "thong-bao", "cong-van"):
        place, year = (next(w for w in sheet.on(1) if w.text == said and w.left > 80) for said in ("phố", "2027"))
        assert place.baseline == pytest.approx(year.baseline, abs=0.1) and place.points >= 13 - 0.3

    # the signature has a line of the text above it, and a giấy mời its one page
    signed = "THƯ" if kind == "bien-ban" else "CHÁNH"
    page = next(n for n in range(1, len(sheet.pages) + 1) if any(word.text == signed for word in sheet.on(n)))
    mark = next(word for word in sheet.on(page) if word.text == signed)
    assert any(word.baseline < mark.baseline - 8 for word in sheet.on(page))
    if kind == "giay-moi":
        assert page == 1 and sheet.line("Phụ lục I", 2)

    # and the sheets on the screen say the same
    laid = lay_out(data).sheets
    assert len(laid) == len(sheet.pages)
    for number, one in enumerate(laid, 1):
        there = _places((word.text, word.left, word.baseline) for word in sheet.on(number))
        reckoned = _places((part, word.x, word.y) for word in one.words for part in word.text.split("\u00a0")[:1])
        off = [
            w
            for w in reckoned
            if w[0].isalpha() and len(w[0]) < 20 and not any(w[0] == t and abs(w[2] - y) < 0.5 for t, _x, y in there)
        ]
        assert not off


def _places(words) -> list[tuple[str, float, float]]:
    return [(text, round(x, 1), round(y, 1)) for text, x, y in words if text]
