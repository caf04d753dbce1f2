"""Directory and streams of OLE2 files (DOC, XLS, WPS, encrypted Office files), as far as telling them apart needs.

What the streams mean belongs to the readers.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import islice

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FREE = 0xFFFFFFFA
"""Sector numbers from here on are marks, not sectors."""
_ENTRY_BYTES = 128
_MINI_CUTOFF = 4096
_MAX_SECTORS = 1 << 20
"""Longest chain that is followed: 512 MB of ordinary sectors."""


class OleError(ValueError):
    """The bytes are not a whole OLE2 file."""


@dataclass(frozen=True)
class Entry:
    """A stream or storage of the directory."""

    name: str
    kind: int
    left: int
    right: int
    child: int
    start: int
    size: int


class OleFile:
    """An OLE2 file in memory.

    Raises:
        OleError: the header or the directory is damaged.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content
        if len(content) < 512 or not content.startswith(SIGNATURE):
            raise OleError("no OLE2 header")
        shift, mini_shift = struct.unpack_from("<HH", content, 30)
        if shift not in (9, 12) or mini_shift != 6:
            raise OleError(f"sector sizes 2^{shift} and 2^{mini_shift}")
        self._sector, self._mini = 1 << shift, 1 << mini_shift
        directory, self._mini_fat_start = (
            struct.unpack_from("<I", content, 48)[0],
            struct.unpack_from("<I", content, 60)[0],
        )
        self._fat = self._read_fat()
        self._entries = self._read_directory(self._chain(directory))
        if not self._entries:
            raise OleError("empty directory")

    def root_streams(self) -> dict[str, Entry]:
        """The entries directly below the root, by name; entries of embedded files lie deeper and do not count."""
        found: dict[str, Entry] = {}
        waiting, seen = [self._entries[0].child], set[int]()
        while waiting:
            number = waiting.pop()
            if number in seen or number >= len(self._entries):
                continue
            seen.add(number)
            entry = self._entries[number]
            found[entry.name] = entry
            waiting += [entry.left, entry.right]
        return found

    def read(self, entry: Entry) -> bytes:
        """Return the bytes of a stream.

        Raises:
            OleError: its chain of sectors is broken.
        """
        if entry.size >= _MINI_CUTOFF:
            return self._chain(entry.start)[: entry.size]
        root = self._entries[0]
        mini_fat = struct.iter_unpack("<I", self._chain(self._mini_fat_start))
        table = [number for (number,) in mini_fat]
        store = self._chain(root.start)
        pieces, number = [], entry.start
        for _ in range(_MINI_CUTOFF // self._mini):
            if number >= _FREE:
                break
            pieces.append(store[number * self._mini : (number + 1) * self._mini])
            if number >= len(table):
                raise OleError("chain of short sectors leaves the table")
            number = table[number]
        return b"".join(pieces)[: entry.size]

    def _at(self, number: int) -> bytes:
        start = (number + 1) * self._sector
        return self._content[start : start + self._sector]

    def _read_fat(self) -> list[int]:
        sectors = [number for number in struct.unpack_from("<109I", self._content, 76) if number < _FREE]
        following, count = struct.unpack_from("<II", self._content, 68)
        for _ in range(min(count, _MAX_SECTORS)):
            block = self._at(following)
            if len(block) < self._sector:
                break
            numbers = struct.unpack(f"<{self._sector // 4}I", block)
            sectors += [number for number in numbers[:-1] if number < _FREE]
            following = numbers[-1]
        fat: list[int] = []
        for number in sectors:
            block = self._at(number)
            fat += [value for (value,) in struct.iter_unpack("<I", block[: len(block) // 4 * 4])]
        return fat

    def _chain(self, start: int) -> bytes:
        pieces, number, seen = [], start, set[int]()
        while number < _FREE:
            if number in seen or number >= len(self._fat) or len(seen) > _MAX_SECTORS:
                raise OleError(f"chain of sectors is broken at {number}")
            seen.add(number)
            pieces.append(self._at(number))
            number = self._fat[number]
        return b"".join(pieces)

    @staticmethod
    def _read_directory(raw: bytes) -> list[Entry]:
        entries: list[Entry] = []
        for start in islice(range(0, len(raw), _ENTRY_BYTES), 1 << 16):
            block = raw[start : start + _ENTRY_BYTES]
            if len(block) < _ENTRY_BYTES:
                break
            length = struct.unpack_from("<H", block, 64)[0]
            name = block[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
            left, right, child = struct.unpack_from("<III", block, 68)
            first, size = struct.unpack_from("<II", block, 116)
            entries.append(Entry(name, block[66], left, right, child, first, size))
        return entries
