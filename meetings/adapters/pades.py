"""What signs a PDF: a key in a PKCS#12 file, or in a token that is plugged into this machine. PAdES by pyHanko.

A signature is added to the end of the file; what was there stays as it was, byte by byte, with every signature before it.
"""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from asn1crypto import x509
from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.ttLib.scaleUpem import scale_upem
from PIL import Image
from pyhanko.config.pkcs11 import TokenCriteria
from pyhanko.pdf_utils.content import PdfContent, RawContent
from pyhanko.pdf_utils.font.api import FontEngineFactory
from pyhanko.pdf_utils.font.opentype import GlyphAccumulator
from pyhanko.pdf_utils.images import PdfImage
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import AxisAlignment, BoxConstraints, InnerScaling, Margins, SimpleBoxLayoutRule
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.text import TextBoxStyle
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.pkcs11 import PKCS11Signer, open_pkcs11_session
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, Signer, SimpleSigner
from pyhanko.sign.timestamps import HTTPTimeStamper, TimestampRequestError
from pyhanko.stamp import StaticStampStyle, TextStampStyle

from meetings.adapters.seals import Line, Owner, Picture, Signed, Unsigned, Why

FONTS: Final = (
    Path("/usr/share/fonts/truetype/msttcorefonts/Times_New_Roman.ttf"),
    Path("/usr/share/fonts/truetype/liberation2/LiberationSerif-Regular.ttf"),
    Path("/usr/share/fonts/truetype/croscore/Tinos-Regular.ttf"),
)
"""Faces of Times, with all letters of Vietnamese. The first that is there draws the line on an attachment."""


class _Signing(ABC):
    """How both kinds of key sign: they differ in where the key comes from."""

    def __init__(self, tsa: str = "") -> None:
        self._tsa = tsa

    @abstractmethod
    def _key(self) -> AbstractContextManager[Signer]:
        """The key, as long as it is needed."""

    def owner(self) -> Owner | Unsigned:
        try:
            with self._key() as signer:
                certificate = signer.signing_cert
                return owner_of(certificate) if certificate is not None else Unsigned(Why.NO_KEY)
        except Exception as fault:
            return _unsigned(fault)

    def sign(self, pdf: bytes, shown: Picture | Line | None, reason: str, at: datetime) -> Signed | Unsigned:
        try:
            with self._key() as signer:
                certificate = signer.signing_cert
                if certificate is None:
                    return Unsigned(Why.NO_KEY)
                owner = owner_of(certificate)
                if not owner.valid_from <= at <= owner.valid_to:
                    return Unsigned(Why.EXPIRED, f"{owner.valid_from:%Y-%m-%d} – {owner.valid_to:%Y-%m-%d}")
                return Signed(self._signed(pdf, signer, shown, reason, owner), owner)
        except Exception as fault:  # pkcs11 raises what the maker of a token thought of
            return _unsigned(fault)

    def _signed(self, pdf: bytes, signer: Signer, shown: Picture | Line | None, reason: str, owner: Owner) -> bytes:
        try:
            reader = PdfFileReader(io.BytesIO(pdf))
            number = len(reader.embedded_signatures) + 1
            writer = IncrementalPdfFileWriter.from_reader(reader)
        except Exception as fault:
            raise _NotAPdf(str(fault)) from fault
        # the authority's own certificate is signed by nobody but itself: whoever verifies has it, and nothing in the file would
        # tell that a byte of it was changed
        signer.embed_roots = False
        name = f"ChuKySo{number}"
        made = PdfSigner(
            PdfSignatureMetadata(
                field_name=name,
                subfilter=SigSeedSubFilter.PADES,
                md_algorithm="sha256",
                reason=reason,
                name=owner.subject,
            ),
            signer=signer,
            timestamper=HTTPTimeStamper(self._tsa, timeout=20) if self._tsa else None,
            stamp_style=_style(shown),
            new_field_spec=SigFieldSpec(
                name,
                on_page=shown.page if shown else 0,
                box=_whole(shown.box) if shown else None,
            ),
        )
        out = io.BytesIO()
        made.sign_pdf(writer, output=out)
        return out.getvalue()


class KeyFile(_Signing):
    """A key in the PKCS#12 file *path*."""

    def __init__(self, path: Path, password: str, tsa: str = "") -> None:
        super().__init__(tsa)
        self._path, self._password = path, password

    @contextmanager
    def _key(self) -> Iterator[Signer]:
        try:
            data = self._path.read_bytes()
        except OSError as fault:
            raise _NoKey(str(fault)) from fault
        yield SimpleSigner.load_pkcs12_data(data, other_certs=(), passphrase=self._password.encode() or None)


class Token(_Signing):
    """A key in the token *label*, by the PKCS#11 library *module*. *key*: how it and its certificate are called, "" for the
    only one."""

    def __init__(self, module: str, label: str, pin: str, key: str = "", tsa: str = "") -> None:
        super().__init__(tsa)
        self._module, self._label, self._pin, self._name = module, label, pin, key

    @contextmanager
    def _key(self) -> Iterator[Signer]:
        criteria = TokenCriteria(label=self._label)
        with open_pkcs11_session(self._module, token_criteria=criteria, user_pin=self._pin) as session:
            name = self._name or _only_certificate(session)
            yield PKCS11Signer(session, cert_label=name, key_label=name, other_certs_to_pull=None)


def _only_certificate(session: Any) -> str:
    """The label of the certificate whose private key is in the token as well."""
    from pkcs11 import Attribute, ObjectClass

    keys = {one[Attribute.LABEL] for one in session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY})}
    if len(keys) != 1:
        raise _NoKey(f"{len(keys)} keys in the token")
    return str(keys.pop())


class _NoKey(Exception):
    pass


class _NotAPdf(Exception):
    pass


def _unsigned(fault: Exception) -> Unsigned:
    """What went wrong, in our words where they are known. A token that is not there may be there later."""
    said, kind = " ".join(str(fault).split())[:250], type(fault).__name__
    if isinstance(fault, _NotAPdf):
        return Unsigned(Why.NOT_A_PDF, said)
    if isinstance(fault, _NoKey):
        return Unsigned(Why.NO_KEY, said)
    if isinstance(fault, _NoFont):
        return Unsigned(Why.NO_FONT)
    if kind in ("PinIncorrect", "PinInvalid", "PinLocked", "PinLenRange", "PinExpired"):
        return Unsigned(Why.WRONG_PIN, kind)  # never tried again: after three wrong ones a token locks itself
    if type(fault).__module__.startswith("pkcs11") or "token" in said.lower():
        return Unsigned(Why.NO_TOKEN, f"{kind} {said}".strip(), passing=True)
    if isinstance(fault, TimestampRequestError) or type(fault).__module__.startswith(("requests", "urllib3")):
        return Unsigned(Why.NO_TIME, said, passing=True)
    if isinstance(fault, ValueError | SigningError) and "pkcs12" in said.lower().replace("#", ""):
        return Unsigned(Why.NO_KEY, said)
    return Unsigned(Why.FAILED, f"{kind} {said}".strip())


def owner_of(certificate: x509.Certificate) -> Owner:
    """Whom *certificate* names."""
    return Owner(
        common(certificate.subject),
        common(certificate.issuer),
        f"{certificate.serial_number:X}",
        certificate.not_valid_before,
        certificate.not_valid_after,
    )


def common(name: x509.Name) -> str:
    """A name as people read it: ``Lê Minh Khang, Bộ Điều phối số``."""
    native = name.native
    parts = [native.get(part) for part in ("common_name", "organizational_unit_name", "organization_name")]
    flat = [one for part in parts if part for one in (part if isinstance(part, list) else [part])]
    return ", ".join(dict.fromkeys(flat))[:300] or name.human_friendly[:300]


# --- what is seen ----------------------------------------------------------------------------------------------------

_FULL: Final = SimpleBoxLayoutRule(AxisAlignment.ALIGN_MID, AxisAlignment.ALIGN_MID, Margins(0, 0, 0, 0))


_RIGHT: Final = SimpleBoxLayoutRule(
    AxisAlignment.ALIGN_MAX, AxisAlignment.ALIGN_MID, Margins(0, 0, 0, 0), InnerScaling.NO_SCALING
)


class _NoFont(Exception):
    pass


class _Face(FontEngineFactory):
    """The letters of a text out of the font *path*, in thousandths of an em: pyHanko writes the widths of any other measure as
    if they were such."""

    def __init__(self, path: Path, text: str) -> None:
        self._path, self._text = path, text

    def create_font_engine(self, writer: Any, obj_stream: Any = None) -> Any:
        font = TTFont(self._path)
        chosen = subset.Subsetter(subset.Options(hinting=False, drop_tables=["FFTM"]))
        chosen.populate(text=self._text)
        chosen.subset(font)
        scale_upem(font, 1000)
        out = io.BytesIO()
        font.save(out)
        return GlyphAccumulator(writer, font_handle=out, font_size=10, obj_stream=obj_stream)


def font() -> Path | None:
    """The face in which a line is drawn; None where the machine has none."""
    return next((path for path in FONTS if path.is_file()), None)


def _whole(box: tuple[float, float, float, float]) -> tuple[int, int, int, int]:
    left, bottom, right, top = map(round, box)
    return left, bottom, right, top


def _style(shown: Picture | Line | None) -> Any:
    if isinstance(shown, Line):
        face = font()
        if face is None:
            raise _NoFont
        return TextStampStyle(
            stamp_text=shown.text.replace("%", "%%"),
            border_width=0,
            background=None,
            text_box_style=TextBoxStyle(
                font=_Face(face, shown.text), font_size=10, border_width=0, box_layout_rule=_RIGHT
            ),
            inner_content_layout=_RIGHT,
        )
    background: PdfContent = RawContent(b"", box=BoxConstraints(1, 1))
    if shown is not None:
        image = Image.open(io.BytesIO(shown.png), formats=["PNG"])
        background = PdfImage(image.convert("RGBA"), box=BoxConstraints(image.width, image.height))
    return StaticStampStyle(border_width=0, background=background, background_layout=_FULL)
