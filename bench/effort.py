"""How much is measured: a look within eight minutes, figures to write down, or in between."""

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Effort:
    """How often and how long.

    name: what it is called.
    starts, taps, kills, restarts, mutes: repetitions.
    joins: synthetic listeners who join one after another, in each of `rounds`.
    idle_sizes: how many are left alone for idle_s seconds, in each of `rounds`.
    lossless_s: seconds in which 50 listen.
    load_crowds: for each packet time (ms) how many listen at once to one speaker, from few to many,
    for load_s seconds each; load_rounds: how often all of it. limit_s: seconds of the limit loop
    each time.
    churn_s: seconds in which people come and go. hostile_s: seconds of a flood.
    stolen_crowd: how many listen while a core is taken for stolen_s seconds; recovery_s: for how
    long they wait until all is as before. storm_inside: how many listen while storm_newcomers come.
    network_posts: how many posts there are, of how many people, spaces and follows is reckoned from
    them; network_s: for how long pages are read, alone and beside others who write.
    sound_s: seconds of speech through each network; drift_s: the same with a clock that drifts.
    pages: how often Lighthouse looks at each page.
    bursts: how many sounds go from browser to browser.
    browser_limit_s: seconds after which the browsers are ended.
    """

    name: str
    starts: int
    joins: int
    rounds: int
    idle_sizes: tuple[int, ...]
    idle_s: float
    lossless_s: float
    load_crowds: Mapping[int, tuple[int, ...]]
    load_rounds: int
    load_s: float
    limit_s: int
    churn_s: int
    hostile_s: int
    stolen_crowd: int
    stolen_s: int
    recovery_s: float
    storm_inside: int
    storm_newcomers: int
    network_posts: int
    network_s: float
    sound_s: int
    drift_s: int
    bursts: int
    taps: int
    kills: int
    restarts: int
    mutes: int
    pages: int
    browser_limit_s: float

    @property
    def is_quick(self) -> bool:
        """Whether it is for a look only."""
        return self.name == "quick"


QUICK = Effort(
    name="quick",
    starts=3,
    joins=200,
    rounds=1,
    idle_sizes=(1_000, 4_000),
    idle_s=6,
    lossless_s=10,
    load_crowds={20: (100, 1_000), 60: (1_000,), 120: (1_000,)},
    load_rounds=1,
    load_s=5,
    limit_s=2,
    churn_s=20,
    hostile_s=6,
    stolen_crowd=1_500,
    stolen_s=10,
    recovery_s=30,
    storm_inside=1_000,
    storm_newcomers=1_000,
    network_posts=30_000,
    network_s=5,
    sound_s=15,
    drift_s=60,
    bursts=30,
    taps=5,
    kills=3,
    restarts=3,
    mutes=3,
    pages=1,
    browser_limit_s=140,
)
FULL = Effort(
    name="full",
    starts=5,
    joins=300,
    rounds=3,
    idle_sizes=(1_000, 8_000),
    idle_s=20,
    lossless_s=20,
    load_crowds={
        20: (100, 1_000, 4_000, 6_000),
        60: (1_000, 8_000, 16_000),
        120: (1_000, 8_000, 24_000, 50_000),
    },
    load_rounds=1,
    load_s=10,
    limit_s=3,
    churn_s=1800,
    hostile_s=30,
    stolen_crowd=6_000,
    stolen_s=20,
    recovery_s=200,
    storm_inside=2_000,
    storm_newcomers=5_000,
    network_posts=500_000,
    network_s=60,
    sound_s=120,
    drift_s=3600,
    bursts=200,
    taps=15,
    kills=7,
    restarts=7,
    mutes=7,
    pages=5,
    browser_limit_s=600,
)
# What takes longest is shortened: an hour of drift, half an hour of churn, repetitions.
MIDDLE = replace(
    FULL,
    name="middle",
    rounds=1,
    churn_s=600,
    network_s=20,
    sound_s=60,
    drift_s=900,
    bursts=60,
    taps=7,
    kills=3,
    restarts=3,
    mutes=3,
    pages=3,
    browser_limit_s=300,
)
