"""OFD (GB/T 33190), China's own fixed page format: a ZIP of XML, read with nothing but that.

Text stands in TextCode elements with places; images, paths, seals and annotations are left out.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from pipelines.cleaning.attachments.glyphs import Glyph, lines_of
from pipelines.cleaning.attachments.limits import Limits, breach, check
from pipelines.cleaning.attachments.paragraphs import PrintedPage, paragraphs_of, without_furniture
from pipelines.cleaning.attachments.results import Extracted, FileType, Note, damaged, no_text, unparsed
from pipelines.cleaning.attachments.zipped import SafeZip, local_name

ROOT = "OFD.xml"
A4_HEIGHT = 297.0
"""Height in millimetres of a page that does not state its size."""
MIN_CHARACTERS = 8
"""Characters that a page must have to count as a page with text."""
MAX_REPEAT = 10_000
"""Largest count in "g 30 5.2" that is believed."""

_Matrix = tuple[float, float, float, float, float, float]
_PLAIN: _Matrix = (1, 0, 0, 1, 0, 0)


@dataclass(frozen=True)
class _Part:
    """A page or template: its XML and the place of its file, which links inside are relative to."""

    root: etree._Element
    images: int


def read_ofd(content: bytes, limits: Limits) -> Extracted:
    """Read an OFD.

    Raises:
        AttachmentError: damaged, encrypted, images only, or beyond a limit.
    """
    with SafeZip(content, limits) as archive:
        if any(posixpath.basename(name).lower() == "encryptions.xml" for name in archive.names()):
            raise unparsed("encrypted", "the OFD is encrypted")
        pages: list[PrintedPage] = []
        images = characters = 0
        for number, part in enumerate(_pages(archive, limits), start=1):
            check("pages", number, limits.pages)
            glyphs = [glyph for root in part for glyph in _glyphs(root.root, limits)]
            check(f"objects on page {number}", len(glyphs), limits.page_objects)
            characters += len(glyphs)
            if characters > limits.characters:
                raise breach("characters", characters, limits.characters)
            images += sum(root.images for root in part)
            pages.append(PrintedPage(number, _height(part), tuple(lines_of(glyphs, number))))
    return _extracted(pages, images)


def _extracted(pages: list[PrintedPage], images: int) -> Extracted:
    if not pages:
        raise damaged("an OFD without pages")
    silent = [page.number for page in pages if sum(len(line.text) for line in page.lines) < MIN_CHARACTERS]
    if len(silent) == len(pages):
        raise no_text("scan" if images else "empty", f"{len(pages)} pages, {images} images, no text")
    notes: tuple[Note, ...] = ()
    if silent and images:
        numbers = ", ".join(map(str, silent))
        notes = (Note("attachment_pages_without_text", "pages that are images only are not read", numbers),)
    text = "\n".join(paragraphs_of(without_furniture(pages)))
    return Extracted(FileType.OFD, text, len(pages), notes)


def _all(node: etree._Element, name: str) -> Iterator[etree._Element]:
    return (each for each in node.iter() if local_name(each) == name)


def _linked(archive: SafeZip, base: str, place: str) -> tuple[str, etree._Element] | None:
    """Return the XML that a location leads to, with its own name; locations never leave the archive."""
    target = place.strip().replace("\\", "/")
    name = target.lstrip("/") if target.startswith("/") else posixpath.join(posixpath.dirname(base), target)
    name = posixpath.normpath(name)
    for candidate in (name, posixpath.normpath(target.lstrip("/"))):
        root = archive.xml(candidate)
        if root is not None:
            return candidate, root
    return None


def _pages(archive: SafeZip, limits: Limits) -> Iterator[list[_Part]]:
    """Yield the parts of each page: the templates under it, then itself."""
    entry = archive.xml(ROOT)
    if entry is None:
        raise damaged(f"OFD: {ROOT} is missing")
    number = 0
    for location in _all(entry, "DocRoot"):
        document = _linked(archive, ROOT, location.text or "")
        if document is None:
            raise damaged(f"OFD: {location.text!r:.80} is missing")
        name, root = document
        templates = {str(each.get("ID")): str(each.get("BaseLoc", "")) for each in _all(root, "TemplatePage")}
        for page in _all(root, "Page"):
            if page.get("BaseLoc") is None:
                continue
            number += 1
            check("pages", number, limits.pages)
            found = _linked(archive, name, str(page.get("BaseLoc")))
            if found is None:
                raise damaged(f"OFD: page {page.get('BaseLoc')!r:.80} is missing")
            below = [
                linked[1]
                for use in _all(found[1], "Template")
                if (linked := _linked(archive, name, templates.get(str(use.get("TemplateID")), ""))) is not None
            ]
            yield [_Part(part, sum(1 for _ in _all(part, "ImageObject"))) for part in (*below, found[1])]


def _numbers(text: str | None) -> list[float]:
    """Numbers of an attribute: "31.7 25.4 146.6 10"; what is no number ends the list."""
    found: list[float] = []
    for piece in (text or "").split():
        try:
            found.append(float(piece))
        except ValueError:
            break
    return found


def _height(part: list[_Part]) -> float:
    for each in reversed(part):
        for box in _all(each.root, "PhysicalBox"):
            numbers = _numbers(box.text)
            if len(numbers) == 4 and numbers[3] > 0:
                return numbers[3]
    return A4_HEIGHT


def deltas(text: str | None, limits: Limits) -> list[float]:
    """Steps between characters: "3.5 3.5 1.8"; "g 3 3.5 1.8" says the same with a count.

    Raises:
        AttachmentError: more steps than a page may have characters.
    """
    pieces, steps = (text or "").split(), list[float]()
    place = 0
    while place < len(pieces):
        if pieces[place] == "g" and place + 2 < len(pieces):
            count, step = _numbers(pieces[place + 1]), _numbers(pieces[place + 2])
            if not count or not step or not 0 <= count[0] <= MAX_REPEAT:
                break
            steps += step * int(count[0])
            place += 3
        else:
            steps += _numbers(pieces[place])
            place += 1
        check("steps of a text", len(steps), limits.page_objects)
    return steps


def _glyphs(root: etree._Element, limits: Limits) -> Iterator[Glyph]:
    for node in _all(root, "TextObject"):
        box = (_numbers(node.get("Boundary")) + [0.0] * 4)[:4]
        size = (_numbers(node.get("Size")) or [box[3]])[0]
        ctm = _numbers(node.get("CTM"))
        matrix: _Matrix = (ctm[0], ctm[1], ctm[2], ctm[3], ctm[4], ctm[5]) if len(ctm) == 6 else _PLAIN
        if abs(matrix[1]) > abs(matrix[0]):
            continue  # turned text: watermarks
        x = y = 0.0
        for code in _all(node, "TextCode"):
            x = (_numbers(code.get("X")) or [x])[0]
            y = (_numbers(code.get("Y")) or [y])[0]
            yield from _code_glyphs(code, (x, y), size, matrix, (box[0], box[1]), limits)


def _code_glyphs(
    code: etree._Element,
    start: tuple[float, float],
    size: float,
    matrix: _Matrix,
    origin: tuple[float, float],
    limits: Limits,
) -> Iterator[Glyph]:
    """Yield the characters of one TextCode; without steps each is taken as wide as its size, Latin half as wide."""
    text = "".join(str(piece) for piece in code.itertext()).strip("\r\n")
    steps_x, steps_y = deltas(code.get("DeltaX"), limits), deltas(code.get("DeltaY"), limits)
    a, b, c, d, e, f = matrix
    x, y = start
    for index, character in enumerate(text):
        width = size / 2 if character.isascii() else size
        left = a * x + c * y + e + origin[0]
        base = b * x + d * y + f + origin[1]
        scaled = abs(d) * size or size
        yield Glyph(character, left, left + abs(a) * width, base - 0.86 * scaled, base + 0.14 * scaled)
        if index < len(steps_x):
            x += steps_x[index]
        elif not steps_y:
            x += width
        if index < len(steps_y):
            y += steps_y[index]
