"""The commands. Exit codes: 0 well, 2 wrong usage or settings, 1 anything else."""

import gc
import json
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from convivium.core.actor import Role, Scope
from convivium.core.config import Settings, read_settings
from convivium.core.errors import Malformed, Refusal, StartFailed

# What is heavy is imported by the command that needs it, so that `--help` is there at once.

app = typer.Typer(
    help="Live social audio on your own server.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
user = typer.Typer(help="People of this instance.", no_args_is_help=True)
token = typer.Typer(help="What scripts sign in with.", no_args_is_help=True)
group = typer.Typer(help="Groups of people, for settings.", no_args_is_help=True)
admin = typer.Typer(help="Who runs this instance.", no_args_is_help=True)
demo = typer.Typer(help="People and their spaces for trying it out.")
config = typer.Typer(help="The settings of this instance.", no_args_is_help=True)
mail = typer.Typer(help="Mail that this instance sends.", no_args_is_help=True)
for name, commands in (
    ("user", user),
    ("token", token),
    ("group", group),
    ("admin", admin),
    ("demo", demo),
    ("config", config),
    ("mail", mail),
):
    app.add_typer(commands, name=name)

Data = Annotated[Path | None, typer.Option(help="Folder that holds everything kept.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def serve(
    data: Data = None,
    host: Annotated[str | None, typer.Option(help="Address of the page and the API.")] = None,
    port: Annotated[int | None, typer.Option(help="TCP port; 0 takes a free one.")] = None,
    udp_port: Annotated[int | None, typer.Option(help="UDP port of all sound; 0: free.")] = None,
    udp_advertise: Annotated[
        list[str] | None, typer.Option(help="Address told to browsers; may be repeated.")
    ] = None,
) -> None:
    """Serve the page, the API and the sound until Ctrl-C."""
    # What is imported stays: looking for what could be collected is a sixth of the start.
    gc.disable()
    from convivium.core.logging import set_up_logging  # noqa: PLC0415
    from convivium.serving import serve as serve_until_signal  # noqa: PLC0415

    gc.freeze()
    gc.enable()
    settings = read_settings(
        data=data,
        host=host,
        port=port,
        udp_port=udp_port,
        udp_advertise=tuple(udp_advertise) if udp_advertise else None,
    )
    set_up_logging(json=settings.log_json)
    _run(serve_until_signal(settings))


@user.command("create")
def create_user(
    name: str,
    display_name: Annotated[str, typer.Option(help="How others see this person.")] = "",
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    role: Annotated[str, typer.Option(help="member, moderator or admin")] = "member",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Make an account; without a password nobody can sign in to it."""
    password = sys.stdin.readline().rstrip("\n") if password_stdin else None
    if role not in ("member", "moderator", "admin"):
        raise typer.BadParameter("one of member, moderator, admin", param_hint="--role")
    made = _run(
        _create_user(read_settings(data=data), name, display_name, password, cast("Role", role))
    )
    print(json.dumps(made) if as_json else f"{made['name']} ({made['id']})")


@user.command("invite")
def invite_user(
    uses: Annotated[int, typer.Option(min=1, max=10_000, help="How many can use it.")] = 1,
    days: Annotated[int, typer.Option(min=1, max=365, help="For how long.")] = 7,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Print a code with which people can sign up where it takes an invitation."""
    code = _run(_invite_user(read_settings(data=data), uses, days))
    print(json.dumps({"code": code}) if as_json else code)


@group.command("add")
def add_to_group(name: str, user: str, data: Data = None) -> None:
    """Put somebody into a group, to which settings may refer."""
    _run(_change_group(read_settings(data=data), name, user, is_in=True))


@group.command("remove")
def remove_from_group(name: str, user: str, data: Data = None) -> None:
    """Take somebody out of a group."""
    _run(_change_group(read_settings(data=data), name, user, is_in=False))


@token.command("create")
def create_token(
    user: str,
    scope: Annotated[list[str], typer.Option(help="read, write, speak, host, moderate, admin")],
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Make a token that acts for a person; it is shown this once."""
    secret = _run(_create_token(read_settings(data=data), user, cast("list[Scope]", scope)))
    print(json.dumps({"token": secret}) if as_json else secret)


@admin.command("invite")
def invite_admin(data: Data = None, as_json: Json = False) -> None:
    """Print a one-time link that makes an administrator."""
    from convivium.serving import admin_link  # noqa: PLC0415

    settings = read_settings(data=data)
    secret = _run(_invite_admin(settings))
    link = admin_link(f"http://{settings.host}:{settings.port}", secret)
    print(json.dumps({"link": link}) if as_json else link)


@config.command("show")
def show_config(data: Data = None) -> None:
    """Print the settings in effect, secrets hidden."""
    for name, value in read_settings(data=data).model_dump(mode="json").items():
        print(f"{name} = {json.dumps(value)}")


@mail.command("test")
def try_mail(address: str, data: Data = None) -> None:
    """Send a letter to an address, to see whether mail works."""
    _run(_try_mail(read_settings(data=data), address))
    print(f"The mail server has taken a letter to {address}.")


@demo.callback(invoke_without_command=True)
def fill_demo(context: typer.Context, data: Data = None) -> None:
    """Fill the data folder for trying it out; a server that runs on it shows it at once."""
    if context.invoked_subcommand is None:
        help_paths, shown = _run(_fill_demo(read_settings(data=data)))
        print("The demo is ready." if help_paths else "The demo was there already.")
        for path, title, state in shown:
            print(f"  {path}  {title} ({state})")
        if help_paths:
            print("To see how one hosts, sign in and open one of these at the server's address:")
        for path in help_paths:
            print(f"  {path}")


@demo.command("remove")
def remove_demo(data: Data = None) -> None:
    """Take the demo's people and their spaces away."""
    gone = _run(_remove_demo(read_settings(data=data)))
    print(f"{gone} people of the demo are gone.")


@demo.command("seed")
def seed_demo(
    people: Annotated[int, typer.Option(min=20, max=30_000)] = 20_000,
    follows: Annotated[int, typer.Option(min=0, max=1_000_000)] = 200_000,
    posts: Annotated[int, typer.Option(min=1, max=2_000_000)] = 500_000,
    spaces: Annotated[int, typer.Option(min=0, max=100_000)] = 2_000,
    data: Data = None,
) -> None:
    """Fill a folder of its own with very many made-up people, to measure with; takes minutes."""
    from convivium.demo.seed import Size  # noqa: PLC0415

    _run(_seed_demo(read_settings(data=data), Size(people, follows, posts, spaces)))
    print(f"{people} made-up people are there, and nobody can sign in as one of them.")


async def _try_mail(settings: Settings, address: str) -> None:
    from convivium.accounts.emails import plain_address  # noqa: PLC0415
    from convivium.core.clock import SystemClock  # noqa: PLC0415
    from convivium.delivery.letters import to_try  # noqa: PLC0415
    from convivium.delivery.mailer import Mailer  # noqa: PLC0415

    try:
        to = plain_address(address)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="ADDRESS") from error
    mailer = Mailer(settings)
    if not mailer.is_there:
        raise StartFailed("No mail server is set. Set smtp_host, mail_from and public_url first.")
    outcome = await mailer.send(to_try(to, mailer.site), SystemClock().now())
    if outcome.word != "done":
        raise StartFailed(
            f"The mail server {settings.smtp_host}:{settings.smtp_port} has not taken the letter."
            " The line above says what it answered, or that it is not there."
        )


async def _fill_demo(settings: Settings) -> tuple[list[str], list[tuple[str, str, str]]]:
    """Give the links to help, and path, title and state of every space."""
    from convivium.demo import service  # noqa: PLC0415
    from convivium.moderation.subscribers import keep_log  # noqa: PLC0415

    async with _writing(settings, keep_log) as tx:
        help_paths = await service.fill(tx)
        shown = await service.all_spaces(tx.session)
        return help_paths, [(f"/spaces/{one.id}", one.title, one.state) for one in shown]


async def _remove_demo(settings: Settings) -> int:
    from convivium.demo import service  # noqa: PLC0415

    async with _writing(settings) as tx:
        return await service.remove(tx)


async def _seed_demo(settings: Settings, size: Any) -> None:  # noqa: ANN401 - imported there
    from convivium.demo.seed import seed  # noqa: PLC0415

    async with _writing(settings) as tx:
        await seed(tx, size)


async def _create_user(
    settings: Settings, name: str, display_name: str, password: str | None, role: Role
) -> dict[str, Any]:
    from convivium.accounts import service  # noqa: PLC0415
    from convivium.accounts.passwords import Passwords, strong_hasher  # noqa: PLC0415
    from convivium.accounts.view import me_view  # noqa: PLC0415

    password_hash = None
    if password is not None:
        service.check_password(password, name, display_name)
        password_hash = await Passwords(strong_hasher()).hash(password)
    async with _writing(settings) as tx:
        person = await service.sign_up(
            tx, name=name, password_hash=password_hash, display_name=display_name, role=role
        )
        return dict(me_view(person))


async def _create_token(settings: Settings, name: str, scopes: list[Scope]) -> str:
    from convivium.accounts import service  # noqa: PLC0415

    async with _writing(settings) as tx:
        return await service.make_token(tx, name, frozenset(scopes))


async def _invite_user(settings: Settings, uses: int, days: int) -> str:
    from convivium.accounts import joining  # noqa: PLC0415

    async with _writing(settings) as tx:
        _, code = await joining.invite(tx, uses=uses, days=days)
        return code


async def _change_group(settings: Settings, name: str, user: str, *, is_in: bool) -> None:
    from convivium.accounts import groups  # noqa: PLC0415

    async with _writing(settings) as tx:
        await (groups.add if is_in else groups.remove)(tx, name, user)


async def _invite_admin(settings: Settings) -> str:
    from convivium.accounts import service  # noqa: PLC0415

    async with _writing(settings) as tx:
        return await service.invite_admin(tx)


@asynccontextmanager
async def _writing(settings: Settings, *subscribe: Callable[[Any], None]) -> AsyncIterator[Any]:
    """Write in the data folder beside a server that may be running on it; who subscribes hears."""
    from convivium.core.bus import Bus  # noqa: PLC0415
    from convivium.core.clock import SystemClock  # noqa: PLC0415
    from convivium.core.database import Database, database_in_words, database_of  # noqa: PLC0415
    from convivium.core.migrate import bring_up_to_date_beside_others  # noqa: PLC0415
    from convivium.core.transaction import Transactions  # noqa: PLC0415

    kind = database_of(settings)
    with database_in_words(kind):
        await bring_up_to_date_beside_others(kind, settings.data)
        database, bus = Database(kind), Bus()
        for each in subscribe:
            each(bus)
        try:
            async with Transactions(database, bus, SystemClock()).begin() as tx:
                yield tx
        finally:
            await database.close()


def _run(work: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401 - whatever the command gives
    import uvloop  # noqa: PLC0415

    return uvloop.run(work)


def main() -> None:
    """Run a command; what went wrong is one sentence on standard error."""
    try:
        app()
    except Malformed as error:
        _fail(error, 2)
    except Refusal as error:
        _fail(error, 1)
    except StartFailed as error:
        _fail(error, error.exit_code)


def _fail(error: Exception, code: int) -> None:
    print(f"convivium: {error}", file=sys.stderr)
    sys.exit(code)
