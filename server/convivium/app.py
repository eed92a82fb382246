"""The composition root: the only file that knows every feature.

An `Instance` is everything of one server, wired; `running` starts and stops it, and `http` puts the
features' routes and the page on top.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import structlog
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from sqlalchemy import text

from convivium import __version__, api_docs, shapes, shell
from convivium.accounts import api as accounts_api
from convivium.accounts import emails, resets, waiting
from convivium.accounts import service as accounts
from convivium.accounts.challenges import Challenges
from convivium.accounts.events import ProfileChanged, RoleGiven, SignedOut, Suspended
from convivium.accounts.limits import AccountLimits
from convivium.accounts.passwords import Passwords
from convivium.accounts.seals import Seals
from convivium.accounts.view import me_view
from convivium.admin import api as admin_api
from convivium.admission import api as admission_api
from convivium.branding import api as branding_api
from convivium.branding.events import BrandingChanged
from convivium.branding.service import Brands
from convivium.calls import api as calls_api
from convivium.calls import subscribers as calls_subscribers
from convivium.calls.alarm import alarm_part
from convivium.calls.service import Calls
from convivium.calls.view import listening_parts
from convivium.chat import api as chat_api
from convivium.chat import subscribers as chat_subscribers
from convivium.chat.boards import Boards
from convivium.chat.view import chat_parts
from convivium.core.actor import Actor
from convivium.core.bus import Bus
from convivium.core.clock import Clock
from convivium.core.config import Settings
from convivium.core.database import Database, database_of
from convivium.core.errands import Errands
from convivium.core.errors import Refusal
from convivium.core.jobs import JobPut, Runner, forget_given_up
from convivium.core.outside import Outside
from convivium.core.transaction import Transactions
from convivium.core.web import (
    API,
    JSON_LIMIT_BYTES,
    BodyLimit,
    Clients,
    answer_refusals,
    identify,
    provide,
)
from convivium.delivery import api as delivery_api
from convivium.delivery import subscribers as delivery_subscribers
from convivium.delivery.mailer import AT_ONCE as LETTERS_AT_ONCE
from convivium.delivery.mailer import Mailer
from convivium.delivery.push import Push
from convivium.demo import service as demo
from convivium.demo import subscribers as demo_subscribers
from convivium.demo.turns import Turns
from convivium.files import subscribers as files_subscribers
from convivium.files.subscribers import Sweep
from convivium.leaving import api as leaving_api
from convivium.leaving import service as leaving
from convivium.link_cards import api as link_cards_api
from convivium.link_cards import subscribers as link_cards_subscribers
from convivium.link_cards.fetching import FetchErrand, Waiters
from convivium.link_cards.service import FetchLimits, LinkCards
from convivium.live.events import SpaceFact
from convivium.live.personal import Personal
from convivium.live.service import Live
from convivium.media.engine import Engine, Failed
from convivium.messages import api as messages_api
from convivium.messages import service as messages
from convivium.messages import subscribers as messages_subscribers
from convivium.messages import view as messages_view
from convivium.moderation import api as moderation_api
from convivium.moderation import service as moderation
from convivium.moderation import subscribers as moderation_subscribers
from convivium.moderation import view as moderation_view
from convivium.notifications import api as notifications_api
from convivium.notifications import service as notifications
from convivium.notifications import subscribers as notifications_subscribers
from convivium.notifications.events import NotificationsChanged
from convivium.notifications.view import personal_parts
from convivium.oidc import api as oidc_api
from convivium.oidc.provider import Providers, hosts_of
from convivium.pictures import api as pictures_api
from convivium.pictures.album import Album
from convivium.pictures.service import PICTURES
from convivium.posts import api as posts_api
from convivium.previews import api as previews_api
from convivium.reactions import api as reactions_api
from convivium.reactions import subscribers as reactions_subscribers
from convivium.reactions.service import Reactions
from convivium.reactions.view import reactions_parts
from convivium.relationships import api as relationships_api
from convivium.relationships import subscribers as relationships_subscribers
from convivium.search import api as search_api
from convivium.search import tidying
from convivium.search.index import SearchIndex
from convivium.search.postgres import Gin
from convivium.search.sqlite import Fts5
from convivium.spaces import api as spaces_api
from convivium.spaces import schedule
from convivium.spaces import service as spaces
from convivium.spaces import subscribers as spaces_subscribers
from convivium.spaces.looks import Looks
from convivium.spaces.view import SPACE, Desk
from convivium.stage import api as stage_api
from convivium.stage import floor
from convivium.stage import service as stage
from convivium.stage import subscribers as stage_subscribers
from convivium.stage.view import FLOOR, QUEUE, STAGE, scenes_loader
from convivium.timeline import api as timeline_api
from convivium.timeline import subscribers as timeline_subscribers
from convivium.voice_notes import api as voice_notes_api
from convivium.voice_notes.service import VOICE_NOTES
from convivium.voice_notes.studio import Studio

# Addresses at which the web app shows something, beside those of spaces and people.
PAGES = (
    "",
    "sign-in",
    "explore",
    "messages",
    "moderation",
    "notifications",
    "schedule",
    "share",
    "settings",
    "settings/notifications",
    "confirm-email",
    "forgot-password",
    "new-password",
    "admin",
)
# What a browser keeps for when it cannot reach this server: the same for everybody, nobody's own.
OFFLINE = "offline"
# So many pages that people link to are fetched at a time.
FETCHES_AT_ONCE = 4
# How often it is looked for seats and spaces that have waited too long.
SWEEP_S = 1.0
# How often what is over is forgotten.
FORGET_S = 3600.0

log = structlog.get_logger()


class Instance:
    """Everything of one server, wired: made of settings, an engine and a clock."""

    def __init__(
        self, settings: Settings, *, engine: Engine, clock: Clock, passwords: Passwords
    ) -> None:
        self.settings = settings
        self.engine = engine
        self.clock = clock
        self.passwords = passwords
        self.database = Database(database_of(settings))
        self.bus = Bus()
        self.transactions = Transactions(self.database, self.bus, clock)
        self.jobs = Runner(self.transactions)
        # Apart: a mail server that hangs keeps no push waiting.
        self.pushes = Errands(self.transactions)
        self.mails = Errands(self.transactions, at_once=LETTERS_AT_ONCE)
        self.fetches = Errands(self.transactions, at_once=FETCHES_AT_ONCE)
        self.outside = Outside(local=settings.outside_local)
        self.providers_outside = Outside(known=hosts_of(settings.oidc))
        # Apart as well: pages are anybody's, and any number of them may be slow.
        self.pages = Outside(local=settings.outside_local)
        self.brands = Brands(self.database)
        self.mailer = Mailer(settings, lambda: self.brands.current.name)
        self.push = Push(self.transactions, self.outside, self.mailer.contact, settings.public_url)
        self.live = Live(self.database, engine, settings)
        self.personal = Personal(self.database, self.live.places)
        self.personal.show(
            [
                *personal_parts(clock.now),
                *messages_view.personal_parts(),
                *moderation_view.personal_parts(),
            ]
        )
        self.calls = Calls(
            engine=engine,
            transactions=self.transactions,
            live=self.live,
            settings=settings,
            clock=clock,
        )
        self.boards = Boards(self.database, self.live)
        self.reactions = Reactions(self.calls.registry, self.live, settings, clock)
        self.desk = Desk(self.transactions, self.live, settings)
        self.looks = Looks(self.transactions)
        self.turns = Turns(
            self.transactions, engine, self.calls, self.reactions, self.live, settings
        )
        self.album = Album(settings.pictures_path)
        self.sweep_pictures = Sweep(self.transactions, PICTURES, self.album.shelves)
        self.studio = Studio(settings.voice_notes_path)
        self.sweep_voice_notes = Sweep(self.transactions, VOICE_NOTES, self.studio.shelves)
        self.fetch_limits = FetchLimits(clock, settings)
        self.link_cards = LinkCards(settings, self.fetch_limits)
        self.waiters = Waiters()
        self.is_ready = False
        self.engine_failed = asyncio.Event()
        self.show_on(self.live)
        self._subscribe()

    def show_on(self, live: Live) -> None:
        """Say which parts make the picture of a space, in the order in which they are told."""
        listening = listening_parts(self.calls.registry, self.calls.entrance, self.live)
        live.show(
            [
                SPACE,
                STAGE,
                FLOOR,
                *listening,
                alarm_part(self.calls.alarms),
                *reactions_parts(self.reactions),
                *chat_parts(self.boards),
                QUEUE,
            ],
            scenes_loader(anonymous_listening=self.settings.anonymous_listening),
        )

    def _subscribe(self) -> None:
        """Say who hears of what, in this order."""
        files_subscribers.subscribe(self.jobs, PICTURES, self.album.shelves)
        files_subscribers.subscribe(self.jobs, VOICE_NOTES, self.studio.shelves)
        link_cards_subscribers.subscribe(
            self.bus,
            self.fetches,
            FetchErrand(self.pages, self.album, agent_of(self.settings)),
            self.waiters,
        )
        relationships_subscribers.subscribe(self.bus, self.jobs)
        spaces_subscribers.subscribe(self.bus)
        stage_subscribers.subscribe(self.bus)
        calls_subscribers.subscribe(self.bus, self.calls, self.live)
        chat_subscribers.subscribe(self.bus, self.boards)
        reactions_subscribers.subscribe(self.bus, self.reactions)
        messages_subscribers.subscribe(self.bus, self.personal)
        notifications_subscribers.subscribe(self.bus, self.jobs)
        timeline_subscribers.subscribe(self.bus, self.personal, self.database)
        moderation_subscribers.subscribe(self.bus, self.personal, self.database)
        delivery_subscribers.subscribe(
            self.bus, self.pushes, self.mails, self.transactions, self.push, self.mailer
        )
        demo_subscribers.subscribe(self.bus)
        self.turns.subscribe(self.bus)
        # Last: what is seen is told when the gates are as the rows say.
        self.bus.after(ProfileChanged, self.live.rename)
        self.bus.after(SignedOut, self.personal.sign_out)
        self.bus.after(Suspended, self.personal.suspend)
        self.bus.after(RoleGiven, self._tell_role)
        self.bus.after(BrandingChanged, self.brands.look_again)
        self.bus.last(SpaceFact, self._refresh)
        self.bus.last(NotificationsChanged, self._tell_people)
        self.bus.last(JobPut, self.jobs.look_again)
        self.bus.last(JobPut, self.pushes.look_again)
        self.bus.last(JobPut, self.mails.look_again)
        self.bus.last(JobPut, self.fetches.look_again)
        self.jobs.on(schedule.EXPIRE, schedule.expire)
        self.jobs.on(leaving.FORGET_PERSON, leaving.forget_person)
        self.jobs.on(tidying.TIDY_SEARCH, tidying.tidy)

    async def _tell_role(self, fact: RoleGiven) -> None:
        """Show somebody what waits for staff, or no more."""
        await self.personal.refresh([fact.person_id])

    async def _tell_people(self, facts: Sequence[NotificationsChanged]) -> None:
        """Tell each person once what is new for them."""
        await self.personal.refresh(fact.person_id for fact in facts)

    async def _refresh(self, facts: Sequence[SpaceFact]) -> None:
        """Tell what changed once for each space, however much of it changed."""
        for space_id in dict.fromkeys(fact.space_id for fact in facts):
            await self.live.refresh(space_id)

    async def identify(self, *, bearer: str | None, cookies: list[str], network: str) -> Actor:
        """Find who shows these."""
        if bearer is None and not cookies:
            return Actor(network=network)
        async with self.database.read() as session:
            return await accounts.identify(
                session, bearer=bearer, cookies=cookies, network=network, now=self.clock.now()
            )

    def say_goodbye(self) -> None:
        """Close every event stream, so that nothing keeps the server from ending."""
        self.is_ready = False
        self.live.goodbye_to_all()
        self.personal.goodbye_to_all()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Rebuild from the rows what lives in memory, run, and end in good order."""
        tasks: list[asyncio.Task[None]] = []
        try:
            await self._rebuild()
            work = (
                self._follow_engine(),
                self._repeat(self.sweep, SWEEP_S),
                self._repeat(self.forget_old, FORGET_S),
                self._repeat(self.sweep_pictures, FORGET_S),
                self._repeat(self.sweep_voice_notes, FORGET_S),
                self.turns.run(),
                self.jobs.run(),
                self.pushes.run(),
                self.mails.run(),
                self.fetches.run(),
            )
            tasks += [asyncio.create_task(part) for part in work]
            self.is_ready = True
            yield
        finally:
            self.is_ready = False
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.calls.finish()
            await self.live.finish()
            await self.transactions.finish()
            self.engine.stop()
            self.passwords.close()
            await self.outside.close()
            await self.providers_outside.close()
            await self.pages.close()
            self.album.shelves.close()
            self.studio.shelves.close()
            await self.database.close()

    async def _rebuild(self) -> None:
        """Let the engine carry every live space again; people come back by themselves."""
        async with self.transactions.begin() as tx:
            await stage.everybody_missing(tx)
            await demo.take_seats(tx)
            for space in await spaces.live_spaces(tx.session):
                await self.engine.open_space(space.number)
                await self.engine.set_music(space.number, music=space.music)
                self.reactions.open(space.id, space.number)
        await self._lay_tables()
        await self.brands.look()

    async def _lay_tables(self) -> None:
        async with self.database.read() as session:
            live = await spaces.live_spaces(session)
        for space in live:
            await self.boards.look(space.id)

    async def _follow_engine(self) -> None:
        async for event in self.engine.events():
            if isinstance(event, Failed):
                log.error("engine_thread_ended", thread=event.thread)
                self.engine_failed.set()
            self.turns.follow(event)
            self.reactions.follow(event)
            try:
                await self.calls.follow(event)
            except Exception:
                log.exception("engine_event_failed", kind=type(event).__name__)

    async def _repeat(self, work: Callable[[], Awaitable[None]], every_s: float) -> None:
        """Do something soon after the start, and then again and again, whatever comes of it."""
        await asyncio.sleep(min(SWEEP_S, every_s))
        while True:
            try:
                await work()
            except Exception:
                log.exception(
                    "repeated_work_failed", work=getattr(work, "__name__", type(work).__name__)
                )
            await asyncio.sleep(every_s)

    async def forget_old(self) -> None:
        """Forget what is over: credentials, keys, guests, jobs, what people were told or asked."""
        await accounts.forget_old(self.transactions)
        await accounts.forget_guests(self.transactions, self.calls.registry.is_here)
        async with self.transactions.begin() as tx:
            await forget_given_up(tx, but=[leaving.FORGET_PERSON])
            await emails.forget_claims(tx)
            await resets.forget_old(tx)
            await waiting.forget_old(tx)
            await notifications.forget_old(tx)
            await moderation.forget_reports(tx, self.settings.reports_kept_days)
            await messages.forget_old(tx)
        await link_cards_subscribers.forget_old(self.transactions, self.settings.link_cards_max)

    async def sweep(self) -> None:
        """End turns whose time is up; free seats, places in line and spaces nobody comes for."""
        since = self.clock.now() - timedelta(seconds=self.settings.seat_kept_s)
        async with self.database.read() as session:
            overdue = await stage.overdue(session, since)
            is_due = bool(
                await stage.overdue_requests(session, since)
            ) or await floor.is_anything_due(session, self.clock.now())
        if is_due or any(
            stage.has_waited_enough(seat, space, self.settings, self.clock.now())
            for seat, space in overdue
        ):
            async with self.transactions.begin() as tx:
                await stage.sweep(tx, self.settings)


def agent_of(settings: Settings) -> str:
    """Say to servers elsewhere who asks them, and where that is."""
    where = f" (+{settings.public_url}; link cards)" if settings.public_url else " (link cards)"
    return f"Convivium/{__version__}{where}"


def search_index(settings: Settings) -> SearchIndex:
    """Choose the index that goes with the database."""
    return Fts5() if settings.database_url is None else Gin()


# How often people may do what: one of each for the instance.
LIMITS: tuple[Callable[[Clock, Settings], object], ...] = (
    AccountLimits,
    spaces_api.SpaceLimits,
    stage_api.StageLimits,
    chat_api.ChatLimits,
    relationships_api.RelationshipLimits,
    pictures_api.PictureLimits,
    voice_notes_api.VoiceNoteLimits,
    posts_api.PostLimits,
    messages_api.MessageLimits,
    notifications_api.NotificationLimits,
    delivery_api.DeliveryLimits,
    moderation_api.ModerationLimits,
    admin_api.AdminLimits,
    admission_api.AdmissionLimits,
    branding_api.BrandingLimits,
    leaving_api.LeavingLimits,
    search_api.SearchLimits,
)
# Calls first, where a crowd comes in: addresses are tried in this order.
FEATURES = (
    calls_api,
    accounts_api,
    oidc_api,
    timeline_api,
    spaces_api,
    stage_api,
    chat_api,
    reactions_api,
    posts_api,
    relationships_api,
    pictures_api,
    voice_notes_api,
    link_cards_api,
    messages_api,
    search_api,
    notifications_api,
    delivery_api,
    moderation_api,
    admission_api,
    leaving_api,
    admin_api,
    branding_api,
)


def http(instance: Instance) -> FastAPI:
    """Put routes and page on an instance."""
    app = FastAPI(
        title="Convivium",
        version=__version__,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.add_middleware(BodyLimit, limit=JSON_LIMIT_BYTES, larger=_larger(instance.settings))
    build = shell.build()
    app.add_middleware(Clients, build=build)
    app.state.identify = instance.identify
    app.state.check_still_valid = accounts.check_still_valid
    provide(
        app,
        instance.settings,
        instance.transactions,
        instance.passwords,
        instance.calls,
        instance.reactions,
        *(limits(instance.clock, instance.settings) for limits in LIMITS),
        Challenges(instance.clock),
        Seals(instance.clock),
        Providers(instance.settings.oidc, instance.providers_outside, instance.clock),
        search_index(instance.settings),
        instance.fetch_limits,
        instance.link_cards,
        instance.waiters,
        instance.album,
        instance.studio,
        instance.desk,
        instance.looks,
        instance.personal,
        instance.push,
        instance.mailer,
        instance.outside,
        instance.brands,
    )
    answer_refusals(app)
    for feature in FEATURES:
        app.router.routes.extend(feature.router.routes)
    app.include_router(_health(instance))
    app.add_api_route("/api/docs", _docs, include_in_schema=False, response_class=HTMLResponse)
    app.include_router(previews_api.routes(instance.desk, instance.brands))
    app.include_router(_pages(instance, build))
    _describe(app)
    return app


def _larger(settings: Settings) -> dict[tuple[str, str], int]:
    """Say which requests have bodies that are longer than words, and how long at most."""
    return {
        ("PUT", f"{API}/me/picture"): settings.picture_mb * 1_000_000,
        ("PUT", f"{API}/admin/branding/logo"): settings.picture_mb * 1_000_000,
        ("POST", f"{API}/pictures"): settings.picture_mb * 1_000_000,
        ("POST", f"{API}/voice-notes"): settings.voice_note_mb * 1_000_000,
    }


def _describe(app: FastAPI) -> None:
    """Let the API's description say also what no route can."""
    without_shapes = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = shapes.complete(without_shapes())
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign] # as FastAPI's manual says


async def _docs(request: Request) -> HTMLResponse:
    """Show the API to people."""
    nonce = secrets.token_urlsafe(16)
    page = api_docs.write(request.app.openapi(), nonce)
    return HTMLResponse(page, headers=shell.headers(nonce))


def _health(instance: Instance) -> APIRouter:
    router = APIRouter(tags=["health"])

    @router.get("/healthz")
    async def healthz(response: Response) -> dict[str, str]:
        """Tell that the process answers, and which run of it this is."""
        response.headers["Convivium-Life"] = instance.calls.life
        return {"status": "ok"}

    @router.get("/readyz")
    async def readyz(response: Response) -> dict[str, str]:
        """Tell whether the server can do its work: everything rebuilt, the database readable."""
        if not instance.is_ready:
            response.status_code = 503
            return {"status": "starting"}
        async with instance.database.read() as session:
            await session.execute(text("SELECT 1"))
        return {"status": "ready"}

    @router.get("/version")
    async def version() -> dict[str, str]:
        """Tell which version this is."""
        return {"version": __version__}

    return router


def _pages(instance: Instance, build: str) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/{path:outside_api}")
    async def page(path: str, request: Request) -> Response:
        """Give a built file, or the shell of the page at this address."""
        built = shell.built_file(path)
        if built is not None:
            return _file(built, request)
        if not shell.is_built():
            return PlainTextResponse("The web app is not built yet: make web", 503)
        boot = _boot(instance, build)
        if path == OFFLINE:
            shown, status = shell.front_page(boot | {"offline": True}, instance.brands.current), 200
        else:
            shown, status = await _shown(instance, path, await _opening(instance, request), boot)
        nonce = secrets.token_urlsafe(16)
        language = shell.language_for(
            request.cookies.get(shell.LANGUAGE_COOKIE),
            request.headers.get("accept-language", ""),
        )
        address = str(request.url.replace(query=""))
        body = shell.write(shown, address, nonce, language, instance.brands.current)
        return HTMLResponse(body, status, headers=shell.headers(nonce))

    return router


async def _opening(instance: Instance, request: Request) -> Actor:
    """Find who opens a page; that is to use a session, which then lives on."""
    actor = await identify(request)
    if actor.is_ageing:
        # Whoever cannot be written down now is so with the next page.
        with suppress(Refusal):
            async with instance.transactions.begin() as tx:
                await accounts.prolong(tx, actor)
    return actor


def _file(built: shell.BuiltFile, request: Request) -> Response:
    """Give a built file, packed where that makes it smaller and the browser can unpack it."""
    headers = {
        "Cache-Control": built.cache_control,
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
    }
    if built.is_text and "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(shell.packed(built), headers=headers, media_type=built.type)
    return FileResponse(built.path, headers=headers, media_type=built.type)


def _boot(instance: Instance, build: str) -> dict[str, Any]:
    """Give what every page starts with, whoever asks."""
    brand = instance.brands.current
    own = {"brand": {"name": brand.name, "logo": brand.logo}} if brand.is_own else {}
    return own | {
        "me": None,
        "space": None,
        "scheduled_days": instance.settings.scheduled_days,
        "message_length": instance.settings.message_length,
        "build": build,
    }


async def _shown(
    instance: Instance, path: str, actor: Actor, boot: dict[str, Any]
) -> tuple[shell.Page, int]:
    """Find what a page starts with, and whether there is such a page."""
    boot["me"] = None if actor.kind == "anonymous" else me_view(actor)
    brand = instance.brands.current
    space_id = path.removeprefix("spaces/")
    if space_id == path:
        known = path in PAGES or path.startswith(
            ("people/", "posts/", "messages/", "moderation/", "admin/", "unsubscribe/", "sign-in/")
        )
        return shell.front_page(boot, brand), 200 if known else 404
    try:
        async with instance.database.read() as session:
            await spaces.known_to(session, actor, space_id)
    except spaces.SpaceNotFound:
        return shell.front_page(boot, brand), 404
    await instance.looks.note(actor, space_id)
    card = await instance.desk.card(space_id, actor)
    return shell.space_page(boot | {"space": card}, brand), 200
