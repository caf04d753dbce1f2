"""From bytes to text and the metadata a page states; pure functions without storage, crawling or scheduling."""

from pipelines.cleaning.page import CleanedPage, clean_page

__all__ = ["CleanedPage", "clean_page"]
