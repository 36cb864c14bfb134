"""Looking into a .docx as Word would: are the children of its properties in the order of the schema, what does it say."""

from __future__ import annotations

import io
import unicodedata
import zipfile
from collections.abc import Iterator

import docx
from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

# ECMA-376 Part 1, §17: the sequences of CT_PPr, CT_RPr, CT_TblPr, CT_TcPr and CT_SectPr
ORDER = {
    "pPr": "pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr suppressLineNumbers pBdr shd tabs "
    "suppressAutoHyphens kinsoku wordWrap overflowPunct topLinePunct autoSpaceDE autoSpaceDN bidi adjustRightInd "
    "snapToGrid spacing ind contextualSpacing mirrorIndents suppressOverlap jc textDirection textAlignment "
    "textboxTightWrap outlineLvl divId cnfStyle rPr sectPr pPrChange",
    "rPr": "rStyle rFonts b bCs i iCs caps smallCaps strike dstrike outline shadow emboss imprint noProof snapToGrid "
    "vanish webHidden color spacing w kern position sz szCs highlight u effect bdr shd fitText vertAlign rtl cs em lang "
    "eastAsianLayout specVanish oMath",
    "tblPr": "tblStyle tblpPr tblOverlap bidiVisual tblStyleRowBandSize tblStyleColBandSize tblW jc tblCellSpacing "
    "tblInd tblBorders shd tblLayout tblCellMar tblLook tblCaption tblDescription tblPrChange",
    "tcPr": "cnfStyle tcW gridSpan hMerge vMerge tcBorders shd noWrap tcMar textDirection tcFitText vAlign hideMark",
    "sectPr": "headerReference footerReference footnotePr endnotePr type pgSz pgMar paperSrc pgBorders lnNumType "
    "pgNumType cols formProt vAlign noEndnote titlePg textDirection bidi rtlGutter docGrid printerSettings sectPrChange",
    "tblBorders": "top left start bottom right end insideH insideV",
    "tblCellMar": "top left start bottom right end",
    "style": "name aliases basedOn next link autoRedefine hidden uiPriority semiHidden unhideWhenUsed qFormat locked "
    "personal personalCompose personalReply rsid pPr rPr tblPr trPr tcPr tblStylePr",
    "tbl": "tblPr tblGrid tr",
    "tc": "tcPr p",
}


def parts(data: bytes) -> dict[str, bytes]:
    """The files in the package."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def faults(data: bytes) -> Iterator[str]:
    """What Word would repair, or not open: a sentence each."""
    files = parts(data)
    for name, content in files.items():
        tree = etree.fromstring(content)
        for element in tree.iter(etree.Element):
            kind = etree.QName(element).localname
            if kind in ORDER and element.tag.startswith(W):
                places = [ORDER[kind].split().index(etree.QName(child).localname) for child in element]
                if places != sorted(places):
                    yield f"{name}: the children of {kind} are not in the order of the schema"
            if kind == "tc" and (len(element) == 0 or element[-1].tag != f"{W}p"):
                yield f"{name}: a cell does not end with a paragraph"
    body = etree.fromstring(files["word/document.xml"])[0]
    if body[-1].tag != f"{W}sectPr" or body[-2].tag != f"{W}p":
        yield "the body does not end with a paragraph and its section"
    types = files["[Content_Types].xml"].decode()
    for name in files:
        if name.endswith(".xml") and name != "[Content_Types].xml" and f'"/{name}"' not in types:
            yield f"{name} has no content type"


def lines(data: bytes) -> list[str]:
    """The texts of all paragraphs, those of tables in place, as python-docx reads them."""
    opened = docx.Document(io.BytesIO(data))
    return [
        "".join((piece.text or "") if piece.tag == f"{W}t" else "\n" for piece in p.iter(f"{W}t", f"{W}br"))
        for p in opened.element.body.iter(f"{W}p")
    ]


def text(data: bytes) -> str:
    """The whole text with plain spaces."""
    return "\n".join(lines(data)).replace("\u00a0", " ")


def assert_sound(data: bytes) -> None:
    """Fail with everything that is wrong with the file."""
    assert list(faults(data)) == []
    for line in lines(data):
        assert line == unicodedata.normalize("NFC", line)
    styles = parts(data)["word/styles.xml"].decode()
    for script in ("ascii", "hAnsi", "cs", "eastAsia"):
        assert f'w:{script}="Times New Roman"' in styles
    assert 'w:lang w:val="vi-VN"' in styles
    assert len(data) < 200 * 1024
