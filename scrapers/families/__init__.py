"""One module per CMS family, each with the functions of :class:`scrapers.families.common.Family`."""

from __future__ import annotations

from scrapers.families import generic, hanweb_jpage, trs, ucap, vsb
from scrapers.families.common import Family

FAMILIES: dict[str, Family] = {
    "generic": generic,
    "hanweb_jpage": hanweb_jpage,
    "trs": trs,
    "ucap": ucap,
    "vsb": vsb,
}
"""The families by the name that a source file uses."""
