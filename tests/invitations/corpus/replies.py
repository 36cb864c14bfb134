"""Answers by calendar, as each program writes them, with every deviation that was met in real mail."""

from __future__ import annotations

import struct
import uuid
from datetime import UTC, datetime, timedelta

from meetings.invitations.incoming import Kind, Verdict
from meetings.invitations.incoming.calendar import Writer
from tests.invitations.corpus.written import (
    COLON_UID,
    FIRST,
    LONG_UID,
    SECOND,
    SERIES,
    UID,
    US,
    VERP,
    Case,
    b64,
    calendar,
    event,
    joined,
    mail,
    odd,
    part,
)

SYT = "ATTENDEE;PARTSTAT={}:mailto:syt@tinh.example"
TAKEN = [(Verdict.TAKE, 17)]


def head(
    sender: str = "Sở Y tế <syt@tinh.example>",
    subject: str = "Chấp nhận: Họp giao ban",
    more: str = "",
    date: str = "Sat, 21 Nov 2026 09:15:02 +0700",
) -> str:
    return "\n".join(
        [
            f"From: {sender}",
            f"To: {US}",
            f"Subject: {subject}",
            f"Date: {date}",
            "Message-ID: <reply-1@tinh.example>",
            *([more.strip()] if more else []),
            "MIME-Version: 1.0",
        ]
    )


def alone(text: str, params: str = "; charset=UTF-8; method=REPLY", **at_head: str) -> bytes:
    """A message that is nothing but a calendar."""
    return mail(head(**at_head) + f"\nContent-Type: text/calendar{params}\nContent-Transfer-Encoding: 8bit", text)


def beside(
    text: str, words: str = "Sẽ dự họp.", params: str = "; charset=UTF-8; method=REPLY", **at_head: str
) -> bytes:
    """The usual form: words, and the calendar as another form of them."""
    return mail(
        head(**at_head) + '\nContent-Type: multipart/alternative; boundary="b1"',
        joined(
            "b1",
            part("Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit", words),
            part(f"Content-Type: text/calendar{params}\nContent-Transfer-Encoding: 8bit", text),
        ),
    )


def reply(partstat: str, *more: str, **of_event: str) -> str:
    return calendar("REPLY", event(SYT.format(partstat), *more, **of_event))


OUTLOOK = Case(
    "Outlook over Exchange: no ORGANIZER, no CN, COMMENT of a line break, SUMMARY in front of ours",
    mail(
        head(subject="Accepted: Họp giao ban", more="X-MS-Has-Attach:\nThread-Topic: Họp giao ban")
        + '\nContent-Type: multipart/alternative; boundary="_000_DB7PR04MB"',
        joined(
            "_000_DB7PR04MB",
            part('Content-Type: text/plain; charset="utf-8"\nContent-Transfer-Encoding: base64', b64("Đồng ý dự.\r\n")),
            part(
                'Content-Type: text/calendar; charset="utf-8"; method=REPLY\nContent-Transfer-Encoding: base64',
                b64(
                    calendar(
                        "REPLY",
                        event(
                            "ATTENDEE;PARTSTAT=ACCEPTED;CN=Sở Y tế:MAILTO:syt@tinh.example",
                            "COMMENT;LANGUAGE=vi-VN:\\n",
                            "SUMMARY;LANGUAGE=en-US:Accepted: Họp giao ban",
                            "X-MICROSOFT-CDO-APPT-SEQUENCE:2",
                        ),
                        prodid="Microsoft Exchange Server 2010",
                    ).replace("\n", "\r\n")
                ),
            ),
        ),
    ),
    Kind.REPLY,
    facts={"subject": "Accepted: Họp giao ban", "text": "Đồng ý dự.", "from_address": "syt@tinh.example"},
    answer={"partstat": "ACCEPTED", "comment": "", "sequence": 2},
    settled=TAKEN,
)

OFFICE_365 = Case(
    "Office 365: quoted Windows zone, TZID on every hour",
    beside(
        calendar(
            "REPLY",
            """
            BEGIN:VEVENT
            ATTENDEE;PARTSTAT=DECLINED:mailto:syt@tinh.example
            COMMENT;LANGUAGE=vi-VN:Trùng lịch với đoàn kiểm tra\\, xin
              cử người khác\\nSở Y tế
            UID:0b7cf6a2-19d5-4f0e-b1f7-5a1c7d0e4402@so.example
            SUMMARY;LANGUAGE=vi-VN:Từ chối: Họp giao ban
            DTSTART;TZID="SE Asia Standard Time":20261125T080000
            DTEND;TZID="SE Asia Standard Time":20261125T113000
            DTSTAMP:20261121T021500Z
            SEQUENCE:2
            X-MICROSOFT-CDO-INTENDEDSTATUS:FREE
            END:VEVENT
            """,
            prodid="Microsoft Exchange Server 2010",
        ),
        words="Trùng lịch.",
        subject="=?utf-8?B?VOG7qyBjaOG7kWk6IEjhu41wIGdpYW8gYmFu?=",
    ),
    Kind.REPLY,
    facts={"subject": "Từ chối: Họp giao ban"},
    answer={
        "partstat": "DECLINED",
        "comment": "Trùng lịch với đoàn kiểm tra, xin cử người khác\nSở Y tế",
        "starts_at": FIRST,
    },
    settled=TAKEN,
)

_GOOGLE = event(
    "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CN=ubndtan\n phu@gmail.com;X-NUM-GUESTS=0:"
    "mailto:ubndtanphu@gmail.com",
    "CREATED:20261101T000000Z",
    "STATUS:CONFIRMED",
)
GOOGLE = Case(
    "Google: Auto-Submitted on a true answer, the calendar twice with two ORGANIZERs, dots left out of the address",
    mail(
        head(
            "UBND xã Tân Phú <ubndtanphu@gmail.com>",
            "Accepted: Họp giao ban @ Wed Nov 25, 2026 8am (ICT)",
            "Auto-Submitted: auto-generated\nReply-To: ubndtanphu@gmail.com\n"
            "Sender: Google Calendar <calendar-notification@google.example>",
        )
        + '\nContent-Type: multipart/mixed; boundary="000000000000aa"',
        joined(
            "000000000000aa",
            part(
                'Content-Type: multipart/alternative; boundary="000000000000bb"',
                joined(
                    "000000000000bb",
                    part('Content-Type: text/plain; charset="UTF-8"; format=flowed; delsp=yes', "UBND has accepted."),
                    part('Content-Type: text/html; charset="UTF-8"', "<p>UBND has <b>accepted</b>.</p>"),
                    part(
                        'Content-Type: text/calendar; charset="UTF-8"; method=REPLY\nContent-Transfer-Encoding: 7bit',
                        calendar("REPLY", f"{_GOOGLE[:-11]}\nORGANIZER;CN=So:mailto:{US}\nEND:VEVENT"),
                    ),
                ),
            ),
            part(
                'Content-Type: application/ics; name="invite.ics"\n'
                'Content-Disposition: attachment; filename="invite.ics"\nContent-Transfer-Encoding: base64',
                b64(calendar("REPLY", f"{_GOOGLE[:-11]}\nORGANIZER:mailto:lich@so.example\nEND:VEVENT")),
            ),
        ),
    ),
    Kind.REPLY,
    facts={"automatic": True, "text": "UBND has accepted."},
    answer={"partstat": "ACCEPTED", "attendee": "ubndtanphu@gmail.com"},
    settled=[(Verdict.TAKE, 19)],
)

APPLE = Case(
    "Apple Mail: RSVP=TRUE in the answer, MAILTO in capitals, no charset",
    alone(
        calendar(
            "REPLY",
            event(
                'ATTENDEE;CN="Sở Y tế";CUTYPE=INDIVIDUAL;PARTSTAT=ACCEPTED;RSVP=TRUE:MAILTO:syt@tinh.example',
                "TRANSP:OPAQUE",
            ),
            prodid="-//Apple Inc.//iPhone OS 19.1//EN",
        ),
        params="; method=REPLY",
    ),
    Kind.REPLY,
    answer={"partstat": "ACCEPTED", "attendee": "syt@tinh.example"},
    settled=TAKEN,
)

THUNDERBIRD = Case(
    "Thunderbird: one ATTENDEE with everything, a VTIMEZONE of its own, quoted-printable",
    mail(
        head(subject="Invitation Reply (Accepted): =?UTF-8?Q?H=E1=BB=8Dp_giao_ban?=")
        + '\nContent-Type: multipart/mixed; boundary="------------090807"',
        joined(
            "------------090807",
            part("Content-Type: text/plain; charset=UTF-8", "Sở Y tế has accepted your event invitation."),
            part(
                "Content-Type: text/calendar; method=REPLY; charset=UTF-8\nContent-Transfer-Encoding: quoted-printable",
                calendar(
                    "REPLY",
                    """
                    BEGIN:VEVENT
                    UID:0b7cf6a2-19d5-4f0e-b1f7-5a1c7d0e4402@so.example
                    DTSTAMP:20261121T021500Z
                    SEQUENCE:2
                    RECEIVED-SEQUENCE:2
                    ORGANIZER;CN=3DLich:mailto:lichhop@so.example
                    ATTENDEE;CN=3D"S=E1=BB=9F Y t=E1=BA=BF";PARTSTAT=3DTENTATIVE;ROLE=3DREQ-PARTICIPA=
                    NT;RSVP=3DTRUE:mailto:syt@tinh.example
                    DTSTART;TZID=3DAsia/Ho_Chi_Minh:20261125T080000
                    END:VEVENT
                    """,
                    before="""
                    BEGIN:VTIMEZONE
                    TZID:Asia/Ho_Chi_Minh
                    BEGIN:STANDARD
                    DTSTART:19700101T000000
                    TZOFFSETFROM:+0700
                    TZOFFSETTO:+0700
                    END:STANDARD
                    END:VTIMEZONE
                    """,
                    prodid="-//Mozilla.org/NONSGML Mozilla Calendar V1.1//EN",
                ),
            ),
        ),
    ),
    Kind.REPLY,
    facts={"subject": "Invitation Reply (Accepted): Họp giao ban"},
    answer={"partstat": "TENTATIVE", "starts_at": FIRST},
    settled=TAKEN,
)

ZIMBRA = Case(
    "Zimbra: base64, three forms, CN in quotes with a comma",
    mail(
        head() + '\nContent-Type: multipart/alternative; boundary="----=_Part_7"',
        joined(
            "----=_Part_7",
            part("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit", "Đồng ý: Họp giao ban"),
            part("Content-Type: text/html; charset=utf-8", "<html><body>Đồng ý</body></html>"),
            part(
                "Content-Type: text/calendar; charset=utf-8; method=REPLY; name=meeting.ics\n"
                "Content-Transfer-Encoding: base64",
                b64(
                    calendar(
                        "REPLY",
                        event(
                            'ATTENDEE;CN="Sở Y tế, tỉnh";ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED:mailto:syt@tinh.example'
                        ),
                        prodid="Zimbra-Calendar-Provider",
                    )
                ),
            ),
        ),
    ),
    Kind.REPLY,
    answer={"partstat": "ACCEPTED"},
    settled=TAKEN,
)

YAHOO = Case(
    "Yahoo: ROLE=REQ_PARTICIPANT",
    beside(
        calendar(
            "REPLY",
            event("ATTENDEE;PARTSTAT=DECLINED;CN=SYT;ROLE=REQ_PARTICIPANT;RSVP=FALSE:mailto:syt@tinh.example"),
            prodid="Zimbra-Calendar-Provider",
        )
    ),
    Kind.REPLY,
    answer={"partstat": "DECLINED"},
    settled=TAKEN,
)

_ROMANCE = """
BEGIN:VTIMEZONE
TZID:Customized Time Zone
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""
OF_A_DATE = [(Verdict.TAKE, 31)]


def of_date(line: str, before: str = "") -> bytes:
    return beside(calendar("REPLY", event(SYT.format("ACCEPTED"), line, uid=SERIES), before=before))


DATES = [
    Case(
        f"one date of a series, said {how}",
        of_date(line, before),
        Kind.REPLY,
        answer={"instance": FIRST},
        settled=OF_A_DATE,
    )
    for how, line, before in (
        ("in UTC", "RECURRENCE-ID:20261125T010000Z", ""),
        ("with our TZID", "RECURRENCE-ID;TZID=Asia/Ho_Chi_Minh:20261125T080000", ""),
        ("without a zone", "RECURRENCE-ID:20261125T080000", ""),
        ("in a zone of Windows", "RECURRENCE-ID;TZID=SE Asia Standard Time:20261125T080000", ""),
        ("in a zone of Mozilla", "RECURRENCE-ID;TZID=/mozilla.org/20050126_1/Asia/Bangkok:20261125T080000", ""),
        ("in a zone that only its name tells", 'RECURRENCE-ID;TZID="(UTC+07:00) Bangkok, Hanoi":20261125T080000', ""),
        ("in a zone that the calendar describes", "RECURRENCE-ID;TZID=Customized Time Zone:20261125T020000", _ROMANCE),
    )
]

REPLIES = [
    OUTLOOK,
    OFFICE_365,
    GOOGLE,
    APPLE,
    THUNDERBIRD,
    ZIMBRA,
    YAHOO,
    *DATES,
    Case(
        "the method stands in the calendar only",
        beside(reply("ACCEPTED"), params="; charset=UTF-8"),
        Kind.REPLY,
        settled=TAKEN,
    ),
    Case(
        "the method stands in the header only",
        beside(calendar("", event(SYT.format("ACCEPTED")))),
        Kind.REPLY,
        settled=TAKEN,
    ),
    Case(
        "the header says REPLY, the calendar REQUEST: the calendar counts",
        beside(calendar("REQUEST", event(SYT.format("NEEDS-ACTION")))),
        Kind.OTHER_CALENDAR,
        facts={"why": "request"},
    ),
    Case(
        "no SEQUENCE: of the first edition, which no longer holds",
        beside(reply("ACCEPTED", sequence="")),
        Kind.REPLY,
        answer={"sequence": 0},
        settled=[(Verdict.STALE, 17)],
    ),
    Case(
        "words in windows-1256 beside a calendar in UTF-8",
        mail(
            head("=?windows-1256?B?5ebH3d7J?= <syt@tinh.example>", "=?windows-1256?Q?=E3=E6=C7=DD=DE?=: Họp")
            + "\nContent-Type: multipart/alternative; boundary=b2",
            joined(
                "b2",
                part("Content-Type: text/plain; charset=windows-1256", odd(b"\xe3\xe6\xc7\xdd\xde")),
                part("Content-Type: text/calendar; method=REPLY; charset=utf-8", reply("ACCEPTED", "COMMENT:Đồng ý")),
            ),
        ),
        Kind.REPLY,
        facts={"subject": "موافق: Họp", "text": "موافق"},
        answer={"comment": "Đồng ý"},
        settled=TAKEN,
    ),
    Case(
        "a calendar in the letters of Windows, said to be so",
        mail(
            head() + "\nContent-Type: text/calendar; method=REPLY; charset=windows-1258",
            reply("DECLINED", "COMMENT:" + odd("Không dư\u0323".encode("cp1258"))),
        ),
        Kind.REPLY,
        answer={"partstat": "DECLINED", "comment": "Không dự"},
        settled=TAKEN,
    ),
    Case(
        "a calendar that begins with a byte order mark",
        alone("\ufeff" + reply("ACCEPTED")),
        Kind.REPLY,
        settled=TAKEN,
    ),
    Case(
        "a calendar in UTF-16",
        mail(
            head() + "\nContent-Type: text/calendar; method=REPLY; charset=utf-16\nContent-Transfer-Encoding: base64",
            b64(reply("ACCEPTED").encode("utf-16")),
        ),
        Kind.REPLY,
        settled=TAKEN,
    ),
    Case(
        "bare line feeds throughout",
        beside(reply("ACCEPTED")).replace(b"\r\n", b"\n"),
        Kind.REPLY,
        settled=TAKEN,
    ),
    Case(
        "carriage returns only, from a very old machine",
        beside(reply("ACCEPTED")).replace(b"\r\n", b"\r"),
        Kind.REPLY,
        settled=TAKEN,
    ),
    Case(
        "folded in the middle of a letter and of a parameter",
        alone(reply("ACCEPTED", "COMMENT:Đồng ý dự họp").replace("PARTSTAT", "PART\n STAT"))
        .replace(b"mailto:syt@tinh", b"mailto:syt@ti\r\n\tnh")
        .replace("ự".encode(), b"\xe1\xbb\r\n \xb1"),
        Kind.REPLY,
        answer={"comment": "Đồng ý dự họp"},
        settled=TAKEN,
    ),
    Case(
        "the blank line between headers and calendar was forgotten",
        mail(
            head() + "\nContent-Type: multipart/mixed; boundary=b3",
            "--b3\nContent-Type: text/calendar; method=REPLY; charset=utf-8\n" + reply("ACCEPTED") + "--b3--\n",
        ),
        Kind.REPLY,
        settled=TAKEN,
    ),
    Case(
        "an .ics called octet-stream",
        mail(
            head() + "\nContent-Type: multipart/mixed; boundary=b4",
            joined(
                "b4",
                part("Content-Type: text/plain", "xem tep dinh kem"),
                part(
                    "Content-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n"
                    "Content-Disposition: attachment; filename*0*=UTF-8''tr%E1%BA%A3; filename*1*=%20l%E1%BB%9Di.ICS",
                    b64(reply("ACCEPTED")),
                ),
            ),
        ),
        Kind.REPLY,
        settled=TAKEN,
    ),
    Case(
        "a UID of 180 letters",
        beside(reply("ACCEPTED", uid=LONG_UID)),
        Kind.REPLY,
        answer={"uid": LONG_UID},
        settled=[(Verdict.TAKE, 33)],
    ),
    Case(
        "a UID with colons",
        beside(reply("ACCEPTED", uid=COLON_UID)),
        Kind.REPLY,
        answer={"uid": COLON_UID},
        settled=[(Verdict.TAKE, 34)],
    ),
    Case(
        "spaces round the UID",
        beside(reply("ACCEPTED", uid=f"  {UID} ")),
        Kind.REPLY,
        settled=TAKEN,
    ),
    Case(
        "our UID packed into one of Outlook's own",
        beside(
            reply(
                "ACCEPTED",
                uid="040000008200E00074C5B7101A82E008"
                + "00" * 24
                + b"vCal-Uid\x01\0\0\0".hex()
                + UID.encode().hex()
                + "00",
            )
        ),
        Kind.REPLY,
        answer={"uid": UID},
        settled=TAKEN,
    ),
    Case(
        "one answer, two dates",
        beside(
            calendar(
                "REPLY",
                event(SYT.format("ACCEPTED"), "RECURRENCE-ID:20261125T010000Z", uid=SERIES),
                event(SYT.format("DECLINED"), "RECURRENCE-ID:20261202T010000Z", uid=SERIES),
            )
        ),
        Kind.REPLY,
        answer={"instance": FIRST},
        settled=[(Verdict.TAKE, 31), (Verdict.TAKE, 32)],
    ),
    Case(
        "a whole series",
        beside(reply("ACCEPTED", uid=SERIES)),
        Kind.REPLY,
        answer={"instance": None},
        settled=[(Verdict.TAKE, 31), (Verdict.TAKE, 32)],
    ),
    Case(
        "a date that the series has not",
        of_date("RECURRENCE-ID:20261126T010000Z"),
        Kind.REPLY,
        settled=[(Verdict.UNKNOWN_UID, None)],
    ),
    Case(
        "a date without its hour",
        of_date("RECURRENCE-ID;VALUE=DATE:20261125"),
        Kind.REPLY,
        answer={"clear": False},
        settled=[(Verdict.UNCLEAR, None)],
    ),
    Case(
        "this date and all that follow",
        of_date("RECURRENCE-ID;RANGE=THISANDFUTURE:20261125T010000Z"),
        Kind.REPLY,
        settled=[(Verdict.UNCLEAR, None)],
    ),
    Case(
        "an hour in a zone that nobody knows",
        of_date("RECURRENCE-ID;TZID=Gio cua co quan:20261125T080000"),
        Kind.REPLY,
        settled=[(Verdict.UNCLEAR, None)],
    ),
    Case(
        "two meetings in one answer",
        beside(calendar("REPLY", event(SYT.format("ACCEPTED")), event(SYT.format("ACCEPTED"), uid=LONG_UID))),
        Kind.REPLY,
        settled=[(Verdict.UNCLEAR, None)] * 2,
    ),
    Case(
        "two calendars in one part",
        beside(reply("ACCEPTED") + reply("ACCEPTED")),
        Kind.REPLY,
        settled=[(Verdict.UNCLEAR, None)],
    ),
    Case(
        "two parts that contradict each other",
        mail(
            head() + "\nContent-Type: multipart/mixed; boundary=b5",
            joined(
                "b5",
                part("Content-Type: text/calendar; method=REPLY", reply("ACCEPTED")),
                part("Content-Type: application/ics; name=invite.ics", reply("DECLINED")),
            ),
        ),
        Kind.REPLY,
        settled=[(Verdict.UNCLEAR, None)],
    ),
    Case(
        "the edition is no number",
        beside(reply("ACCEPTED", sequence="hai")),
        Kind.REPLY,
        settled=[(Verdict.UNCLEAR, None)],
    ),
    Case(
        "an earlier edition than the hour that holds",
        beside(reply("ACCEPTED", sequence="1")),
        Kind.REPLY,
        settled=[(Verdict.STALE, 17)],
    ),
    Case(
        "the same answer again",
        beside(
            calendar("REPLY", event("ATTENDEE;PARTSTAT=ACCEPTED:mailto:sct@tinh.example", stamp="20261120T030000Z")),
            sender="sct@tinh.example",
        ),
        Kind.REPLY,
        settled=[(Verdict.DUPLICATE, 23)],
    ),
    Case(
        "an answer that was overtaken by a newer one",
        beside(
            calendar("REPLY", event("ATTENDEE;PARTSTAT=DECLINED:mailto:sct@tinh.example", stamp="20261120T025959Z")),
            sender="sct@tinh.example",
        ),
        Kind.REPLY,
        settled=[(Verdict.OVERTAKEN, 23)],
    ),
    Case(
        "another mind, a second later",
        beside(
            calendar("REPLY", event("ATTENDEE;PARTSTAT=DECLINED:mailto:sct@tinh.example", stamp="20261120T030001Z")),
            sender="sct@tinh.example",
        ),
        Kind.REPLY,
        settled=[(Verdict.TAKE, 23)],
    ),
    Case(
        "capitals in the address",
        beside(
            calendar("REPLY", event("ATTENDEE;PARTSTAT=ACCEPTED:MAILTO:VAN.THU@xa.example")),
            sender="van.thu@xa.EXAMPLE",
        ),
        Kind.REPLY,
        settled=[(Verdict.TAKE, 22)],
    ),
    Case(
        "dots and a tag in an address of Gmail",
        beside(
            calendar("REPLY", event("ATTENDEE;PARTSTAT=ACCEPTED:mailto:ubnd.tan.phu+hop@googlemail.com")),
            sender="ubndtanphu@gmail.com",
        ),
        Kind.REPLY,
        settled=[(Verdict.TAKE, 19)],
    ),
    Case(
        "everybody is listed, the writer is meant",
        beside(
            calendar(
                "REPLY",
                event(
                    "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:stc@tinh.example\n"
                    "ATTENDEE;PARTSTAT=DECLINED:mailto:syt@tinh.example"
                ),
            )
        ),
        Kind.REPLY,
        answer={"partstat": "DECLINED", "attendee": "syt@tinh.example"},
        settled=TAKEN,
    ),
    Case(
        "the writer is listed twice, with two answers",
        beside(calendar("REPLY", event(SYT.format("ACCEPTED") + "\n" + SYT.format("DECLINED")))),
        Kind.REPLY,
        settled=[(Verdict.UNCLEAR, None)],
    ),
    Case(
        "two are listed, a third one wrote",
        beside(
            calendar(
                "REPLY",
                event(
                    "ATTENDEE;PARTSTAT=ACCEPTED:mailto:stc@tinh.example\n"
                    "ATTENDEE;PARTSTAT=DECLINED:mailto:syt@tinh.example"
                ),
            ),
            sender="nguoi.la@khac.example",
        ),
        Kind.REPLY,
        settled=[(Verdict.UNCLEAR, None)],
    ),
    Case(
        "a secretary answers, and says for whom",
        beside(
            calendar(
                "REPLY",
                event('ATTENDEE;PARTSTAT=ACCEPTED;SENT-BY="mailto:thuky@tinh.example":mailto:syt@tinh.example'),
            ),
            sender="Thư ký <thuky@tinh.example>",
        ),
        Kind.REPLY,
        answer={"sent_by": "thuky@tinh.example"},
        settled=TAKEN,
    ),
    Case(
        "a secretary answers on behalf, named as Sender",
        beside(
            calendar(
                "REPLY",
                event('ATTENDEE;PARTSTAT=ACCEPTED;SENT-BY="mailto:thuky@tinh.example":mailto:syt@tinh.example'),
            ),
            sender="giamdoc@tinh.example",
            more="Sender: thuky@tinh.example",
        ),
        Kind.REPLY,
        settled=TAKEN,
    ),
    Case(
        "somebody else answers for a site and does not say why",
        beside(reply("DECLINED"), sender="nguoi.la@khac.example"),
        Kind.REPLY,
        settled=[(Verdict.NOT_THE_ATTENDEE, 17)],
    ),
    Case(
        "one who was never invited accepts",
        beside(
            calendar("REPLY", event("ATTENDEE;PARTSTAT=ACCEPTED:mailto:khach@khac.example")),
            sender="khach@khac.example",
        ),
        Kind.REPLY,
        settled=[(Verdict.UNKNOWN_ATTENDEE, None)],
    ),
    Case(
        "an alias of the site answers, from the site's own mailbox",
        beside(calendar("REPLY", event("ATTENDEE;PARTSTAT=ACCEPTED:mailto:so.y.te@tinh.example"))),
        Kind.REPLY,
        settled=TAKEN,
    ),
    Case(
        "a stranger who holds the entry names himself as the one who answers for the site",
        beside(
            calendar(
                "REPLY",
                event('ATTENDEE;PARTSTAT=DECLINED;SENT-BY="mailto:ke.gia@khac.example":mailto:syt@tinh.example'),
            ),
            sender="ke.gia@khac.example",
        ),
        Kind.REPLY,
        settled=[(Verdict.NOT_THE_ATTENDEE, 17)],
    ),
    Case(
        "another customer of the host where a site has its mailbox answers for it",
        beside(
            calendar(
                "REPLY",
                event('ATTENDEE;PARTSTAT=DECLINED;SENT-BY="mailto:ke.gia@gmail.com":mailto:ubnd.tanphu@gmail.com'),
            ),
            sender="ke.gia@gmail.com",
        ),
        Kind.REPLY,
        settled=[(Verdict.NOT_THE_ATTENDEE, 19)],
    ),
    Case(
        "an hour that has not come",
        beside(reply("ACCEPTED", stamp="20361121T021500Z")),
        Kind.REPLY,
        settled=[(Verdict.UNCLEAR, 17)],
    ),
    Case(
        "an edition that was never sent",
        beside(reply("ACCEPTED", sequence="4")),
        Kind.REPLY,
        settled=[(Verdict.UNCLEAR, 17)],
    ),
    *(
        Case(
            f"another mind under the DTSTAMP of the invitation, {name}",
            beside(
                calendar(
                    "REPLY", event("ATTENDEE;PARTSTAT=DECLINED:mailto:sct@tinh.example", stamp="20261120T030000Z")
                ),
                sender="sct@tinh.example",
                date=date,
            ),
            Kind.REPLY,
            settled=[(found, 23)],
        )
        for name, date, found in (
            ("posted later", "Fri, 20 Nov 2026 10:00:01 +0700", Verdict.TAKE),
            ("posted earlier", "Fri, 20 Nov 2026 09:59:59 +0700", Verdict.OVERTAKEN),
            ("posted in the same second", "Fri, 20 Nov 2026 10:00:00 +0700", Verdict.UNCLEAR),
        )
    ),
    Case(
        "two sites of one meeting share an address",
        beside(
            calendar("REPLY", event("ATTENDEE;PARTSTAT=ACCEPTED:mailto:vanphong@huyen.example")),
            sender="vanphong@huyen.example",
        ),
        Kind.REPLY,
        settled=[(Verdict.AMBIGUOUS, None)],
    ),
    Case(
        "a meeting that nobody here knows",
        beside(reply("ACCEPTED", uid="khong-co@khac.example")),
        Kind.REPLY,
        settled=[(Verdict.UNKNOWN_UID, None)],
    ),
    Case(
        "an answer that says nothing we know",
        beside(reply("X-CO-THE")),
        Kind.REPLY,
        answer={"partstat": "NEEDS-ACTION", "said": "X-CO-THE"},
        settled=TAKEN,
    ),
    Case(
        "an answer of nobody",
        beside(calendar("REPLY", event(""))),
        Kind.REPLY,
        settled=[(Verdict.UNCLEAR, None)],
    ),
    Case(
        "delegated to another officer",
        beside(
            calendar(
                "REPLY",
                event(
                    'ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:pho.gd@tinh.example":mailto:syt@tinh.example\n'
                    'ATTENDEE;PARTSTAT=NEEDS-ACTION;DELEGATED-FROM="mailto:syt@tinh.example":mailto:pho.gd@tinh.example'
                ),
            )
        ),
        Kind.REPLY,
        answer={"partstat": "DELEGATED", "delegated_to": ("pho.gd@tinh.example",)},
        settled=TAKEN,
    ),
    Case(
        "a note to the answer, as Google and Apple write it",
        beside(
            calendar(
                "REPLY",
                event(
                    'ATTENDEE;PARTSTAT=DECLINED;X-RESPONSE-COMMENT="Bận: họp tỉnh ủy^nXin lỗi":mailto:syt@tinh.example',
                ),
            )
        ),
        Kind.REPLY,
        answer={"comment": "Bận: họp tỉnh ủy\nXin lỗi"},
        settled=TAKEN,
    ),
    Case(
        "another time is proposed, everybody is listed",
        beside(
            calendar(
                "COUNTER",
                """
                BEGIN:VEVENT
                UID:0b7cf6a2-19d5-4f0e-b1f7-5a1c7d0e4402@so.example
                DTSTAMP:20261121T021500Z
                SEQUENCE:2
                ORGANIZER:mailto:lichhop@so.example
                ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:stc@tinh.example
                ATTENDEE;PARTSTAT=TENTATIVE:mailto:syt@tinh.example
                DTSTART;TZID=Asia/Ho_Chi_Minh:20261125T140000
                DTEND;TZID=Asia/Ho_Chi_Minh:20261125T163000
                COMMENT:Buổi sáng bận
                END:VEVENT
                """,
            ),
            params="; method=COUNTER; charset=utf-8",
        ),
        Kind.COUNTER,
        answer={
            "starts_at": datetime(2026, 11, 25, 7, tzinfo=UTC),
            "ends_at": datetime(2026, 11, 25, 9, 30, tzinfo=UTC),
            "comment": "Buổi sáng bận",
        },
        settled=TAKEN,
    ),
    Case(
        "the entry is asked for again",
        beside(calendar("REFRESH", event(SYT.format("NEEDS-ACTION"), sequence="")), params="; method=REFRESH"),
        Kind.REFRESH,
        settled=TAKEN,
    ),
    Case(
        "an answer within a forwarded letter is nobody's answer",
        mail(
            head("truongphong@tinh.example", "Fwd: Chấp nhận: Họp giao ban")
            + "\nContent-Type: multipart/mixed; boundary=b6",
            joined(
                "b6",
                part("Content-Type: text/plain; charset=utf-8", "Chuyển để biết."),
                part("Content-Type: message/rfc822", beside(reply("ACCEPTED")).decode().replace("\r\n", "\n")),
            ),
        ),
        Kind.HUMAN,
        facts={"why": "forwarded", "text": "Chuyển để biết."},
    ),
    Case(
        "a calendar that breaks off",
        beside(reply("ACCEPTED")[:-40]),
        Kind.UNREADABLE,
        facts={"why": "truncated"},
    ),
    Case(
        "a calendar without an event",
        beside(calendar("REPLY")),
        Kind.UNREADABLE,
        facts={"why": "no_component"},
    ),
    Case(
        "a calendar part that holds no calendar",
        beside("<html>This attachment was removed</html>\n"),
        Kind.UNREADABLE,
        facts={"why": "no_calendar"},
    ),
    Case(
        "the line of the answer was torn",
        beside(reply("ACCEPTED").replace("PARTSTAT=ACCEPTED", "PARTSTAT=ACC\nEPTED")),
        Kind.REPLY,
        answer={"clear": False},
        settled=[(Verdict.UNCLEAR, None)],
    ),
    Case(
        "an attendee sends a cancellation",
        beside(
            calendar("CANCEL", event(SYT.format("DECLINED"), "STATUS:CANCELLED")),
            params="; method=CANCEL; charset=utf-8",
        ),
        Kind.OTHER_CALENDAR,
        facts={"why": "cancel", "answers": ()},
    ),
    Case(
        "an attendee invites us, and Google marks it as made by a machine",
        beside(
            calendar("REQUEST", event("ATTENDEE;RSVP=TRUE:mailto:lichhop@so.example", uid="khac@tinh.example")),
            params="; method=REQUEST",
            more="Auto-Submitted: auto-generated",
        ),
        Kind.OTHER_CALENDAR,
        facts={"why": "request", "automatic": True},
    ),
    Case(
        "a task is answered, not a meeting",
        beside(calendar("REPLY", "BEGIN:VTODO\nUID:viec-1@so.example\nEND:VTODO")),
        Kind.OTHER_CALENDAR,
        facts={"why": "reply"},
    ),
    Case(
        "answered to our envelope's address",
        beside(reply("ACCEPTED"), more=f"X-Original-To: {VERP}"),
        Kind.REPLY,
        facts={"to": (US, VERP)},
        settled=TAKEN,
    ),
]

# ------------------------------------------------------------------ winmail.dat


def attribute(name: int, kind: int, data: bytes) -> bytes:
    return struct.pack("<BHHI", 1, name, kind, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def tnef(message_class: str, *properties: bytes, key: int = 1) -> bytes:
    inside = struct.pack("<I", len(properties)) + b"".join(properties)
    return (
        struct.pack("<IH", 0x223E9F78, key)
        + attribute(0x9006, 8, struct.pack("<I", 0x10000))
        + attribute(0x9007, 6, struct.pack("<II", 1258, 0))
        + attribute(0x8008, 7, message_class.encode() + b"\0")
        + attribute(0x9003, 6, inside)
    )


MEETING = uuid.UUID("6ed8da90-450b-1b10-98da-00aa003f1305")
APPOINTMENT = uuid.UUID("00062002-0000-0000-c000-000000000046")


def named(space: uuid.UUID, lid: int, kind: int, value: bytes) -> bytes:
    return struct.pack("<HH", kind, 0x8000 + lid % 0x100) + space.bytes_le + struct.pack("<II", 0, lid) + value


def long(value: bytes) -> bytes:
    return struct.pack("<II", 1, len(value)) + value + b"\0" * (-len(value) % 4)


def filetime(at: datetime) -> bytes:
    return struct.pack("<Q", (at - datetime(1601, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 10)


def global_id(uid: bytes, day: bytes = b"\0\0\0\0") -> bytes:
    start = bytes.fromhex("040000008200e00074c5b7101a82e008")
    return start + day + bytes(16) + struct.pack("<I", len(uid)) + uid


FOREIGN = b"vCal-Uid\x01\0\0\0" + UID.encode() + b"\0"
FOREIGN_SERIES = b"vCal-Uid\x01\0\0\0" + SERIES.encode() + b"\0"
PLAIN_TNEF = tnef(
    "IPM.Microsoft Schedule.MtgRespP",
    named(MEETING, 0x03, 0x102, long(global_id(FOREIGN))),
    named(MEETING, 0x23, 0x102, long(global_id(FOREIGN))),
    named(APPOINTMENT, 0x8201, 0x03, struct.pack("<i", 2)),
    named(MEETING, 0x01, 0x40, filetime(datetime(2026, 11, 21, 2, 15, tzinfo=UTC))),
    struct.pack("<HH", 0x1F, 0x5D02) + long("syt@tinh.example\0".encode("utf-16-le")),
)


def packed(content: bytes) -> bytes:
    return mail(
        head(subject="Accepted: Hop giao ban") + '\nContent-Type: multipart/mixed; boundary="b7"',
        joined(
            "b7",
            part("Content-Type: text/plain; charset=us-ascii", "\n"),
            part(
                'Content-Type: application/ms-tnef; name="winmail.dat"\nContent-Transfer-Encoding: base64\n'
                'Content-Disposition: attachment; filename="winmail.dat"',
                b64(content),
            ),
        ),
    )


REPLIES += [
    Case(
        "winmail.dat: accepted",
        packed(PLAIN_TNEF),
        Kind.REPLY,
        answer={
            "partstat": "ACCEPTED",
            "uid": UID,
            "sequence": 2,
            "attendee": "syt@tinh.example",
            "stamp": datetime(2026, 11, 21, 2, 15, tzinfo=UTC),
        },
        settled=TAKEN,
    ),
    Case(
        "winmail.dat of a newer Outlook: declined, one date of a series",
        packed(
            tnef(
                "IPM.Schedule.Meeting.Resp.Neg",
                named(MEETING, 0x03, 0x102, long(global_id(FOREIGN_SERIES, bytes([0x07, 0xEA, 12, 2])))),
                named(MEETING, 0x23, 0x102, long(global_id(FOREIGN_SERIES))),
                named(APPOINTMENT, 0x8201, 0x03, struct.pack("<i", 1)),
                named(APPOINTMENT, 0x8228, 0x40, filetime(SECOND)),
                struct.pack("<HH", 0x1E, 0x1000) + long(b"Ban hop khac\0"),
            )
        ),
        Kind.REPLY,
        answer={"partstat": "DECLINED", "uid": SERIES, "instance": SECOND, "comment": "Ban hop khac"},
        settled=[(Verdict.TAKE, 32)],
    ),
    Case(
        "winmail.dat with a proposal of another time",
        packed(
            tnef(
                "IPM.Schedule.Meeting.Resp.Tent",
                named(MEETING, 0x23, 0x102, long(global_id(FOREIGN))),
                named(APPOINTMENT, 0x8201, 0x03, struct.pack("<i", 2)),
                named(APPOINTMENT, 0x8250, 0x40, filetime(datetime(2026, 11, 25, 7, tzinfo=UTC))),
                named(APPOINTMENT, 0x8251, 0x40, filetime(datetime(2026, 11, 25, 9, tzinfo=UTC))),
            )
        ),
        Kind.COUNTER,
        answer={"starts_at": datetime(2026, 11, 25, 7, tzinfo=UTC)},
        settled=TAKEN,
    ),
    Case(
        "winmail.dat that breaks off",
        packed(PLAIN_TNEF[:-60]),
        Kind.UNREADABLE,
        facts={"why": "broken_tnef"},
    ),
    Case(
        "winmail.dat of an ordinary letter",
        packed(tnef("IPM.Note", struct.pack("<HH", 0x1E, 0x1000) + long(b"Kinh gui\0"))),
        Kind.HUMAN,
    ),
]

WRITER = Writer("syt@tinh.example", "", None)
