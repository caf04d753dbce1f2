"""How much of a file is read at most, so that a hostile one costs one issue and nothing else.

Only figures and their check belong here; each reader asks where it counts.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.cleaning.attachments.results import AttachmentError, unparsed

MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Limits:
    """The largest figures that are still read; a report of a whole province stays far below each.

    Attributes:
        file_bytes: size of a file as received.
        pages: pages of a PDF or OFD, sheets of a workbook.
        page_objects: characters and lines on one page.
        members: members of a ZIP.
        member_bytes: unpacked size of one member.
        unpacked_bytes: unpacked size of all members.
        ratio: unpacked by packed size of a member, looked at from ``RATIO_FLOOR`` on.
        nesting: archives inside archives.
        xml_bytes: size of one XML part that is parsed as a tree.
        rows: rows of a sheet; also cells of one row.
        characters: length of the text.
        seconds: time for one file.
        memory_bytes: memory for one file.
    """

    file_bytes: int = 64 * MEGABYTE
    pages: int = 600
    page_objects: int = 100_000
    members: int = 3_000
    member_bytes: int = 64 * MEGABYTE
    unpacked_bytes: int = 256 * MEGABYTE
    ratio: int = 200
    nesting: int = 1
    xml_bytes: int = 32 * MEGABYTE
    rows: int = 50_000
    characters: int = 3_000_000
    seconds: int = 120
    memory_bytes: int = 2048 * MEGABYTE


LIMITS = Limits()
RATIO_FLOOR = MEGABYTE
"""Smaller members may be packed as tightly as they like: empty forms and fonts are."""


def breach(what: str, found: float, allowed: float) -> AttachmentError:
    """Return the error of a figure above its limit."""
    return unparsed("limit", f"{what}: {found:,.0f} found, {allowed:,.0f} allowed")


def check(what: str, found: float, allowed: float) -> None:
    """Let a figure pass that is within its limit.

    Raises:
        AttachmentError: it is not.
    """
    if found > allowed:
        raise breach(what, found, allowed)
