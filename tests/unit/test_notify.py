"""Notices, sent over their real protocols to stand-ins on this machine."""

from __future__ import annotations

import email
import email.policy
import json
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pipelines import notify
from pipelines.notify import Notice, NotifyConfigError, parse_targets
from warehouse.paths import Home

RED = Notice("[RED] fazhi 2026-11-22: 发布被扣留", "What failed\n  泸州市: timeout", "red", {"status": "withheld"})
GOOD = Notice("fazhi 2026-11-22: nothing new", "all well", "ok", {"status": "unchanged"})
LINE = '{"title": "%s", "level": "%s", "status": "%s"}'


class Webhook(ThreadingHTTPServer):
    """A webhook that remembers what it was told and answers what the test wants, the last answer for ever."""

    def __init__(self, answers: list[int]) -> None:
        self.answers, self.told = answers, list[tuple[str, dict[str, Any]]]()
        super().__init__(("127.0.0.1", 0), WebhookHandler)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class WebhookHandler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: Webhook

    def do_POST(self) -> None:
        """Remember what was posted, and answer."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.told.append((self.path, body))
        answers = self.server.answers
        self.send_response(answers.pop(0) if len(answers) > 1 else answers[0])
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Print nothing."""


@pytest.fixture
def webhook(request: pytest.FixtureRequest) -> Iterator[Webhook]:
    with Webhook(list(request.param)) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("webhook", "asked", "error"),
    [
        ([200], 1, None),
        ([204], 1, None),
        ([503, 500, 200], 3, None),
        ([500], 3, "DeliveryError: answered 500 Internal Server Error"),
        ([302], 3, "DeliveryError: answered 302 Found"),
    ],
    indirect=["webhook"],
)
def test_a_webhook_is_asked_until_it_takes_the_notice(webhook: Webhook, asked: int, error: str | None) -> None:
    (delivery,) = notify.send(RED, parse_targets(f"{webhook.url}/hook/geheim?a=1#red"), waits=(0, 0))
    assert (delivery.target, delivery.error) == (webhook.url, error)
    assert len(webhook.told) == asked
    path, body = webhook.told[-1]
    assert path == "/hook/geheim?a=1"
    assert (body["title"], body["level"], body["night"]) == (RED.title, "red", RED.values)
    assert RED.text in body["text"]


@pytest.mark.parametrize("webhook", [[200]], indirect=True)
@pytest.mark.parametrize(("notice", "told"), [(RED, 2), (GOOD, 1)])
def test_a_target_may_want_only_what_is_red(webhook: Webhook, notice: Notice, told: int) -> None:
    notify.send(notice, parse_targets(f"{webhook.url}/all {webhook.url}/red#red"), waits=())
    assert len(webhook.told) == told


def test_one_target_that_fails_does_not_keep_the_others_waiting(tmp_path: Path, free_ports: Any) -> None:
    (port,) = free_ports(1)
    targets = parse_targets(
        f"http://127.0.0.1:{port}/x smtp://127.0.0.1:{port}?from=a@b&to=c@d file://{tmp_path}/n.txt"
    )
    web, mail, file = notify.send(RED, targets, waits=())
    assert web.error
    assert mail.error
    assert file.error is None


class MailBox:
    """Takes mails; checks the password of who gives one."""

    def __init__(self) -> None:
        self.mails: list[Envelope] = []
        self.was_encrypted: list[bool] = []
        self.users: list[str] = []

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep a mail."""
        self.mails.append(envelope)
        assert server.transport is not None
        self.was_encrypted.append(server.transport.get_extra_info("ssl_object") is not None)
        return "250 OK"

    def authenticate(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, login: Any) -> AuthResult:
        """Say whether a password is the right one."""
        self.users.append(login.login.decode())
        return AuthResult(success=login.password == b"geheim @ 1")


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's TLS for localhost, with a certificate that this process trusts."""
    certificate, key = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Write a self-signed certificate for localhost and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "server.crt", folder / "server.key"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


@pytest.mark.parametrize(
    ("scheme", "login", "is_encrypted"),
    [
        ("smtp", "", False),
        ("smtp+starttls", "", True),
        ("smtp+starttls", "bob:geheim%20%40%201@", True),
        ("smtps", "bob:geheim%20%40%201@", True),
    ],
)
def test_a_mail_arrives_as_it_was_written(
    tls: ssl.SSLContext, free_ports: Any, scheme: str, login: str, is_encrypted: bool
) -> None:
    box = MailBox()
    (port,) = free_ports(1)
    controller = Controller(
        box,
        hostname="127.0.0.1",
        port=port,
        server_hostname="localhost",
        authenticator=box.authenticate,
        tls_context=tls if scheme == "smtp+starttls" else None,
        ssl_context=tls if scheme == "smtps" else None,
        auth_require_tls=scheme != "smtps",
    )
    controller.start()
    try:
        target = f"{scheme.partition('+')[0]}://{login}localhost:{port}?from=fazhi@example.org&to=a@example.org,b@example.org"
        (delivery,) = notify.send(RED, parse_targets(target), waits=())
    finally:
        controller.stop()
    assert delivery.error is None
    assert box.was_encrypted == [is_encrypted]
    assert box.users == (["bob"] if login else [])
    (envelope,) = box.mails
    assert (envelope.mail_from, envelope.rcpt_tos) == ("fazhi@example.org", ["a@example.org", "b@example.org"])
    assert isinstance(envelope.content, bytes)
    message = email.message_from_bytes(envelope.content, policy=email.policy.default)
    assert message["Subject"] == RED.title
    body, attached = message.get_body(("plain",)), list(message.iter_attachments())
    assert body is not None
    assert body.get_content().strip() == RED.text
    assert json.loads(attached[0].get_content()) == RED.values


def test_a_certificate_that_nobody_vouches_for_is_refused(
    tls: ssl.SSLContext, free_ports: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    (port,) = free_ports(1)
    box = MailBox()
    controller = Controller(box, hostname="127.0.0.1", port=port, server_hostname="localhost", tls_context=tls)
    controller.start()
    try:
        target = f"smtp://localhost:{port}?from=fazhi@example.org&to=a@example.org"
        (delivery,) = notify.send(RED, parse_targets(target), waits=())
    finally:
        controller.stop()
    assert "CERTIFICATE_VERIFY_FAILED" in (delivery.error or "")
    assert box.mails == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("nights.txt", f"{RED.title}\n\n{RED.text}\n\n{GOOD.title}\n\n{GOOD.text}\n\n"),
        ("nights.jsonl", "".join(f"{LINE % (n.title, n.level, n.values['status'])}\n" for n in (RED, GOOD))),
    ],
)
def test_a_file_grows_by_each_notice(tmp_path: Path, name: str, expected: str) -> None:
    targets = parse_targets(f"file://{tmp_path}/new%20folder/{name}")
    for notice in (RED, GOOD):
        assert [each.error for each in notify.send(notice, targets, waits=())] == [None]
    assert (tmp_path / "new folder" / name).read_text(encoding="utf-8") == expected


@pytest.mark.parametrize(
    "named",
    [
        "ftp://example.org/x",
        "example.org",
        "https://",
        "https://example.org:0/x",
        "https://user:geheim@example.org:99999/x",
        "https://example.org/x#loud",
        "smtp://example.org",
        "smtp://bob:geheim@example.org?from=a@b",
        "file:relative.txt",
        "file://host/x.txt",
        "file:///x.txt#loud",
    ],
)
def test_a_target_that_cannot_be_used_is_refused_without_its_password(named: str) -> None:
    with pytest.raises(NotifyConfigError) as caught:
        parse_targets(f"file:///good.txt {named}")
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(("is_near", "error"), [(True, None), (False, "not sent in the clear")])
def test_a_password_crosses_no_network_in_the_clear(
    free_ports: Any, monkeypatch: pytest.MonkeyPatch, is_near: bool, error: str | None
) -> None:
    monkeypatch.setattr(notify, "_is_loopback", lambda _host: is_near)
    box = MailBox()
    (port,) = free_ports(1)
    controller = Controller(
        box, hostname="127.0.0.1", port=port, authenticator=box.authenticate, auth_require_tls=False
    )
    controller.start()
    try:
        target = f"smtp://bob:geheim%20%40%201@127.0.0.1:{port}?from=fazhi@example.org&to=a@example.org"
        (delivery,) = notify.send(RED, parse_targets(target), waits=())
    finally:
        controller.stop()
    assert (error or "") in (delivery.error or "")
    assert (len(box.mails), box.users) == ((1, ["bob"]) if is_near else (0, []))


@pytest.mark.parametrize(
    ("host", "expected"),
    [("localhost", True), ("127.0.0.1", True), ("::1", True), ("mail.example.org", False), ("10.0.0.1", False)],
)
def test_only_this_machine_is_near(host: str, expected: bool) -> None:
    assert notify._is_loopback(host) is expected


def test_what_the_last_notice_did_not_reach_is_remembered(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert notify.undelivered(home) == []
    notify.remember(home, [notify.Delivery("https://a", None), notify.Delivery("https://b", "timed out")])
    assert notify.undelivered(home) == [notify.Delivery("https://b", "timed out")]
