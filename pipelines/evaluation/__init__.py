"""Measuring reading against a gold set, in steps: the gold files, matching, scoring, showing.

The entrance is ``pipelines.evaluate``. Nothing here reads pages or knows the catalogue: both come in as
arguments.
"""
