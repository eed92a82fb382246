"""Whether a server stays what it is while people come and go: memory, files, and no ghosts."""

import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx

from bench.catalogue import Reading
from bench.effort import Effort
from bench.generator import READ_ALL, Counted, Load, load
from bench.line import Line
from bench.people import voices
from bench.plot import Curve, Plot, leave, plotted
from bench.process import open_files, resident_kb
from bench.server import Server, new_server

RESULTS = Path(__file__).resolve().parents[1] / "results"
LISTENERS = 200
CHURN_PER_S = 20
# Of all who come some are real clients with a data channel, and of all who go some say nothing.
FULL_EVERY = 4
SILENT_EVERY = 4
# Whoever says nothing is taken for gone after 15 s.
GHOSTS_LIMIT_S = 18.0
# The generator stays a little longer than anybody looks at the server.
MARGIN_S = 5.0
LOOKS = 180
SOONEST_LOOK_S = 2.0
# Until then memory may grow: code and memory that all others share, and caches that fill.
WARM_UP_SHARE = 1 / 3
# A slope over less says more of the moment than of the server.
LEAST_TELLING_S = 600


@dataclass(frozen=True)
class Look:
    """What a server has at a moment.

    at_s: since all had come. memory_kb: resident. files: open descriptors. calls, peers: of people,
    as Python and as the engine count them. rows: sessions kept in the database.
    """

    at_s: float
    memory_kb: int
    files: int
    calls: int
    peers: int
    rows: int


@dataclass(frozen=True)
class Churn:
    """What came of it.

    looks: while people came and went. settled: when nobody had come or gone for a while.
    deserted: when nobody had been there for a while. counted: what the listeners heard.
    """

    looks: Sequence[Look]
    settled: Look
    deserted: Look
    counted: Counted

    def ghosts(self) -> int:
        """Count those who are not there and are counted all the same, by anybody."""
        there = LISTENERS + 1
        calls = abs(self.settled.calls - there) + self.deserted.calls
        peers = abs(self.settled.peers - there) + self.deserted.peers
        return max(calls, peers)

    def growth(self) -> Line:
        """Draw the line of memory, in kB over seconds, once it is warm."""
        warm_s = self.looks[-1].at_s * WARM_UP_SHARE
        return Line.through([(one.at_s, one.memory_kb) for one in self.looks if one.at_s > warm_s])


def measure(effort: Effort) -> Iterator[Reading]:
    """Let people come and go, and spaces, while somebody speaks; leave raw data and a plot."""
    with new_server() as server:
        churn = _churn(server, effort.churn_s)
    write_down(churn, RESULTS)
    yield from readings_of(churn)


def readings_of(churn: Churn) -> Iterator[Reading]:
    """Tell who stayed behind, who missed something, and, after a while, what memory does."""
    first, last = churn.looks[0], churn.looks[-1]
    beside = (
        f"{churn.counted.left:,} left in {last.at_s:,.0f} s and as many came, one in {SILENT_EVERY}"
        f" without a word; files {first.files}, {last.files} and {churn.deserted.files} at the end"
    )
    yield Reading("churn_ghosts", churn.ghosts(), beside)
    beside = f"of {churn.counted.packets:,}; late p99 {churn.counted.late_p99_ms:.1f} ms"
    yield Reading("churn_packets_lost", churn.counted.lost, beside)
    if last.at_s >= LEAST_TELLING_S:
        memory = [look.memory_kb / 1000 for look in churn.looks]
        beside = (
            f"{memory[0]:.0f} MB before, {max(memory):.0f} at most, {memory[-1]:.0f} at the end;"
            f" {last.rows:,} sessions kept"
        )
        yield Reading("churn_growth_mb_per_h", churn.growth().each * 3.6, beside)


def _churn(server: Server, seconds: int) -> Churn:
    token = server.host_token("ama")
    with server.as_person(token) as host:
        space = server.live_space(host, everybody_speaks=True)
        with voices(server, space, [token]), _coming_and_going(server, space, seconds) as crowd:
            crowd.wait_for(LISTENERS)
            looks = list(_watch(server, host, seconds))
            counted = crowd.counted()
            time.sleep(GHOSTS_LIMIT_S)
            settled = _look(server, looks[-1].at_s + GHOSTS_LIMIT_S)
    time.sleep(GHOSTS_LIMIT_S)
    deserted = _look(server, settled.at_s + GHOSTS_LIMIT_S)
    return Churn(looks, settled, deserted, counted)


def _coming_and_going(server: Server, space: str, seconds: int) -> AbstractContextManager[Load]:
    words = {
        "--churn-per-s": CHURN_PER_S,
        "--full-every": FULL_EVERY,
        "--silent-every": SILENT_EVERY,
    }
    return load(
        server,
        space,
        sizes=[LISTENERS],
        count_s=seconds,
        stay_s=GHOSTS_LIMIT_S + MARGIN_S,
        read_every=READ_ALL,
        more=[str(word) for pair in words.items() for word in pair],
    )


def _watch(server: Server, host: httpx.Client, seconds: int) -> Iterator[Look]:
    """Look again and again; each time a space is opened and ended, too."""
    every_s = max(SOONEST_LOOK_S, seconds / LOOKS)
    began = time.perf_counter()
    while (at_s := time.perf_counter() - began) < seconds:
        yield _look(server, at_s)
        made = host.post("/spaces", json={"title": "For a moment"}).raise_for_status().json()
        for act in ("start", "end"):
            host.post(f"/spaces/{made['id']}/{act}").raise_for_status()
        time.sleep(every_s)


def _look(server: Server, at_s: float) -> Look:
    numbers = server.numbers()
    database = f"file:{server.data / 'convivium.sqlite3'}?mode=ro"
    with closing(sqlite3.connect(database, uri=True)) as connection:
        (rows,) = connection.execute("select count(*) from session").fetchone()
    return Look(
        at_s=at_s,
        memory_kb=resident_kb(server.pid),
        files=open_files(server.pid),
        calls=numbers["calls"],
        peers=numbers["peers"],
        rows=rows,
    )


def write_down(churn: Churn, folder: Path) -> None:
    """Leave everything as churn.json, and memory over time as churn."""
    (folder / "churn.json").write_text(json.dumps(asdict(churn)) + "\n", encoding="utf-8")
    plot = Plot(
        f"Memory while {CHURN_PER_S} come and go each second", "minutes", "MB, peers", is_time=True
    )
    memory = [(look.at_s / 60, look.memory_kb / 1000) for look in churn.looks]
    people = [(look.at_s / 60, float(look.peers)) for look in churn.looks]
    leave(folder / "churn", plotted(plot, [Curve("memory", memory), Curve("peers", people)]))
