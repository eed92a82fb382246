"""Every figure: its unit, its goal and what it says. Names stay: people's scripts read them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """What one number of the table means.

    goal: the value that is not to be exceeded, or with at_least the one to be reached; None where
    there is none.
    """

    unit: str
    goal: float | None
    says: str
    at_least: bool = False


@dataclass(frozen=True)
class Reading:
    """One measured value; `beside` is what it can be compared with, and how it was taken."""

    figure: str
    value: float
    beside: str = ""

    def meets_its_goal(self) -> bool:
        """Tell whether the goal, if there is one, was reached."""
        figure = CATALOGUE[self.figure]
        if figure.goal is None:
            return True
        return self.value >= figure.goal if figure.at_least else self.value <= figure.goal


CATALOGUE = {
    "join_cpu_ms": Figure("ms", 1.5, "server CPU per listener who joins, HTTP, Python, ICE, DTLS"),
    "join_crowd_cpu_ms": Figure("ms", 1.5, "the same when 32 come at once"),
    "joins_per_s": Figure("1/s", None, "listeners let in per second when 32 come at once"),
    "join_p50_ms": Figure("ms", None, "a synthetic listener's way from its offer to a call"),
    "memory_per_listener_kb": Figure("kB", None, "resident memory per connected listener"),
    "idle_cpu_us_per_s": Figure("us/s", 2.5, "server CPU for one listener more in a silent space"),
    "server_added_p50_ms": Figure("ms", 50, "what the server adds between a mouth and an ear"),
    "frames_lost_by_server": Figure("packets", 0, "packets that 50 listeners missed in a row"),
    "listeners_per_core_20ms": Figure(
        "listeners", None, "who hear one speaker in 20 ms packets, for one core of the server"
    ),
    "listeners_per_core_60ms": Figure(
        "listeners", None, "who hear one speaker in 60 ms packets, for one core of the server"
    ),
    "listeners_per_core_120ms": Figure(
        "listeners", None, "who hear one speaker in 120 ms packets, for one core of the server"
    ),
    "of_limit_20ms": Figure(
        "", 0.7, "of what a core sends in 20 ms packets with no server around it", at_least=True
    ),
    "of_limit_60ms": Figure(
        "", 0.7, "of what a core sends in 60 ms packets with no server around it", at_least=True
    ),
    "of_limit_120ms": Figure(
        "", 0.7, "of what a core sends in 120 ms packets with no server around it", at_least=True
    ),
    "crowd_packets_lost": Figure("packets", 0, "packets that a large crowd missed"),
    **{
        f"crowd_late_p99_{ms}ms": Figure(
            "ms", 10, f"how late one in a hundred packets of {ms} ms comes to a large crowd"
        )
        for ms in (20, 60, 120)
    },
    **{
        f"late_ticks_{ms}ms": Figure("%", 1, f"ticks that begin late in packets of {ms} ms")
        for ms in (20, 60, 120)
    },
    **{
        f"crowd_mouth_to_ear_{ms}ms": Figure(
            "ms", None, f"the way of a voice to a real client in a large crowd, {ms} ms packets"
        )
        for ms in (20, 60, 120)
    },
    "memory_in_a_crowd_kb": Figure("kB", 40, "resident memory for one listener more in a crowd"),
    "crowd_joins_per_s": Figure(
        "1/s", 500, "listeners let in per second into the largest crowd", at_least=True
    ),
    "churn_ghosts": Figure(
        "peers", 0, "who is still counted after people came and went, and is not there"
    ),
    "churn_packets_lost": Figure("packets", 0, "packets that they missed while they were there"),
    "churn_growth_mb_per_h": Figure(
        "MB/h", 1, "memory gained while as many come as go, warm-up not counted"
    ),
    "hostile_per_s": Figure(
        "1/s", 200_000, "hostile datagrams thrown at a live space", at_least=True
    ),
    "hostile_us_each": Figure(
        "us", 5, "what one datagram takes the thread that receives, members' ones included"
    ),
    "hostile_octets_answered": Figure("octets", 0, "what was sent to strangers in answer"),
    "hostile_listeners_lost": Figure("%", 0.1, "packets that listeners missed meanwhile"),
    "hostile_voice_lost": Figure("%", 0.1, "packets of a speaker that the mixer missed meanwhile"),
    "stolen_packets_lost": Figure("packets", 0, "packets missed while a core was taken"),
    "stolen_late_p99_ms": Figure("ms", None, "how late one in a hundred packets came meanwhile"),
    "stolen_gap_ms": Figure("ms", 20, "what an ear missed in the worst second of all that"),
    "stolen_furthest_step": Figure("", None, "how far the governor stepped, 0 none to 4 closed"),
    "stolen_recovered_s": Figure("s", None, "until nothing was left out any more"),
    "storm_joins_per_s": Figure("1/s", None, "listeners let in while others listen"),
    "storm_packets_lost": Figure("packets", 0, "packets that those others missed meanwhile"),
    "storm_late_p99_ms": Figure("ms", None, "how late one in a hundred packets came meanwhile"),
    "storm_gap_ms": Figure("ms", 20, "what an ear missed in the worst second of it"),
    "storm_all_back_s": Figure("s", None, "from kill -9 until everybody listens again"),
    **{
        f"{page}_{kind}_p95_ms": Figure("ms", 50, f"until a {page} page is there, on {name}")
        for kind, name in (("sqlite", "SQLite"), ("postgres", "PostgreSQL"))
        for page in ("timeline", "profile", "thread", "hashtag", "notifications", "search")
    },
    **{
        f"pages_beside_posts_{kind}_p50_ms": Figure(
            "ms", None, f"the same for all pages while somebody writes to very many, on {name}"
        )
        for kind, name in (("sqlite", "SQLite"), ("postgres", "PostgreSQL"))
    },
    **{
        f"lighthouse_{page}_{category}": Figure("", goal, says, at_least=True)
        for page, what in (("front", "front page"), ("door", "page of a live space"))
        for category, goal, says in (
            ("performance", 95, f"Lighthouse: how quickly the {what} is there on a phone"),
            ("accessibility", 100, f"Lighthouse: what it finds of the {what} for everybody"),
        )
    },
    "audible_gilbert_5": Figure(
        "%",
        99.5,
        "speech not missing with 5 % of packets lost, in bursts of 1.5",
        at_least=True,
    ),
    "audible_gilbert_10": Figure("%", 99, "the same with 10 % lost", at_least=True),
    "audible_gilbert_20": Figure("%", 96, "the same with 20 % lost", at_least=True),
    "audible_gilbert_30": Figure("%", 90, "the same with 30 % lost", at_least=True),
    "audible_jitter_50_40": Figure("%", None, "the same with packets 10 to 90 ms under way"),
    "audible_reordered": Figure("%", None, "the same with 2 % out of order and 5 % doubled"),
    "audible_wifi_spikes": Figure("%", None, "the same with stalls of 60 to 180 ms each 2 s"),
    "audible_lte_hand_over": Figure(
        "%", None, "the same with 100 ms lost and 300 ms late every 15 s"
    ),
    "audible_drift_slow": Figure("%", None, "the same with a clock 200 ppm slow"),
    "audible_drift_fast": Figure("%", None, "the same with a clock 200 ppm fast"),
    "drift_growth_ms": Figure("ms", 5, "how the wait changes in an hour with a clock that drifts"),
    "listener_stoi_5": Figure(
        "", None, "how much a listener understands who loses 5 % of packets, 0 to 1"
    ),
    "mouth_to_ear_p50_ms": Figure("ms", 120, "browser to browser, the middle one"),
    "mouth_to_ear_p95_ms": Figure("ms", 180, "browser to browser, one in twenty is slower"),
    "tap_to_sound_p50_ms": Figure("ms", 1200, "from the tap on Start listening to sound"),
    "mute_to_silence_ms": Figure("ms", 1000, "from a host's mute to silence at a listener"),
    "removal_to_silence_ms": Figure("ms", 1000, "from a removal to silence at who was removed"),
    "suspension_to_silence_ms": Figure(
        "ms", 1000, "from a suspension to silence, at who was suspended and of them at a listener"
    ),
    "next_to_heard_p95_ms": Figure(
        "ms", 2000, "from Next! in a fast lane to the next voice at a listener"
    ),
    "path_restart_s": Figure("s", 2, "from a change of network to sound on a new path"),
    "back_after_kill_s": Figure("s", 3, "from kill -9 to sound at a listener, started at once"),
    "server_start_s": Figure("s", None, "from the command to the first 200 of /readyz"),
}
