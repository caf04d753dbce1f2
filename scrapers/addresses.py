"""One address for one page: what sessions stamp on addresses is taken off before a family gives it its final form.

What distinguishes pages of one CMS belongs to its family.
"""

from __future__ import annotations

import re

PATH_SESSION = re.compile(r";(?:jsessionid|phpsessid|sessionid|sid)=[^?#/;]*", re.IGNORECASE)  # a.html;jsessionid=0A1B
SESSION_PARAMETERS = frozenset({"jsessionid", "phpsessid", "aspsessionid", "asp.net_sessionid", "sessionid"})


def without_session(url: str) -> str:
    """Take session ids off an address: ``/a.html;jsessionid=0A1B?x=1&PHPSESSID=2`` → ``/a.html?x=1``.

    Only names that mean nothing but a session are known; ``sid`` as a parameter is a site's id at some portals.
    """
    url = PATH_SESSION.sub("", url)
    head, mark, query = url.partition("?")
    if not mark:
        return url
    query, hash_mark, fragment = query.partition("#")
    kept = [pair for pair in query.split("&") if pair.partition("=")[0].lower() not in SESSION_PARAMETERS]
    if len(kept) == query.count("&") + 1:
        return url
    return f"{head}{'?' if kept else ''}{'&'.join(kept)}{hash_mark}{fragment}"
