"""What may be done with releases once they are made: listing, naming, going back, and taking old ones away.

Going back marks the release that was the latest as rolled back: the same content is not published again by a later
night, new content is. Which releases are kept is a rule without side effects (``kept``). Callers that change
something hold the writer lock.

Not here: making releases (``release.py``), the folder itself (``warehouse.shelf``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.released import ReleaseDamagedError, read_package
from warehouse import publish, shelf
from warehouse.paths import Home

# How many of the newest releases are kept whatever their age, unless a person says another number.
NEWEST_KEPT = 12
YEAR_DIGITS = 4


class UnknownReleaseError(ValueError):
    """A name means no release, or more than one."""


class RollbackError(RuntimeError):
    """There is nothing to go back to, or what there is must not be used."""


@dataclass(frozen=True)
class Shelved:
    """A release in its folder.

    Attributes:
        name: its id.
        folder: where it lies.
        published_at: when it last became the latest by publishing, ISO text; None when the history does not say.
        created: moment of its newest page, ISO text; None when its data package cannot be read.
        contract: its contract version; None when it has none.
        reports: rows of ``fct_report``; None when its data package cannot be read.
        is_latest: whether ``latest`` points to it.
        is_rolled_back: whether a person has gone back from it.
    """

    name: str
    folder: Path
    published_at: str | None
    created: str | None
    contract: str | None
    reports: int | None
    is_latest: bool
    is_rolled_back: bool


def list_releases(home: Home) -> list[Shelved]:
    """All releases, the one published last first; those without a history at the end, by id."""
    switches = shelf.read_history(home.exports)
    order = {switch.release_id: place for place, switch in enumerate(switches) if switch.action == "published"}
    latest, rolled_back = shelf.latest_id(home.exports), shelf.rolled_back_ids(switches)
    found = []
    for folder in shelf.release_folders(home.exports):
        name = folder.name
        try:
            package = read_package(folder)
        except ReleaseDamagedError:
            package = {}
        rows = {resource["name"]: resource["rows"] for resource in package.get("resources", ())}
        found.append(
            Shelved(
                name=name,
                folder=folder,
                published_at=switches[order[name]].at if name in order else None,
                created=package.get("created"),
                contract=package.get("contract_version"),
                reports=rows.get("fct_report"),
                is_latest=name == latest,
                is_rolled_back=name in rolled_back,
            ),
        )
    return sorted(found, key=lambda each: (order.get(each.name, -1), each.name), reverse=True)


def find_release(releases: Sequence[Shelved], name: str) -> Shelved:
    """Return the release that a name means: an id, the beginning of one, or ``latest``.

    Raises:
        UnknownReleaseError: none or several are meant.
    """
    if name == shelf.LATEST:
        found = [each for each in releases if each.is_latest]
    else:
        found = [each for each in releases if each.name == name]
        found = found or [each for each in releases if name and each.name.startswith(name)]
    if len(found) != 1:
        known = ", ".join(each.name for each in found or releases) or "none"
        raise UnknownReleaseError(
            f"{name!r} means {len(found) or 'no'} releases; {'these' if found else 'there are'}: {known}"
        )
    return found[0]


def roll_back(home: Home, name: str | None = None) -> Shelved:
    """Let ``latest`` point to an earlier release; the one it pointed to is not published again.

    Args:
        home: the data home.
        name: the release to go to; by default the one published last before the latest that is not rolled back.

    Returns:
        The release that is the latest now.

    Raises:
        UnknownReleaseError: the name means no release.
        RollbackError: there is none to go to, it is the latest already, or it is damaged.
    """
    releases = list_releases(home)
    latest = next((each for each in releases if each.is_latest), None)
    target = find_release(releases, name) if name is not None else _one_before(releases, latest)
    if target.is_latest:
        raise RollbackError(f"{target.name} is the latest release already")
    wrong = publish.wrong_files(target.folder)
    if wrong:
        raise RollbackError(f"the release {target.name} is damaged ({', '.join(wrong)}); name another one")
    # What the latest was made from stays published: without news, a night leaves the release gone back to alone.
    fingerprint = shelf.published_fingerprint(home.exports)
    shelf.record_switch(home.exports, "rolled_back", target.name, latest.name if latest else None)
    shelf.switch_latest(home.exports, target.name)
    if fingerprint is not None:
        shelf.mark_published(home.exports, target.name, fingerprint)
    return target


def kept(releases: Sequence[Shelved], newest: int) -> dict[str, str]:
    """Decide which releases stay: the latest and the one to go back to, the newest, and the last of each year.

    Args:
        releases: as ``list_releases`` gives them, newest first.
        newest: how many of the newest are kept.

    Returns:
        Why it stays, by id of each release that does.
    """
    reasons: dict[str, str] = {}
    latest = next((each for each in releases if each.is_latest), None)
    if latest is not None:
        reasons[latest.name] = "latest"
        before = _before(releases, latest)
        if before is not None:
            reasons[before.name] = "to go back to"
    good = [each for each in releases if not each.is_rolled_back]
    for each in good[:newest]:
        reasons.setdefault(each.name, f"one of the newest {newest}")
    last_of_year: dict[str, Shelved] = {}
    for each in good:
        last_of_year.setdefault((each.published_at or each.name)[:YEAR_DIGITS], each)
    for year, each in last_of_year.items():
        reasons.setdefault(each.name, f"last of {year}")
    return reasons


def prune(home: Home, newest: int = NEWEST_KEPT, *, only_show: bool = False) -> tuple[list[Shelved], Mapping[str, str]]:
    """Take away the releases that are not kept.

    Returns:
        The releases that went (or would go), and why each of the others stays.
    """
    releases = list_releases(home)
    reasons = kept(releases, newest)
    leaving = [each for each in releases if each.name not in reasons]
    if not only_show:
        for each in leaving:
            shelf.remove_release(home.exports, each.name)
    return leaving, reasons


def _before(releases: Sequence[Shelved], latest: Shelved) -> Shelved | None:
    place = releases.index(latest)
    return next((each for each in releases[place + 1 :] if not each.is_rolled_back), None)


def _one_before(releases: Sequence[Shelved], latest: Shelved | None) -> Shelved:
    before = _before(releases, latest) if latest is not None else None
    if before is None:
        raise RollbackError("there is no earlier release to go back to")
    return before
