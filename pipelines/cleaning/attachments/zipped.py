"""ZIP files and the XML in them, opened with suspicion: sizes first, no entities, no network, no paths.

Member names are only looked up, never written to disk. What the members mean belongs to the readers.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from types import TracebackType

from lxml import etree

from pipelines.cleaning.attachments.limits import RATIO_FLOOR, Limits, check
from pipelines.cleaning.attachments.results import damaged, unparsed

_ENCRYPTED_FLAG = 0x1
_SYMBOLIC_LINK = 0xA000
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError)
# a document type, in one or two bytes a character: <!DOCTYPE x [<!ENTITY …
DOCTYPE = re.compile(
    rb"<\x00?!\x00?D\x00?O\x00?C\x00?T\x00?Y\x00?P\x00?E|<\x00?!\x00?E\x00?N\x00?T\x00?I\x00?T\x00?Y", re.I
)
# members that are XML: word/document.xml · _rels/.rels · customUI.xml
XML_NAME = re.compile(r"\.(?:xml|rels|vml)$", re.IGNORECASE)


class SafeZip:
    """A ZIP whose declared sizes are within the limits; declared sizes are also the most that is ever unpacked.

    Raises:
        AttachmentError: damaged, encrypted, or beyond a limit.
    """

    def __init__(self, content: bytes, limits: Limits) -> None:
        self._limits = limits
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(content))
        except _UNREADABLE as error:
            raise damaged(f"ZIP: {error}") from error
        members = self._archive.infolist()
        check("members of the ZIP", len(members), limits.members)
        check("unpacked bytes of the ZIP", sum(member.file_size for member in members), limits.unpacked_bytes)
        for member in members:
            check(f"unpacked bytes of {member.filename!r:.80}", member.file_size, limits.member_bytes)
            if member.file_size > RATIO_FLOOR:
                ratio = member.file_size / max(1, member.compress_size)
                check(f"expansion of {member.filename!r:.80}", ratio, limits.ratio)
            if member.flag_bits & _ENCRYPTED_FLAG:
                raise unparsed("encrypted", f"member {member.filename!r:.80} of the ZIP is encrypted")
        self._members = {
            member.filename.replace("\\", "/").lstrip("/"): member
            for member in members
            if not member.is_dir() and (member.external_attr >> 16) & 0xF000 != _SYMBOLIC_LINK
        }

    def __enter__(self) -> SafeZip:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._archive.close()

    def names(self) -> list[str]:
        """Names of the members that are files, with forward slashes, as the archive gives them."""
        return list(self._members)

    def read(self, name: str) -> bytes | None:
        """Return a member's bytes; None when there is no such member.

        Raises:
            AttachmentError: its bytes are damaged.
        """
        member = self._members.get(name.lstrip("/"))
        if member is None:
            return None
        try:
            return self._archive.read(member)
        except _UNREADABLE as error:
            raise damaged(f"member {name!r:.80} of the ZIP: {error}") from error

    def xml(self, name: str) -> etree._Element | None:
        """Return the root of an XML member; None when there is no such member.

        Raises:
            AttachmentError: damaged, too large, or with a document type.
        """
        data = self.read(name)
        return None if data is None else parse_xml(data, name, self._limits)

    def refuse_document_types(self) -> None:
        """Look through all XML members before a library that parses them itself is let in.

        Raises:
            AttachmentError: one is too large or declares a document type, which no Office file needs.
        """
        for name in self._members:
            if XML_NAME.search(name):
                data = self.read(name) or b""
                check(f"bytes of {name!r:.80}", len(data), self._limits.member_bytes)
                _refuse_document_type(data, name)


def _refuse_document_type(data: bytes, name: str) -> None:
    if DOCTYPE.search(data):
        raise unparsed("document_type", f"{name!r:.80} declares a document type or entities, which are not read")


def parse_xml(data: bytes, name: str, limits: Limits) -> etree._Element:
    """Parse XML without entities, document types or network.

    Raises:
        AttachmentError: damaged, too large, too deep, or with a document type.
    """
    check(f"bytes of {name!r:.80}", len(data), limits.xml_bytes)
    _refuse_document_type(data, name)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise damaged(f"{name!r:.80}: {error}") from error
    if getattr(root.getroottree().docinfo, "doctype", ""):
        raise unparsed("document_type", f"{name!r:.80} declares a document type, which is not read")
    return root


def local_name(element: etree._Element) -> str:
    """The name of an element without its namespace; empty for what is no element."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: etree._Element, name: str) -> str | None:
    """The value of an attribute, whatever its namespace."""
    for key, value in element.attrib.items():
        if str(key).rpartition("}")[2] == name:
            return str(value)
    return None
