"""A document becomes a PDF, is signed, and is examined: by us and by two programs that know nothing of us."""

from __future__ import annotations

import io
import os
import random
import re
import stat
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pkcs11
import pytest
from asn1crypto.keys import PrivateKeyInfo
from pkcs11.util.rsa import decode_rsa_private_key
from pkcs11.util.x509 import decode_x509_certificate
from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, StreamObject
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.signers import SimpleSigner
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper

from meetings.adapters import examining, pades, pdf, pictures
from meetings.adapters.examining import Later, examine
from meetings.adapters.pdf import Converted, Fault, Unconverted
from meetings.adapters.seals import Line, Picture, Signed, Unsigned, Why
from meetings.minutes.document import write_notice
from meetings.official import signature_place as place
from tests import pki
from tests.minutes.test_document import NOTICE

AT = datetime(2026, 12, 1, 2, tzinfo=UTC)


def kept(gap: place.Gap, box: place.Box, png: bytes) -> Picture:
    return Picture(gap.page, (box.left, gap.height - box.bottom, box.right, gap.height - box.top), png)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """One conversion, one authority, a notice that its person and then its body have signed."""
    where = tmp_path_factory.mktemp("signed")
    made = pki.made(where, "Đinh Quốc Bảo")
    came = pdf.LibreOffice(pdf.found()).convert(write_notice(NOTICE))
    assert isinstance(came, Converted), came
    pages = pdf.sheets(came.data)
    gap = place.gap(pages, "CHÁNH VĂN PHÒNG", "Đinh Quốc Bảo")
    hand = place.signature(gap, 2.25)
    person = pades.KeyFile(made.person, pki.PASSWORD)
    seal = pades.KeyFile(made.seal, pki.PASSWORD)
    first = person.sign(came.data, kept(gap, hand, pki.picture()), "Ký", AT)
    assert isinstance(first, Signed), first
    both = seal.sign(first.data, kept(gap, place.seal(gap, hand, 1.0), pki.picture(red=True)), "Đóng dấu", AT)
    assert isinstance(both, Signed), both
    return SimpleNamespace(
        where=where, pki=made, pdf=came.data, pages=pages, gap=gap, first=first, both=both, seal=seal, person=person
    )


def test_the_pdf_is_for_the_archive_and_says_what_the_document_says(world: SimpleNamespace) -> None:
    assert re.search(rb"pdfaid:part>2<", world.pdf) and re.search(rb"pdfaid:conformance>B<", world.pdf)
    words = " ".join(word.text for page in world.pages for word in page.words)
    assert "Bộ Thủy văn số thông báo để các cơ quan, đơn vị biết" in words
    assert world.gap.found is place.Found.TITLE_AND_NAME


def test_a_signature_leaves_every_byte_before_it_and_names_its_signer(world: SimpleNamespace) -> None:
    assert world.first.data.startswith(world.pdf) and world.both.data.startswith(world.first.data)
    report = examine(world.both.data, world.pki.roots)
    assert report.unchanged
    one, two = report.marks
    assert (one.subject, one.issuer) == ("Đinh Quốc Bảo, Bộ Điều phối số", "CA Kiểm Thử, Bộ Điều phối số")
    assert two.subject == "Bộ Điều phối số" == world.both.owner.subject
    assert two.serial == world.both.owner.serial
    assert (one.later, two.later) == (Later.SIGNATURES, Later.NOTHING)
    assert one.voucher == two.voucher == "CA Kiểm Thử, Bộ Điều phối số"
    assert one.in_time and one.covered and one.signed_at
    carried = [one.other_embedded_certs for one in PdfFileReader(io.BytesIO(world.both.data)).embedded_signatures]
    assert carried == [[], []], "the authority's own certificate is signed by itself: no sum would cover it"


def test_without_roots_it_is_said_that_nobody_vouches_and_the_file_is_unchanged_all_the_same(
    world: SimpleNamespace, caplog: pytest.LogCaptureFixture
) -> None:
    report = examine(world.both.data, None)
    assert report.unchanged and [mark.voucher for mark in report.marks] == ["", ""]
    assert not caplog.records, "the log of the worker got a traceback for every signature"


def test_the_child_finds_what_we_find(world: SimpleNamespace) -> None:
    base = len(world.pdf.rstrip())
    found = examine(world.both.data, world.pki.roots, base)
    assert found.grown and examining.examined(world.both.data, world.pki.roots, base) == found


def test_a_page_painted_over_before_it_was_signed_is_not_ours_though_all_our_bytes_stand_there(
    world: SimpleNamespace, caplog: pytest.LogCaptureFixture
) -> None:
    base = len(world.pdf.rstrip())
    redone = world.person.sign(pki.overlaid(world.pdf), None, "", AT).data
    hidden = world.person.sign(world.pdf, Picture(0, (30, 300, 560, 800), pki.picture(ground=255)), "", AT).data
    for data in (redone, hidden):
        report = examine(data, world.pki.roots, base)
        assert data.startswith(world.pdf) and report.unchanged and not report.grown
    one, two = StreamObject(stream_data=b"1"), StreamObject(stream_data=b"2")
    for mine, other in ((one, two), (ArrayObject([one]), ArrayObject([one, two])), (one, ArrayObject([one]))):
        assert examining._same(mine, mine, set()) and not examining._same(mine, other, set())
    assert not examining._same(DictionaryObject(), DictionaryObject({NameObject("/Rotate"): NumberObject(90)}), set())
    later = examine(pki.overlaid(world.both.data), world.pki.roots, base)
    assert not later.unchanged and not later.grown
    assert not caplog.records


def test_poppler_and_openssl_verify_it_too(world: SimpleNamespace) -> None:
    file = world.where / "both.pdf"
    file.write_bytes(world.both.data)
    said = subprocess.run(["pdfsig", str(file)], capture_output=True, text=True, check=True).stdout
    assert said.count("Signature Validation: Signature is Valid.") == 2, said
    assert said.count("ETSI.CAdES.detached") == 2 and "Total document signed" in said
    assert "Signer Certificate Common Name: Đinh Quốc Bảo" in said
    good, _said = openssl(world, world.both.data)
    assert good
    changed = bytearray(world.both.data)
    changed[len(world.pdf) // 2] ^= 1
    assert not openssl(world, bytes(changed))[0]
    file.write_bytes(changed)
    said = subprocess.run(["pdfsig", str(file)], capture_output=True, text=True, check=False).stdout
    assert said.count("Signature Validation: Digest Mismatch.") == 2, said


def openssl(world: SimpleNamespace, data: bytes) -> tuple[bool, str]:
    """Whether OpenSSL finds the last signature of *data* good, from its bytes alone."""
    ranges = re.findall(rb"/ByteRange \[\s*(\d+) (\d+) (\d+) (\d+)\s*\]", data)
    start, length, then, rest = (int(number) for number in ranges[-1])
    content, signature = world.where / "content", world.where / "signature.der"
    content.write_bytes(data[start : start + length] + data[then : then + rest])
    signature.write_bytes(bytes.fromhex(data[start + length + 1 : then - 1].decode()))
    came = subprocess.run(
        ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", str(signature), "-content", str(content)]
        + ["-CAfile", str(world.pki.roots / "ca.pem"), "-purpose", "any", "-out", os.devnull],
        capture_output=True,
        text=True,
        check=False,
    )
    return came.returncode == 0, came.stderr


def test_any_changed_byte_is_found(world: SimpleNamespace) -> None:
    data = world.both.data
    chance = random.Random(20261201)
    gaps = [match.span(1) for match in re.finditer(rb"/Contents <([0-9a-fA-F]+?)0*>", data)]
    places = [chance.randrange(len(data)) for _n in range(16)]
    places += [chance.randrange(*gap) for gap in gaps for _n in range(12)]  # what no digest covers
    places += [0, len(data) - 1, gaps[0][1] + 9, gaps[1][1] + 9]
    flips = [(at, 1 << chance.randrange(8)) for at in places]
    names = [match.start() for match in re.finditer(b"06035504061302564E", data.upper())]  # C=VN
    flips.append((names[-2] + 14, 2))  # C=vN: to other readers the same signer, and no digest covers where she is named
    missed = []
    for at, bit in flips:
        changed = bytearray(data)
        changed[at] ^= bit
        if examine(bytes(changed), world.pki.roots).unchanged:
            missed.append(at)
    assert not missed, f"changed and not found at {missed}"


def test_bytes_behind_the_last_signature_are_found_too(world: SimpleNamespace) -> None:
    assert not examine(world.both.data + b"\n% more", None).unchanged
    assert not examine(world.both.data + b"\n% more\n%%EOF\n", None).unchanged
    assert not examine(world.both.data[:-20], None).unchanged


def test_files_that_are_no_pdf_or_are_broken_are_told_and_never_raise(world: SimpleNamespace) -> None:
    bomb = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 1 0 R >>\nendobj\ntrailer << /Root 1 0 R /Prev 9 >>\nstartxref\n9\n%%EOF"
    for data in (b"", b"GIF89a", b"%PDF-1.7", world.pdf[:5000], world.pdf[:-3000], bomb, b"%PDF-" + os.urandom(4000)):
        assert not examine(data, None).unchanged
    assert examine(world.pdf, None).fault == "" and examine(world.pdf, None).marks == ()
    assert examine(b"GIF89a", None).fault == "not_a_pdf"


def test_what_cannot_sign_says_why(world: SimpleNamespace, tmp_path: Path) -> None:
    blank = pki.blank_pdf()
    for seal, why in (
        (pades.KeyFile(world.pki.seal, "falsch"), Why.NO_KEY),
        (pades.KeyFile(tmp_path / "none.p12", ""), Why.NO_KEY),
        (pades.KeyFile(world.pki.expired, pki.PASSWORD), Why.EXPIRED),
        (pades.Token("/usr/lib/softhsm/libsofthsm2.so", "không có", "1234"), Why.NO_TOKEN),
    ):
        came = seal.sign(blank, None, "", AT)
        assert isinstance(came, Unsigned) and came.why is why, came
        assert came.passing is (why is Why.NO_TOKEN)
    came = world.seal.sign(b"no pdf", None, "", AT)
    assert isinstance(came, Unsigned) and came.why is Why.NOT_A_PDF


def test_the_hour_comes_from_a_time_stamping_service_and_a_broken_stamp_is_found(
    world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    blank = pki.blank_pdf()
    away = pades.KeyFile(world.pki.seal, pki.PASSWORD, "http://127.0.0.1:9/").sign(blank, None, "", AT)
    assert isinstance(away, Unsigned) and away.why is Why.NO_TIME and away.passing
    own = SimpleSigner.load_pkcs12(str(world.pki.person), passphrase=pki.PASSWORD.encode())
    service = DummyTimeStamper(own.signing_cert, own.signing_key, fixed_dt=AT, include_nonce=False)
    monkeypatch.setattr(pades, "HTTPTimeStamper", lambda url, timeout: service)
    data = pades.KeyFile(world.pki.seal, pki.PASSWORD, "http://tsa.example/").sign(blank, None, "", AT).data
    report = examine(data, world.pki.roots)
    assert report.unchanged and report.marks[0].stamped_at == AT.isoformat()
    digits = re.search(rb"/Contents <([0-9a-fA-F]+?)0*>", data)
    last = digits.end(1) - 3  # in the sum of the stamp, which the signature does not cover
    broken = data[:last] + (b"0" if data[last : last + 1] != b"0" else b"1") + data[last + 1 :]
    assert not examine(broken, world.pki.roots).unchanged


def test_a_token_signs_as_a_file_does(world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = world.where / "tokens"
    tokens.mkdir()
    conf = world.where / "softhsm2.conf"
    conf.write_text(f"directories.tokendir = {tokens}\nobjectstore.backend = file\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(conf))
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", "Con dấu", "--pin", "2468", "--so-pin", "13579"],
        check=True,
        capture_output=True,
    )
    pkcs11.lib("/usr/lib/softhsm/libsofthsm2.so").reinitialize()  # it looked for tokens elsewhere before
    fill_token(world.pki)
    module = "/usr/lib/softhsm/libsofthsm2.so"
    came = pades.Token(module, "Con dấu", "2468").sign(world.pdf, None, "", AT)
    assert isinstance(came, Signed), came
    assert examine(came.data, world.pki.roots).unchanged
    wrong = pades.Token(module, "Con dấu", "0000").sign(world.pdf, None, "", AT)
    assert isinstance(wrong, Unsigned) and wrong.why is Why.WRONG_PIN and not wrong.passing, wrong


def fill_token(made: pki.Pki) -> None:
    """Put a key and its certificate into the token, as the office that hands it out does."""
    token = pkcs11.lib("/usr/lib/softhsm/libsofthsm2.so").get_token(token_label="Con dấu")
    with token.open(rw=True, user_pin="2468") as session:
        bare = PrivateKeyInfo.load(made.key)["private_key"].parsed.dump()
        key = decode_rsa_private_key(bare)
        key.update({pkcs11.Attribute.LABEL: "dau", pkcs11.Attribute.ID: b"1", pkcs11.Attribute.TOKEN: True})
        session.create_object(key)
        certificate = decode_x509_certificate(made.certificate)
        certificate.update({pkcs11.Attribute.LABEL: "dau", pkcs11.Attribute.ID: b"1", pkcs11.Attribute.TOKEN: True})
        session.create_object(certificate)


def test_an_attachment_is_signed_with_a_line_of_ten_points_in_its_corner(world: SimpleNamespace) -> None:
    text = "12/TB-BĐPS; 01/12/2026; 09:00:00 +07:00"
    box = place.corner(world.pages[0], 320, 20)
    height = world.pages[0].height
    came = world.seal.sign(
        world.pdf, Line(0, (box.left, height - box.bottom, box.right, height - box.top), text), "", AT
    )
    assert isinstance(came, Signed), came
    file = world.where / "line.pdf"
    file.write_bytes(came.data)
    fonts = subprocess.run(["pdffonts", str(file)], capture_output=True, text=True, check=True).stdout
    assert "LiberationSerif" in fonts and " no " not in fonts.split("object ID")[1].split("\n")[2]
    words = pdf.sheets(came.data)[0].words
    line = [word for word in words if word.top < 60 and word.left > 240]
    assert " ".join(word.text for word in line).startswith(text[:10])
    assert max(word.right for word in line) == pytest.approx(box.right, abs=3)
    assert line[0].bottom - line[0].top == pytest.approx(11, abs=2)


@pytest.mark.parametrize(
    ("png", "found"),
    [
        (pki.picture(), (450, 200)),
        (pki.picture(red=True), (400, 400)),
        (pki.picture(ground=255), pictures.Odd.NOT_TRANSPARENT),
        (pki.picture(size=(2500, 2000)), pictures.Odd.TOO_LARGE),
        (pki.picture(size=(40, 30)), pictures.Odd.TOO_SMALL),
        (b"\x89PNG\r\n\x1a\n broken", pictures.Odd.NOT_PNG),
        (b"<svg/>", pictures.Odd.NOT_PNG),
    ],
)
def test_an_image_must_let_the_text_through(png: bytes, found: object) -> None:
    assert pictures.looked_at(png) == found


def test_a_conversion_that_takes_too_long_ends_with_all_its_children(tmp_path: Path) -> None:
    program, born = tmp_path / "soffice", tmp_path / "born"
    program.write_text(f"#!/bin/sh\nsleep 60 &\necho $! > {born}\nwait\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    began = time.monotonic()
    came = pdf.LibreOffice(str(program), wait=0.5).convert(b"PK")
    assert isinstance(came, Unconverted) and came.why is Fault.TOO_SLOW
    assert time.monotonic() - began < 5
    child = int(born.read_text())
    state = Path(f"/proc/{child}/stat")
    time.sleep(0.1)
    assert not state.exists() or state.read_text().split()[2] == "Z"


@pytest.mark.parametrize(
    ("script", "why"),
    [("exit 3", Fault.CRASHED), ("exit 0", Fault.NOT_READ), ("env | grep -q SECRET && exit 9; exit 0", Fault.NOT_READ)],
)
def test_a_conversion_that_makes_nothing_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, why: Fault
) -> None:
    monkeypatch.setenv("SECRET_KEY", "not for children")
    program = tmp_path / "soffice"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    came = pdf.LibreOffice(str(program)).convert(b"PK")
    assert isinstance(came, Unconverted) and came.why is why
    assert pdf.LibreOffice(str(tmp_path / "none")).convert(b"PK").why is Fault.NO_PROGRAM
