"""Files made up for tests: PDFs written by hand, ZIPs with OFD in them, OLE2 directories; no file is stored.

Office files are made by their own libraries in the tests that need them.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

PAGE = (595.0, 842.0)
LEFT, TOP, SIZE, PITCH = 90.0, 90.0, 16.0, 28.0
LINE_CHARACTERS = 26
"""Characters of a full line: 26 × 16 points, as in a government letter."""
PAGE_LINES = 22


@dataclass(frozen=True)
class Text:
    """A line of text; x from the left, y from the top, in points."""

    x: float
    y: float
    text: str
    size: float = SIZE


@dataclass(frozen=True)
class Rule:
    """A ruled line from one point to another."""

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True)
class Image:
    """A grey picture over the whole page."""


Item = Text | Rule | Image


def width_of(text: str) -> float:
    """Widths of a character: one for a Chinese one, half for a Latin one."""
    return sum(0.5 if character.isascii() else 1 for character in text)


def wrapped(text: str, *, width: float = LINE_CHARACTERS, indent: int = 2) -> list[tuple[int, str]]:
    """Break a paragraph into (indent, line) as a typesetter does, without care for marks at line ends."""
    lines: list[tuple[int, str]] = []
    line, room = "", width - indent
    for character in text:
        if width_of(line + character) > room:
            lines.append((indent if not lines else 0, line))
            line, room = "", width
        line += character
    return [*lines, (indent if not lines else 0, line)]


def typeset(
    paragraphs: Sequence[str], *, title: str | None = None, header: str | None = None, number: str = "- {} -"
) -> list[list[Item]]:
    """Set paragraphs on pages, as a government letter is: indents, full lines, a page number below."""
    lines: list[tuple[float, str, float]] = []
    if title:
        lines += [(LEFT + (LINE_CHARACTERS * SIZE - width_of(title) * 20) / 2, title, 20.0)]
    for paragraph in paragraphs:
        lines += [(LEFT + indent * SIZE, line, SIZE) for indent, line in wrapped(paragraph)]
    pages: list[list[Item]] = []
    for start in range(0, len(lines), PAGE_LINES):
        number_text = number.format(len(pages) + 1)
        page: list[Item] = [
            Text(x, TOP + index * PITCH, text, size)
            for index, (x, text, size) in enumerate(lines[start : start + PAGE_LINES])
        ]
        if header:
            page.append(Text(LEFT, 50, header, 10.5))
        page.append(Text(290, 790, number_text, 14))
        pages.append(page)
    return pages


def ruled_table(rows: Sequence[Sequence[str]], *, top: float = 300, column: float = 130, row: float = 30) -> list[Item]:
    """A table with lines around all cells; a line feed in a cell begins a new line in it."""
    columns = max(map(len, rows))
    right, bottom = LEFT + columns * column, top + len(rows) * row
    items: list[Item] = [Rule(LEFT, top + index * row, right, top + index * row) for index in range(len(rows) + 1)]
    items += [Rule(LEFT + index * column, top, LEFT + index * column, bottom) for index in range(columns + 1)]
    for down, cells in enumerate(rows):
        for across, cell in enumerate(cells):
            for line, text in enumerate(cell.split("\n")):
                items.append(Text(LEFT + across * column + 4, top + down * row + 3 + line * 12, text, 10))
    return items


def _content(items: Sequence[Item]) -> bytes:
    parts: list[str] = []
    for item in items:
        if isinstance(item, Text):
            hexed = item.text.encode("utf-16-be").hex()
            parts.append(f"BT /F1 {item.size} Tf {item.x} {PAGE[1] - item.y - item.size * 0.88} Td <{hexed}> Tj ET")
        elif isinstance(item, Rule):
            parts.append(f"{item.x0} {PAGE[1] - item.y0} m {item.x1} {PAGE[1] - item.y1} l S")
        else:
            parts.append(f"q {PAGE[0]} 0 0 {PAGE[1]} 0 0 cm /Im1 Do Q")
    return "\n".join(parts).encode()


_PICTURE = "/Type /XObject /Subtype /Image /Width 8 /Height 8 /ColorSpace /DeviceGray /BitsPerComponent 8"
_FONT = (
    b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /W [1 95 500 814 939 500]"
    b" /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >>"
    b" /FontDescriptor << /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /Ascent 880 /Descent -120"
    b" /CapHeight 880 /ItalicAngle 0 /StemV 93 /FontBBox [0 -120 1000 880] >> >>"
)


def _stream(data: bytes, extra: str = "") -> bytes:
    packed = zlib.compress(data)
    return f"<< /Length {len(packed)} /Filter /FlateDecode {extra} >>\nstream\n".encode() + packed + b"\nendstream"


def pdf(
    pages: Sequence[Sequence[Item]],
    *,
    trailer: str = "",
    contents: Mapping[int, bytes] | None = None,
    encoding: str = "UniGB-UCS2-H",
) -> bytes:
    """Write a PDF whose font is one of those that every reader knows, so that no font is embedded.

    Args:
        pages: what stands on each page.
        trailer: more entries of the trailer.
        contents: raw page contents in the place of those of a page, by its number from 0.
        encoding: how the font's codes are read; with Identity-H they name glyphs and not characters.
    """
    first = 6
    kids = " ".join(f"{first + 2 * index} 0 R" for index in range(len(pages)))
    objects: list[bytes] = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        f"<< /Type /Font /Subtype /Type0 /BaseFont /S /Encoding /{encoding} /DescendantFonts [4 0 R] >>".encode(),
        _FONT,
        _stream(b"\x80" * 64, _PICTURE),
    ]
    for index, items in enumerate(pages):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {PAGE[0]} {PAGE[1]}] /Contents {first + 2 * index + 1} 0 R"
            " /Resources << /Font << /F1 3 0 R >> /XObject << /Im1 5 0 R >> >> >>".encode()
        )
        objects.append(_stream((contents or {}).get(index, _content(items))))
    out, places = io.BytesIO(), []
    out.write(b"%PDF-1.6\n%\xe2\xe3\xcf\xd3\n")
    for index, body in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(f"{index} 0 obj\n".encode() + body + b"\nendobj\n")
    table = out.tell()
    rows = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(objects) + 1
    out.write(f"xref\n0 {size}\n0000000000 65535 f \n{rows}".encode())
    out.write(f"trailer\n<< /Size {size} /Root 1 0 R {trailer} >>\n".encode())
    out.write(f"startxref\n{table}\n%%EOF\n".encode())
    return out.getvalue()


_KEYS = f"/O <{'41' * 32}> /U <{'42' * 32}>"
ENCRYPTED = f"/ID [<{'00' * 16}> <{'00' * 16}>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 {_KEYS} >>"
"""Trailer of a PDF whose password is not the empty one."""


def zipped(members: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP with these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


_OFD = 'xmlns:ofd="http://www.ofdspec.org/2016"'


def ofd_page(lines: Sequence[tuple[float, float, str]], *, size: float = 5.6, images: int = 0, extra: str = "") -> str:
    """The XML of an OFD page: (x, y, text) in millimetres, steps written out with a count."""
    objects = "".join(
        f'<ofd:TextObject ID="{index}" Boundary="{x} {y} 160 {size}" Font="1" Size="{size}">'
        f'<ofd:TextCode X="0" Y="{size * 0.86}" DeltaX="g {max(0, len(text) - 1)} {size}">{text}</ofd:TextCode>'
        "</ofd:TextObject>"
        for index, (x, y, text) in enumerate(lines, start=10)
    )
    objects += '<ofd:ImageObject ID="9" Boundary="0 0 210 297" ResourceID="2"/>' * images
    area = "<ofd:Area><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:Area>"
    content = f'<ofd:Content><ofd:Layer ID="2">{objects}</ofd:Layer></ofd:Content>'
    return f'<?xml version="1.0" encoding="UTF-8"?><ofd:Page {_OFD}>{extra}{area}{content}</ofd:Page>'


def ofd_members(pages: Sequence[str], templates: Sequence[str] = ()) -> dict[str, str | bytes]:
    """The members of an OFD with these pages."""
    listed = "".join(f'<ofd:Page ID="{n}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in range(len(pages)))
    under = "".join(f'<ofd:TemplatePage ID="T{n}" BaseLoc="Tpls/T_{n}.xml"/>' for n in range(len(templates)))
    root = "<ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody>"
    parts = f"<ofd:CommonData>{under}</ofd:CommonData><ofd:Pages>{listed}</ofd:Pages>"
    members: dict[str, str | bytes] = {
        "OFD.xml": f"<ofd:OFD {_OFD}>{root}</ofd:OFD>",
        "Doc_0/Document.xml": f"<ofd:Document {_OFD}>{parts}</ofd:Document>",
    }
    members |= {f"Doc_0/Pages/Page_{n}/Content.xml": page for n, page in enumerate(pages)}
    members |= {f"Doc_0/Tpls/T_{n}.xml": page for n, page in enumerate(templates)}
    return members


def ofd(pages: Sequence[str], templates: Sequence[str] = ()) -> bytes:
    """An OFD with these pages."""
    return zipped(ofd_members(pages, templates))


def ole2(streams: Mapping[str, bytes]) -> bytes:
    """An OLE2 file with these streams below its root, each padded to the size from which streams have sectors."""
    sector, end, free = 512, 0xFFFFFFFE, 0xFFFFFFFF
    names = list(streams)
    entries_sectors = (len(names) + 1 + 3) // 4
    fat: list[int] = [0xFFFFFFFD]
    fat += [number + 2 for number in range(entries_sectors - 1)] + [end]
    data, starts = b"", []
    for name in names:
        body = streams[name].ljust(4096, b"\0")
        body = body.ljust(-(-len(body) // sector) * sector, b"\0")
        start, count = len(fat), len(body) // sector
        starts.append(start)
        fat += [start + number + 1 for number in range(count - 1)] + [end]
        data += body
    assert len(fat) <= 128

    def entry(name: str, kind: int, right: int, child: int, start: int, size: int) -> bytes:
        raw = name.encode("utf-16-le")
        head = raw.ljust(64, b"\0") + struct.pack("<HBB", len(raw) + 2, kind, 1)
        return head + struct.pack("<III", free, right, child) + b"\0" * 36 + struct.pack("<IQ", start, size)

    directory = entry("Root Entry", 5, free, 1, end, 0)
    for index, name in enumerate(names):
        right = index + 2 if index + 1 < len(names) else free
        directory += entry(name, 2, right, free, starts[index], max(4096, len(streams[name])))
    directory = directory.ljust(entries_sectors * sector, b"\0")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 62, 3, 0xFFFE, 9, 6) + b"\0" * 6
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0)
    header += struct.pack("<109I", 0, *[free] * 108)
    table = struct.pack("<128I", *fat, *[free] * (128 - len(fat)))
    return header + table + directory + data
