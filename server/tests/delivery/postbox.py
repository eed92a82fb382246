"""A mail server on this machine: takes letters as real ones do, with certificate and password."""
# ruff: noqa: ANN401 - aiosmtpd gives what it gives

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

NAME, PASSWORD = b"convivium", b"a secret of the post"


@dataclass
class Postbox:
    """What came; `answers` are given one after the other, at RCPT or at the end of the letter."""

    came: list[EmailMessage] = field(default_factory=list)
    to: list[list[str]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    answers_to_rcpt: list[str] = field(default_factory=list)
    port: int = 0

    async def handle_RCPT(  # noqa: N802
        self,
        _server: Any,
        _session: Any,
        envelope: Envelope,
        address: str,
        _options: Any,
    ) -> str:
        """Take or refuse whom it is to."""
        if self.answers_to_rcpt:
            return self.answers_to_rcpt.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802
        """Take or refuse a letter."""
        content = envelope.content
        assert isinstance(content, bytes)
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            self.came.append(message_from_bytes(content, policy=default))
            self.to.append(list(envelope.rcpt_tos))
        return answer


@contextmanager
def postbox(certificate: tuple[Path, Path] | None = None, **how: Any) -> Iterator[Postbox]:
    """Run one on a free port; with a certificate it takes nothing without STARTTLS and password."""
    box = Postbox()
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*certificate)
        how |= {
            "tls_context": context,
            "require_starttls": True,
            "authenticator": _is_known,
            "auth_required": True,
        }
    controller = Controller(box, hostname="127.0.0.1", port=_free_port(), **how)
    controller.start()
    box.port = controller.port
    try:
        yield box
    finally:
        controller.stop()


def _is_known(_server: Any, _session: Any, _envelope: Any, _way: str, said: Any) -> AuthResult:
    return AuthResult(success=(said.login, said.password) == (NAME, PASSWORD))


def _free_port() -> int:
    import socket  # noqa: PLC0415 - for this line

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for this machine, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(made.public_bytes(Encoding.PEM))
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    paths[1].write_bytes(secret)
    return paths
