"""A certification authority and signers with Vietnamese names, made anew for a run, and images to sign with."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from PIL import Image, ImageDraw

PASSWORD = "mật khẩu của khóa"
BODY = "Bộ Điều phối số"
FROM = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Pki:
    """Where the files stand."""

    roots: Path
    seal: Path
    person: Path
    expired: Path
    key: bytes  # of the seal
    certificate: bytes


def made(where: Path, person: str = "Trần Văn Duyệt") -> Pki:
    """The authority, a seal, a person, and a seal whose certificate is over."""
    authority = _key()
    name = _name("CA Kiểm Thử")
    root = _certificate(name, name, authority, authority, ca=True)
    roots = where / "roots"
    roots.mkdir(parents=True)
    (roots / "ca.pem").write_bytes(root.public_bytes(serialization.Encoding.PEM))
    (roots / "readme.txt").write_text("Chứng thư gốc", encoding="utf-8")
    files = {}
    for file, common, days in (("expired", BODY, 30), ("person", person, 900), ("seal", BODY, 900)):
        key = _key()
        certificate = _certificate(_name(common), name, key, authority, days=days)
        files[file] = where / f"{file}.p12"
        files[file].write_bytes(
            pkcs12.serialize_key_and_certificates(
                b"dau", key, certificate, [root], serialization.BestAvailableEncryption(PASSWORD.encode())
            )
        )
    der = serialization.Encoding.DER
    return Pki(
        roots,
        files["seal"],
        files["person"],
        files["expired"],
        key.private_bytes(der, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
        certificate.public_bytes(der),
    )


def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, BODY),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _certificate(subject, issuer, key, authority, *, ca=False, days=900) -> x509.Certificate:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(FROM)
        .not_valid_after(FROM + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca, None), True)
        .add_extension(x509.KeyUsage(not ca, not ca, False, False, False, ca, ca, False, False), True)
        .sign(authority, hashes.SHA256())
    )


def picture(red: bool = False, *, ground: int = 0, size: tuple[int, int] = (450, 200)) -> bytes:
    """A seal (*red*) or a signature on a ground of this opacity."""
    image = Image.new("RGBA", (400, 400) if red else size, (255, 255, 255, ground))
    pen = ImageDraw.Draw(image)
    if red:
        pen.ellipse([6, 6, 394, 394], outline=(200, 0, 0, 255), width=14)
    else:
        pen.line([(20, 150), (120, 30), (200, 160), (300, 40), (430, 110)], fill=(20, 40, 180, 255), width=9)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def blank_pdf(pages: int = 1, note: str = "") -> bytes:
    """A PDF with empty pages; *note* makes two of them different."""
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter

    writer = PdfFileWriter()
    for _page in range(pages):
        stream = writer.add_object(generic.StreamObject(stream_data=f"% {note}".encode()))
        writer.insert_page(PageObject(contents=stream, media_box=(0, 0, 595, 842)))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def overlaid(pdf: bytes) -> bytes:
    """*pdf* with an update behind it that paints over its first page."""
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    node = writer.root["/Pages"]
    while "/Kids" in node:
        node = node["/Kids"][0]
    paint = writer.add_object(generic.StreamObject(stream_data=b"q 1 g 90 400 400 200 re f Q"))
    node["/Contents"] = generic.ArrayObject([node.raw_get("/Contents"), paint])
    writer.update_container(node)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
