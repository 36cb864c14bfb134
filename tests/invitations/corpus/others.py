"""What machines and people send besides: absences, receipts, complaints, lists, loops, and letters of human beings."""

from __future__ import annotations

from meetings.invitations.incoming import Kind
from tests.invitations.corpus.bounces import ORIGINAL, WITH_CALENDAR
from tests.invitations.corpus.written import LETTER, US, Case, b64, joined, mail, odd, part


def head(subject: str, more: str = "", sender: str = "Sở Y tế <syt@tinh.example>") -> str:
    return "\n".join(
        [
            f"From: {sender}",
            f"To: {US}",
            f"Subject: {subject}",
            "Date: Sat, 21 Nov 2026 09:15:02 +0700",
            "Message-ID: <letter-9@tinh.example>",
            *([more.strip()] if more else []),
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: 8bit",
        ]
    )


def complaint(kind: str = "report-type=feedback-report; ") -> bytes:
    return mail(
        head("Email Feedback Report").replace("text/plain; charset=utf-8", f'multipart/report; {kind}boundary="arf"'),
        joined(
            "arf",
            part("Content-Type: text/plain", "This is an email abuse report."),
            part(
                "Content-Type: message/feedback-report",
                f"Feedback-Type: abuse\nUser-Agent: Loop/1.0\nVersion: 1\nOriginal-Mail-From: <{US}>\n"
                "Original-Rcpt-To: <canhan@thu.example>\n",
            ),
            part("Content-Type: message/rfc822", WITH_CALENDAR),
        ),
    )


OTHERS = [
    Case(
        "away, after RFC 3834",
        mail(
            head("Away until May 5", f"Auto-Submitted: auto-replied (vacation)\nIn-Reply-To: {LETTER}"),
            "Tôi vắng mặt đến 5/5.",
        ),
        Kind.AUTO_REPLY,
        facts={"why": "auto-replied", "references": (LETTER,), "text": "Tôi vắng mặt đến 5/5."},
    ),
    Case(
        "away, by Exchange",
        mail(head("Automatic reply: Giấy mời", "X-Auto-Response-Suppress: All"), "Out of office."),
        Kind.AUTO_REPLY,
        facts={"why": "suppress"},
    ),
    Case(
        "away, both headers and a subject that is folded against the rules",
        mail(
            head(
                "=?utf-8?B?VHLhuqMgbOG7nWkgdOG7sSDEkeG7mW5nOiBH?=\n =?utf-8?B?aeG6?=\n =?utf-8?B?pXkgbeG7nWk=?=",
                "X-Auto-Response-Suppress: DR, OOF, AutoReply\nAuto-Submitted: auto-generated",
            ),
            "Vắng.",
        ),
        Kind.AUTO_REPLY,
        facts={"subject": "Trả lời tự động: Giấy mời"},
    ),
    Case(
        "away, told by the subject alone",
        mail(head("Trả lời tự động: Giấy mời họp"), "Tôi đi công tác đến hết tuần."),
        Kind.AUTO_REPLY,
        facts={"why": "subject", "automatic": True},
    ),
    Case("away, in Japanese", mail(head("自動応答: Giấy mời"), "不在です。"), Kind.AUTO_REPLY),
    Case(
        "away, by Precedence",
        mail(head("Re: Giấy mời", "Precedence: auto_reply\nReturn-Path: <>"), "Cảm ơn đã gửi thư."),
        Kind.AUTO_REPLY,
        facts={"why": "precedence"},
    ),
    Case("away, by an older program", mail(head("Re: Giấy mời", "X-Autoreply: yes"), "Vắng."), Kind.AUTO_REPLY),
    Case(
        "vacation with an empty return path is no bounce",
        mail(
            head("Nghỉ phép", "Return-Path: <>\nAuto-Submitted: auto-replied"),
            "Đang nghỉ phép, thư sẽ không được chuyển.",
        ),
        Kind.AUTO_REPLY,
    ),
    Case("a complaint of a feedback loop", complaint(), Kind.ABUSE, facts={"references": (LETTER,), "failures": ()}),
    Case("a complaint that does not name its type", complaint(""), Kind.ABUSE, facts={"references": (LETTER,)}),
    Case(
        "a read receipt",
        mail(
            head("Đã đọc: Giấy mời").replace(
                "text/plain; charset=utf-8", "multipart/report; report-type=disposition-notification; boundary=mdn"
            ),
            joined(
                "mdn",
                part("Content-Type: text/plain; charset=utf-8", "Thư đã được mở."),
                part(
                    "Content-Type: message/disposition-notification",
                    f"Final-Recipient: rfc822;syt@tinh.example\nOriginal-Message-ID: {LETTER}\n"
                    "Disposition: manual-action/MDN-sent-manually; displayed\n",
                ),
            ),
        ),
        Kind.AUTO_REPLY,
        facts={"why": "read_receipt", "references": (LETTER,), "failures": ()},
    ),
    Case(
        "a newsletter",
        mail(
            head(
                "Bản tin tuần", "List-Id: <tin.bo.example>\nList-Unsubscribe: <https://bo.example/u>\nPrecedence: bulk"
            ),
            "Tin.",
        ),
        Kind.AUTO_REPLY,
        facts={"why": "list", "automatic": True},
    ),
    Case(
        "a person who writes through a list",
        mail(head("Re: Giấy mời", f"List-Id: <vanphong.tinh.example>\nIn-Reply-To: {LETTER}"), "Sở Y tế xin dự."),
        Kind.HUMAN,
        facts={"automatic": True, "references": (LETTER,), "text": "Sở Y tế xin dự."},
    ),
    Case(
        "a letter that goes round in circles",
        mail(
            "\n".join(["Received: from a.example by b.example; Sat, 21 Nov 2026 09:15:02 +0700"] * 60)
            + "\n"
            + head("Vòng"),
            "?",
        ),
        Kind.AUTO_REPLY,
        facts={"why": "loop", "automatic": True},
    ),
    Case(
        "our own letter comes back by a rule of forwarding",
        mail(
            ORIGINAL.strip() + "\nAuto-Submitted: auto-generated\nContent-Type: multipart/alternative; boundary=own",
            joined(
                "own",
                part("Content-Type: text/plain; charset=utf-8", "Giấy mời"),
                part("Content-Type: text/calendar; method=REQUEST; charset=utf-8", WITH_CALENDAR.partition("\n\n")[2]),
            ),
        ),
        Kind.OTHER_CALENDAR,
        facts={"why": "request", "message_id": LETTER, "automatic": True},
    ),
    Case(
        "a person says yes in words: no answer by calendar",
        mail(
            head("Re: Giấy mời", f"In-Reply-To: {LETTER}\nReferences: <x@y.example> {LETTER}"),
            "Đồng ý dự họp.\n\n> Giấy mời",
        ),
        Kind.HUMAN,
        facts={
            "references": (LETTER, "<x@y.example>"),
            "text": "Đồng ý dự họp.\n\n> Giấy mời",
            "answers": (),
            "automatic": False,
            "from_name": "Sở Y tế",
        },
    ),
    Case(
        "a person declines in the subject, in words that a program might use",
        mail(head("Vắng mặt: Sở Y tế không dự được"), "Kính báo."),
        Kind.HUMAN,
    ),
    Case(
        "a person in TCVN times: bytes of Windows, nothing said of them",
        mail(
            head("Ve viec hop").replace("; charset=utf-8", ""),
            odd("Đô\u0300ng y\u0301".encode("cp1258")),
        ),
        Kind.HUMAN,
        facts={"text": "Đồng ý"},
    ),
    Case(
        "a person, in HTML only",
        mail(
            head("Xin hoãn").replace("text/plain", "text/html"),
            "<html><head><style>b{}</style></head><body>Kính gửi <b>Sở</b>,<br>xin hoãn &amp; lùi giờ."
            "<script>x()</script></body>",
        ),
        Kind.HUMAN,
        facts={"text": "Kính gửi Sở,\nxin hoãn & lùi giờ."},
    ),
    Case(
        "a person at postmaster",
        mail(head("Hỏi về lịch họp", sender="Quản trị <postmaster@tinh.example>"), "Cho hỏi giờ họp?"),
        Kind.HUMAN,
    ),
    Case(
        "a person asks about a letter that came back",
        mail(head("Thư gửi chị bị trả lại"), "Thư em gửi tới ubnd.cu@xa.example không gửi được, chị xem giúp."),
        Kind.HUMAN,
    ),
    Case(
        "a bounce that a person forwards",
        mail(
            head("Fwd: Undelivered Mail").replace("text/plain; charset=utf-8", "multipart/mixed; boundary=fw"),
            joined(
                "fw",
                part("Content-Type: text/plain; charset=utf-8", "Anh xem giúp thư này."),
                part(
                    "Content-Type: message/rfc822",
                    "From: MAILER-DAEMON@x.example\nSubject: Undelivered\nContent-Type: message/delivery-status\n\n"
                    "Final-Recipient: rfc822; syt@tinh.example\nAction: failed\nStatus: 5.1.1\n",
                ),
            ),
        ),
        Kind.HUMAN,
        facts={"why": "forwarded", "failures": ()},
    ),
    Case(
        "names of any language, badly written",
        mail(
            "From: =?UTF-8?Q?Nguy=E1=BB=85n_V=C4=83n?= =?UTF-8?Q?_=C3=81nh=2C_S=E1=BB?= =?UTF-8?Q?=9F?= <Anh@Tinh.Example>, x\n"
            + f'To: "Lich, hop" <{US}>; khac@so.example\nSubject: =?utf-8?X?bad?= =?nope?Q?=E1?=\nDate: hom qua\n',
            "Chào",
        ),
        Kind.HUMAN,
        facts={
            "from_name": "Nguyễn Văn Ánh, Sở",
            "from_address": "anh@tinh.example",
            "to": (US, "khac@so.example"),
            "sent_at": None,
        },
    ),
    Case("an empty message", b"", Kind.HUMAN, facts={"text": "", "from_address": ""}),
    Case("headers and nothing else", mail(head("Không nội dung"), ""), Kind.HUMAN, facts={"subject": "Không nội dung"}),
    Case(
        "from an old mailbox file",
        b"From syt@tinh.example Sat Nov 21 09:15:02 2026\r\n" + mail(head("Lời chào"), "Chào."),
        Kind.HUMAN,
        facts={"from_address": "syt@tinh.example", "text": "Chào."},
    ),
    Case(
        "a picture and words in base64",
        mail(
            head("Ảnh").replace("text/plain; charset=utf-8", "multipart/related; boundary=pic"),
            joined(
                "pic",
                part(
                    "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64", b64("Ảnh hội trường.")
                ),
                part("Content-Type: image/png\nContent-Transfer-Encoding: base64", b64(bytes(range(256)) * 40)),
            ),
        ),
        Kind.HUMAN,
        facts={"text": "Ảnh hội trường."},
    ),
]
