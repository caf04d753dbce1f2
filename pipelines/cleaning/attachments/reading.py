"""The one way into this package: bytes of a file to its text, or to the reason why there is none."""

from __future__ import annotations

from pipelines.cleaning.attachments.detect import detect
from pipelines.cleaning.attachments.isolation import read_apart
from pipelines.cleaning.attachments.limits import LIMITS, Limits
from pipelines.cleaning.attachments.readers import READERS, read_file
from pipelines.cleaning.attachments.results import AttachmentError, Extracted, Failure, FileType


def read_attachment(content: bytes, limits: Limits = LIMITS) -> Extracted | Failure | None:
    """Read a file; None when the bytes are a web page or plain text, which are no file in this sense.

    Never raises because of the bytes.
    """
    file_type = detect(content)
    if file_type is None:
        return None
    if len(content) > limits.file_bytes or not (file_type in READERS or file_type is FileType.ZIP):
        try:
            return read_file(file_type, content, limits)
        except AttachmentError as error:
            return error.as_failure(file_type)
    return read_apart(file_type, content, limits)
