"""Files attached to pages as text: what a file is, what it says, or why it cannot be read.

Bytes in, text with tables as rows or a typed failure out. Which page links a file, and whether the file or the page
holds the report, is decided outside.
"""
