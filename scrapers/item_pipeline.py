"""Hands items to the recorder; nothing is decided here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapers.items import FailedItem, PageItem

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from scrapers.spider import PortalSpider


class StoringPipeline:
    """Stores every item of the spider through its recorder."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> StoringPipeline:
        """Build the pipeline for a crawler."""
        return cls(crawler)

    def process_item(self, item: PageItem | FailedItem) -> PageItem | FailedItem:
        """Store the item."""
        spider: PortalSpider = self._crawler.spider  # type: ignore[assignment]
        spider.recorder.store(item)
        return item
