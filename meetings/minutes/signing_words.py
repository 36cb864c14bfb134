"""What is said of PDF files and signatures: on pages, and in the journal of a meeting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from meetings.i18n import lazy_gettext as _l
from meetings.minutes.signing_rules import Alike, Hand

HAND_WORDS: Final = {Hand.SEAL: _l("the seal of the body"), Hand.PERSON: _l("the signature of the person")}

PDF_FAULTS: Final = {
    "no_program": _l("LibreOffice could not be started. Tell the administrator."),
    "too_slow": _l("LibreOffice took longer than three minutes for this document and was ended."),
    "not_read": _l("LibreOffice could not read this document. Open it in Word, save it anew and bring it back."),
    "crashed": _l("LibreOffice ended with a fault."),
}
SIGNING_FAULTS: Final = {
    "no_key": _l("The key cannot be read: the file is not there, does not open, or the token holds another one."),
    "wrong_pin": _l(
        "The token refused the PIN. It was not tried again, because a token locks itself after some wrong ones."
    ),
    "no_token": _l("The token does not answer. Check that it is plugged into the server."),
    "expired": _l("The certificate is not in force today."),
    "not_a_pdf": _l("The file cannot be read as a PDF."),
    "no_time": _l("The time-stamping service does not answer."),
    "no_font": _l("The server has no face of Times for the line on the page."),
    "failed": _l("The file could not be signed."),
}
KEY_STATES: Final = {
    "soon": _l("The certificate runs out within a month: ask for a new one."),
    "over": _l("The certificate has run out: nothing is signed with it. Put a new key file in its place."),
    "early": _l("The certificate is not in force yet: nothing is signed with it."),
    "lost": _l("The file does not open any more: nothing is signed with it."),
}
PLACES: Final = {
    "title_and_name": _l("The image stands between the title and the name of the signer."),
    "name_alone": _l("The title was not found in the PDF; the image stands above the name of the signer. Look at it."),
    "guessed": _l(
        "The signer's name was not found in the PDF; the image stands at the foot of the last page. Look at it."
    ),
    "not_placed": _l("The words of the PDF could not be read (Poppler is not installed): the signature has no image."),
    "": _l("No image is kept for this signature: it is in the file and not to be seen on paper."),
}
ALIKE_WORDS: Final = {
    Alike.WAITING: _l("It is being compared with the PDF that was made here."),
    Alike.SAME_FILE: _l("It is the PDF that was made here, with nothing changed before the signature."),
    Alike.SAME_TEXT: _l("It has the same text as the PDF that was made here."),
    Alike.OTHER_TEXT: _l("Its text is not that of the PDF that was made here. It may be another document."),
    Alike.NO_TEXT: _l("It holds pictures and no text, as a scan does, so it could not be compared."),
    Alike.NOT_COMPARED: _l("It could not be compared with a PDF made here."),
}
LATER_WORDS: Final = {
    "nothing": _l("Nothing was added after it."),
    "signatures": _l("Only further signatures were added after it."),
    "forms": _l("Form fields were filled in after it."),
    "changes": _l("The file was changed after it."),
}
DOUBTS: Final = {
    "revoked": _l("But a certificate was revoked: do not rely on it."),
    "not_in_force": _l("But a certificate was not in force when it was signed: ask the signer before relying on it."),
    "unknown": _l("But it is not known here who vouches for the signer: the name in a signature can be anybody's."),
}
REPORT_FAULTS: Final = {
    "not_a_pdf": _l("This file cannot be read as a PDF."),
    "encrypted": _l("The file is locked with a password, so its signatures cannot be read."),
    "too_much": _l("The file is too large or too intricate to be examined here."),
}
ODD_WORDS: Final = {
    "not_png": _l("This is no PNG image."),
    "too_large": _l("The image is too large: at most 4 million points, 2 MB."),
    "too_small": _l("The image is too small: at least 60 points each way, better 600."),
    "not_transparent": _l("The ground of the image is not transparent: it would cover the text below it."),
    "empty": _l("The image is transparent everywhere: nothing of it would be seen."),
}


def told(fact: str, details: Mapping[str, Any]) -> str | None:
    """*fact* with its *details* as a sentence in the reader's language; None for facts of other features."""
    found = _TOLD.get(fact)
    if found is None:
        return None
    whole, bare = found
    said = dict(details)
    if said.get("hand") in list(Hand):
        said["hand"] = HAND_WORDS[Hand(said["hand"])]
    try:
        return str(whole) % said
    except (KeyError, ValueError, TypeError):
        return str(bare)


_TOLD: Final = {
    "record_file.pdf_asked": (_l("A PDF of a document was asked for."), _l("A PDF of a document was asked for.")),
    "record_file.signed_outside": (
        _l("A PDF that was signed elsewhere was brought in. SHA-256: %(sha256)s."),
        _l("A PDF that was signed elsewhere was brought in."),
    ),
    "record_file.differs": (
        _l("The text of a PDF that was signed elsewhere is not that of the document: %(words)s words differ."),
        _l("The text of a PDF that was signed elsewhere is not that of the document."),
    ),
    "record_signing.asked": (_l("It was asked for %(hand)s."), _l("A signature was asked for.")),
    "record_signing.signed": (
        _l(
            "A document got %(hand)s, asked for by %(asked_by)s. Certificate: %(certificate)s, number %(serial)s. "
            "SHA-256: %(sha256)s."
        ),
        _l("A document was signed."),
    ),
    "record_signing.failed": (_l("A document could not be signed."), _l("A document could not be signed.")),
    "signature_image.kept": (_l("An image of a signature was kept."), _l("An image of a signature was kept.")),
    "signature_image.ended": (
        _l("An image of a signature is used no more."),
        _l("An image of a signature is used no more."),
    ),
}
