"""What a file is, by its bytes: never by the ending of its name or its Content-Type.

Office files of one wrapping are told apart by what the wrapping holds. Bytes that are a web page or plain text
are no file in this sense.
"""

from __future__ import annotations

import io
import re
import zipfile

from pipelines.cleaning.attachments import ole2
from pipelines.cleaning.attachments.results import FileType

HEAD_BYTES = 4096
PDF_REACH = 1024
"""A PDF may carry this much before its mark."""

_PLAIN_SIGNS: tuple[tuple[bytes, FileType], ...] = (
    (b"{\\rtf", FileType.RTF),
    (b"Rar!\x1a\x07", FileType.RAR),
    (b"7z\xbc\xaf\x27\x1c", FileType.SEVEN_ZIP),
    (b"\x89PNG\r\n", FileType.IMAGE),
    (b"\xff\xd8\xff", FileType.IMAGE),
    (b"GIF87a", FileType.IMAGE),
    (b"GIF89a", FileType.IMAGE),
    (b"II*\x00", FileType.IMAGE),
    (b"MM\x00*", FileType.IMAGE),
)
# a Bitmap's mark is two letters; its two reserved fields must be zero: BM ….… 00000000
BITMAP = re.compile(rb"BM.{4}\x00{4}", re.DOTALL)
# Word 2003 XML and Flat OPC: <?mso-application progid="Word.Document"?>
WORD_XML = re.compile(rb"<\?mso-application\s+progid=[\"']Word\.Document[\"']")
# a web page packed as one file by Word or a browser: MIME-Version: 1.0
MHTML = re.compile(rb"\s*(?:From:[^\n]*\n(?:[^\n]*\n){0,8}?)?MIME-Version:", re.IGNORECASE)
_ZIP_SIGNS = (b"PK\x03\x04", b"PK\x05\x06")
# member whose presence decides → type, in order
_ZIP_MEMBERS: tuple[tuple[str, FileType], ...] = (
    ("OFD.xml", FileType.OFD),
    ("word/", FileType.DOCX),
    ("xl/", FileType.XLSX),
    ("ppt/", FileType.PRESENTATION),
)
_ODF_MIME = "application/vnd.oasis.opendocument.text"
# stream below the root → type, in order
_OLE_STREAMS: tuple[tuple[str, FileType], ...] = (
    ("EncryptedPackage", FileType.OFFICE_ENCRYPTED),
    ("WordDocument", FileType.DOC),
    ("Workbook", FileType.XLS),
    ("Book", FileType.XLS),
    ("PowerPoint Document", FileType.PRESENTATION),
)


def detect(content: bytes) -> FileType | None:
    """Return what a file is; None for web pages, plain text and anything unknown.

    Never raises: a file whose wrapping is damaged is given the type that its visible names suggest.
    """
    head = content[:HEAD_BYTES]
    for sign, file_type in _PLAIN_SIGNS:
        if head.startswith(sign):
            return file_type
    if head.startswith(_ZIP_SIGNS):
        return _detect_zip(content)
    if head.startswith(ole2.SIGNATURE):
        return _detect_ole(content)
    mark = head[: PDF_REACH + 5].find(b"%PDF-")
    if mark >= 0 and b"<" not in head[:mark]:
        return FileType.PDF
    if BITMAP.match(head):
        return FileType.IMAGE
    if WORD_XML.search(head):
        return FileType.WORD_XML
    if MHTML.match(head):
        return FileType.MHTML
    return None


def _detect_zip(content: bytes) -> FileType:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = [name.replace("\\", "/").lstrip("/") for name in archive.namelist()]
    except (zipfile.BadZipFile, ValueError, OSError, RuntimeError):
        # No directory at the end: the names in front of the members still stand there.
        names = [name for name, _ in _ZIP_MEMBERS if name.encode() in content]
    for member, file_type in _ZIP_MEMBERS:
        if any(name == member or (member.endswith("/") and name.startswith(member)) for name in names):
            return file_type
    return FileType.ODT if _ODF_MIME.encode() in content[:200] else FileType.ZIP


def _detect_ole(content: bytes) -> FileType:
    try:
        streams = set(ole2.OleFile(content).root_streams())
    except ole2.OleError:
        # A damaged directory: the names of its entries are still spelt out somewhere.
        streams = {name for name, _ in _OLE_STREAMS if name.encode("utf-16-le") in content}
    return next((file_type for name, file_type in _OLE_STREAMS if name in streams), FileType.OLE_OTHER)
