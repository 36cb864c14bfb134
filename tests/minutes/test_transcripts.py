"""Transcripts of every platform: what they tell is what was said, and no bytes whatever harm the reader."""

from __future__ import annotations

import html
import io
import json
import os
import random
import time
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from meetings.minutes.transcripts import FAULTS, LAYOUTS, LEFT_OUT, MAX_BYTES, Cue, Told, Turn, item_at, read, turns

PROVE = os.environ.get("PROVE") == "1"
NAMES = ("VP UBND", "Điểm cầu Sở Y tế", "Nguyễn, Văn A", "Đ/c Tuyết – Văn phòng", "Xã Cư M’gar", "Trần & Con <1>")
WORDS = ("kính", "thưa", "các", "đồng", "chí", "12/15", "đề nghị:", "giá < 5 & > 3", "“dự thảo”", "ạ.", "8:30")


@dataclass(frozen=True)
class Spoken:
    """Some words, from when to when (ms), by whom."""

    start: int
    end: int
    name: str
    text: str


@some.composite
def talks(draw: some.DrawFn) -> list[Spoken]:
    """A talk: nobody speaks at the same time, pauses are short and long, names come back."""
    at, said = 0, []
    for number in range(draw(some.integers(2, 9))):
        at += draw(some.sampled_from([0, 80, 1_999, 2_000, 2_001, 65_000, 3_700_000]))
        length = draw(some.integers(1, 90_000))
        words = draw(some.lists(some.sampled_from(WORDS), min_size=1, max_size=6))
        name = NAMES[number % 2] if number < 4 else draw(some.sampled_from(NAMES))
        said.append(Spoken(at, at + length, name, " ".join(["nghe", *words])))
        at += length
    return [*said, Spoken(at + 9_000, at + 9_001, NAMES[0], "hết"), Spoken(at + 99_000, at + 99_001, NAMES[1], "hết")]


def clock(ms: int, comma: str = ".") -> str:
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}{comma}{ms % 1000:03}"


def teams(said: list[Spoken]) -> bytes:
    cues = [
        f"{clock(one.start)} --> {clock(one.end)}\r\n<v {html.escape(one.name)}>{html.escape(one.text)}</v>"
        for one in said
    ]
    return "\r\n\r\n".join(["WEBVTT", *cues]).encode()


def teams_portal(said: list[Spoken]) -> bytes:
    cues = [
        f"3c2d0a1e-8b1f-4a0d-9d0e-0a1b2c3d4e5f/{n}-0\n{clock(one.start)} --> {clock(one.end)} align:start line:0\n"
        f"<v.loud {html.escape(one.name)}><i>{html.escape(one.text)}</i></v>"
        for n, one in enumerate(said)
    ]
    return "\n\n".join(
        ["\ufeffWEBVTT Kind: captions", "NOTE\nnothing said", "STYLE\n::cue { color: red }", *cues]
    ).encode()


def zoom(said: list[Spoken]) -> bytes:
    cues = [
        f"{n}\r\n{clock(one.start)} --> {clock(one.end)}\r\n{html.escape(one.name)}: {html.escape(one.text)}"
        for n, one in enumerate(said, 1)
    ]
    return "\r\n\r\n".join(["WEBVTT", *cues]).encode()


def srt(said: list[Spoken]) -> bytes:
    cues = [
        f"{n}\n{clock(one.start, ',')} --> {clock(one.end, ',')}\n({one.name.replace('<1>', '1')})\n{html.escape(one.text)}\n"
        for n, one in enumerate(said, 1)
    ]
    return "\n".join(cues).encode("utf-16")


def trueconf(said: list[Spoken]) -> bytes:
    rows = [
        {
            "call_id": f"{n}@x",
            "display_name": one.name,
            "line": one.text,
            "start": one.start / 1000,
            "end": one.end / 1000,
        }
        for n, one in enumerate(said)
    ]
    return "\n".join(json.dumps(row) for row in rows).encode()


def teams_word(said: list[Spoken]) -> bytes:
    def paragraph(one: Spoken) -> str:
        seconds = one.start // 1000
        when = (
            f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
            if seconds >= 3600
            else f"{seconds // 60}:{seconds % 60:02}"
        )
        return f"<w:p><w:r><w:t>{html.escape(one.name)}   {when}</w:t><w:br/><w:t>{html.escape(one.text)}</w:t></w:r></w:p>"

    head = "<w:p><w:r><w:t>Giao ban tuần 47</w:t></w:r></w:p><w:p><w:r><w:t>Hoa started transcription</w:t></w:r></w:p>"
    return docx(head + "".join(map(paragraph, said)))


def docx(body: str, *, name: str = "word/document.xml") -> bytes:
    made = io.BytesIO()
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as parcel:
        parcel.writestr(name, f'<w:document xmlns:w="{space}"><w:body>{body}</w:body></w:document>')
    return made.getvalue()


WRITERS = {
    "teams": teams,
    "teams_portal": teams_portal,
    "zoom": zoom,
    "srt": srt,
    "trueconf": trueconf,
    "teams_word": teams_word,
}


def by_hand(said: list[Spoken]) -> list[tuple[str, str]]:
    """Who said what, one after the other, as somebody would note it who listens."""
    return [(one.name, one.text) for one in said]


@settings(max_examples=400 if PROVE else 25, deadline=None)
@given(talks(), some.sampled_from(sorted(WRITERS)))
def test_whatever_wrote_it_the_same_people_say_the_same_words_at_the_same_time(said: list[Spoken], layout: str) -> None:
    told = read(WRITERS[layout](said), known=NAMES)
    assert (told.layout, told.faults) == (layout, ())
    assert not set(told.left_out) - {"repeated"}
    names = {name.replace("<1>", "1"): name for name in NAMES}
    assert [(names.get(cue.speaker, cue.speaker), cue.text) for cue in told.cues] == by_hand(said)
    step = 1000 if layout == "teams_word" else 1
    assert [cue.start for cue in told.cues] == [one.start // step * step for one in said]


@settings(max_examples=400 if PROVE else 60, deadline=None)
@given(
    some.lists(
        some.builds(
            Cue,
            start=some.integers(0, 60).map(lambda n: n * 500),
            end=some.just(0),
            speaker=some.sampled_from(["", "A", "B"]),
            text=some.sampled_from(["một.", "hai", "ba " * 300, "bốn"]).map(str.strip),
            part=some.sampled_from(["", "1", "2"]),
            fresh=some.booleans(),
        ),
        max_size=12,
    )
)
def test_turns_keep_every_word_in_its_order_and_join_only_what_one_speaker_says_without_a_pause(
    cues: list[Cue],
) -> None:
    cues = [Cue(c.start, c.start + 400, c.speaker, c.text, c.part, c.fresh) for c in cues]
    ordered = sorted(cues, key=lambda cue: cue.start)
    made = turns(cues)
    assert " ".join(turn.text for turn in made) == " ".join(cue.text for cue in ordered)
    # brute force: the places at which somebody who reads the cues one by one would begin a new line
    lines: list[list[Cue]] = []
    for cue in ordered:
        line = lines[-1] if lines else []
        length = len(" ".join(c.text for c in line))
        same = bool(line) and line[-1].speaker == cue.speaker and not cue.fresh and length + len(cue.text) < 4_000
        near = bool(line) and (cue.start - max(c.end for c in line) < 2_000 or (cue.part and cue.part == line[-1].part))
        full = bool(line) and length >= 1_200 and line[-1].text.endswith(".")
        if same and near and not full:
            line.append(cue)
        else:
            lines.append([cue])
    assert [turn.text for turn in made] == [" ".join(c.text for c in line) for line in lines]
    assert [(t.start, t.end, t.speaker) for t in made] == [
        (line[0].start, max(c.end for c in line), line[0].speaker) for line in lines
    ]


def cues_of(text: str, *known: str) -> list[tuple[str, str]]:
    return [(cue.speaker, cue.text) for cue in read(text.encode(), known).cues]


def test_a_colon_makes_a_name_only_of_somebody_known_or_of_what_returns() -> None:
    body = (
        "WEBVTT\n\n00:01.000 --> 00:02.000\nSở Y tế: Báo cáo: có mặt 12/15\n\n00:02.000 --> 00:03.000\nvâng ạ\n\n"
        "00:03.000 --> 00:04.000\nThứ nhất: về giá\n\n00:04.000 --> 00:05.000\nThứ nhất: về lương\n\n"
        "00:05.000 --> 00:06.000\nVP: mời\n\n00:06.000 --> 00:07.000\nVP: tiếp"
    )
    assert cues_of(body, "sở y tế (Guest)") == [
        ("Sở Y tế", "Báo cáo: có mặt 12/15"), ("Sở Y tế", "vâng ạ"), ("Sở Y tế", "Thứ nhất: về giá"),
        ("Sở Y tế", "Thứ nhất: về lương"), ("VP", "mời"), ("VP", "tiếp"),
    ]  # fmt: skip
    assert cues_of(body)[0] == ("", "Sở Y tế: Báo cáo: có mặt 12/15"), "one sentence with a colon names nobody"


def test_voices_tags_entities_notes_hours_and_dashes_are_read_as_players_read_them() -> None:
    body = (
        "WEBVTT Kind: captions; Language: vi\n\nNOTE\nTệp\nSTYLE không áp dụng\n\nREGION\nid:fred\n\nid-1\n"
        "00:59.500 --> 01:02.000 align:start position:10%\n<v.loud Sở Y tế><i>Xin</i> <b>ý kiến</b> &lt;dự thảo&gt;</v>"
        " <v >vâng\n\n100:00:00.000 --> 100:00:01.000\ngiờ <00:00:01.000>ba chữ số\n\n"
        "00:00.000 --> 00:00.000\n<i></i>\n\n00:99.000 --> 00:99.500\nhỏng\n\n00:59.500 --> 01:02.000\n<v >vâng"
    )
    told = read(body.encode())
    assert [(c.start, c.speaker, c.text) for c in told.cues] == [
        (59_500, "Sở Y tế", "Xin ý kiến <dự thảo>"), (59_500, "", "vâng"), (360_000_000, "", "giờ ba chữ số"),
    ]  # fmt: skip
    assert told.left_out == {"empty": 1, "damaged": 1, "repeated": 1}
    dialogue = (
        "1\n00:00:01,0 --> 00:00:02,0\n- Có mặt.\n- Có mặt.\n\nthêm\n2\n00:00:03,0 --> 00:00:04,0\n(vỗ tay)\nxong"
    )
    told = read(b"\xef\xbb\xbf" + dialogue.encode())
    assert (told.layout, told.faults) == ("srt", ("no_speakers",))
    assert [turn.text for turn in turns(told.cues)] == ["Có mặt.", "Có mặt. thêm (vỗ tay) xong"]


def test_what_a_service_heard_comes_with_or_without_times_and_speakers() -> None:
    whole = {
        "task": "transcribe",
        "duration": 9.5,
        "text": "a b",
        "segments": [{"start": 0, "end": 3.25, "text": " a "}, {"start": "x"}],
    }
    told = read(json.dumps(whole).encode())
    assert (told.layout, told.faults, told.left_out) == ("speech", ("no_speakers",), {"damaged": 1})
    assert told.cues == (Cue(0, 3250, "", "a"),)
    bare = read(json.dumps({"text": "từ " * 5_000}).encode())
    assert bare.faults == ("no_speakers", "no_times") and len(bare.cues) > 2
    assert read(b'{"text": ""}').faults == ("no_words",)


def test_an_instant_lies_under_the_agenda_item_that_had_begun_last() -> None:
    at = datetime(2026, 12, 10, 1, tzinfo=UTC)
    begins = [at, None, at + timedelta(minutes=10), at + timedelta(minutes=10)]
    assert [item_at(at + timedelta(minutes=m), begins) for m in (-5, 0, 9, 10, 99)] == [0, 0, 0, 3, 3]
    assert item_at(at, []) == item_at(at, [None, None]) == 0


# ------------------------------------------------------------------ whatever the bytes


def sound(told: Told) -> None:
    assert set(told.faults) <= set(FAULTS) and set(told.left_out) <= set(LEFT_OUT)
    assert bool(told.layout) == bool(told.cues) and (not told.layout or told.layout in LAYOUTS)
    assert told.layout or told.faults
    for cue in told.cues:
        assert 0 <= cue.start <= cue.end and cue.text == cue.text.strip() and cue.text
        assert not any(c in cue.text + cue.speaker for c in "\0\n\r\t\ufffd\ud800"), "no form would take it back"
        assert len(cue.text) <= 4_000 and len(cue.speaker) <= 200


@settings(max_examples=2_000 if PROVE else 60, deadline=None)
@given(
    some.binary(max_size=400)
    | some.text(max_size=300).map(lambda text: ("WEBVTT\n\n" + text).encode("utf-8", "replace"))
)
def test_no_bytes_harm_the_reader(raw: bytes) -> None:
    sound(read(raw))


def test_a_file_that_was_bitten_still_reads_or_says_why() -> None:
    chance = random.Random(47)
    said = [
        Spoken(n * 4_000, n * 4_000 + 3_000, NAMES[n % 3], "kính thưa <v X> các --> đồng chí\0\ufffd") for n in range(6)
    ]
    for write in WRITERS.values():
        whole = write(said)
        for _ in range(4_000 if PROVE else 40):
            bitten = bytearray(whole)
            for _ in range(chance.randint(1, 6)):
                place = chance.randrange(len(bitten))
                match chance.randrange(3):
                    case 0:
                        bitten[place] = chance.randrange(256)
                    case 1:
                        del bitten[place : place + chance.randint(1, 30)]
                    case _:
                        bitten[place:place] = chance.choice(
                            [b"-->", b"\n\n", b"<v ", b"</v>", b"00:00:01.000", b"{", b"\xff\xfe"]
                        )
                if not bitten:
                    break
            sound(read(bytes(bitten)))


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n", "empty"),
        (b"Xin chao", "not_understood"),
        (b"x" * (MAX_BYTES + 1), "too_big"),
        (b"[" * 200_000, "not_understood"),
        (b"WEBVTT\n\nNOTE\nx", "no_words"),
        (b"WEBVTT\n\n" + b"0:01.000 --> 0:02.000\nx\n\n" * 60_001, "too_many"),
        (b"PK\x03\x04 no zip", "not_understood"),
        (docx("<w:p/>" * 10, name="word/other.xml"), "not_understood"),
        (docx("<w:p><w:r><w:t>" + "0" * 40_000_000 + "</w:t></w:r></w:p>"), "too_big"),
        (docx("<w:p/>" * 400_000), "too_many"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_why_and_takes_no_longer_than_a_page_may(raw: bytes, why: str) -> None:
    began = time.process_time()
    told = read(raw)
    assert (told.layout, told.cues, told.faults) == ("", (), (why,))
    assert time.process_time() - began < 5


def test_a_whole_day_of_talk_is_read_while_somebody_waits() -> None:
    said = [Spoken(n * 2_500, n * 2_500 + 2_400, NAMES[n // 9 % 5], "kính thưa các đồng chí") for n in range(12_000)]
    began = time.process_time()
    told = read(zoom(said), known=NAMES)
    assert len(told.cues) == 12_000 and len(turns(told.cues)) == 1_334
    assert time.process_time() - began < 3


def test_a_turn_is_one_breath() -> None:
    one, other = Cue(0, 1_000, "A", "một"), Cue(2_999, 3_500, "A", "hai")
    assert turns([one, other]) == (Turn(0, 3_500, "A", "một hai"),)
    assert len(turns([one, Cue(3_000, 3_500, "A", "hai")])) == 2, "two seconds of silence end it"


def test_a_site_that_the_meeting_does_not_know_speaks_for_itself() -> None:
    cues = "WEBVTT\n\n" + "\n\n".join(
        f"00:00:0{second}.000 --> 00:00:0{second + 1}.000\n{text}"
        for second, text in enumerate(
            ("VP UBND: Kính thưa các đồng chí.", "VP UBND: Xin mời.", "Điểm cầu Sở Y tế: Báo cáo: có mặt 12/15.")
        )
    )
    made = turns(read(cues.encode(), known=NAMES).cues)
    assert [(turn.speaker, turn.text) for turn in made][1:] == [("Điểm cầu Sở Y tế", "Báo cáo: có mặt 12/15.")]
