"""The reader of each type of file; runs in the process that is to die when a file is hostile.

Callers outside use ``reading.read_attachment``, which puts that process around it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from pipelines.cleaning.attachments.detect import detect
from pipelines.cleaning.attachments.doc import read_doc, read_with_office
from pipelines.cleaning.attachments.docx import read_docx, read_word_xml
from pipelines.cleaning.attachments.limits import Limits, check
from pipelines.cleaning.attachments.ofd import read_ofd
from pipelines.cleaning.attachments.pdf import read_pdf
from pipelines.cleaning.attachments.results import Extracted, FileType, no_text, unparsed
from pipelines.cleaning.attachments.sheet import read_xls, read_xlsx
from pipelines.cleaning.attachments.zipped import SafeZip

Reader = Callable[[bytes, Limits], Extracted]

READERS: dict[FileType, Reader] = {
    FileType.PDF: read_pdf,
    FileType.DOCX: read_docx,
    FileType.WORD_XML: read_word_xml,
    FileType.DOC: read_doc,
    FileType.RTF: partial(read_with_office, FileType.RTF),
    FileType.ODT: partial(read_with_office, FileType.ODT),
    FileType.OFD: read_ofd,
    FileType.XLSX: read_xlsx,
    FileType.XLS: read_xls,
}
# type that no reader exists for → what to say
UNREAD: dict[FileType, str] = {
    FileType.PRESENTATION: "presentations are not read",
    FileType.OLE_OTHER: "an OLE2 file that is neither document nor workbook",
    FileType.RAR: "RAR archives are not read: there is no reader of a permissive licence",
    FileType.SEVEN_ZIP: "7z archives are not read",
    FileType.MHTML: "web archives (MHTML) are not read",
}


def read_file(file_type: FileType, content: bytes, limits: Limits, depth: int = 0) -> Extracted:
    """Read a file of a known type.

    Args:
        file_type: what ``detect`` says.
        content: the bytes.
        limits: how much is read at most.
        depth: archives around this file.

    Raises:
        AttachmentError: there is no text to be had.
    """
    check("bytes", len(content), limits.file_bytes)
    if reader := READERS.get(file_type):
        return reader(content, limits)
    if file_type is FileType.ZIP:
        return _read_archive(content, limits, depth)
    if file_type is FileType.IMAGE:
        raise no_text("scan", "an image")
    if file_type is FileType.OFFICE_ENCRYPTED:
        raise unparsed("encrypted", "the Office file asks for a password")
    raise unparsed("type_unread", UNREAD[file_type])


def _read_archive(content: bytes, limits: Limits, depth: int) -> Extracted:
    """Read the one document of an archive; which of several is meant is not for us to say."""
    check("archives inside each other", depth + 1, limits.nesting)
    with SafeZip(content, limits) as archive:
        found = []
        for name in archive.names():
            member = archive.read(name) or b""
            inner = detect(member)
            if inner is FileType.ZIP:
                check("archives inside each other", depth + 2, limits.nesting)
            if inner in READERS:
                found.append((inner, member))
    if len(found) != 1:
        raise unparsed("archive", f"an archive of {len(found)} documents; only one that holds a single one is read")
    return read_file(*found[0], limits, depth + 1)
