"""What mail servers say of letters that could not be brought: reports (RFC 3464), and the prose of before.

A report is believed block by block. Prose is a guess and says so: ``sure`` is False, so that no address is called wrong on
its word alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from meetings.invitations.incoming.mime import Part
from meetings.invitations.incoming.text import (
    ADDRESS,
    addresses,
    clean_address,
    decoded,
    lines,
    message_ids,
    one_line,
    unmarked,
)
from meetings.invitations.incoming.types import Failure

_MOST_REPORT: Final = 256 * 1024
_MOST_RECIPIENTS: Final = 500
_DIAGNOSTIC: Final = 1000

_CODE: Final = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?!\d|\.\d)")
_REPLY: Final = re.compile(r"(?<![\d.])([45])\d\d(?=[ \-]|$)")
_ACTIONS: Final = ("failed", "delayed", "delivered", "relayed", "expanded")

_OUR_CODES: Final = re.compile(r"[45]\.7\.\d+|[45]\.1\.[78]|[45]\.3\.4|[45]\.2\.3")
"""Refused for what we are or what we sent: policy, sender, size. The address itself is not to blame."""
_OUR_WORDS: Final = re.compile(
    r"\b(spf|dkim|dmarc|blacklist(ed)?|block ?list(ed)?|blocked using|rbl|dnsbl|spamhaus|reputation|rate.?limit(ed)?"
    r"|too many (messages|connections)|unsolicited|relay(ing)? (access )?denied|sender (address )?rejected)\b",
    re.IGNORECASE,
)
_BY_WORDS: Final = (
    (
        "5.1.1",
        r"user unknown|unknown user|no such user|does ?n.t exist|does not exist|no mailbox here|unknown (local )?recipient"
        r"|invalid recipient|recipient not found|recipnotfound|couldn.t be found|could not be found|address not found"
        r"|wasn.t found|unrouteable address|account (is )?disabled|không tồn tại|không tìm thấy|n.existe pas|introuvable"
        r"|存在しません|見つかりません",
    ),
    (
        "5.2.2",
        r"mailbox (is )?full|quota|over ?quota|hộp thư (đã )?đầy|vượt quá dung lượng|boîte.{0,20}pleine|容量",
    ),
    (
        "5.1.2",
        r"host (or domain )?(name )?(was )?not found|domain not found|name service error|no such host|unroutable domain",
    ),
    ("4.4.1", r"timed? ?out|connection refused|could not connect|temporar"),
)
_PROSE_FAILED: Final = re.compile(
    r"undeliver|not (be )?deliver|delivery (has )?fail|failure notice|returned (mail|to sender)|mail delivery (failed|system|sub)"
    r"|permanent (fatal )?error|could ?n.t be delivered|không (thể )?(gửi|phát|chuyển) được|không thể (gửi|phát|chuyển)"
    r"|thư bị trả lại|non remis|échec de la remise|unzustellbar|配信できません|配信不能|エラーメール|no-delivery",
    re.IGNORECASE,
)
_PROSE_DELAY: Final = re.compile(
    r"delay|will (be retried|retry|keep trying|continue)|still being retried|not yet been delivered|warning: (message|could not)"
    r"|bị chậm|chưa gửi được|sẽ (tiếp tục )?thử lại|retard|en attente|遅延",
    re.IGNORECASE,
)
_QUOTED: Final = re.compile(
    r"^(-+ ?(below this line|original message|this is a copy|returned message|message header|the original)|"
    r"-+ ?(thư gốc|nội dung thư|message d.origine))|^(received|return-path|message-id): ",
    re.IGNORECASE | re.MULTILINE,
)
_DAEMON: Final = re.compile(
    r"mailer-?daemon|postmaster|mail-?daemon|maildaemon|mail delivery (sub)?system|microsoftexchange[0-9a-f]*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Report:
    """What a report or a bounce in prose says: *references* to the letter it speaks of, addresses it went out under."""

    failures: tuple[Failure, ...]
    references: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    why: str = ""


def report(whole: Part) -> Report | None:
    """The delivery report in a message, wherever it lies; None when there is none."""
    statuses = [
        part for part in whole.walk() if part.type in ("message/delivery-status", "message/global-delivery-status")
    ]
    kind = whole.parameters.get("report-type", "").lower()
    if not statuses and not (whole.type == "multipart/report" and kind == "delivery-status"):
        return None
    failures: list[Failure] = []
    ids: list[str] = []
    for part in statuses[:5]:
        for block in _blocks(part.text(_MOST_REPORT)):
            ids += message_ids(block.get("x-original-message-id", "") + block.get("original-envelope-id", ""))
            failure = _failure(block)
            if failure is not None and len(failures) < _MOST_RECIPIENTS:
                failures.append(failure)
    quoted_ids, under = quoted(whole)
    if not failures:
        # a report whose table is empty or torn is still a report: its words have to do
        failures = list(_by_prose(whole, prose_of(whole)))
    return Report(tuple(failures), (*quoted_ids, *ids), under, "report")


def _blocks(text: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for block in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n"), maxsplit=_MOST_RECIPIENTS + 10):
        said: dict[str, str] = {}
        for line in re.split(r"\n(?![ \t])", block)[:60]:
            name, colon, value = line.partition(":")
            if colon:
                said.setdefault(name.strip().lower(), one_line(value, 4 * _DIAGNOSTIC))
        if said:
            found.append(said)
    return found


def _failure(block: dict[str, str]) -> Failure | None:
    if not {"final-recipient", "original-recipient", "action"} & block.keys():
        return None
    # the address that we wrote to tells more than the one it was forwarded to
    recipient = _typed(block.get("original-recipient", "")) or _typed(block.get("final-recipient", ""))
    diagnostic = one_line(block.get("diagnostic-code", ""), _DIAGNOSTIC)
    said = _CODE.search(block.get("status", ""))
    status = telling(said[0] if said else "", diagnostic)
    action = block.get("action", "").partition(" ")[0].partition(";")[0].lower()
    if action not in _ACTIONS:
        action = "delayed" if status.startswith("4") else "delivered" if status.startswith("2") else "failed"
    if not recipient and not diagnostic and not status:
        return None
    return Failure(recipient, action, status, diagnostic, ours=is_ours(status, diagnostic))


def _typed(value: str) -> str:
    """``rfc822; name@host``, with or without the space, the brackets, the type."""
    bare = value.rpartition(";")[2].strip()
    found = ADDRESS.search(bare)
    return clean_address(bare) or (clean_address(found[0]) if found else "")


def telling(status: str, diagnostic: str) -> str:
    """The status that says most: 5.0.0 hides the real one in the words of the other server."""
    if status and not re.fullmatch(r"[45]\.0\.\d+", status):
        return status
    for match in _CODE.finditer(diagnostic):
        if not match[0].endswith(".0.0") and (not status or match[1] == status[0]):
            return match[0]
    for code, wording in _BY_WORDS:
        if (not status or code[0] == status[0]) and re.search(wording, diagnostic, re.IGNORECASE):
            return code
    if not status and (reply := _REPLY.search(diagnostic)):
        return f"{reply[1]}.0.0"
    return status


def is_ours(status: str, diagnostic: str) -> bool:
    if _OUR_CODES.fullmatch(status):
        return True
    vague = not status or re.fullmatch(r"[45]\.[0345]\.\d+", status)
    return bool(vague and _OUR_WORDS.search(diagnostic))


def quoted(whole: Part) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Of the letter that is sent back: its Message-IDs, and the addresses it had left under."""
    ids: list[str] = []
    under: list[str] = []
    enclosed = (
        "message/rfc822",
        "message/rfc822-headers",
        "text/rfc822-headers",
        "message/global",
        "message/global-headers",
    )
    for part in whole.walk():
        if part.type in enclosed:
            inside = part.enclosed()
            ids += message_ids(inside.first("message-id"))
            for name in ("return-path", "from", "sender"):
                under += [address for _, address in addresses(inside.told(name))]
    return tuple(dict.fromkeys(ids)), tuple(dict.fromkeys(under))


def prose_of(whole: Part) -> str:
    """What the message says in words for people, HTML only where there is nothing else."""
    page = ""
    for part in whole.walk():
        if part.type == "text/plain" and part.size() and (told := part.text(_MOST_REPORT).strip()):
            return told
        if part.type == "text/html" and not page:
            page = unmarked(part.text(_MOST_REPORT))
    return page


def legacy(whole: Part, from_address: str, from_name: str, subject: str) -> Report | None:
    """A bounce without a report: Gmail of old, Exim, qmail, and others. Return-Path alone proves nothing."""
    told = [address for value in whole.headers.get("x-failed-recipients", ()) for _, address in addresses(value)]
    daemon = bool(_DAEMON.fullmatch(from_address.partition("@")[0]) or _DAEMON.search(from_name))
    nobody = whole.first("return-path").strip() in ("<>", "") and "return-path" in whole.headers
    text = prose_of(whole)
    ids, under = quoted(whole)
    ids = ids or tuple(re.findall(r"(?im)^[> \t]*message-id:[ \t]*(<[!-;=?-~]{1,250}>)", text[:100_000])[:5])
    words = f"{subject}\n{text[:6000]}"
    failing = bool(_PROSE_FAILED.search(words))
    if (
        not told
        and not (daemon and (failing or ids or _PROSE_DELAY.search(words)))
        and not (nobody and failing and ids)
    ):
        return None
    failures = list(_by_prose(whole, text, told, subject))
    return Report(tuple(failures), ids, under, "failed_recipients" if told else "prose")


def _by_prose(whole: Part, text: str, told: list[str] | None = None, subject: str = "") -> list[Failure]:
    """Who could not be reached, as far as words say it."""
    cut = _QUOTED.search(text)
    words = text[: min(cut.start() if cut else len(text), 6000)]
    late = _PROSE_DELAY.search(subject) or (not _PROSE_FAILED.search(subject) and _PROSE_DELAY.search(words))
    said = _CODE.search(words)
    status = telling(said[0] if said else "", words)
    action = "delayed" if late else "failed"
    if not status or status[0] == "2" or (action == "failed") != (status[0] == "5"):
        status = "4.0.0" if late else "5.0.0"
    ours = {address for name in ("to", "delivered-to") for _, address in addresses(whole.told(name))}
    if not told:
        found = [clean_address(match[0]) for match in ADDRESS.finditer(words)]
        told = [a for a in found if a and a not in ours and not _DAEMON.fullmatch(a.partition("@")[0])]
    sentence = lines(words, _DIAGNOSTIC)
    blame = is_ours(status, words)
    unique = list(dict.fromkeys(told))[:20] or [""]
    # several addresses in prose: only the first is surely the one that is meant
    kept = unique if "x-failed-recipients" in whole.headers else unique[:1]
    return [Failure(recipient, action, status, sentence, ours=blame, sure=False) for recipient in kept]


def abuse(whole: Part) -> Report | None:
    """A complaint that came by a feedback loop (ARF, RFC 5965): somebody pressed "spam"."""
    kinds = {part.type for part in whole.walk()}
    said = whole.parameters.get("report-type", "").lower() == "feedback-report"
    if not said and "message/feedback-report" not in kinds:
        return None
    ids, under = quoted(whole)
    return Report((), ids, under, "feedback")


def receipt(whole: Part) -> Report | None:
    """A read receipt (MDN, RFC 8098): shown, deleted unread or the like."""
    ids: list[str] = []
    for part in whole.walk():
        if part.type in ("message/disposition-notification", "message/global-disposition-notification"):
            for block in _blocks(decoded(part.body(_MOST_REPORT))):
                ids += message_ids(block.get("original-message-id", ""))
            return Report((), (*ids, *quoted(whole)[0]), (), "read_receipt")
    if whole.parameters.get("report-type", "").lower() == "disposition-notification":
        return Report((), quoted(whole)[0], (), "read_receipt")
    return None
