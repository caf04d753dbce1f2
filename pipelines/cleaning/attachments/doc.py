"""DOC, WPS, RTF and ODT, through a program that is installed beside fazhi: antiword or LibreOffice.

The program runs in a folder of its own that is deleted afterwards, under the limits of the process that calls it
(see ``isolation``); LibreOffice runs without a window, with a fresh profile and so without any macro allowed.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from pipelines.cleaning.attachments.limits import Limits, check
from pipelines.cleaning.attachments.ole2 import OleError, OleFile
from pipelines.cleaning.attachments.results import AttachmentError, Extracted, FileType, no_text, unparsed
from pipelines.cleaning.serializer import fold_spaces

OFFICE_PROGRAMS = ("soffice", "libreoffice")
ANTIWORD = "antiword"
_ENDINGS = {FileType.DOC: ".doc", FileType.RTF: ".rtf", FileType.ODT: ".odt"}
_ENCRYPTED_BIT = 0x100
"""Of the flags at offset 10 of a Word document: its text is encrypted."""


def installed_programs() -> tuple[str, ...]:
    """Names of the programs that are there to read with: what can be read changes with them."""
    found = (shutil.which(ANTIWORD) and ANTIWORD, _office() and "libreoffice")
    return tuple(name for name in found if name)


def read_doc(content: bytes, limits: Limits) -> Extracted:
    """Read a DOC or WPS file.

    Raises:
        AttachmentError: no program is installed for it, it failed, or the file is encrypted or empty.
    """
    _refuse_encrypted(content)
    if program := shutil.which(ANTIWORD):
        try:
            # -w 0: one paragraph a line; -m: the table that writes UTF-8
            return _with_antiword(program, content, limits)
        except AttachmentError:
            if _office() is None:
                raise
    return read_with_office(FileType.DOC, content, limits, alternatives=(ANTIWORD,))


def read_with_office(
    file_type: FileType, content: bytes, limits: Limits, alternatives: tuple[str, ...] = ()
) -> Extracted:
    """Read a file through LibreOffice.

    Args:
        file_type: DOC, RTF or ODT.
        content: its bytes.
        limits: time and size.
        alternatives: programs that would do as well, for the message when none is installed.

    Raises:
        AttachmentError: LibreOffice is not installed, failed, or found no text.
    """
    program = _office()
    if program is None:
        names = " or ".join((*alternatives, "LibreOffice (soffice)"))
        raise unparsed("tool_missing", f"reading {file_type} needs {names}, which is not installed")
    with tempfile.TemporaryDirectory(prefix="fazhi-") as folder:
        source = Path(folder) / f"file{_ENDINGS[file_type]}"
        source.write_bytes(content)
        command = [program, "--headless", "--norestore", "--nolockcheck", "--nodefault", "--nofirststartwizard"]
        command += [f"-env:UserInstallation={(Path(folder) / 'profile').as_uri()}"]
        command += ["--convert-to", "txt:Text (encoded):UTF8", "--outdir", folder, str(source)]
        _run(command, folder, limits)
        target = source.with_suffix(".txt")
        if not target.is_file():
            raise unparsed("tool_failed", f"{Path(program).name} made no text of the {file_type}")
        return _extracted(file_type, target, limits)


def _office() -> str | None:
    return next((found for name in OFFICE_PROGRAMS if (found := shutil.which(name))), None)


def _with_antiword(program: str, content: bytes, limits: Limits) -> Extracted:
    with tempfile.TemporaryDirectory(prefix="fazhi-") as folder:
        source = Path(folder) / "file.doc"
        source.write_bytes(content)
        target = _run([program, "-w", "0", "-m", "UTF-8.txt", str(source)], folder, limits)
        return _extracted(FileType.DOC, target, limits)


def _run(command: list[str], folder: str, limits: Limits) -> Path:
    """Run a program in a folder; return the file with what it wrote to standard output."""
    written, said = Path(folder) / "output", Path(folder) / "errors"
    name = Path(command[0]).name
    with written.open("wb") as output, said.open("wb") as errors:
        try:
            # A session of its own, so that what the program has started ends with it.
            process = subprocess.Popen(
                command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=errors, start_new_session=True
            )
        except OSError as error:
            raise unparsed("tool_failed", f"{name}: {error.strerror}") from error
        try:
            code = process.wait(limits.seconds)
        except subprocess.TimeoutExpired as error:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise unparsed("limit", f"seconds of {name}: more than {limits.seconds} needed") from error
    if code != 0:
        reason = said.read_bytes()[:300].decode("utf-8", "replace").strip()
        raise unparsed("tool_failed", f"{name} ended with {code}: {reason or 'no reason given'}")
    return written


def _extracted(file_type: FileType, target: Path, limits: Limits) -> Extracted:
    check("bytes of the text", target.stat().st_size, limits.characters * 4)
    raw = target.read_bytes().decode("utf-8-sig", "replace").replace("\x0c", "\n")
    lines = [folded for line in raw.splitlines() if (folded := fold_spaces(line))]
    if not lines:
        raise no_text("empty", f"a {file_type} file without text")
    return Extracted(file_type, "\n".join(lines))


def _refuse_encrypted(content: bytes) -> None:
    try:
        file = OleFile(content)
        head = file.read(file.root_streams()["WordDocument"])[:12]
    except (OleError, KeyError):
        return  # whether the file is damaged is for the program to say
    if len(head) == 12 and int.from_bytes(head[10:12], "little") & _ENCRYPTED_BIT:
        raise unparsed("encrypted", "the DOC asks for a password")
