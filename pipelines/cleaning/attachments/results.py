"""What reading a file gives: its text, or the reason why there is none.

Plain values only, made to travel between processes as JSON.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from pipelines.cleaning.grids import RawTable

FailureKind = Literal["attachment_unparsed", "attachment_no_text", "parse_failed"]


class FileType(StrEnum):
    """What a file is by its bytes; the ending of its name and its Content-Type say nothing reliable."""

    PDF = "pdf"
    DOCX = "docx"
    DOC = "doc"
    WORD_XML = "word_xml"
    RTF = "rtf"
    ODT = "odt"
    OFD = "ofd"
    XLSX = "xlsx"
    XLS = "xls"
    PRESENTATION = "presentation"
    OFFICE_ENCRYPTED = "office_encrypted"
    OLE_OTHER = "ole_other"
    ZIP = "zip"
    RAR = "rar"
    SEVEN_ZIP = "7z"
    MHTML = "mhtml"
    IMAGE = "image"


@dataclass(frozen=True)
class Note:
    """Something that a file holds and that its text lacks; becomes an issue of the document."""

    kind: str
    message: str
    value: str | None = None


@dataclass(frozen=True)
class Extracted:
    """The text of a file.

    Attributes:
        file_type: what the file is.
        text: one paragraph a line; rows of tables as cells joined by tabs.
        pages: number of pages or sheets, where the type has any.
        notes: what the text lacks.
        tables: the tables of the text in its order, with what lines of text cannot show.
    """

    file_type: FileType
    text: str
    pages: int | None = None
    notes: tuple[Note, ...] = ()
    tables: tuple[RawTable, ...] = ()


@dataclass(frozen=True)
class Failure:
    """Why a file gives no text.

    Attributes:
        file_type: what the file is.
        kind: the kind of issue that it becomes.
        reason: in one word, such as "encrypted", "limit", "tool_missing", "damaged", "scan".
        message: for people, with the figures or the name of the missing tool.
    """

    file_type: FileType
    kind: FailureKind
    reason: str
    message: str


class AttachmentError(Exception):
    """A file gives no text; the arguments are those of ``Failure`` without the type."""

    def __init__(self, kind: FailureKind, reason: str, message: str) -> None:
        super().__init__(message)
        self.kind: FailureKind = kind
        self.reason = reason
        self.message = message

    def as_failure(self, file_type: FileType) -> Failure:
        """Return the failure as a value."""
        return Failure(file_type, self.kind, self.reason, self.message)


def unparsed(reason: str, message: str) -> AttachmentError:
    """Return the error of a file that is whole but cannot be read here."""
    return AttachmentError("attachment_unparsed", reason, message)


def no_text(reason: str, message: str) -> AttachmentError:
    """Return the error of a file that can be read but holds no text, such as a scan."""
    return AttachmentError("attachment_no_text", reason, message)


def damaged(message: str) -> AttachmentError:
    """Return the error of a file that is not what its first bytes promise."""
    return AttachmentError("parse_failed", "damaged", message)
