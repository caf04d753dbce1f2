"""Five small portals on loopback, each in the markup of one CMS family, around five real texts.

The texts under ``texts/`` are served to the letter; everything else on these pages (lists, decoys, navigation) is
synthetic and says nothing about the places named. Nothing here is used when real portals are crawled.
"""

from __future__ import annotations

from scrapers.sample_portals import luoyuan, luzhou, meihekou, suining, xianan
from scrapers.sample_portals.site import Site

SITES = (luzhou.build, xianan.build, luoyuan.build, suining.build, meihekou.build)
"""Builders of the sites, in the order of their ports."""


def build_sites() -> tuple[Site, ...]:
    """Build the five sites, in the order of their ports."""
    return tuple(build() for build in SITES)
