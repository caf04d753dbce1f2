"""What Scrapy's log says about single pages: nothing, for each of them is a row of the ledger.

Errors and dropped items are logged as Scrapy does.
"""

from __future__ import annotations

from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response
from scrapy.logformatter import LogFormatter


class PagesLeftOut(LogFormatter):
    """Makes no record for a page that came or an item that was stored."""

    def crawled(self, request: Request, response: Response, spider: Spider) -> None:  # type: ignore[override]
        """Say nothing."""

    def scraped(self, item: Any, response: Any, spider: Spider) -> None:  # type: ignore[override]
        """Say nothing."""
