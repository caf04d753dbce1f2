"""Reads one file in a process of its own: bytes on standard input, the result as JSON on standard output.

Started by ``isolation``; sets its own limits of memory and time first, so that whatever the file does to a
library ends here.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from dataclasses import asdict

from pipelines.cleaning.attachments.limits import Limits
from pipelines.cleaning.attachments.results import AttachmentError, Extracted, Failure, FileType

# Programs started from here bring their own libraries and map much more memory than they use.
_UNMEASURED = frozenset({FileType.DOC, FileType.RTF, FileType.ODT})


def _confine(file_type: FileType, limits: Limits) -> None:
    """Set the limits of this process and of those it starts."""
    resource.setrlimit(resource.RLIMIT_CPU, (limits.seconds, limits.seconds + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.unpacked_bytes, limits.unpacked_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if file_type not in _UNMEASURED:
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))


def read(file_type: FileType, content: bytes, limits: Limits) -> Extracted | Failure:
    """Read a file; whatever is raised becomes a failure."""
    from pipelines.cleaning.attachments.readers import read_file

    try:
        return read_file(file_type, content, limits)
    except AttachmentError as error:
        return error.as_failure(file_type)
    except MemoryError:
        allowed = limits.memory_bytes >> 20
        return Failure(file_type, "attachment_unparsed", "limit", f"memory: more than {allowed} MB needed")
    except RecursionError:
        return Failure(file_type, "attachment_unparsed", "limit", "nesting: deeper than the reader follows")
    except Exception as error:
        return Failure(file_type, "parse_failed", "reader_failed", f"{type(error).__name__}: {error}")


def main(arguments: list[str]) -> None:
    """Read the file on standard input; arguments are its type and the limits as JSON."""
    file_type, limits = FileType(arguments[0]), Limits(**json.loads(arguments[1]))
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints is not the answer
    content = sys.stdin.buffer.read()
    _confine(file_type, limits)
    result = read(file_type, content, limits)
    with answer:
        json.dump({"is_text": isinstance(result, Extracted), **asdict(result)}, answer)


if __name__ == "__main__":
    main(sys.argv[1:])
