"""Sends a notice to where the operator wants it: a webhook, a mail box by SMTP, a file.

``$FAZHI_NOTIFY`` names the targets, parted by spaces: ``https://chat.example.org/hook``, ``smtps://user:password@
mail.example.org?from=…&to=…,…``, ``file:///var/log/fazhi-nights.txt``. A target that ends with ``#red`` gets only
what needs attention. What a notice says is made in ``morning.py``; a target that cannot be reached never fails a night.
"""

from __future__ import annotations

import json
import os
import smtplib
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from warehouse.paths import Home
from warehouse.storage_check import existing_above

Level = Literal["ok", "red"]

TIMEOUT_SECONDS = 20
# Between the attempts on a target that does not answer.
WAITS = (2.0, 10.0)
ONLY_RED = "red"
SMTP_PORTS = {"smtp": 25, "smtps": 465}
SUBMISSION_PORT = 587
LAST_NOTICE = "last_notice.json"
JSON_LINES = ".jsonl"


class NotifyConfigError(ValueError):
    """``$FAZHI_NOTIFY`` cannot be used; the message names the target, without its password."""


class DeliveryError(RuntimeError):
    """A target refused a notice."""


@dataclass(frozen=True)
class Notice:
    """What is sent.

    Attributes:
        title: one line.
        text: the message for a person.
        level: whether it needs attention.
        values: the same for a program.
    """

    title: str
    text: str
    level: Level
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Delivery:
    """What came of sending to one target.

    Attributes:
        target: the target without credentials.
        error: why it failed; None when it was delivered.
    """

    target: str
    error: str | None


@dataclass(frozen=True)
class Target:
    """One place that notices go to."""

    url: SplitResult

    @property
    def shown(self) -> str:
        """The target for messages: no user, no password, no secret path of a webhook."""
        if self.url.scheme == "file":
            return f"file://{self.url.path}"
        return f"{self.url.scheme}://{self.url.hostname}{f':{self.url.port}' if self.url.port else ''}"

    @property
    def file(self) -> Path:
        """The file of a target that is one."""
        return Path(unquote(self.url.path))

    @property
    def told(self) -> str:
        """What is sent there and how, in words, with no secret."""
        what = "only what needs attention" if self.only_red else "the summary of every night"
        if self.url.scheme == "file":
            form = "as a line of JSON" if self.file.suffix == JSON_LINES else "as text"
            return f"{what}, {form}, at the end of {self.file}"
        if self.url.scheme in SMTP_PORTS:
            query = parse_qs(self.url.query)
            return f"{what}, by mail from {query['from'][0]} to {', '.join(query['to'])}, through {self.shown}"
        return f"{what}, posted as JSON to {self.shown}"

    @property
    def only_red(self) -> bool:
        """Whether it wants only what needs attention."""
        return self.url.fragment == ONLY_RED

    def send(self, notice: Notice) -> None:
        """Send once.

        Raises:
            OSError: the target cannot be reached.
            DeliveryError: it refused.
        """
        {"http": _post, "https": _post, "smtp": _mail, "smtps": _mail, "file": _append}[self.url.scheme](
            self.url, notice
        )


def parse_targets(named: str) -> list[Target]:
    """Read the value of ``$FAZHI_NOTIFY``.

    Raises:
        NotifyConfigError: a target is of no known kind or lacks what its kind needs.
    """
    return [_target(each) for each in named.split()]


def _target(named: str) -> Target:
    try:
        url = urlsplit(named)
        target = Target(url)
        port = url.port
    except ValueError as error:
        raise NotifyConfigError(f"a target of notices is not an address: {error}") from error
    fault = _fault(url, port)
    if fault:
        raise NotifyConfigError(f"{target.shown} is no target for notices: {fault}")
    return target


def _fault(url: SplitResult, port: int | None) -> str | None:
    if url.scheme not in ("http", "https", "smtp", "smtps", "file"):
        return "it must begin with http://, https://, smtp://, smtps:// or file:///"
    if url.scheme == "file" and (url.netloc or not url.path.startswith("/")):
        return "write file:///folder/name"
    if url.scheme != "file" and (not url.hostname or port == 0):
        return "it names no host"
    if url.scheme in SMTP_PORTS and not all(parse_qs(url.query).get(each) for each in ("from", "to")):
        return "write smtp://host?from=sender@host&to=one@host,two@host"
    if url.fragment not in ("", ONLY_RED):
        return f"after # only {ONLY_RED!r} means something"
    return None


def file_fault(target: Target) -> str | None:
    """Return why nothing could be written to a target that is a file; None for any other. Nothing is written."""
    if target.url.scheme != "file":
        return None
    path = target.file
    place = path if path.exists() else existing_above(path.parent)
    if path.is_dir():
        return f"{path} is a folder"
    if place != path and not place.is_dir():
        return f"{place} is no folder"
    return None if os.access(place, os.W_OK) else f"{place} is not writable"


def send(notice: Notice, targets: Sequence[Target], waits: Sequence[float] = WAITS) -> list[Delivery]:
    """Send a notice to every target that wants it, each on its own; return what came of it.

    Args:
        notice: what to send.
        targets: where to.
        waits: seconds before each further attempt on a target that failed.
    """
    wanted = [target for target in targets if notice.level == "red" or not target.only_red]
    return [Delivery(target.shown, _delivered(target, notice, waits)) for target in wanted]


def _delivered(target: Target, notice: Notice, waits: Sequence[float]) -> str | None:
    error: Exception | None = None
    for wait in (0.0, *waits):
        time.sleep(wait)
        try:
            target.send(notice)
        except (OSError, DeliveryError, smtplib.SMTPException) as failed:
            error = failed
        else:
            return None
    return f"{type(error).__name__}: {error}"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A moved webhook would get a request without its body: refuse, so that the operator hears of it."""

    def redirect_request(self, *_arguments: Any) -> None:
        return None


def _post(url: SplitResult, notice: Notice) -> None:
    body = {"title": notice.title, "text": f"{notice.title}\n\n{notice.text}", "level": notice.level}
    request = urllib.request.Request(  # noqa: S310 - http and https only, see _target
        url._replace(fragment="").geturl(),
        data=json.dumps({**body, "night": notice.values}, ensure_ascii=False, default=str).encode(),
        headers={"Content-Type": "application/json; charset=utf-8", "User-Agent": "fazhi"},
        method="POST",
    )
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=TIMEOUT_SECONDS):
            pass
    except urllib.error.HTTPError as error:
        error.close()
        raise DeliveryError(f"answered {error.code} {error.reason}") from None


def _mail(url: SplitResult, notice: Notice) -> None:
    query = parse_qs(url.query)
    message = EmailMessage()
    message["Subject"] = notice.title
    message["From"], message["To"] = query["from"][0], ", ".join(query["to"])
    message["Date"], message["Message-ID"] = format_datetime(datetime.now(UTC)), make_msgid(domain="fazhi")
    message.set_content(notice.text, cte="base64")
    values = json.dumps(notice.values, ensure_ascii=False, indent=1, default=str).encode()
    message.add_attachment(values, maintype="application", subtype="json", filename="night.json")
    host, user, password = url.hostname or "", unquote(url.username or ""), unquote(url.password or "")
    port = url.port or (SUBMISSION_PORT if user and url.scheme == "smtp" else SMTP_PORTS[url.scheme])
    context = ssl.create_default_context()
    with (
        smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=context)
        if url.scheme == "smtps"
        else smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
    ) as server:
        server.ehlo_or_helo_if_needed()
        is_private = url.scheme == "smtps" or _is_loopback(host)
        if url.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
            is_private = True
        if user and not is_private:
            raise DeliveryError("offers no STARTTLS; a password is not sent in the clear")
        if user:
            server.login(user, password)
        server.send_message(message)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _append(url: SplitResult, notice: Notice) -> None:
    """Append the text, or for a file that ends with .jsonl the values as one line."""
    path = Target(url).file
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps({"title": notice.title, "level": notice.level, **notice.values}, ensure_ascii=False, default=str)
    text = f"{line}\n" if path.suffix == JSON_LINES else f"{notice.title}\n\n{notice.text}\n\n"
    with path.open("a", encoding="utf-8") as stream:
        stream.write(text)


def remember(home: Home, deliveries: Sequence[Delivery]) -> None:
    """Keep what came of the last notice, for the next summary."""
    path = home.path / "logs" / LAST_NOTICE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(each) for each in deliveries], ensure_ascii=False), encoding="utf-8")


def undelivered(home: Home) -> list[Delivery]:
    """Return the targets that the last notice did not reach."""
    path = home.path / "logs" / LAST_NOTICE
    if not path.exists():
        return []
    kept: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return [delivery for delivery in (Delivery(**each) for each in kept) if delivery.error]
