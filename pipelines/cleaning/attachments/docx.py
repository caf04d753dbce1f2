"""DOCX and Word 2003 XML: paragraphs and tables of the main text in their order.

The markup is walked directly, so that accepted insertions, content controls and text boxes are not lost; deleted
text, field codes, comments, headers and footers are left out. Numbers that Word makes by itself (automatic "一、")
do not stand in the file's text and are not made here: their count is noted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lxml import etree

from pipelines.cleaning.attachments.limits import Limits, check
from pipelines.cleaning.attachments.results import Extracted, FileType, Note, damaged, no_text
from pipelines.cleaning.attachments.zipped import SafeZip, attribute, local_name, parse_xml
from pipelines.cleaning.grids import RawCell, RawTable, raw_cell, row_lines
from pipelines.cleaning.serializer import fold_spaces

# wrappers whose content counts as if they were not there
_OPEN = frozenset(
    [
        "sdt",
        "sdtContent",
        "ins",
        "moveTo",
        "smartTag",
        "customXml",
        "hyperlink",
        "fldSimple",
        "r",
        "AlternateContent",
        "Choice",
        "sect",
        "dir",
        "bdo",
        "ruby",
        "rubyBase",
        "sub-section",
    ]
)
_BREAKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": "\t"}
_LISTS = frozenset(("numPr", "listPr"))
"""What refers to a list: in Word since 2007, in Word 2003."""
_TEXT_BOX = "txbxContent"


def read_docx(content: bytes, limits: Limits) -> Extracted:
    """Read a DOCX.

    Raises:
        AttachmentError: damaged, encrypted, empty, or beyond a limit.
    """
    with SafeZip(content, limits) as archive:
        root = archive.xml(_main_part(archive))
        if root is None:
            raise damaged("DOCX: the main part is missing")
        styles = archive.xml("word/styles.xml")
        has_images = any(name.startswith("word/media/") for name in archive.names())
    return _extracted(root, FileType.DOCX, limits, numbered=_numbered_styles(styles), has_images=has_images)


def read_word_xml(content: bytes, limits: Limits) -> Extracted:
    """Read Word's XML in one file, of 2003 or flat.

    Raises:
        AttachmentError: damaged, empty, or beyond a limit.
    """
    root = parse_xml(content, "Word XML", limits)
    return _extracted(root, FileType.WORD_XML, limits, numbered=_numbered_styles(root), has_images=False)


def _main_part(archive: SafeZip) -> str:
    """Name of the part that holds the text, as the package's relations give it."""
    relations = archive.xml("_rels/.rels")
    for relation in relations if relations is not None else ():
        if str(relation.get("Type", "")).endswith("/officeDocument"):
            return str(relation.get("Target", "")).lstrip("/")
    return "word/document.xml"


def _extracted(
    root: etree._Element, file_type: FileType, limits: Limits, *, numbered: frozenset[str], has_images: bool
) -> Extracted:
    body = next((node for node in root.iter() if local_name(node) == "body"), None)
    if body is None:
        raise damaged(f"{file_type}: no body")
    text = "\n".join(_block_lines(body, limits))
    check("characters", len(text), limits.characters)
    if not text.strip():
        raise no_text("scan" if has_images else "empty", "a Word file without text" + has_images * ", images only")
    count = sum(1 for node in body.iter() if local_name(node) == "pPr" and _is_numbered(node, numbered))
    message = "paragraphs whose number or mark Word makes by itself"
    notes = (Note("attachment_numbering_not_read", message, str(count)),) if count else ()
    tables = tuple(
        _raw_table(node, limits) for node in body.iter() if local_name(node) == "tbl" and not _holds_table(node)
    )
    return Extracted(file_type, text, None, notes, tables)


def _numbered_styles(root: etree._Element | None) -> frozenset[str]:
    """Ids of the paragraph styles that number their paragraphs; a style built on one of them is not followed."""
    return frozenset(
        attribute(style, "styleId") or ""
        for style in (root.iter() if root is not None else ())
        if local_name(style) == "style" and any(local_name(node) in _LISTS for node in style.iter())
    )


def _is_numbered(properties: etree._Element, styles: frozenset[str]) -> bool:
    """Whether a paragraph is numbered, by itself or by its style; list 0 switches the style's numbers off."""
    own = [attribute(each, "val") for node in properties for each in node if local_name(each) in ("numId", "ilfo")]
    if own:
        return own[0] != "0"
    return any(local_name(node) == "pStyle" and attribute(node, "val") in styles for node in properties)


def _block_lines(node: etree._Element, limits: Limits) -> Iterator[str]:
    """Yield the lines of paragraphs and tables below a node, in order."""
    for child in node:
        name = local_name(child)
        if name == "p":
            yield from _paragraph_lines(child, limits)
        elif name == "tbl":
            yield from _table_lines(child, limits)
        elif name in _OPEN:
            yield from _block_lines(child, limits)


def _paragraph_lines(paragraph: etree._Element, limits: Limits) -> Iterator[str]:
    pieces: list[str] = []
    boxes: list[etree._Element] = []
    _gather(paragraph, pieces, boxes)
    for line in "".join(pieces).split("\n"):
        if folded := fold_spaces(line):
            yield folded
    for box in boxes:
        yield from _block_lines(box, limits)


def _gather(node: etree._Element, pieces: list[str], boxes: list[etree._Element]) -> None:
    """Gather the running text of a paragraph, and the text boxes that hang on it."""
    for child in node:
        name = local_name(child)
        if name == "t":
            pieces.append(child.text or "")
        elif name in _BREAKS:
            pieces.append(_BREAKS[name])
        elif name in _OPEN:
            _gather(child, pieces, boxes)
        elif name in ("drawing", "pict", "object"):
            boxes.extend(box for box in child.iter() if local_name(box) == _TEXT_BOX)


def _table_lines(table: etree._Element, limits: Limits) -> Iterator[str]:
    rows = list(_descend(table, "tr"))
    check("rows of a table", len(rows), limits.rows)
    for row in rows:
        cells = [list(_block_lines(cell, limits)) for cell in _descend(row, "tc")]
        yield from row_lines(cells)


def _holds_table(table: etree._Element) -> bool:
    """Whether a table holds another and so serves the layout."""
    return any(local_name(node) == "tbl" for node in table.iterdescendants())


def _raw_table(table: etree._Element, limits: Limits) -> RawTable:
    """Read a table as structure: merged cells begin once and span what Word marks as their continuation."""
    rows: list[list[RawCell]] = []
    open_cells: dict[int, tuple[int, int]] = {}
    for number, row in enumerate(_descend(table, "tr")):
        cells: list[RawCell] = []
        column = 0
        for cell in _descend(row, "tc"):
            marks = {local_name(each): each for each in cell.iter() if local_name(each) in ("gridSpan", "vMerge")}
            span = attribute(marks["gridSpan"], "val") if "gridSpan" in marks else None
            width = int(span) if span and span.isdigit() else 1
            merge = attribute(marks["vMerge"], "val") or "continue" if "vMerge" in marks else None
            paragraphs = list(_block_lines(cell, limits))
            if merge == "continue" and not paragraphs and column in open_cells:
                at, place = open_cells[column]
                rows[at][place] = replace(rows[at][place], row_span=number - at + 1)
            elif merge == "restart":
                open_cells[column] = (number, len(cells))
            else:
                open_cells.pop(column, None)
            cells.append(raw_cell(paragraphs, 1, width, column=column))
            column += cells[-1].column_span
        rows.append(cells)
    return RawTable(tuple(tuple(row) for row in rows))


def _descend(node: etree._Element, wanted: str) -> Iterator[etree._Element]:
    """Yield rows or cells directly below a node or in wrappers that do not count."""
    for child in node:
        name = local_name(child)
        if name == wanted:
            yield child
        elif name in _OPEN:
            yield from _descend(child, wanted)
