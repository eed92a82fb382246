"""Handing letters to a mail server."""

import asyncio
import ssl
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from typing import TYPE_CHECKING

import structlog

from convivium.core.config import Settings
from convivium.core.errands import Outcome
from convivium.delivery.letters import INSTANCE, Letter, message

if TYPE_CHECKING:
    from aiosmtplib import SMTP

# How long one step of it may take, and how many letters are handed over at once.
STEP_S = 10.0
AT_ONCE = 4
# RFC 5321, 4.2.1: what fails for good.
FOR_GOOD = 500

log = structlog.get_logger()


class Mailer:
    """The way to the mail server, if there is one."""

    def __init__(self, settings: Settings, called: Callable[[], str] = lambda: INSTANCE) -> None:
        """Hand letters over; called: what the instance is called at the moment."""
        self._settings = settings
        self._called = called
        self._at_once = asyncio.Semaphore(AT_ONCE)

    @property
    def is_there(self) -> bool:
        """Tell whether mail can be sent at all."""
        return self._settings.smtp_host is not None

    @property
    def site(self) -> str:
        """Name this server as letters do, whatever the one who asks for them calls it."""
        return self._settings.public_url or ""

    @property
    def contact(self) -> str | None:
        """Give the address at which whoever runs this server can be asked."""
        sender = self._settings.mail_from
        return None if sender is None else f"mailto:{_address_in(sender)}"

    async def send(self, letter: Letter, now: datetime) -> Outcome:
        """Hand over a letter; what is not taken is logged by its code, never by its words."""
        if not self.is_there:
            return Outcome("never")
        written = message(letter, self._settings.mail_from or "", now, self._called())
        async with self._at_once:
            return await self._hand_over(written)

    async def _hand_over(self, written: EmailMessage) -> Outcome:
        from aiosmtplib import SMTPException, SMTPResponseException  # noqa: PLC0415 - for the first

        client = self._client()
        try:
            await client.connect()
        except (SMTPException, OSError, ValueError) as error:
            # Nothing was said of the letter yet: the server is away, or its operator is asked.
            log.warning("mail_server_away", error=type(error).__name__)
            return Outcome("again")
        try:
            return await _say(client, written)
        except SMTPResponseException as error:
            return _refused(error.code)
        except (SMTPException, OSError) as error:
            log.warning("mail_server_fell_silent", error=type(error).__name__)
            return Outcome("unsure")
        finally:
            client.close()

    def _client(self) -> "SMTP":
        from aiosmtplib import SMTP  # noqa: PLC0415 - the same

        settings = self._settings
        password = settings.smtp_password
        return SMTP(
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            use_tls=settings.smtp_tls == "tls",
            start_tls=settings.smtp_tls == "starttls",
            tls_context=None if settings.smtp_tls == "none" else ssl.create_default_context(),
            username=settings.smtp_user,
            password=None if password is None else password.get_secret_value(),
            timeout=STEP_S,
        )


async def _say(client: "SMTP", written: EmailMessage) -> Outcome:
    from aiosmtplib import SMTPRecipientsRefused  # noqa: PLC0415 - the same

    try:
        await client.send_message(written)
    except SMTPRecipientsRefused as error:
        return _refused(max(one.code for one in error.recipients))
    return Outcome("done")


def _refused(code: int) -> Outcome:
    log.warning("mail_refused", code=code)
    return Outcome("never" if code >= FOR_GOOD else "again")


def _address_in(sender: str) -> str:
    return sender.rpartition("<")[2].rstrip(">")
