"""One meeting as every machine would tell it: files built the way the programs write them, names and numbers invented.

Each writer takes the stays of a meeting and gives back bytes. What a layout cannot carry (addresses, breaks between) its entry
in :data:`MACHINES` says, so a test can expect exactly what is in the file and no more.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from urllib.parse import urlencode
from xml.sax.saxutils import escape, quoteattr

import openpyxl

HANOI = timezone(timedelta(hours=7))
DAY = date(2026, 11, 25)


@dataclass(frozen=True)
class Stay:
    """One time somebody was connected; *left* None: still in when the file was taken."""

    name: str
    joined: datetime
    left: datetime | None
    address: str = ""
    own: str = ""


def wall(instant: datetime | None, style: str) -> str:
    """A time as a program of that locale writes it, on a clock in Hà Nội."""
    if instant is None:
        return ""
    at = instant.astimezone(HANOI)
    hour, half, nua = at.hour % 12 or 12, "AM" if at.hour < 12 else "PM", "SA" if at.hour < 12 else "CH"
    clock = f"{at:%M:%S}"
    return {
        "us": f"{at.month}/{at.day}/{at:%y}, {hour}:{clock} {half}",
        "us long": f"{at.month}/{at.day}/{at.year}, {hour}:{clock}\u202f{half}",
        "gb": f"{at.day}/{at.month}/{at.year}, {at:%H:%M:%S}",
        "vi": f"{at:%H:%M:%S} {at.day}/{at.month}/{at.year}",
        "vi half": f"{hour}:{clock} {nua} {at:%d/%m/%Y}",
        "de": f"{at.day}.{at.month}.{at.year}, {at:%H:%M:%S}",
        "zoom": f"{at:%m/%d/%Y} {at:%I}:{clock} {half}",
        "iso": f"{at:%Y-%m-%d %H:%M:%S}",
        "guard": f'="{at:%Y-%m-%d %H:%M:%S}"',
    }[style]


def ran(stay: Stay, style: str = "en") -> str:
    seconds = int((stay.left - stay.joined).total_seconds()) if stay.left else 0
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    if style == "vi":
        return f"{hours} giờ {minutes} phút {rest} giây"
    return " ".join(f"{n}{unit}" for n, unit in ((hours, "h"), (minutes, "m"), (rest, "s")) if n) or "0s"


def cells(rows: Iterable[Iterable[object]], sign: str = ",", bare: bool = False) -> str:
    def cell(value: object) -> str:
        text = str(value)
        return '"' + text.replace('"', '""') + '"' if not bare and any(c in text for c in (sign, '"', "\n")) else text

    return "".join(sign.join(cell(value) for value in row) + "\r\n" for row in rows)


def tabbed(rows: Iterable[Iterable[object]]) -> bytes:
    return b"\xff\xfe" + cells(rows, "\t").encode("utf-16-le")


def first_and_last(stays: list[Stay]) -> list[Stay]:
    """One stay for each participant, as blocks of sums have it."""
    found: dict[tuple[str, str], Stay] = {}
    for stay in stays:
        before = found.get((stay.name, stay.address))
        left = None if stay.left is None or (before and before.left is None) else stay.left
        if before:
            left = None if left is None else max(left, before.left or left)
            stay = Stay(stay.name, min(before.joined, stay.joined), left, stay.address, stay.own)
        found[stay.name, stay.address] = Stay(stay.name, stay.joined, left, stay.address, stay.own)
    return list(found.values())


# --- Teams ------------------------------------------------------------------------------------------------------------

TEAMS_WORDS = {
    "us": (
        "1. Summary|Meeting title|Attended participants|Start time|End time|Meeting duration|2. Participants|"
        "Name|First Join|Last Leave|In-Meeting Duration|Email|Participant ID (UPN)|Role|Organizer|"
        "3. In-Meeting Activities|Name|Join Time|Leave Time|Duration|Email|Role|Attendee"
    ),
    "gb": (
        "1. Summary|Meeting title|Attended participants|Start time|End time|Meeting duration|2. Participants|"
        "Name|First join|Last leave|In-meeting duration|Email|Participant ID (UPN)|Role|Organiser|"
        "3. In-Meeting activities|Name|Join time|Leave time|Duration|Email|Role|Attendee"
    ),
    "vi": (
        "1. Tóm tắt|Tiêu đề cuộc họp|Số người tham gia|Thời gian bắt đầu|Thời gian kết thúc|Thời lượng cuộc họp|"
        "2. Người tham gia|Tên|Lần tham gia đầu tiên|Lần rời đi cuối cùng|Thời lượng trong cuộc họp|Email|"
        "ID người tham gia (UPN)|Vai trò|Người tổ chức|3. Hoạt động trong cuộc họp|Tên|Thời gian tham gia|Thời gian rời|"
        "Thời lượng|Email|Vai trò|Người dự"
    ),
}


def teams_v3(stays: list[Stay], locale: str = "us", style: str = "us", activities: bool = True) -> bytes:
    w = TEAMS_WORDS[locale].split("|")
    sums = first_and_last(stays)
    begun = min(stay.joined for stay in stays)
    rows: list[list[object]] = [
        [w[0]], [w[1], "Họp giao ban, tuần 47"], [w[2], len(sums)], [w[3], wall(begun, style)],
        [w[4], wall(begun + timedelta(hours=4), style)], [w[5], "4h 0m 0s"], [], [w[6]], w[7:14],
    ]  # fmt: skip
    spent = "vi" if locale == "vi" else "en"
    rows += [[s.name, wall(s.joined, style), wall(s.left, style), ran(s, spent), s.address, s.own, w[14]] for s in sums]
    if activities:
        rows += [[], [w[15]], w[16:22]]
        rows += [[s.name, wall(s.joined, style), wall(s.left, style), ran(s, spent), s.address, w[22]] for s in stays]
    return tabbed(rows)


def teams_v2(stays: list[Stay], style: str = "gb") -> bytes:
    rows: list[list[object]] = [
        ["Meeting Summary"], ["Total Number of Participants", 2], ["Meeting Title", "Họp"],
        ["Meeting Start Time", wall(stays[0].joined, style)], ["Meeting Id", "453adbad-0000"], [],
        ["Full Name", "Join Time", "Leave Time", "Duration", "Email", "Role", "Participant ID (UPN)"],
    ]  # fmt: skip
    rows += [[s.name, wall(s.joined, style), wall(s.left, style), ran(s), s.address, "Presenter", s.own] for s in stays]
    return tabbed(rows)


def events(stays: list[Stay]) -> list[tuple[datetime, str, Stay]]:
    found = [(stay.joined, "Joined", stay) for stay in stays]
    found += [(stay.left, "Left", stay) for stay in stays if stay.left]
    return sorted(found, key=lambda one: (one[0], one[1]))


def teams_v1(stays: list[Stay], style: str = "gb") -> bytes:
    told = events(stays)
    first = told[0][0]
    rows = [["Full Name", "User Action", "Timestamp"]]
    rows += [
        [s.name, "Joined before" if at == first and what == "Joined" else what, wall(at, style)] for at, what, s in told
    ]
    return tabbed(rows)


def teams_live(stays: list[Stay]) -> bytes:
    rows = [["SessionId", "ParticipantId", "FullName", "UserAgent", "UtcEventTimestamp", "Action", "Role"]]
    for at, what, s in events(stays):
        utc = at.astimezone(UTC)
        when = f"{utc.month}/{utc.day}/{utc.year} {utc.hour % 12 or 12}:{utc:%M:%S} {'AM' if utc.hour < 12 else 'PM'}"
        rows.append(["518ca2fd", s.address, s.name, "Mozilla/5.0 (X11; Linux)", when, what, "Attendee"])
    return cells(rows).encode()


def z(instant: datetime | None, fraction: str = "") -> str | None:
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%S}{fraction}Z" if instant else None


def grouped(stays: list[Stay]) -> dict[tuple[str, str, str], list[Stay]]:
    found: dict[tuple[str, str, str], list[Stay]] = {}
    for stay in stays:
        found.setdefault((stay.name, stay.address, stay.own), []).append(stay)
    return found


def written(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def graph(stays: list[Stay]) -> bytes:
    return written({"@odata.context": "x", "value": [
        {"emailAddress": address or None, "role": "Attendee", "identity": {"id": own or None, "displayName": name},
         "totalAttendanceInSeconds": 1, "attendanceIntervals": [
             {"joinDateTime": z(s.joined, ".6027225"), "leaveDateTime": z(s.left, ".1202391"), "durationInSeconds": 60}
             for s in held]}
        for (name, address, own), held in grouped(stays).items()]})  # fmt: skip


# --- Zoom, Webex ------------------------------------------------------------------------------------------------------


def zoom(stays: list[Stay], waiting: bool = True, bom: bool = False) -> bytes:
    rows: list[list[object]] = [
        ["Meeting ID", "Topic", "Start Time", "End Time", "User Email", "Duration (Minutes)", "Participants"],
        ["812 3456 7890", "Họp giao ban tuần 47", wall(stays[0].joined, "zoom"), "", "vp@tinh.example", 222, len(stays)],
        ["", "", "", "", "", "", ""],
        ["Name (Original Name)", "User Email", "Join Time", "Leave Time", "Duration (Minutes)", "Guest",
         "Recording Consent", "In Waiting Room"],
    ]  # fmt: skip
    for s in stays:
        if waiting:
            early = s.joined - timedelta(minutes=3)
            rows.append([s.name, s.address, wall(early, "zoom"), wall(s.joined, "zoom"), 3, "Yes", "", "Yes"])
        spent = -(-int((s.left - s.joined).total_seconds()) // 60) if s.left else ""
        rows.append([s.name, s.address, wall(s.joined, "zoom"), wall(s.left, "zoom"), spent, "Yes", "", "No"])
    return (b"\xef\xbb\xbf" if bom else b"") + cells(rows).encode()


def zoom_unique(stays: list[Stay]) -> bytes:
    rows: list[list[object]] = [["Name (Original Name)", "User Email", "Total Durection(Minutes)", "Guest"]]
    return cells(rows + [[s.name, s.address, 213, "No"] for s in first_and_last(stays)]).encode()


def zoom_api(stays: list[Stay]) -> bytes:
    told = [{"id": "", "user_id": "16778240", "name": s.name, "user_email": s.address, "registrant_id": s.own,
             "join_time": z(s.joined), "leave_time": z(s.left), "duration": 60, "status": "in_meeting"}
            for s in stays]  # fmt: skip
    held = {**told[0], "status": "in_waiting_room", "name": "Người chờ"}
    return written({"page_count": 1, "page_size": 300, "next_page_token": "", "participants": [*told, held]})


def webex(stays: list[Stay]) -> bytes:
    head = ["Event Name", "Event Start Time", "Event End Time", "Name", "Attendee Email", "Join Time", "Leave Time",
            "Attendance Duration", "Connection Type"]  # fmt: skip
    begun = wall(stays[0].joined, "guard")
    return tabbed([head] + [
        ["Họp giao ban", begun, "", s.name, s.address, wall(s.joined, "guard"), wall(s.left, "guard"),
         f"{int((s.left - s.joined).total_seconds()) // 60 if s.left else 0} mins", "Desktop app"] for s in stays
    ])  # fmt: skip


# --- BigBlueButton ----------------------------------------------------------------------------------------------------


def ms(instant: datetime | None) -> int:
    return int(instant.timestamp() * 1000) if instant else 0


def bbb_dashboard(stays: list[Stay], version: int = 3) -> bytes:
    users = {}
    for number, ((name, _address, own), held) in enumerate(grouped(stays).items()):
        inner = {f"w_{number}_{n}": {"intId": f"w_{number}_{n}", "sessions": [
            {"registeredOn": ms(s.joined), "leftOn": ms(s.left)}]} for n, s in enumerate(held)}  # fmt: skip
        if version == 2:
            inner = {key: {"intId": key, "registeredOn": ms(s.joined), "leftOn": ms(s.left)}
                     for key, s in zip(inner, held, strict=True)}  # fmt: skip
        users[f"{own}-{number}"] = {"userKey": own, "extId": own, "name": name, "isModerator": False, "intIds": inner}
    begun = ms(min(s.joined for s in stays))
    return written(
        {"intId": "a-1", "extId": "hop-2026-0047", "name": "Họp", "users": users, "createdOn": begun, "endedOn": 0}
    )


BBB_HEADS = {
    "en": "Name,Moderator,Activity Score,Talk Time,Webcam Time,Messages,Reactions,Poll Votes,Raise Hands,Join,Left,Duration",
    "vi": "Tên,Người điều hành,Điểm hoạt động,Thời gian nói,Thời gian webcam,Tin nhắn,Biểu cảm,Bình chọn,Giơ tay,Tham gia,"
    "Rời khỏi,Thời lượng",
    "de": "Name,Moderator,Aktivitätspunkte,Redezeit,Webcamzeit,Nachrichten,Reaktionen,Stimmen,Hände,Beitritt,Verlassen,Dauer",
}


def bbb_export(stays: list[Stay], language: str = "en", style: str = "us long", poll: bool = False) -> bytes:
    lines = [BBB_HEADS[language] + (",Đồng ý thông qua, phải không?" if poll else "")]
    for s in first_and_last(stays):
        told = [
            s.name,
            "FALSE",
            "2,4",
            "00:12:31",
            "-",
            "3",
            "0",
            "1",
            "2",
            wall(s.joined, style),
            wall(s.left, style) or "-",
        ]
        lines.append(",".join(f'"{cell}"' for cell in [*told, "03:20:02", *(["Có"] if poll else [])]))
    answers = ',"Có\r\nKhông, vì chưa rõ\r\nCó"' if poll else ""
    lines.append('"Anonymous"' + ',""' * 11 + answers)
    return "\r\n".join(lines).encode()


def bbb_webhooks(stays: list[Stay]) -> bytes:
    lines = []
    numbers = {id(s): n for n, s in enumerate(stays)}
    for at, what, s in events(stays):
        user = {"internal-user-id": f"w_{numbers[id(s)]}", "external-user-id": s.own}
        if what == "Joined":
            user |= {"name": s.name, "role": "VIEWER"}
        event = {"data": {"type": "event", "id": f"user-{what.lower()}", "attributes": {
            "meeting": {"internal-meeting-id": "m-1", "external-meeting-id": "hop"}, "user": user},
            "event": {"ts": ms(at) + 620}}}  # fmt: skip
        lines.append(urlencode({"domain": "bbb.example", "event": json.dumps([event]), "timestamp": ms(at) + 640}))
        if what == "Joined":
            lines.append(lines[-1])  # sent again, because our answer was lost
    return "\n".join(lines).encode()


# --- Jitsi, LiveKit ---------------------------------------------------------------------------------------------------


def jitsi(stays: list[Stay], destroyed: datetime | None = None) -> bytes:
    room = {"room_name": "hop-2026-0047", "room_jid": "hop-2026-0047@conference.hop.example", "is_breakout": False}
    lines: list[dict[str, object]] = [
        {"event_name": "muc-room-created", **room, "created_at": ms(stays[0].joined) // 1000}
    ]
    numbers = {id(s): n for n, s in enumerate(stays)}
    told: dict[str, dict[str, object]] = {}
    for _, what, s in events(stays):
        jid = f"{numbers[id(s)]:08d}@hop.example/Abc{numbers[id(s)]}"
        one: dict[str, object] = {"occupant_jid": jid, "joined_at": ms(s.joined) // 1000, "name": s.name, "id": s.own}
        if s.address:
            one["email"] = s.address
        if what == "Left":
            one = {**one, "left_at": ms(s.left) // 1000}
        told[jid] = one
        lines.append({"event_name": f"muc-occupant-{what.lower()}", **room, "occupant": one})
    late = lines.pop(1)
    lines += [late, lines[-1]]  # one event was tried again and came late, one came twice
    if destroyed:
        lines.append({"event_name": "muc-room-destroyed", **room, "destroyed_at": ms(destroyed) // 1000,
                      "all_occupants": list(told.values())})  # fmt: skip
    return "\n".join(json.dumps(one, ensure_ascii=False) for one in lines).encode()


def livekit(stays: list[Stay]) -> bytes:
    lines = []
    for number, (at, what, s) in enumerate(events(stays)):
        sid = f"PA_{stays.index(s)}"
        lines.append({"event": f"participant_{what.lower()}", "room": {"sid": "RM_1", "name": "hop"}, "id": f"EV_{number}",
                      "participant": {"sid": sid, "identity": s.own or sid, "name": s.name, "state": "ACTIVE",
                                      "joinedAt": str(ms(s.joined) // 1000)},
                      "createdAt": str(ms(at) // 1000)})  # fmt: skip
    lines.append(dict(lines[0]))
    lines.append(
        {"event": "track_published", "room": {"sid": "RM_1"}, "id": "EV_T", "createdAt": lines[0]["createdAt"]}
    )
    return "\n".join(json.dumps({"headers": {"Authorization": "x"}, "body": json.dumps(one)}) for one in lines).encode()


# --- others -----------------------------------------------------------------------------------------------------------


def meet(stays: list[Stay]) -> bytes:
    people, sessions = [], []
    for number, ((name, _address, own), held) in enumerate(grouped(stays).items()):
        path = f"conferenceRecords/R1/participants/P{number}"
        who = {"signedinUser": {"user": own, "displayName": name}} if own else {"anonymousUser": {"displayName": name}}
        person = {"name": path, **who, "earliestStartTime": z(min(s.joined for s in held), ".123456")}
        people.append(person)
        for n, s in enumerate(held):
            one = {"name": f"{path}/participantSessions/S{n}", "startTime": z(s.joined)}
            sessions.append(one if s.left is None else {**one, "endTime": z(s.left)})
    return written({"participants": people, "nextPageToken": "", "participantSessions": sessions})


def trueconf(stays: list[Stay], zone: str = "Asia/Ho_Chi_Minh") -> bytes:
    def php(instant: datetime | None) -> object:
        kind = 3 if "/" in zone else 1
        local = f"{instant.astimezone(HANOI):%Y-%m-%d %H:%M:%S}.000000" if instant else ""
        return {"date": local, "timezone_type": kind, "timezone": zone} if instant else None

    return written({"cnt": len(stays), "list": [
        {"call_id": s.own, "display_name": s.name, "join_time": php(s.joined), "leave_time": php(s.left), "app_id": "x",
         "duration": 60} for s in stays]})  # fmt: skip


def pexip(stays: list[Stay]) -> bytes:
    return written({"meta": {"limit": 20, "next": None, "total_count": len(stays)}, "objects": [
        {"id": f"3fc1-{n}", "display_name": s.name, "remote_alias": f"sip:{s.address}" if s.address else "",
         "local_alias": s.own, "protocol": "SIP", "start_time": (z(s.joined, ".203142") or "")[:-1],
         "end_time": (z(s.left, ".12") or "Z")[:-1] or None, "conference_name": "hop-2026-0047", "duration": 1}
        for n, s in enumerate(stays)]})  # fmt: skip


def cms(stays: list[Stay], first: int = 1, lost: frozenset[int] = frozenset()) -> bytes:
    parts = []
    for number, (at, what, s) in enumerate(events(stays)):
        if number in lost:
            continue
        leg = f"leg-{stays.index(s)}"
        inner = f"<displayName>{escape(s.name)}</displayName><remoteAddress>{escape(s.address)}</remoteAddress>"
        inner += f"<localAddress>{escape(s.own)}</localAddress><call>c1</call>"
        if what == "Left" and s.left:
            spent = int((s.left - s.joined).total_seconds())
            inner = f"<reason>remoteTeardown</reason><durationSeconds>{spent}</durationSeconds>"
        kind = "callLegStart" if what == "Joined" else "callLegEnd"
        parts.append(
            f'<?xml version="1.0"?><records session="s1" callBridge="b1"><record type="{kind}" time={quoteattr(z(at) or "")} '
            f'recordIndex="{first + number}" correlatorIndex="0"><callLeg id="{leg}">{inner}</callLeg></record></records>'
        )
    return "\n".join(parts).encode()


def plain_csv(stays: list[Stay], sign: str = ";", style: str = "vi", encoding: str = "utf-8-sig") -> bytes:
    rows: list[list[object]] = [
        ["BẢNG THEO DÕI ĐIỂM CẦU"],
        [],
        ["STT", "Tên điểm cầu", "Mã điểm cầu", "Giờ vào", "Giờ ra"],
    ]
    rows += [[n, s.name, s.own, wall(s.joined, style), wall(s.left, style)] for n, s in enumerate(stays, 1)]
    return cells(rows, sign).encode(encoding)


def plain_xlsx(stays: list[Stay]) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["TT", "Tên điểm cầu", "Thư điện tử", "Vào", "Ra"])
    for number, s in enumerate(stays, 1):
        book.active.append([number, s.name, s.address, *(
            at.astimezone(HANOI).replace(tzinfo=None) if at else None for at in (s.joined, s.left))])  # fmt: skip
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


@dataclass(frozen=True)
class Machine:
    """A writer, the layout it is, and what its files carry."""

    layout: str
    write: Callable[[list[Stay]], bytes]
    carries: frozenset[str]
    zoned: bool = True


def _machine(layout: str, write: Callable[[list[Stay]], bytes], carries: str, zoned: bool = True) -> Machine:
    return Machine(layout, write, frozenset(carries.split()), zoned)


MACHINES: dict[str, Machine] = {
    "Teams v3, American": _machine("teams_v3", teams_v3, "address own breaks", False),
    "Teams v3, British": _machine("teams_v3", lambda s: teams_v3(s, "gb", "gb"), "address own breaks", False),
    "Teams v3, Vietnamese": _machine("teams_v3", lambda s: teams_v3(s, "vi", "vi half"), "address own breaks", False),
    "Teams v3, Vietnamese in 24 hours": _machine(
        "teams_v3", lambda s: teams_v3(s, "vi", "vi"), "address own breaks", False
    ),
    "Teams v3, sums only": _machine("teams_v3", lambda s: teams_v3(s, activities=False), "address own", False),
    "Teams v2": _machine("teams_v2", teams_v2, "address own breaks", False),
    "Teams v1": _machine("teams_v1", teams_v1, "breaks", False),
    "Teams live event": _machine("teams_live", teams_live, "address own-address breaks"),
    "Graph": _machine("graph", graph, "address own breaks"),
    "Zoom": _machine("zoom", zoom, "address breaks", False),
    "Zoom 2024": _machine("zoom", lambda s: zoom(s, waiting=False, bom=True), "address breaks", False),
    "Zoom report API": _machine("zoom_api", zoom_api, "address own breaks"),
    "Webex": _machine("webex", webex, "address breaks", False),
    "BBB dashboard v2": _machine("bbb_dashboard", lambda s: bbb_dashboard(s, 2), "own breaks"),
    "BBB dashboard v3": _machine("bbb_dashboard", bbb_dashboard, "own breaks"),
    "BBB export": _machine("bbb_export", bbb_export, "", False),
    "BBB export, Vietnamese": _machine("bbb_export", lambda s: bbb_export(s, "vi", "vi", True), "", False),
    "BBB export, German": _machine("bbb_export", lambda s: bbb_export(s, "de", "de"), "", False),
    "BBB webhooks": _machine("bbb_webhooks", bbb_webhooks, "own breaks"),
    "Jitsi": _machine("jitsi", jitsi, "address own breaks"),
    "LiveKit": _machine("livekit", livekit, "own breaks"),
    "Google Meet": _machine("meet", meet, "own breaks"),
    "TrueConf": _machine("trueconf", trueconf, "own breaks"),
    "TrueConf with an offset": _machine("trueconf", lambda s: trueconf(s, "+07:00"), "own breaks"),
    "Pexip": _machine("pexip", pexip, "address own breaks"),
    "Cisco Meeting Server": _machine("cms", cms, "address own breaks"),
    "our own CSV": _machine("plain", plain_csv, "own breaks", False),
    "our own CSV with tabs": _machine("plain", lambda s: plain_csv(s, "\t", "gb", "utf-16"), "own breaks", False),
    "our own workbook": _machine("plain", plain_xlsx, "address breaks", False),
}
