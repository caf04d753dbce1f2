"""The table of a hostile web: one behaviour is one host and one source of the same name."""

from __future__ import annotations

from good_hosts import GOOD
from hostile_hosts import HOSTILE_HOSTS
from hostile_pages import HOSTILE_PAGES
from replies import Behaviour

HOSTILE: dict[str, Behaviour] = HOSTILE_HOSTS | HOSTILE_PAGES
BEHAVIOURS: dict[str, Behaviour] = GOOD | HOSTILE
