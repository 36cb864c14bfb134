"""The bytes of a letter, read back with the standard library as a mail program would."""

import email
import email.policy
import email.utils
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.post.message import (
    Address,
    Attachment,
    Envelope,
    Pattern,
    ascii_name,
    build,
    filled,
    folded,
    message_id,
    slot,
)

AT = datetime(2026, 12, 1, 2, 20, 11, tzinfo=UTC)
SUBJECT = "Giấy mời họp trực tuyến 08 giờ 00, 10/12/2026 – xác nhận trước 04/12 [HN-2026-0147]"
VIETNAMESE = (
    'aáàảãạăắằẳẵặâấầẩẫậbcdđeéèẻẽẹêếềểễệghiíìỉĩịklmnoóòỏõọôốồổỗộơớờởỡợpqrstuúùủũụưứừửữựvxyýỳỷỹỵ AĐƯỜNG–,;:."()[]<>@=?_'
)
# what a form lets through: printable characters in NFC, one space between words
words = st.text(
    st.sampled_from(VIETNAMESE) | st.characters(codec="utf-8", exclude_categories=("C", "Z", "M")), max_size=90
)
one_line = words.map(lambda text: " ".join(text.split()))


def envelope(**changes: object) -> Envelope:
    values: dict[str, object] = {
        "key": "invitation-41-1",
        "sender": Address("Bộ Điều phối số", "lichhop@tinh.example"),
        "to": Address("Điểm cầu tỉnh Nghệ An", "nghean@tinh.example"),
        "subject": SUBJECT,
        "written_at": AT,
        "reply_to": Address("Văn phòng Bộ Điều phối số", "vanphong@tinh.example"),
    }
    return Envelope(**(values | changes))


def read(data: bytes) -> EmailMessage:
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


CALENDAR = "\n".join(
    [
        "BEGIN:VCALENDAR",
        "METHOD:REQUEST",
        "BEGIN:VEVENT",
        f"ATTENDEE;RSVP=TRUE;CN={slot('site', 'param')}:mailto:{slot('address')}",
        f"LOCATION:{slot('site', 'text')}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
)


def test_the_calendar_is_the_last_alternative_and_again_a_file_and_the_attachment_is_whole() -> None:
    pattern = Pattern("Kính gửi", "<p>Kính gửi</p>", CALENDAR, "REQUEST")
    docx = Attachment("Giay-moi-HN-2026-0147.docx", "application/vnd.x", bytes(range(256)) * 40)
    fills = {"site": "Sở Y tế, Nghệ An", "address": "nghean@tinh.example"}
    message = read(build(envelope(), pattern, fills, [docx]))
    assert message.get_content_type() == "multipart/mixed"
    alternative, ics, file = message.iter_parts()
    assert [part.get_content_type() for part in alternative.iter_parts()] == [
        "text/plain",
        "text/html",
        "text/calendar",
    ]
    calendar = list(alternative.iter_parts())[-1]
    assert calendar["Content-Type"].params["method"] == "REQUEST"
    assert calendar["Content-Transfer-Encoding"] == "base64"
    assert calendar["Content-Disposition"] is None
    assert ics.get_content_type() == "application/ics" and ics.get_filename() == "invite.ics"
    assert ics.get_payload(decode=True) == calendar.get_payload(decode=True)
    assert 'CN="Sở Y tế, Nghệ An":mailto:nghean@tinh.example' in calendar.get_content().replace("\r\n ", "")
    assert "LOCATION:Sở Y tế\\, Nghệ An" in calendar.get_content()
    assert file.get_content() == docx.data and file.get_filename() == docx.name


def test_a_letter_is_built_the_same_byte_for_byte() -> None:
    pattern = Pattern(f"Đường dẫn: https://x.example/m/{slot('token')}")
    first = build(envelope(), pattern, {"token": "abc"}, [])
    assert first == build(envelope(), Pattern.read(pattern.kept()), {"token": "abc"}, [])
    assert first != build(envelope(key="invitation-42-1"), pattern, {"token": "abc"}, [])


def test_every_line_is_short_ascii_and_ends_in_crlf() -> None:
    data = build(envelope(subject=SUBJECT * 3), Pattern("ư" * 5000, "<p>ư</p>"), {}, [])
    assert data.isascii()
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert all(len(line) <= 78 for line in data.split(b"\r\n"))


def test_the_headers_say_who_wrote_and_that_a_machine_did() -> None:
    message = read(build(envelope(), Pattern("x"), {}, []))
    assert message["From"].addresses[0].display_name == "Bộ Điều phối số"
    assert message["Reply-To"].addresses[0].addr_spec == "vanphong@tinh.example"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == AT
    assert message["Message-ID"] == message_id("invitation-41-1", "tinh.example")
    assert message["Subject"] == SUBJECT


def test_a_message_id_is_stable_and_differs_between_installations() -> None:
    assert message_id("a-1", "x.example") == message_id("a-1", "x.example") != message_id("a-1", "y.example")
    assert message_id("a:1", "x.example") != message_id("a/1", "x.example")


@given(subject=one_line, name=one_line)
def test_what_stands_in_a_header_is_read_back_letter_for_letter(subject: str, name: str) -> None:
    data = build(envelope(subject=subject, to=Address(name, "a@b.example")), Pattern("x"), {}, [])
    assert read(data)["Subject"] == subject
    # email.policy.default of Python 3.11 puts a space between two encoded words of a name; RFC 2047 §6.2 does not
    raw = email.message_from_bytes(data, policy=email.policy.compat32)["To"]
    shown, address = email.utils.parseaddr(raw.replace("\r\n", ""))
    assert (str(make_header(decode_header(shown))), address) == (name, "a@b.example")


@given(
    st.text(st.sampled_from(["\r", "\n", "\0", "\x0b", "\x1c", "\u2028", "\u2029", ":", "a", " ", "ế"]), max_size=30)
)
def test_no_text_can_add_a_header_or_a_recipient(text: str) -> None:
    hostile = Address(text + "\r\nBcc: x@y.example", "a@b.example")
    data = build(
        envelope(subject=f"{text}\r\nBcc: x@y.example", to=hostile, sender=hostile, reply_to=hostile),
        Pattern("x"),
        {},
        [],
    )
    plain = read(build(envelope(), Pattern("x"), {}, []))
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert message.keys() == plain.keys()
    assert len(message["To"].addresses) == 1


@given(st.text(st.characters(codec="utf-8", exclude_categories=("C",))), st.text("aế ", max_size=200))
def test_calendar_lines_are_folded_by_octets_and_unfold_to_themselves(site: str, tail: str) -> None:
    line = f"LOCATION:{filled(slot('site', 'text'), {'site': site})}{tail}"
    data = folded(line)
    assert all(len(piece) <= 75 and piece.decode() for piece in data.split(b"\r\n")[:-1])
    assert data.replace(b"\r\n ", b"") == line.encode() + b"\r\n"


def test_a_slot_is_written_as_its_place_asks() -> None:
    word = {"site": 'A <b> "c"; d,\\e\nf'}
    assert filled(slot("site", "html"), word) == "A &lt;b&gt; &quot;c&quot;; d,\\e f"
    assert filled(slot("site", "line"), word) == 'A <b> "c"; d,\\e f'
    assert filled(slot("site", "text"), word) == 'A <b> "c"\\; d\\,\\\\e\\nf'
    assert filled(slot("site", "param"), word) == "\"A <b> 'c'; d,\\e f\""
    assert filled(slot("site"), word) == word["site"]
    assert filled(f"[{slot('unknown')}]", word) == "[]"


def test_a_filled_word_is_not_read_for_slots_again() -> None:
    assert filled(slot("site"), {"site": slot("token"), "token": "secret"}) == slot("token")


def test_a_slot_of_no_known_form_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="no way"):
        slot("site", "shout")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Giay-moi.docx", "Giay-moi.docx"),
        ('a"b\r\nc.docx', "a-b-c.docx"),
        ("../../etc/passwd", "etc-passwd"),
        ("", "file"),
    ],
)
def test_file_names_are_plain(name: str, kept: str) -> None:
    assert ascii_name(name) == kept
