"""What a PDF says of its signatures: who signed, when, whether the file is as it was then, and who vouches for the signer.

A file comes from anywhere, and a small one may unpack to more than a machine has. So it is examined by a child of our own with
bounds on memory and time: this file is that child's program as well, and imports nothing of the house.
"""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, Final

MOST: Final = 20 * 1024 * 1024
"""Bytes of a file that is examined."""
WAIT: Final = 40
_MEMORY: Final = 1_500 * 1024 * 1024
_AT_ONCE: Final = BoundedSemaphore(2)
_SIGNATURES: Final = 50

for _name in ("pyhanko", "pyhanko_certvalidator"):  # what they find is returned; in a log it would be a traceback
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)


class Later(StrEnum):
    """What was added to a file after it was signed."""

    NOTHING = "nothing"
    SIGNATURES = "signatures"
    FORMS = "forms"
    CHANGES = "changes"


@dataclass(frozen=True)
class Mark:
    """One signature. Instants are ISO 8601, "" where there is none.

    *intact*: the bytes that were signed are the ones that stand there. *sound*: the key of the certificate made it.
    *covered*: the whole file as it was then. *voucher*: the configured root that its certificate leads to, "" for none.
    *in_time*: the certificate was in force at the signing. *stamped_at*: the hour by a time-stamping service.
    """

    subject: str
    issuer: str
    serial: str
    valid_from: str
    valid_to: str
    signed_at: str
    stamped_at: str
    reason: str
    intact: bool
    sound: bool
    covered: bool
    in_time: bool
    revoked: bool
    later: Later
    voucher: str

    @property
    def holds(self) -> bool:
        """Whether the file is what was signed, whoever the signer is."""
        return self.intact and self.sound and self.covered and self.later is not Later.CHANGES


@dataclass(frozen=True)
class Report:
    """What was found. *fault*: "" · ``not_a_pdf`` · ``encrypted`` · ``too_much``. *grown*: nothing but signatures was added to
    the file that it was said to begin with."""

    fault: str
    marks: tuple[Mark, ...] = ()
    grown: bool = False

    @property
    def unchanged(self) -> bool:
        """Whether every signature holds; False of a file without any."""
        return not self.fault and bool(self.marks) and all(mark.holds for mark in self.marks)

    def kept(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return asdict(self)


def report_of(kept: dict[str, Any]) -> Report:
    """The report that :meth:`Report.kept` kept."""
    marks = tuple(Mark(**{**mark, "later": Later(mark["later"])}) for mark in kept["marks"])
    return Report(kept["fault"], marks, kept.get("grown", False))


class Busy(Exception):
    """Too many files are being examined."""


def examined(data: bytes, roots: Path | None, base: int = 0) -> Report:
    """What *data*, whose first *base* bytes are a file of ours, says of its signatures, found out by a child; raises
    :class:`Busy`, and nothing that a file can cause."""
    if len(data) > MOST:
        return Report("too_much")
    if not _AT_ONCE.acquire(timeout=5):
        raise Busy
    try:
        child = subprocess.run(
            [sys.executable, "-I", str(Path(__file__).resolve()), str(roots or ""), str(base)],
            input=data,
            capture_output=True,
            timeout=WAIT,
            check=False,
        )
        return report_of(json.loads(child.stdout)) if child.returncode == 0 else Report("too_much")
    except (subprocess.TimeoutExpired, ValueError, KeyError, TypeError):
        return Report("too_much")
    finally:
        _AT_ONCE.release()


# --- the child -------------------------------------------------------------------------------------------------------


def examine(data: bytes, roots: Path | None, base: int = 0) -> Report:
    """As :func:`examined`, in this process: of files that we made ourselves."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    if data.lstrip()[:5] != b"%PDF-":
        return Report("not_a_pdf")
    try:
        reader = PdfFileReader(io.BytesIO(data), strict=False)
        if reader.encrypted:
            return Report("encrypted")
        found = reader.embedded_signatures
    except (RecursionError, MemoryError):
        return Report("too_much")
    except Exception:  # whatever a broken file makes of its reader
        return Report("not_a_pdf")
    if len(found) > _SIGNATURES:
        return Report("too_much")
    trusted = _certificates(roots)
    marks = [_mark(one, data, trusted) for one in found if _signs(one)]
    if not data.rstrip(b"\r\n\0 ").endswith(b"%%EOF"):
        marks = [replace(mark, later=Later.CHANGES) for mark in marks]
    last = marks[-1].later if marks else Later.NOTHING
    if last is Later.NOTHING:  # nothing but the signatures that follow was filled in
        marks = [replace(mark, later=Later.SIGNATURES) if mark.later is Later.FORMS else mark for mark in marks]
    return Report("", tuple(marks), bool(base and _tried(lambda: _grown(reader, data[:base]))))


_ADDED: Final = {"/AcroForm", "/DSS", "/Extensions", "/Metadata", "/Perms", "/Version"}
"""What a signature may put into a catalogue."""
_COVERS: Final = 0.25
"""The share of a page that the images of all its signatures may take: a larger one would hide what is said below it."""


def _grown(reader: Any, ours: bytes) -> bool:
    """Whether the pages are those of *ours*, with signatures on them and nothing else. An update that puts other pages in the
    place of ours leaves all bytes before it as they were, and can be signed as well as any."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    before = PdfFileReader(io.BytesIO(ours), strict=False)
    mine, other = _pages(before.root["/Pages"]), _pages(reader.root["/Pages"])
    return (
        set(reader.root) - set(before.root) <= _ADDED
        and len(mine) == len(other)
        and all(_same(one, two, set()) and _signed_only(one, two) for one, two in zip(mine, other, strict=True))
    )


def _pages(node: Any) -> list[Any]:
    if str(node.get("/Type", "")) == "/Page":
        return [node]
    return [page for kid in _listed(node.get("/Kids")) for page in _pages(kid)]


def _listed(array: Any) -> list[Any]:
    """The values of a list, and not where they stand; none where there is no list."""
    return [array[number] for number in range(len(array or ()))]


def _same(one: Any, two: Any, seen: set[Any]) -> bool:
    """Whether two values of two files are the same to a reader; a page's forms and its place among the others apart."""
    from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

    if isinstance(one, IndirectObject) and isinstance(two, IndirectObject):
        pair = (one.idnum, two.idnum)
        if pair in seen:
            return True
        seen.add(pair)
    one, two = (_resolved(it) for it in (one, two))
    if isinstance(one, ArrayObject) and isinstance(two, ArrayObject):
        return len(one) == len(two) and all(_same(one.raw_get(n), two.raw_get(n), seen) for n in range(len(one)))
    if isinstance(one, DictionaryObject) and isinstance(two, DictionaryObject):
        if isinstance(one, StreamObject) and not (
            isinstance(two, StreamObject) and one.encoded_data == two.encoded_data
        ):
            return False
        keys = (set(one) | set(two)) - {"/Annots", "/Parent", "/LastModified", "/Tabs"}
        return all(key in one and key in two and _same(one.raw_get(key), two.raw_get(key), seen) for key in keys)
    return bool(type(one) is type(two) and one == two)


def _resolved(value: Any) -> Any:
    from pyhanko.pdf_utils.generic import IndirectObject

    return value.get_object() if isinstance(value, IndirectObject) else value  # type: ignore[no-untyped-call]


def _signed_only(one: Any, two: Any) -> bool:
    """Whether page *two* has the notes of page *one*, and further ones that are signatures and leave it readable."""
    from pyhanko.pdf_utils.generic import ArrayObject

    mine, other = _listed(one.get("/Annots")), _listed(two.get("/Annots"))
    if not _same(ArrayObject(mine), ArrayObject(other[: len(mine)]), set()):
        return False
    covered = 0.0
    for note in other[len(mine) :]:
        if str(note.get("/FT", note.get("/Parent", {}).get("/FT", ""))) != "/Sig":
            return False
        left, bottom, right, top = (float(edge) for edge in note["/Rect"])
        covered += abs(right - left) * abs(top - bottom)
    left, bottom, right, top = (float(edge) for edge in two.get("/MediaBox", (0, 0, 595, 842)))
    return covered <= _COVERS * (right - left) * (top - bottom)


def _signs(one: Any) -> bool:
    return str(one.sig_object.get("/Type", "/Sig")) != "/DocTimeStamp"


def _mark(one: Any, data: bytes, trusted: tuple[list[Any], list[bytes]]) -> Mark:
    """What stands in one signature; what cannot be read of it counts as broken."""
    certificate = _tried(lambda: one.signer_cert)
    signed_at = _aware(_tried(lambda: one.self_reported_timestamp))
    status = _tried(lambda: _status(one, trusted, signed_at))
    stamped = getattr(status, "timestamp_validity", None)
    fits = stamped is None or bool(stamped.intact and stamped.valid)
    stamped_at = _aware(stamped.timestamp) if stamped is not None and fits else None
    at = stamped_at or signed_at
    begins, ends = (certificate.not_valid_before, certificate.not_valid_after) if certificate else (None, None)
    path = getattr(status, "validation_path", None) if status is not None and status.trusted else None
    return Mark(
        subject=_common(certificate.subject) if certificate else "",
        issuer=_common(certificate.issuer) if certificate else "",
        serial=f"{certificate.serial_number:X}" if certificate else "",
        valid_from=_iso(begins),
        valid_to=_iso(ends),
        signed_at=_iso(signed_at),
        stamped_at=_iso(stamped_at),
        reason=str(_tried(lambda: one.sig_object.get("/Reason", "")) or "")[:300],
        intact=bool(status is not None and status.intact),
        sound=bool(status is not None and status.valid) and fits and bool(_tried(lambda: _exact(one, data))),
        covered=_tried(lambda: _covered(status)) or False,
        in_time=bool(at and begins and ends and begins <= at <= ends),
        revoked=bool(status is not None and status.revoked),
        later=_tried(lambda: _later(status)) or Later.CHANGES,
        voucher=_common(path.first.subject) if path is not None else "",
    )


def _status(one: Any, trusted: tuple[list[Any], list[bytes]], at: datetime | None) -> Any:
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.settings import KeyUsageConstraints
    from pyhanko_certvalidator import ValidationContext

    roots, revoked = trusted

    def context() -> ValidationContext:
        return ValidationContext(
            trust_roots=roots, crls=revoked, allow_fetching=False, moment=at, revocation_mode="soft-fail"
        )

    usual = KeyUsageConstraints(key_usage={"non_repudiation", "digital_signature"}, match_all_key_usages=False)
    return validate_pdf_signature(one, context(), context(), key_usage_settings=usual)


def _covered(status: Any) -> bool:
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    return bool(status.coverage in (SignatureCoverageLevel.ENTIRE_FILE, SignatureCoverageLevel.ENTIRE_REVISION))


def _later(status: Any) -> Later:
    from pyhanko.sign.diff_analysis import ModificationLevel
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    if status.coverage == SignatureCoverageLevel.ENTIRE_FILE:
        return Later.NOTHING
    if status.modification_level is None or not status.docmdp_ok:
        return Later.CHANGES
    return {  # NONE: bytes without an update that would explain them
        ModificationLevel.LTA_UPDATES: Later.SIGNATURES,
        ModificationLevel.FORM_FILLING: Later.FORMS,
    }.get(status.modification_level, Later.CHANGES)


def _exact(one: Any, data: bytes) -> bool:
    """Whether the gap that no digest covers holds the signature and nothing else: its own bytes in hexadecimal, then zeros."""
    first, length, then, _rest = (int(number) for number in one.sig_object["/ByteRange"])
    gap = data[first + length : then]
    digits = gap[1:-1]
    body = bytes.fromhex(digits.decode("ascii"))
    size = _der_length(body)
    plain = body[:size].hex().encode()
    return (
        gap[:1] == b"<"
        and gap[-1:] == b">"
        and digits[: size * 2] in (plain, plain.upper())
        and not digits[size * 2 :].strip(b"0")
        and _only_what_signs(one.signed_data)
        and all(_only_what_signs(token) for token in _tokens(one.signed_data))
    )


def _tokens(signed: Any) -> list[Any]:
    """What time-stamping services put beside the signature."""
    from pyhanko.sign.validation.generic_cms import extract_tst_data_iter

    return [token for signer in signed["signer_infos"] for token in extract_tst_data_iter(signer, signed=False)]


def _only_what_signs(signed: Any) -> bool:
    """Whether what stands beside the signature, and is not signed by it, is in order as well: the certificates of those who
    vouch, and which sum was used."""
    from cryptography.x509 import load_der_x509_certificate

    used = {one["digest_algorithm"]["algorithm"].native for one in signed["signer_infos"]}
    told = {one["algorithm"].native for one in signed["digest_algorithms"]}
    carried = [load_der_x509_certificate(one.chosen.dump()) for one in signed["certificates"]]
    for one in carried:
        issuers = [other for other in carried if other.subject == one.issuer]
        if issuers and not any(_issued(one, issuer) for issuer in issuers):
            return False
    sums = [*signed["digest_algorithms"], *(one["digest_algorithm"] for one in signed["signer_infos"])]
    bare = all(one["parameters"].dump() in (b"", b"\x05\x00") for one in sums)
    named = [_named_exactly(one, signed["certificates"]) for one in signed["signer_infos"]]
    later = signed["encap_content_info"]["content_type"].native != "data"
    later = later or any(one["version"].native == "v3" for one in signed["signer_infos"])
    return all(named) and bare and used == told and signed["version"].native in ("v1", "v3" if later else "v1")


def _named_exactly(signer: Any, certificates: Any) -> bool:
    """Whether the signer is named as in her certificate, to the byte: names are found by readers whatever their letters' case."""
    sid, version = signer["sid"], signer["version"].native
    if sid.name != "issuer_and_serial_number":
        return bool(version == "v3")
    return version == "v1" and any(one.chosen.issuer.dump() == sid.chosen["issuer"].dump() for one in certificates)


def _issued(one: Any, issuer: Any) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        one.verify_directly_issued_by(issuer)
    except InvalidSignature:
        return False
    except (UnsupportedAlgorithm, TypeError, ValueError):
        return True  # signed in a way that cannot be checked here: nothing is said against it
    return True


def _der_length(body: bytes) -> int:
    """How long the first value in *body* is, its head included."""
    if body[0] != 0x30:
        raise ValueError("no sequence")
    if body[1] < 0x80:
        return 2 + body[1]
    count = body[1] & 0x7F
    return 2 + count + int.from_bytes(body[2 : 2 + count], "big")


def _certificates(folder: Path | None) -> tuple[list[Any], list[bytes]]:
    """The roots and the lists of revoked certificates that stand in *folder*; a file that is neither is passed over."""
    from asn1crypto import pem, x509

    roots: list[Any] = []
    revoked: list[bytes] = []
    for path in sorted(folder.iterdir()) if folder is not None and folder.is_dir() else ():
        kind = path.suffix.lower()
        if kind not in (".pem", ".crt", ".cer", ".der", ".crl"):
            continue
        try:
            data = path.read_bytes()
            parts = [part for _type, _head, part in pem.unarmor(data, multiple=True)] if pem.detect(data) else [data]
            if kind == ".crl":
                revoked += parts
            else:
                roots += [x509.Certificate.load(part, strict=True) for part in parts]
        except (OSError, ValueError):
            continue
    return roots, revoked


def _common(name: Any) -> str:
    native = name.native
    parts = [native.get(part) for part in ("common_name", "organizational_unit_name", "organization_name")]
    flat = [one for part in parts if part for one in (part if isinstance(part, list) else [part])]
    return str(", ".join(dict.fromkeys(flat))[:300] or name.human_friendly[:300])


def _aware(at: Any) -> datetime | None:
    if not isinstance(at, datetime):
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _iso(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat() if at is not None else ""


def _tried(ask: Any) -> Any:
    """What *ask* finds; None where the file is too broken to be asked."""
    try:
        return ask()
    except (MemoryError, KeyboardInterrupt):
        raise
    except Exception:
        return None


def _main(folder: str, base: int) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (WAIT, WAIT))
    logging.disable()
    try:
        report = examine(sys.stdin.buffer.read(MOST + 1), Path(folder) if folder else None, base)
    except MemoryError:
        report = Report("too_much")
    json.dump(report.kept(), sys.stdout)


if __name__ == "__main__":
    _main(sys.argv[1], int(sys.argv[2]))
