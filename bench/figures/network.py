"""How quickly the network around the rooms answers, with very many people in it, on both databases.

Pages are asked for at a steady rate, whether the ones before have been answered or not; a page that
waits for others counts from when it was due.
"""

import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import httpx

from bench.catalogue import Reading
from bench.effort import Effort
from bench.samples import median, percentile
from bench.server import MeasuringError, Server, run_command, serving

RESULTS = Path(__file__).resolve().parents[1] / "results"
POSTGRES = Path(__file__).resolve().parents[2] / "tools" / "postgres.py"
# It tells where it is, and stays until nobody listens any more.
TELL = (
    "import os, sys; print(os.environ['CONVIVIUM_TESTS_ON_POSTGRES'], flush=True); sys.stdin.read()"
)
SEED_LIMIT_S = 600.0
PER_S = 100
# Whoever reads: some whom half of all follow, and some whom few do.
READERS = (0, 3, 10, 100, 500, 900)
# What they read; {who} is one whom half of all follow, {post} one that very many answer.
PAGES = {
    "timeline": "/timeline",
    "profile": "/people/{who}",
    "thread": "/posts/{post}/thread",
    "hashtag": "/posts?tag=tag0",
    "notifications": "/notifications",
    "search": "/search?q=bread+rain&kind=posts",
}
STAR = "@seeded_0"
# A post to very many is written so often while pages are read.
POST_EVERY_S = 1.0
WARM_UP_S = 2.0
# None of the limits for one person is what is measured.
SETTINGS = {"CONVIVIUM_POSTS_BURST": "100000", "CONVIVIUM_SEARCHES_BURST": "100000"}


@dataclass(frozen=True)
class Answers:
    """How long answers took, in milliseconds: of each page, and of posts to very many."""

    pages: Mapping[str, Sequence[float]]
    posts: Sequence[float] = ()

    def all_pages(self) -> list[float]:
        """Give those of all pages together."""
        return [took for page in self.pages.values() for took in page]


@dataclass(frozen=True)
class Measured:
    """What one database made of it: alone, and with posts in between."""

    kind: str
    people: int
    alone: Answers
    beside: Answers


def measure(effort: Effort) -> Iterator[Reading]:
    """Fill a folder for each kind of database, and read."""
    found = [_measured(kind, effort) for kind in ("sqlite", "postgres")]
    write_down(found, RESULTS)
    for one in found:
        yield from readings_of(one)


def readings_of(measured: Measured) -> Iterator[Reading]:
    """Say how quick one database is."""
    alone, beside, kind = measured.alone, measured.beside, measured.kind
    made_up = f"{measured.people:,} people, {PER_S} requests a second"
    for page, took in alone.pages.items():
        middle = f"middle {median(took):.1f} ms; {made_up}"
        yield Reading(f"{page}_{kind}_p95_ms", percentile(took, 0.95), middle)
    yield Reading(
        f"pages_beside_posts_{kind}_p50_ms",
        median(beside.all_pages()),
        f"without posts {median(alone.all_pages()):.1f} ms; a post each second to"
        f" {measured.people // 2:,}, which takes {median(beside.posts):.1f} ms",
    )


def write_down(found: Sequence[Measured], folder: Path) -> None:
    """Leave network.json."""
    everything = {one.kind: asdict(one) for one in found}
    (folder / "network.json").write_text(json.dumps(everything) + "\n", encoding="utf-8")


def _measured(kind: str, effort: Effort) -> Measured:
    people = effort.network_posts // 25
    with (
        tempfile.TemporaryDirectory(prefix="convivium-bench-") as name,
        _database(kind) as address,
    ):
        data = Path(name)
        settings = {**SETTINGS, **({"CONVIVIUM_DATABASE_URL": address} if address else {})}
        _seed(data, settings, effort.network_posts)
        if address:
            asyncio.run(_count_rows(address))
        tokens = [_token(data, settings, place) for place in READERS]
        with serving(data, settings) as server:
            alone, beside = asyncio.run(_read(server, tokens, effort.network_s))
    return Measured(kind, people, alone, beside)


@contextlib.contextmanager
def _database(kind: str) -> Iterator[str]:
    """Run a PostgreSQL and give its address; an empty one for SQLite. Raises MeasuringError."""
    if kind == "sqlite":
        yield ""
        return
    with subprocess.Popen(
        [sys.executable, POSTGRES, sys.executable, "-c", TELL],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        told = process.stdout.readline().strip() if process.stdout else ""
        if not told:
            raise MeasuringError("PostgreSQL did not start")
        yield told.format(database="postgres")
        if process.stdin:
            process.stdin.close()


def _seed(data: Path, settings: Mapping[str, str], posts: int) -> None:
    size = {
        "people": posts // 25,
        "follows": posts * 2 // 5,
        "posts": posts,
        "spaces": posts // 250,
    }
    words = [word for name, number in size.items() for word in (f"--{name}", str(number))]
    run_command(
        "demo", "seed", "--data", str(data), *words, settings=settings, limit_s=SEED_LIMIT_S
    )


async def _count_rows(address: str) -> None:
    """Let PostgreSQL know how much there is, as it finds out by itself where it runs for long."""
    connection = await asyncpg.connect(address)
    try:
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


def _token(data: Path, settings: Mapping[str, str], place: int) -> str:
    words = ("token", "create", f"seeded_{place}", "--scope=read", "--scope=write", "--json")
    return str(json.loads(run_command(*words, "--data", str(data), settings=settings))["token"])


# Reading


async def _read(server: Server, tokens: Sequence[str], long_s: float) -> tuple[Answers, Answers]:
    """Read alone, then with posts in between; the first answers are not counted."""
    # Given up sooner than the server gives them up, which would be seen only by asking.
    limits = httpx.Limits(max_connections=PER_S, keepalive_expiry=1.0)
    async with httpx.AsyncClient(
        base_url=f"{server.url}/api/v1", limits=limits, timeout=30
    ) as client:
        pages = await _pages(client, tokens[0])
        await _at_a_rate(client, tokens, pages, WARM_UP_S)
        alone = Answers(await _at_a_rate(client, tokens, pages, long_s))
        posting = asyncio.create_task(_post(client, tokens[0], long_s))
        beside = await _at_a_rate(client, tokens, pages, long_s)
        return alone, Answers(beside, await posting)


async def _pages(client: httpx.AsyncClient, token: str) -> dict[str, str]:
    """Find the post that very many answer, and give the address of each page."""
    tops = [await _get(client, token, f"/people/{STAR}/posts?limit=50")]
    tops.append(await _get(client, token, "/posts?tag=tag0&limit=50"))
    posts = [item for page in tops for item in page["items"]]
    most = max(posts, key=lambda post: post["counts"]["replies"])
    return {page: path.format(who=STAR, post=most["id"]) for page, path in PAGES.items()}


async def _get(client: httpx.AsyncClient, token: str, path: str) -> Any:  # noqa: ANN401
    answer = await client.get(path, headers={"Authorization": f"Bearer {token}"})
    return answer.raise_for_status().json()


async def _at_a_rate(
    client: httpx.AsyncClient, tokens: Sequence[str], pages: Mapping[str, str], long_s: float
) -> dict[str, list[float]]:
    """Ask for all pages in turns, each reader for each; gives how long answers took, in ms."""
    took: dict[str, list[float]] = {page: [] for page in pages}
    asked = cycle([(page, token) for token in tokens for page in pages])
    began = time.perf_counter()

    async def ask(page: str, token: str, due: float) -> None:
        answer = await client.get(pages[page], headers={"Authorization": f"Bearer {token}"})
        answer.raise_for_status()
        took[page].append((time.perf_counter() - due) * 1000)

    try:
        async with asyncio.TaskGroup() as asking:
            for number in range(round(long_s * PER_S)):
                due = began + number / PER_S
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                asking.create_task(ask(*next(asked), due))
    except* httpx.HTTPError as failed:
        raise MeasuringError(f"a page was not answered: {failed.exceptions[0]!r}") from failed
    return took


async def _post(client: httpx.AsyncClient, token: str, long_s: float) -> list[float]:
    """Write to very many, again and again; gives how long each took, in ms."""
    took = []
    for number in range(round(long_s / POST_EVERY_S)):
        began = time.perf_counter()
        answer = await client.post(
            "/posts",
            json={"text": f"Number {number}"},
            headers={"Authorization": f"Bearer {token}"},
        )
        answer.raise_for_status()
        took.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(max(0.0, began + POST_EVERY_S - time.perf_counter()))
    return took
