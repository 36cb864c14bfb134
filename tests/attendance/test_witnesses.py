"""Attendance files of every machine: what they tell is what happened, and no bytes whatever harm the reader."""

import io
import json
import os
import random
import time
import tracemalloc
import zipfile
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from meetings.attendance.intervals import Interval, bounded
from meetings.attendance.witnesses import FAULTS, LAYOUTS, LEFT_OUT, MAX_BYTES, Told, read
from tests.attendance import machines
from tests.attendance.machines import DAY, HANOI, MACHINES, Stay

PROVE = os.environ.get("PROVE") == "1"
WHY_NOT = {"waiting_room", "repeated", "summed", "another_event"}
NAMES = (
    "Điểm cầu Sở Y tế", "Huyện Bình An (Guest)", "Nguyễn, Văn A", "UBND xã Tân Lập", "So Y te", "DC_KimLien_NA",
    'Phòng họp "Tầng 2"', "Sở Tài chính; phòng 3", "Đ/c Tuyết – Văn phòng", "01. Xã Cư M’gar",
)  # fmt: skip


def at(clock: str, day: date = DAY) -> datetime:
    hour, minute, second = (int(part) for part in f"{clock}:00".split(":")[:3])
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=HANOI).astimezone(UTC)


@some.composite
def days(draw: some.DrawFn) -> tuple[date, list[Stay]]:
    """A day, and who was in a meeting on it when: days whose numbers can be read both ways are among them."""
    day = draw(some.sampled_from([DAY, date(2026, 12, 11), date(2026, 5, 5), date(2026, 2, 1), date(2027, 1, 12)]))
    stays: list[Stay] = []
    for number, name in enumerate(draw(some.lists(some.sampled_from(NAMES), min_size=1, max_size=5, unique=True))):
        edges = draw(some.lists(some.integers(6 * 3600, 20 * 3600), min_size=2, max_size=6, unique=True))
        seconds = sorted(edges)[: len(edges) // 2 * 2]
        address, own = draw(some.sampled_from([("", ""), (f"diemcau{number}@tinh.example", f"site:{number}")]))
        midnight = at("00:00", day)
        for n in range(0, len(seconds), 2):
            left = midnight + timedelta(seconds=seconds[n + 1])
            still = n + 2 == len(seconds) and draw(some.booleans())
            stays.append(Stay(name, midnight + timedelta(seconds=seconds[n]), None if still else left, address, own))
    return day, stays


def presence(
    spans: Iterable[tuple[str, datetime | None, datetime | None]], ends: datetime
) -> dict[str, tuple[Interval, ...]]:
    found: dict[str, list[tuple[datetime | None, datetime | None]]] = {}
    for name, joined, left in spans:
        found.setdefault(name, []).append((joined, left))
    return {name: bounded(told, begins_at=ends, ends_at=ends).intervals for name, told in found.items()}


@settings(max_examples=3000 if PROVE else 250, deadline=None)
@given(some.sampled_from(sorted(MACHINES)), days())
def test_what_every_machine_tells_is_what_happened(machine: str, meeting: tuple[date, list[Stay]]) -> None:
    told_truly(machine, *meeting)


def told_truly(machine: str, day: date, stays: list[Stay]) -> None:
    made = MACHINES[machine]
    told = read(made.write(stays), name="x", on=day)
    assert told.layout == made.layout
    expected = stays if "breaks" in made.carries else machines.first_and_last(stays)
    ends = at("23:00", day)
    assert presence(((r.name, r.joined_at, r.left_at) for r in told.rows), ends) == presence(
        ((s.name, s.joined, s.left) for s in expected), ends
    )
    assert {(r.name, r.joined_at) for r in told.rows} == {(s.name, s.joined) for s in expected}
    assert [r.number for r in told.rows] == list(range(1, len(told.rows) + 1))
    by_name = {s.name: s for s in stays}
    for row in told.rows:
        assert row.address == (by_name[row.name].address if "address" in made.carries else "")
        if "own" in made.carries and by_name[row.name].own:
            assert row.external_id == by_name[row.name].own
        if "own-address" in made.carries:
            assert row.external_id == by_name[row.name].address
    assert told.zone_fixed is made.zoned and told.ask == (frozenset() if made.zoned else {"zone"})
    assert set(told.left_out) <= WHY_NOT and not {"another_day", "mixed_order", "no_rows"} & set(told.faults)
    assert ("first_and_last" in told.faults) is ("breaks" not in made.carries)


ONE = [Stay("Sở Y tế", at("07:58:40"), at("11:31:15"), "syt@tinh.example", "site:SYT")]
TWICE = [
    Stay("Sở Y tế", at("07:58:40"), at("09:40:12"), "syt@tinh.example", "site:SYT"),
    Stay("Sở Y tế", at("09:52:45"), None, "syt@tinh.example", "site:SYT"),
]


@pytest.mark.parametrize("machine", MACHINES)
def test_each_machine_is_believed_at_least_once(machine: str) -> None:
    told_truly(machine, DAY, TWICE)


def test_a_line_that_stands_twice_counts_once_and_is_counted() -> None:
    told = table("Tên,Vào,Ra\nA,8:00,9:00\nA,8:00,9:00\n")
    assert len(told.rows) == 1 and told.left_out == {"repeated": 1}


def spans(told: Told) -> list[tuple[str, str | None, str | None]]:
    def clock(instant: datetime | None) -> str | None:
        return f"{instant.astimezone(HANOI):%H:%M:%S}" if instant else None

    return [(row.name, clock(row.joined_at), clock(row.left_at)) for row in told.rows]


def table(text: str, **more: object) -> Told:
    return read(text.encode(), name="x.csv", **{"on": DAY, **more})


def test_the_shortest_list_a_clerk_may_keep_is_read() -> None:
    told = table(
        "Tên điểm cầu,Vào,Ra\nSở Y tế,7h58,11h31\nXã Kim Liên,8 giờ 05,\nXã Tân Lập,,\n,8:00,9:00\nTổng cộng,,\n"
    )
    assert spans(told) == [("Sở Y tế", "07:58:00", "11:31:00"), ("Xã Kim Liên", "08:05:00", None)]
    assert told.layout == "plain" and dict(told.left_out) == {"nameless": 1, "summed": 1, "timeless": 1}
    night = table("Điểm cầu\tVào\tRa\nSở Y tế\t22:30\t01:15\n")
    assert night.rows[0].left_at == at("01:15", date(2026, 11, 26))


def test_an_interval_is_preferred_to_first_and_last_and_nobody_is_lost_between_the_blocks() -> None:
    told = read(machines.teams_v3(TWICE), name="x", on=DAY)
    assert [row.joined_at for row in told.rows] == [at("07:58:40"), at("09:52:45")]
    assert told.title == "Họp giao ban, tuần 47" and told.began_at == at("07:58:40") and told.ended_at == at("11:58:40")
    raw = machines.teams_v3([*TWICE, Stay("Khách", at("08:00"), at("08:30"))]).decode("utf-16")
    lines = raw.split("\r\n")
    last = max(n for n, line in enumerate(lines) if line.startswith("Khách"))
    torn = "\r\n".join(lines[:last] + lines[last + 1 :])
    told = read(torn.encode("utf-16"), name="x", on=DAY)
    assert spans(told)[-1] == ("Khách", "08:00:00", "08:30:00") and len(told.rows) == 3
    assert "first_and_last" in told.faults


def test_who_waits_outside_is_not_in_and_is_counted() -> None:
    for raw in (machines.zoom(TWICE), machines.zoom_api(TWICE)):
        told = read(raw, name="x", on=DAY)
        assert len(told.rows) == 2 and told.left_out["waiting_room"] in (1, 2)
        assert min(row.joined_at for row in told.rows if row.joined_at) == at("07:58:40")
    vietnamese = "Tên (tên gốc),Email,Thời gian tham gia,Thời gian rời,Thời lượng (phút),Khách,Trong phòng chờ\n"
    told = table(vietnamese + "A (iPad so 3),,11/25/2026 07:50:00 AM,11/25/2026 07:58:00 AM,8,Có,Có\n"
                 "A (iPad so 3),,11/25/2026 07:58:00 AM,11/25/2026 09:58:00 AM,120,Có,Không\n")  # fmt: skip
    assert told.layout == "zoom" and spans(told) == [("A (iPad so 3)", "07:58:00", "09:58:00")]
    assert told.rows[0].own_name == "iPad so 3" and told.left_out == {"waiting_room": 1}


def test_the_block_about_the_meeting_is_not_taken_for_a_participant() -> None:
    told = table("Chủ đề,ID,Tên chủ phòng,Email chủ phòng,Thời gian bắt đầu,Thời gian kết thúc,Người tham gia,Thời lượng (phút)\n"
                 "Họp,812,VP,vp@x.example,11/25/2026 07:52:10 AM,11/25/2026 11:34:02 AM,3,222\n\n"
                 "Tên (Tên gốc),Email,Thời gian tham gia,Thời gian rời,Thời lượng (phút),Khách\n"
                 "Sở Y tế,,11/25/2026 07:58:40 AM,11/25/2026 11:31:15 AM,213,Có\n")  # fmt: skip
    assert spans(told) == [("Sở Y tế", "07:58:40", "11:31:15")] and told.title == "Họp"
    assert told.began_at == at("07:52:10") and told.ended_at == at("11:34:02")


def test_what_keeps_excel_from_reading_a_cell_its_own_way_is_no_part_of_it() -> None:
    told = table(
        'Name,Attendee Email,Join Time,Attendance Duration\n"=""Sở Y tế""","=""syt@x.example""","=""2026-11-25 08:00""",5 mins\n'
    )
    assert (told.rows[0].name, told.rows[0].address, told.layout) == ("Sở Y tế", "syt@x.example", "webex")


def test_only_lengths_are_said_to_be_only_lengths() -> None:
    told = read(machines.zoom_unique(ONE), name="x", on=DAY)
    assert told.layout == "zoom_unique" and told.faults == ("lengths_only",) and told.ask == frozenset()
    assert (told.rows[0].joined_at, told.rows[0].left_at, told.rows[0].seconds) == (None, None, 213 * 60)


def test_events_that_are_lost_late_or_doubled_leave_the_stays_as_they_were() -> None:
    # a rejoin on one connection overwrites the first stay in the room's own summary, and a leave never came
    jid = "1@hop.example/Abc"
    room = {"room_jid": "hop@conference.hop.example", "room_name": "hop"}
    seconds = {clock: int(at(clock).timestamp()) for clock in ("08:00", "09:00", "09:10", "11:00", "11:30")}

    def occupant(kind: str, joined: str, left: str = "", who: str = jid) -> dict[str, object]:
        one: dict[str, object] = {"occupant_jid": who, "joined_at": seconds[joined], "id": "site:HN", "name": "Hà Nội"}
        return {
            "event_name": f"muc-occupant-{kind}",
            **room,
            "occupant": {**one, **({"left_at": seconds[left]} if left else {})},
        }

    lines = [occupant("joined", "08:00"), occupant("left", "09:10", "11:00"), occupant("joined", "09:10"),
             occupant("left", "09:10", "11:00"), occupant("joined", "09:00", who="2@hop.example/Xyz"),
             {"event_name": "muc-room-destroyed", **room, "destroyed_at": seconds["11:30"], "all_occupants": [
                 {"occupant_jid": jid, "joined_at": seconds["09:10"], "left_at": seconds["11:00"]}]}]  # fmt: skip
    told = read("\n".join(json.dumps(line) for line in lines).encode(), name="x", on=DAY)
    assert spans(told) == [("Hà Nội", "08:00:00", "09:10:00"), ("Hà Nội", "09:00:00", "11:30:00"),
                           ("Hà Nội", "09:10:00", "11:00:00")]  # fmt: skip
    assert told.left_out == {"repeated": 1} and {row.external_id for row in told.rows} == {"site:HN"}
    only_left = read(json.dumps(occupant("left", "08:00", "09:00")).encode(), name="x", on=DAY)
    assert spans(only_left) == [("Hà Nội", "08:00:00", "09:00:00")]


def test_a_lost_start_is_reckoned_from_the_end_and_holes_in_the_numbering_are_said() -> None:
    whole = read(machines.cms(ONE), name="x", on=DAY)
    assert spans(whole) == [("Sở Y tế", "07:58:40", "11:31:15")] and whole.faults == ()
    torn = read(machines.cms([*ONE, *ONE, *TWICE], lost=frozenset({1})), name="x", on=DAY)
    assert "gaps_in_record" in torn.faults
    end = read(machines.cms(ONE, lost=frozenset({0})), name="x", on=DAY)
    assert end.rows == () and end.left_out == {"nameless": 1}
    named = machines.cms(ONE, lost=frozenset({0})).replace(b"<reason>", b"<displayName>HD</displayName><reason>")
    assert spans(read(named, name="x", on=DAY)) == [("HD", "07:58:40", "11:31:15")]


# --- the order of day and month, and the zone -------------------------------------------------------------------------

HEAD = "Tên điểm cầu;Vào;Ra\n"


@pytest.mark.parametrize(
    ("on", "lines", "day_first", "expected", "ask", "faults"),
    [
        (date(2026, 12, 11), "A;11/12/2026 08:00;11/12/2026 09:00", None, "2026-12-11", set(), ()),
        (date(2026, 11, 12), "A;11/12/2026 08:00;11/12/2026 09:00", None, "2026-11-12", set(), ()),
        (date(2026, 11, 12), "A;11/12/2026 08:00;11/12/2026 09:00", True, "2026-12-11", set(), ("another_day",)),
        (date(2026, 6, 1), "A;11/12/2026 08:00;11/12/2026 09:00", None, "2026-12-11", {"day_first"}, ("another_day",)),
        (date(2026, 6, 1), "A;11/12/2026 08:00;11/12/2026 09:00", False, "2026-11-12", set(), ("another_day",)),
        (date(2026, 11, 25), "A;25/11/2026 08:00;25/11/2026 09:00", None, "2026-11-25", set(), ()),
        (date(2026, 11, 25), "A;11/25/2026 08:00;25/11/2026 09:00", None, "2026-11-25", set(), ("mixed_order",)),
        (date(2026, 5, 5), "A;5/5/2026 08:00;5/5/2026 09:00", None, "2026-05-05", set(), ()),
        # the file shows its order by another line, so the day of the meeting is not even asked
        (date(2026, 3, 1), "A;01/12/2026 08:00;\nB;13/12/2026 08:00;", None, "2026-12-01", set(), ("another_day",)),
        # past midnight: 12/11 is the day after the meeting, not a month later
        (date(2026, 11, 11), "A;11/11/2026 22:00;12/11/2026 01:00", None, "2026-11-11", set(), ()),
        # each can be of the day only in its own order: some program changed its locale between the lines
        (date(2026, 11, 12), "A;12/11/2026 08:00;\nB;11/12/2026 08:00;", None, "2026-11-12", set(), ()),
    ],
)
def test_the_day_of_the_meeting_decides_between_two_orders_or_a_person_is_asked(
    on: date, lines: str, day_first: bool | None, expected: str, ask: set[str], faults: tuple[str, ...]
) -> None:
    told = table(HEAD + lines, on=on, day_first=day_first)
    first = told.rows[0].joined_at
    assert first and f"{first.astimezone(HANOI):%Y-%m-%d}" == expected
    assert told.ask == {"zone"} | ask and told.faults == faults


@pytest.mark.parametrize(
    ("head", "value", "zone", "expected"),
    [
        ("Join time", "2026-11-25 08:00:00", "Asia/Ho_Chi_Minh", "01:00"),
        ("Join time", "2026-11-25 08:00:00", "UTC", "08:00"),
        ("Join time", "2026-11-25 08:00:00", "Asia/Tokyo", "23:00"),
        ("Join time", "2026-11-25 08:00:00", "../../etc/passwd", "01:00"),
        ("Join time (UTC)", "2026-11-25 01:00:00", "Asia/Tokyo", "01:00"),
        ("Join time (GMT+09:00)", "2026-11-25 10:00:00", "UTC", "01:00"),
        ("Giờ vào", "2026-11-25T08:00:00+07:00", "UTC", "01:00"),
        ("Giờ vào", "25/11/2026 8:00:00 SA", "Asia/Ho_Chi_Minh", "01:00"),
        ("Giờ vào", "25/11/2026 12:30:00 CH", "Asia/Ho_Chi_Minh", "05:30"),
        ("Giờ vào", "12:30:00 SA 25/11/2026", "UTC", "00:30"),
        ("Giờ vào", "25 tháng 11, 2026 lúc 3:05 CH", "Asia/Ho_Chi_Minh", "08:05"),
        ("Giờ vào", "Nov 25, 2026, 8:00:00 PM", "Asia/Ho_Chi_Minh", "13:00"),
        ("Giờ vào", "25-11-26 08h05", "Asia/Ho_Chi_Minh", "01:05"),
        ("Giờ vào", "2 giờ chiều 25/11/2026", "Asia/Ho_Chi_Minh", "07:00"),
        ("Giờ vào", "14 giờ 30 phút ngày 25/11/2026", "Asia/Ho_Chi_Minh", "07:30"),
        ("Giờ vào", '=""2026-11-25 08:00""', "Asia/Ho_Chi_Minh", "01:00"),
    ],
)
def test_a_time_is_read_in_the_zone_it_says_else_in_the_one_a_person_said(
    head: str, value: str, zone: str, expected: str
) -> None:
    told = table(f'Name;{head}\nA;"{value}"\n', zone=zone)
    assert told.rows, told
    assert told.rows[0].joined_at and f"{told.rows[0].joined_at:%H:%M}" == expected
    asked = "(" not in head and "+07" not in value
    assert told.zone_fixed is not asked and told.ask == ({"zone"} if asked else set())
    assert ("unknown_zone" in told.faults) is zone.startswith("..")


@pytest.mark.parametrize(
    "value", ["31/02/2026 08:00", "25/13/2026 08:00", "25/11/2026", "25:61", "8", "hôm qua", "24:30 25/11/2026"]
)
def test_what_is_no_time_is_counted_and_not_guessed(value: str) -> None:
    told = table(f"Tên;Vào;Ra\nA;{value};\nB;25/11/2026 08:00;\n")
    assert [row.name for row in told.rows] == ["B"] and told.left_out == {"timeless": 1}


# --- any bytes --------------------------------------------------------------------------------------------------------

SEEDS = [machine.write(TWICE + ONE) for machine in MACHINES.values()]
SEEDS += [
    machines.bbb_export(ONE, "vi", "vi", poll=True),
    machines.jitsi(TWICE, at("11:40")),
    machines.zoom_unique(ONE),
]
SCRAPS = [
    b"\0", b"\r\n", b"\n", b'"', b'""', b"\t", b";", b",", b"=", b'="', b"\xff\xfe", b"\xef\xbb\xbf", b"{", b"}", b"[", b"]",
    b"[[[[[[[[", b":", b"null", b"1e999", b"-1", b"99999999999999999999999", b"NaN", b"\\ud800", b"\xc3", b"\xf0\x9f",
    b"Name", b"Joined", b"Left", b"Join Time", b"25/11/2026", b"99/99/9999", b"0000-00-00T00:00:00Z", b"9999-12-31T23:59:59Z",
    b"0001-01-01T00:00:00+14:00", b"timezone", b"<records", b"</records>", b"<!DOCTYPE x>", b"&a;", b"PK\x03\x04",
    b"(UTC+99)", b"24:60", b"00:00:99", b"recordIndex", b"intIds", b"event=", b"%5B", b"\xe2\x80\xaf", "Tên".encode(),
]  # fmt: skip
SLOWEST = 2.0


def judged(raw: bytes, on: date = DAY) -> Told:
    """The file, read as it ought to be: bounded, and every word of the answer one of those that pages know."""
    told = read(raw, name="x.csv", on=on)
    assert told.layout in ("", *LAYOUTS)
    assert set(told.left_out) <= set(LEFT_OUT) and set(told.faults) <= set(FAULTS) and told.ask <= {"zone", "day_first"}
    assert told.layout or (told.faults and not told.rows)
    for number, row in enumerate(told.rows, 1):
        assert (
            row.number == number
            and 0 < len(row.name) <= 200
            and len(row.address) <= 254
            and len(row.external_id) <= 200
        )
        assert (row.name + row.address + row.external_id + row.own_name).encode() is not None
        assert "\0" not in row.name + row.address + row.external_id
        for instant in (row.joined_at, row.left_at, told.began_at, told.ended_at):
            assert instant is None or (instant.utcoffset() == timedelta(0) and instant.microsecond == 0)
        assert row.joined_at or row.left_at or row.seconds is not None
        assert row.seconds is None or row.seconds >= 0
    return told


def mutated(dice: random.Random, raw: bytes) -> bytes:
    for _ in range(dice.randint(1, 6)):
        a, b = sorted((dice.randrange(len(raw) + 1), dice.randrange(len(raw) + 1)))
        b = min(b, a + dice.choice((1, 8, 200, 4000)))
        match dice.randrange(7):
            case 0:
                raw = raw[:a] + raw[b:]
            case 1:
                raw = raw[:a] + raw[a:b] * dice.choice((2, 3, 40)) + raw[b:]
            case 2:
                raw = raw[:a] + dice.choice(SCRAPS) + raw[a:]
            case 3:
                raw = raw[:a] + dice.choice(SCRAPS) + raw[b:]
            case 4:
                raw = raw[:a] + bytes([dice.randrange(256)]) + raw[a + 1 :]
            case 5:
                seed = dice.choice(SEEDS)
                raw = raw[:a] + seed[dice.randrange(len(seed)) :]
            case 6:
                raw = raw[:a]
        raw = raw[:100_000]
    return raw


def test_no_mutation_of_any_file_makes_the_reader_raise_or_linger(capsys: pytest.CaptureFixture[str]) -> None:
    dice, slowest, layouts = random.Random(20261122), 0.0, set()
    for run in range(60_000 if PROVE else 1500):
        raw = mutated(dice, SEEDS[run % len(SEEDS)]) if run % 20 else dice.randbytes(dice.randint(0, 2000))
        begun = time.process_time()
        layouts.add(judged(raw).layout)
        slowest = max(slowest, time.process_time() - begun)
    assert slowest < SLOWEST
    assert layouts > set(LAYOUTS) - {"zoom_unique"}
    if PROVE:
        with capsys.disabled():
            print(f"\n60,000 mutated attendance files: slowest {slowest * 1000:.0f} ms")


def bomb() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("[Content_Types].xml", b"<Types/>")
        parts.writestr("xl/worksheets/sheet1.xml", b"<row/>" * 20_000_000)
    return made.getvalue()


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY a{n} "{f"&a{n - 1 or str()};" * 10}">' for n in range(1, 10)
) + "]><records><record>&a9;</record></records>"  # fmt: skip
HOSTILE = {
    "nothing": (b"", "empty"),
    "blanks": (b"\xef\xbb\xbf \r\n\0\n", "empty"),
    "too big": (b"a" * (MAX_BYTES + 1), "too_big"),
    "old workbook": (b"\xd0\xcf\x11\xe0" + b"x" * 600, "old_workbook"),
    "a zip that is no workbook": (b"PK\x03\x04" + b"x" * 600, "not_understood"),
    "brackets": (b"[" * 3_000_000, "not_understood"),
    "braces": (b'{"a":' * 1_000_000, "not_understood"),
    "quotes": (b'"' * 5_000_000, ""),
    "one long line": (b"Name,Join time,Leave time\n" + b"A," * 4_000_000, ""),
    "empty lines": (b"Name,Join time\n" + b"\n" * 12_000_000, "too_many_rows"),
    "rows": (b"Name,Join time\n" + b"A,2026-11-25 08:00\n" * 50_000, "too_many_rows"),
    "headers": (b"Name,Join time\n" * 30_000, ""),
    "laughs": (LAUGHS.encode(), "not_understood"),
    "open elements": (b"<records" * 500_000, "not_understood"),
    "many documents": (b"<records></records>" * 300_000, "too_many_rows"),
    "numbers": (b'{"participants":[{"join_time":' + b"9" * 6_000_000 + b"}]}", ""),
    "a time of megabytes": (b'Name,Join time\nA,"' + b"1:" * 4_000_000 + b'"\n', ""),
    "form bodies": (b"event=%5B" * 1_000_000, ""),
    "a letter": ("Kính gửi các đồng chí, xin gửi danh sách điểm danh.\n".encode() * 1000, "not_understood"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 400, "not_understood"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_trap_is_answered_soon_and_in_little_memory(case: str) -> None:
    raw, why = HOSTILE[case]
    begun = time.process_time()
    told = judged(raw)
    assert time.process_time() - begun < 10
    if why:
        assert why in told.faults


def test_a_workbook_that_unpacks_to_a_hundred_megabytes_is_not_unpacked() -> None:
    raw = bomb()
    tracemalloc.start()
    try:
        assert judged(raw).faults == ("too_big",)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_a_national_meeting_is_read_in_a_moment() -> None:
    stays = [Stay(f"Xã {n}", at("08:00") + timedelta(seconds=n % 600), at("11:00"), f"x{n}@x.example", f"site:{n}")
             for n in range(4000)]  # fmt: skip
    for machine in ("Teams v3, Vietnamese", "Jitsi", "Zoom", "our own workbook"):
        raw = MACHINES[machine].write(stays)
        begun = time.process_time()
        assert len(read(raw, name="x", on=DAY).rows) == 4000
        assert time.process_time() - begun < 4, machine
