"""One server on one data folder: the lock, the sockets, the signals.

What an operator may have done wrong ends in a `CannotServe` with a sentence.
"""

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager

import structlog
import uvicorn

from convivium.accounts import service as accounts
from convivium.accounts.passwords import Passwords, strong_hasher
from convivium.app import Instance, http
from convivium.core.clock import SystemClock
from convivium.core.config import Settings
from convivium.core.database import database_in_words, database_of
from convivium.core.errors import StartFailed
from convivium.core.folder import own_folder
from convivium.core.migrate import bring_up_to_date
from convivium.core.web import is_loopback
from convivium.media.engine import (
    Engine,
    EngineFailed,
    EngineRefused,
    NativeEngine,
    PortTaken,
)
from convivium.reactions.rules import MESSAGES

# Ctrl-C has to be done within 2 s: streams are closed first, then answers under way get this long.
GRACE_S = 1

StartEngine = Callable[[Settings], Engine]

log = structlog.get_logger()


class CannotServe(StartFailed):
    """The server cannot start; the text says why and what to do."""


def open_door(settings: Settings) -> socket.socket:
    """Bind the TCP socket of the page and the API."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((settings.host, settings.port))
        # Listening at once: whoever comes while the rest starts waits instead of being refused.
        door.listen(1024)
    except OSError as error:
        door.close()
        raise CannotServe(
            f"The address {settings.host}:{settings.port} cannot be used: {error.strerror}."
            " Choose another with --host or --port (0 takes a free one)."
        ) from error
    return door


class EngineEnded(StartFailed):
    """The server cannot go on, since its engine does not."""


class DatabaseLost(StartFailed):
    """The server cannot go on: another one has its database, or what it holds is not known."""


class Door(uvicorn.Server):
    """Uvicorn with signals left to us: streams must be closed before it waits for connections."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


async def serve(settings: Settings, start: StartEngine | None = None) -> None:
    """Serve until a signal comes.

    start: makes the engine; without it, the real one. Raises CannotServe, FolderInUse,
    FolderUnusable, DatabaseInUse, DatabaseTooNew, DatabaseUnusable, and then leaves nothing behind;
    EngineEnded and DatabaseLost when it has served for a while.
    """
    kind = database_of(settings)
    async with AsyncExitStack() as stack:
        stack.enter_context(own_folder(settings.data))
        door = stack.enter_context(open_door(settings))
        with database_in_words(kind), _engine_in_words():
            lost = await stack.enter_async_context(kind.alone())
            await bring_up_to_date(kind)
            instance = _make(settings, start or _start_engine)
            await stack.enter_async_context(instance.running())
            await _announce(instance, door)
        await _serve_until_signal(instance, door, lost)


def _make(settings: Settings, start: StartEngine) -> Instance:
    return Instance(
        settings,
        engine=start(settings),
        clock=SystemClock(),
        passwords=Passwords(strong_hasher()),
    )


@contextmanager
def _engine_in_words() -> Iterator[None]:
    try:
        yield
    except EngineRefused as refusal:
        raise CannotServe(
            f"The media engine does not do as it is told ({refusal.code}). Try again in a moment."
        ) from refusal


def _start_engine(settings: Settings) -> NativeEngine:
    try:
        return NativeEngine(
            bind=settings.udp_bind,
            port=settings.udp_port,
            advertise=settings.udp_advertise,
            counted=MESSAGES,
            packet_time_ms=settings.packet_time_ms,
        )
    except PortTaken as error:
        raise CannotServe(
            f"The UDP port {settings.udp_port} is taken by another process."
            " Choose another with --udp-port (0 takes a free one)."
        ) from error
    except (EngineFailed, ImportError) as error:
        raise CannotServe(f"The media engine cannot start: {error}") from error


async def _serve_until_signal(instance: Instance, door: socket.socket, lost: asyncio.Event) -> None:
    proxies = list(instance.settings.trusted_proxies)
    server = Door(
        uvicorn.Config(
            http(instance),
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(proxies),
            forwarded_allow_ips=proxies,
            ws="none",
            timeout_graceful_shutdown=GRACE_S,
            backlog=1024,
        )
    )
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, _end, instance, server)
    loop.add_signal_handler(signal.SIGUSR2, _tell_numbers, instance)
    watches = [
        asyncio.create_task(_end_on(event, instance, server))
        for event in (instance.engine_failed, lost, instance.database.unsure)
    ]
    try:
        await server.serve(sockets=[door])
    finally:
        for watch in watches:
            watch.cancel()
    if lost.is_set():
        raise DatabaseLost(
            "The database was away, and another server has taken it meanwhile, so this one ended."
        )
    if instance.database.unsure.is_set():
        raise DatabaseLost(
            "The database went away while something was being kept, and nobody knows whether it"
            " was, so the server ended. Start it again: everything live comes back."
        )
    if instance.engine_failed.is_set():
        raise EngineEnded(
            "The media engine has failed, and the server ended with it."
            " Start it again: everything live comes back."
        )


async def _end_on(event: asyncio.Event, instance: Instance, server: Door) -> None:
    """End as by a signal when there is no going on: whoever starts it again helps everybody."""
    await event.wait()
    _end(instance, server)


def _end(instance: Instance, server: Door) -> None:
    instance.say_goodbye()
    server.should_exit = True


def _tell_numbers(instance: Instance) -> None:
    """Write the numbers of now into the log: nothing in them says who is there."""
    calls = len(instance.calls.registry)
    log.info("numbers", calls=calls, **instance.engine.numbers())


async def _announce(instance: Instance, door: socket.socket) -> None:
    """Print where the server is to be found, and the administrator's link while there is none."""
    host, port = door.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{port}"
    data, udp_port = instance.settings.data, instance.engine.udp_port
    print(f"Convivium {address}  (UDP {udp_port}, data in {data})", flush=True)
    if not is_loopback(host):
        log.warning("cookies_not_secure", why="plain http beyond this machine; use https")
    async with instance.database.read() as session:
        if await accounts.has_admin(session):
            return
    async with instance.transactions.begin() as tx:
        secret = await accounts.invite_admin(tx)
    print(
        f"There is no administrator yet. This link makes one, once, within a day:\n"
        f"  {admin_link(address, secret)}",
        flush=True,
    )


def admin_link(address: str, secret: str) -> str:
    """Write the one-time link; the secret stays behind the #, which browsers send to nobody."""
    return f"{address}/sign-in#invite={secret}"
