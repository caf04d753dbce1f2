"""The explorer: the newest release as web pages, for people who would rather look than read.

A release goes in, read-only; pages, plots, downloads and links to sentences come out. Every view is an address of its
own that works without scripts; nothing is asked of any other host. What a page shows is asked of the release's tables
in SQL and shaped by pure functions.

Not here: how facts are read or tables are made (``pipelines``, ``dbt_project``). The state of the nights and the
decisions of people come in through ``desk.py``, from whoever starts the explorer.
"""
