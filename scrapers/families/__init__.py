"""One module per CMS family, each with the functions of :class:`scrapers.families.common.Family`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scrapers.families import generic, gkmlpt, hanweb_jpaas, hanweb_jpage, json_api, trs, ucap, vsb
from scrapers.families.common import Family

FAMILIES: dict[str, Family] = {
    "generic": generic,
    "gkmlpt": gkmlpt,
    "hanweb_jpaas": hanweb_jpaas,
    "hanweb_jpage": hanweb_jpage,
    "json_api": json_api,
    "trs": trs,
    "ucap": ucap,
    "vsb": vsb,
}
"""The families by the name that a source file uses."""

OPTION_SCHEMAS: Mapping[str, Mapping[str, Any]] = {
    "gkmlpt": gkmlpt.OPTIONS_SCHEMA,
    "json_api": json_api.OPTIONS_SCHEMA,
}
"""JSON Schema of what a source file may say under ``api``, by family; the other families take nothing."""
