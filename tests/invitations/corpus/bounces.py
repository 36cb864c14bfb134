"""What mail servers send back, in the forms of each of them, and what only looks like it."""

from __future__ import annotations

from meetings.invitations.incoming import Kind
from tests.invitations.corpus.written import LETTER, US, VERP, Case, b64, calendar, event, joined, mail, odd, part

ORIGINAL = f"""\
Return-Path: <{VERP}>
From: Văn phòng Sở <{US}>
To: ubnd.cu@xa.example
Subject: =?utf-8?B?R2nhuqV5IG3hu51p?=
Message-ID: {LETTER}
MIME-Version: 1.0
"""
INVITATION = calendar("REQUEST", event("ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:ubnd.cu@xa.example"))
WITH_CALENDAR = ORIGINAL + "Content-Type: text/calendar; charset=utf-8; method=REQUEST\n\n" + INVITATION

DAEMON = "Mail Delivery System <MAILER-DAEMON@mx.tinh.example>"


def head(sender: str = DAEMON, subject: str = "Undelivered Mail Returned to Sender", more: str = "") -> str:
    return "\n".join(
        [
            "Return-Path: <>",
            f"From: {sender}",
            f"To: {VERP}",
            f"Subject: {subject}",
            "Date: Sat, 21 Nov 2026 02:15:02 +0000 (UTC)",
            "Message-ID: <20261121021502.0F1C2@mx.tinh.example>",
            *([more.strip()] if more else []),
            "MIME-Version: 1.0",
        ]
    )


def report(
    *blocks: str,
    words: str = "I'm sorry to have to inform you that your message could not be delivered.",
    original: str | None = WITH_CALENDAR,
    enclosed: str = "message/rfc822",
    charset: str = "us-ascii",
    **of_head: str,
) -> bytes:
    """A report after RFC 3464; the first block is the one about the message."""
    return mail(
        head(**of_head) + '\nContent-Type: multipart/report; report-type=delivery-status; boundary="0F1C2/mx"',
        joined(
            "0F1C2/mx",
            part(f"Content-Description: Notification\nContent-Type: text/plain; charset={charset}", words + "\n"),
            part(
                "Content-Description: Delivery report\nContent-Type: message/delivery-status",
                "\n\n".join(block.strip("\n") for block in blocks) + "\n",
            ),
            *([part(f"Content-Type: {enclosed}", original)] if original is not None else []),
            preamble="This is a MIME-encapsulated message.\n\n",
        ),
    )


def block(recipient: str, action: str, status: str, diagnostic: str = "", more: str = "") -> str:
    lines = [f"Final-Recipient: rfc822; {recipient}", more, f"Action: {action}", f"Status: {status}"]
    lines += [f"Diagnostic-Code: smtp; {diagnostic}"] * bool(diagnostic)
    return "\n".join(line for line in lines if line)


MTA = "Reporting-MTA: dns; mx.tinh.example\nX-Postfix-Queue-ID: 0F1C2\nArrival-Date: Sat, 21 Nov 2026 02:15:01 +0000"
OURS = {"references": (LETTER,)}

BOUNCES = [
    Case(
        "Postfix, three recipients: the code hidden in the words, our invitation enclosed",
        report(
            MTA,
            block("ubnd.cu@xa.example", "failed", "5.0.0", "550 5.1.1 <ubnd.cu@xa.example>: user unknown"),
            block("khong.co@xa.example", "failed", "5.0.0", "550 no such user here"),
            block("day.hop@xa.example", "failed", "5.0.0", "552 5.2.2 mailbox\n    is full"),
        ),
        Kind.BOUNCE,
        facts={**OURS, "answers": (), "to": (VERP, US), "automatic": True},
        failures=[
            ("ubnd.cu@xa.example", "failed", "5.1.1"),
            ("khong.co@xa.example", "failed", "5.1.1"),
            ("day.hop@xa.example", "failed", "5.2.2"),
        ],
    ),
    Case(
        "Postfix, the original's headers only",
        report(
            MTA,
            block(
                "ubnd.cu@xa.example",
                "failed",
                "5.1.1",
                "550 5.1.1 unknown",
                "Original-Recipient: rfc822;UBND.cu@xa.example",
            ),
            original=ORIGINAL,
            enclosed="text/rfc822-headers",
        ),
        Kind.BOUNCE,
        facts=OURS,
        failures=[("ubnd.cu@xa.example", "failed", "5.1.1")],
    ),
    Case(
        "a report without the original: only our envelope's address tells",
        report(MTA, block("ubnd.cu@xa.example", "failed", "5.1.1"), original=None),
        Kind.BOUNCE,
        facts={"to": (VERP,), "references": ()},
        failures=[("ubnd.cu@xa.example", "failed", "5.1.1")],
    ),
    Case(
        "forwarded inside the unit: the address we wrote to is the original one",
        report(
            MTA,
            block(
                "hop.thu.moi@khac.example",
                "failed",
                "5.1.1",
                "550 5.1.1 unknown",
                "Original-Recipient: rfc822;vanthu@xa.example",
            ),
        ),
        Kind.BOUNCE,
        failures=[("vanthu@xa.example", "failed", "5.1.1")],
    ),
    Case(
        "Office 365: no space after the type, our sender refused, an empty block at the end",
        mail(
            head("MicrosoftExchange329e71ec88ae@tinh.example", "Undeliverable: Giấy mời")
            + '\nContent-Type: multipart/report; report-type=delivery-status; boundary="o365"',
            joined(
                "o365",
                part(
                    'Content-Type: multipart/alternative; boundary="o365b"',
                    joined(
                        "o365b",
                        part("Content-Type: text/plain; charset=utf-8", "Your message couldn't be delivered."),
                        part(
                            "Content-Type: text/html; charset=utf-8",
                            "<style>p{color:red}</style>" + "<p>Undeliverable" * 2000,
                        ),
                    ),
                ),
                part(
                    "Content-Type: message/delivery-status",
                    "Reporting-MTA: dns;AM9.prod.example\n\nFinal-Recipient: rfc822;ubnd.cu@xa.example\nAction: failed\n"
                    "Status: 5.1.8\nDiagnostic-Code: smtp;550 5.1.8 Access denied, bad outbound sender\n\n\n",
                ),
                part("Content-Type: message/rfc822", WITH_CALENDAR),
            ),
        ),
        Kind.BOUNCE,
        failures=[("ubnd.cu@xa.example", "failed", "5.1.8")],
        ours=True,
        facts={**OURS, "text": "Your message couldn't be delivered."},
    ),
    Case(
        "Exchange in French, its subject raw in Latin-1",
        report(
            "Reporting-MTA: dns;mail.khac.example",
            block("ubnd.cu@xa.example", "failed", "5.1.1", "550 5.1.1 RESOLVER.ADR.RecipNotFound; introuvable"),
            words=odd("Échec de la remise aux destinataires suivants".encode("latin-1")),
            charset="iso-8859-1",
            sender="Postmaster <postmaster@khac.example>",
            subject=odd("Non remis : Giấy mời".replace("ấ", "a").replace("ờ", "o").encode("latin-1") + b" \xe9t\xe9"),
        ),
        Kind.BOUNCE,
        facts={"subject": "Non remis : Giay moi été"},
        failures=[("ubnd.cu@xa.example", "failed", "5.1.1")],
    ),
    Case(
        "Gmail today: Auto-Submitted, its own header with our Message-ID",
        mail(
            head(
                "Mail Delivery Subsystem <mailer-daemon@googlemail.example>",
                "Delivery Status Notification (Failure)",
                "Auto-Submitted: auto-replied\nX-Failed-Recipients: ubnd.cu@gmail.example",
            )
            + '\nContent-Type: multipart/report; boundary="gm"; report-type=delivery-status',
            joined(
                "gm",
                part("Content-Type: text/plain; charset=UTF-8", "** Address not found **"),
                part(
                    "Content-Type: message/delivery-status",
                    f"Reporting-MTA: dns; googlemail.example\nReceived-From-MTA: dns; {US}\n"
                    f"X-Original-Message-ID: {LETTER}\n\nFinal-Recipient: rfc822; ubnd.cu@gmail.example\nAction: failed\n"
                    "Status: 5.1.1\nRemote-MTA: dns; in.example. (203.0.113.5, the server for the domain)\n"
                    "Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist.\n"
                    " 550 5.1.1 check for typos. a3-20si",
                ),
            ),
        ),
        Kind.BOUNCE,
        facts=OURS,
        failures=[("ubnd.cu@gmail.example", "failed", "5.1.1")],
    ),
    Case(
        "Gmail of old: plain text and X-Failed-Recipients",
        mail(
            head(
                "Mail Delivery Subsystem <mailer-daemon@googlemail.example>",
                "Delivery Status Notification (Failure)",
                "X-Failed-Recipients: ubnd.cu@gmail.example\nContent-Type: text/plain; charset=ISO-8859-1",
            ),
            "Delivery to the following recipient failed permanently:\n\n     ubnd.cu@gmail.example\n\n"
            "Technical details: the error that the other server returned was: 550 550 5.1.1 User unknown (state 14).\n\n"
            f"----- Original message -----\n\nMessage-ID: {LETTER}\nSubject: Giay moi\n",
        ),
        Kind.BOUNCE,
        facts={**OURS, "why": "failed_recipients"},
        failures=[("ubnd.cu@gmail.example", "failed", "5.1.1")],
    ),
    Case(
        "Gmail: delayed, no failure",
        report(
            "Reporting-MTA: dns; googlemail.example",
            block("ubnd.cu@xa.example", "delayed", "4.4.1", "timed out while receiving the initial server greeting"),
            subject="Delivery Status Notification (Delay)",
        ),
        Kind.DELAY,
        facts=OURS,
        failures=[("ubnd.cu@xa.example", "delayed", "4.4.1")],
    ),
    Case(
        "one failed, one delayed",
        report(
            MTA,
            block("cham@xa.example", "delayed", "4.2.0"),
            block("ubnd.cu@xa.example", "failed", "5.1.1"),
        ),
        Kind.BOUNCE,
        failures=[("cham@xa.example", "delayed", "4.2.0"), ("ubnd.cu@xa.example", "failed", "5.1.1")],
    ),
    Case(
        "tried for days, then given up: a failure with a code of delay",
        report(MTA, block("ubnd.cu@xa.example", "failed", "4.4.7", "expired after 5 days")),
        Kind.BOUNCE,
        failures=[("ubnd.cu@xa.example", "failed", "4.4.7")],
    ),
    Case(
        "Domino: raw ISO-2022-JP, no block about the message, the sender named where <> should be",
        mail(
            head("Postmaster <MAILER-DAEMON@jp.example>", odd(b"\x1b$BG[?.ITG=\x1b(B")).replace(
                "Return-Path: <>", "Return-Path: <MAILER-DAEMON@jp.example>"
            )
            + "\nContent-Type: multipart/report; report-type=delivery-status; boundary==_domino",
            joined(
                "=_domino",
                part("Content-Type: text/plain; charset=ISO-2022-JP", odd(b"\x1b$BG[?.$G$-$^$;$s\x1b(B")),
                part(
                    "Content-Type: message/delivery-status",
                    "Final-Recipient: rfc822;ubnd.cu@xa.example\nAction: failed\nStatus: 5.1.1\n"
                    + odd(b"Diagnostic-Code: X-Notes; User not listed \x1b$B%f!<%6!<\x1b(B \xff\xfe"),
                ),
                part("Content-Type: message/rfc822", ORIGINAL + "\n"),
            ),
        ),
        Kind.BOUNCE,
        facts={"subject": "配信不能", "text": "配信できません"},
        failures=[("ubnd.cu@xa.example", "failed", "5.1.1")],
    ),
    Case(
        "Exim: prose and X-Failed-Recipients",
        mail(
            head(
                subject="Mail delivery failed: returning message to sender",
                more="X-Failed-Recipients: ubnd.cu@xa.example\nAuto-Submitted: auto-replied\n"
                "Content-Type: text/plain; charset=us-ascii",
            ),
            "This message was created automatically by mail delivery software.\n\nA message that you sent could not be "
            "delivered to one or more of its\nrecipients. This is a permanent error.\n\n  ubnd.cu@xa.example\n"
            "    Unrouteable address\n\n------ This is a copy of the message, including all the headers. ------\n\n"
            + WITH_CALENDAR,
        ),
        Kind.BOUNCE,
        facts=OURS,
        failures=[("ubnd.cu@xa.example", "failed", "5.1.1")],
    ),
    Case(
        "Exim: a warning",
        mail(
            head(subject="Warning: message 1kXyZ-0004 delayed 24 hours", more="Content-Type: text/plain"),
            "A message that you sent has not yet been delivered to one or more of its\nrecipients after more than 24 hours."
            "\n\n  ubnd.cu@xa.example\n    Delay reason: connection timed out\n\nNo action is required on your part. Delivery "
            "attempts will continue.\n",
        ),
        Kind.DELAY,
        failures=[("ubnd.cu@xa.example", "delayed", "4.4.1")],
    ),
    Case(
        "qmail: its own prose",
        mail(
            head("MAILER-DAEMON@mx.khac.example", "failure notice"),
            "Hi. This is the qmail-send program at mx.khac.example.\nI'm afraid I wasn't able to deliver your message to the "
            "following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n"
            "<ubnd.cu@xa.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
            "--- Below this line is a copy of the message.\n\n" + WITH_CALENDAR,
        ),
        Kind.BOUNCE,
        facts={**OURS, "why": "prose"},
        failures=[("ubnd.cu@xa.example", "failed", "5.1.1")],
    ),
    Case(
        "a server that writes Vietnamese",
        mail(
            head(
                "Hệ thống thư <postmaster@xa.example>",
                "Không gửi được thư: Giấy mời",
                "Content-Type: text/plain; charset=utf-8",
            ),
            "Thư của quý cơ quan không gửi được tới ubnd.cu@xa.example vì hộp thư đã đầy.\n\n--- Thư gốc ---\n"
            f"Message-ID: {LETTER}\n",
        ),
        Kind.BOUNCE,
        facts=OURS,
        failures=[("ubnd.cu@xa.example", "failed", "5.2.2")],
    ),
    Case(
        "a server that writes Japanese, in HTML only",
        mail(
            head(
                "MAILER-DAEMON@jp.example",
                "=?iso-2022-jp?B?GyRCJSglaSE8JWEhPCVrGyhC?=",
                "Content-Type: text/html; charset=utf-8",
            ),
            "<html><head><title>x</title></head><body><p>配信できませんでした: <b>ubnd.cu@xa.example</b></p>"
            "<p>宛先が存在しません</p></body></html>",
        ),
        Kind.BOUNCE,
        failures=[("ubnd.cu@xa.example", "failed", "5.1.1")],
    ),
    Case(
        "refused for the rate of our machine",
        report(
            MTA,
            block(
                "ubnd.cu@outlook.example",
                "failed",
                "4.7.650",
                "451 4.7.650 The mail server [192.0.2.7] has been temporarily rate limited due to IP reputation",
            ),
        ),
        Kind.BOUNCE,
        failures=[("ubnd.cu@outlook.example", "failed", "4.7.650")],
        ours=True,
    ),
    Case(
        "refused by SPF, said in words only",
        report(MTA, block("ubnd.cu@xa.example", "failed", "5.0.0", "550 SPF check failed for so.example")),
        Kind.BOUNCE,
        failures=[("ubnd.cu@xa.example", "failed", "5.0.0")],
        ours=True,
    ),
    Case(
        "refused as spam",
        report(MTA, block("ubnd.cu@xa.example", "failed", "5.7.1", "554 5.7.1 Message rejected as spam")),
        Kind.BOUNCE,
        failures=[("ubnd.cu@xa.example", "failed", "5.7.1")],
        ours=True,
    ),
    Case(
        "too large for them",
        report(MTA, block("ubnd.cu@xa.example", "failed", "5.3.4", "552 5.3.4 message size exceeds fixed limit")),
        Kind.BOUNCE,
        failures=[("ubnd.cu@xa.example", "failed", "5.3.4")],
        ours=True,
    ),
    Case(
        "the report packed in base64, inside another multipart",
        mail(
            head() + "\nContent-Type: multipart/mixed; boundary=outer",
            joined(
                "outer",
                part("Content-Type: text/plain", "Gateway notice"),
                part(
                    "Content-Type: message/delivery-status\nContent-Transfer-Encoding: base64",
                    b64(f"{MTA}\n\n{block('ubnd.cu@xa.example', 'failed', '5.1.1')}\n"),
                ),
                part("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64", b64(WITH_CALENDAR)),
            ),
        ),
        Kind.BOUNCE,
        facts=OURS,
        failures=[("ubnd.cu@xa.example", "failed", "5.1.1")],
    ),
    Case(
        "a report in which a calendar lies open: no answer, whatever it says",
        report(
            MTA,
            block("ubnd.cu@xa.example", "failed", "5.1.1"),
            original=INVITATION.replace("METHOD:REQUEST", "METHOD:REPLY").replace("NEEDS-ACTION", "ACCEPTED"),
            enclosed="text/calendar; method=REPLY; charset=utf-8",
        ),
        Kind.BOUNCE,
        facts={"answers": ()},
        failures=[("ubnd.cu@xa.example", "failed", "5.1.1")],
    ),
    Case(
        "a report with an empty table",
        report(MTA, words="<ubnd.cu@xa.example>: host mx.xa.example said: 550 5.1.1 User unknown"),
        Kind.BOUNCE,
        failures=[("ubnd.cu@xa.example", "failed", "5.1.1")],
    ),
    Case(
        "delivered: good news, and no bounce",
        report(MTA, block("syt@tinh.example", "relayed", "2.0.0"), subject="Successful Mail Delivery Report"),
        Kind.AUTO_REPLY,
        facts={"why": "delivered"},
        failures=[("syt@tinh.example", "relayed", "2.0.0")],
    ),
    Case(
        "an empty return path and a quoted original, from no daemon",
        mail(
            head("He thong <noreply@xa.example>", "Mail could not be delivered", "Content-Type: text/plain"),
            f"Your message to ubnd.cu@xa.example could not be delivered: mailbox is full\n\nMessage-ID: {LETTER}\n",
        ),
        Kind.BOUNCE,
        facts=OURS,
        failures=[("ubnd.cu@xa.example", "failed", "5.2.2")],
    ),
]
