"""Janus: WebRTC viewers of a stream, and participants of an audio bridge who come by plain RTP."""

import json
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx

from bench.binaries import binary
from bench.peers import sound
from bench.peers.packages import Unpacked
from bench.peers.process import cost, folder, free_port, running
from bench.peers.row import Amount, Row
from bench.server import MeasuringError

STREAM, ROOM = 1, 1
TALKING = 5
ANSWER_LIMIT_S = 20.0
CONNECT_LIMIT_S = 15.0
SETTLE_S = 2.0
LOOK_EVERY_S = 0.1
# Any address beyond: nothing is sent, the kernel only says from where it would be.
ELSEWHERE = ("198.51.100.1", 9)
# What is not needed would only open ports.
OTHER_PLUGINS = "videoroom,textroom,echotest,recordplay,sip,nosip,videocall,voicemail,lua,duktape"
OTHER_TRANSPORTS = "websockets,rabbitmq,mqtt,nanomsg,pfunix"


def stream(unpacked: Unpacked, amount: Amount) -> Iterator[Row]:
    """Let more and more WebRTC viewers in; they are real clients who decrypt every packet."""
    with ExitStack() as stack:
        pid, gateway = stack.enter_context(_janus(unpacked))
        source = stack.enter_context(_udp())
        source.setblocking(False)
        to = ("127.0.0.1", gateway.sound_port)
        stack.enter_context(sound.each(sound.FRAME_S, _talk(source, 0, to)))
        viewers = stack.enter_context(_viewers())
        for size in amount.sizes:
            while viewers.number < size:
                gateway.let_in(viewers)
            viewers.wait_for(size)
            time.sleep(SETTLE_S)
            us, came = cost(pid, amount, viewers.listen)
            share = came * sound.FRAME_S / size
            yield Row("Janus streaming, WebRTC", 20, size, us / size, share)


def bridge(unpacked: Unpacked, amount: Amount) -> Iterator[Row]:
    """Let more and more participants in, of whom five talk."""
    with ExitStack() as stack:
        pid, gateway = stack.enter_context(_janus(unpacked))
        mouths = [stack.enter_context(_udp()) for _ in range(TALKING)]
        ear = stack.enter_context(_udp())
        ear.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        ear.setblocking(False)
        participants = 0
        for size in amount.sizes:
            while participants < size:
                talks = participants < TALKING
                to = gateway.join(mouths[participants] if talks else ear, is_muted=not talks)
                if not talks:
                    # Janus sends to nobody from whom it has heard nothing.
                    ear.sendto(sound.as_rtp(0, 100 + participants), to)
                else:
                    mouth = mouths[participants]
                    mouth.setblocking(False)
                    stack.enter_context(sound.each(sound.FRAME_S, _talk(mouth, participants, to)))
                participants += 1
            time.sleep(SETTLE_S)
            _drain([ear], 0)
            us, came = cost(pid, amount, lambda seconds: _drain([ear], seconds))
            share = came * sound.FRAME_S / (size - TALKING)
            yield Row("Janus AudioBridge, plain RTP, 5 talk", 20, size, us / size, share)


def _talk(mouth: socket.socket, ssrc: int, to: tuple[str, int]) -> Callable[[int], None]:
    def talk(number: int) -> None:
        mouth.sendto(sound.as_rtp(number, 100 + ssrc), to)
        _drain([mouth], 0)

    return talk


def _drain(ears: Sequence[socket.socket], seconds: float) -> int:
    """Take what comes for so long; gives how many packets."""
    came = 0
    end = time.perf_counter() + seconds
    while True:
        for ear in ears:
            try:
                while ear.recv(2048):
                    came += 1
            except BlockingIOError:
                continue
        if time.perf_counter() >= end:
            return came
        time.sleep(0.005)


@contextmanager
def _udp() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        yield one


@contextmanager
def _janus(unpacked: Unpacked) -> Iterator[tuple[int, "_Gateway"]]:
    """Run Janus with one stream and one room."""
    port, sound_port = free_port(), free_port()
    with folder() as own:
        _configure(own, unpacked, port, sound_port)
        program = str(unpacked.program("usr/bin/janus"))
        command = [program, "--configs-folder", str(own), "--config", str(own / "janus.jcfg")]
        with (
            running(command, unpacked.environment(), port) as pid,
            httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=ANSWER_LIMIT_S) as client,
        ):
            yield pid, _Gateway(client, sound_port)


def _configure(own: Path, unpacked: Unpacked, port: int, sound_port: int) -> None:
    parts = unpacked.folder(f"usr/lib/{unpacked.libraries().name}/janus")

    def files(names: str) -> str:
        return ",".join(f"libjanus_{name}.so" for name in names.split(","))

    texts = {
        "janus.jcfg": f"""general: {{
  configs_folder = "{own}"
  plugins_folder = "{parts}/plugins"
  transports_folder = "{parts}/transports"
  events_folder = "{own}"
  loggers_folder = "{own}"
  debug_level = 2
  event_loops = {os.cpu_count()}
}}
nat: {{ ice_lite = true }}
plugins: {{ disable = "{files(OTHER_PLUGINS)}" }}
transports: {{ disable = "{files(OTHER_TRANSPORTS)}" }}
""",
        "janus.transport.http.jcfg": f"""general: {{
  json = "compact"
  http = true
  port = {port}
  ip = "127.0.0.1"
}}
""",
        "janus.plugin.streaming.jcfg": f"""general: {{ }}
one: {{
  type = "rtp"
  id = {STREAM}
  audio = true
  audioport = {sound_port}
  audioiface = "127.0.0.1"
  audiopt = {sound.PAYLOAD_TYPE}
  audiocodec = "opus"
}}
""",
        "janus.plugin.audiobridge.jcfg": f"""general: {{ local_ip = "127.0.0.1" }}
room-{ROOM}: {{
  sampling_rate = 48000
  default_bitrate = 32000
  allow_rtp_participants = true
}}
""",
    }
    for name, text in texts.items():
        (own / name).write_text(text)


class _Gateway:
    """One session of Janus's HTTP API."""

    def __init__(self, client: httpx.Client, sound_port: int) -> None:
        self.sound_port = sound_port
        self._client = client
        self._path = f"/janus/{self._ask('/janus', janus='create')['data']['id']}"

    def let_in(self, viewers: "Viewers") -> None:
        """Let one viewer of the stream in: the server offers."""
        handle = self._attach("janus.plugin.streaming")
        offer = self._say(handle, {"request": "watch", "id": STREAM})["jsep"]["sdp"]
        answer = {"type": "answer", "sdp": viewers.answer(offer)}
        self._ask(handle, janus="message", body={"request": "start"}, jsep=answer)

    def join(self, ear: socket.socket, *, is_muted: bool) -> tuple[str, int]:
        """Let one participant into the room who is sent to at a socket; gives where to send."""
        ip, port = ear.getsockname()
        at = {"ip": ip, "port": port, "payload_type": sound.PAYLOAD_TYPE}
        wanted = {"request": "join", "room": ROOM, "muted": is_muted, "rtp": at}
        said = self._say(self._attach("janus.plugin.audiobridge"), wanted)
        there = said["plugindata"]["data"]["rtp"]
        return str(there["ip"]), int(there["port"])

    def _attach(self, plugin: str) -> str:
        made = self._ask(self._path, janus="attach", plugin=plugin)
        return f"{self._path}/{made['data']['id']}"

    def _say(self, handle: str, body: dict[str, Any]) -> dict[str, Any]:
        """Send a message and wait for what its handle answers."""
        self._ask(handle, janus="message", body=body)
        deadline = time.perf_counter() + ANSWER_LIMIT_S
        while time.perf_counter() < deadline:
            event = self._client.get(self._path, params={"maxev": 1}).json()
            is_answer = event.get("sender") == int(handle.rsplit("/", 1)[1])
            if is_answer and event["janus"] == "event":
                if "error" in event["plugindata"]["data"]:
                    raise MeasuringError(f"Janus: {event['plugindata']['data']['error']}")
                return dict(event)
        raise MeasuringError("Janus does not answer")

    def _ask(self, path: str, **what: object) -> dict[str, Any]:
        answer = self._client.post(path, json={**what, "transaction": "bench"}).json()
        if answer["janus"] == "error":
            raise MeasuringError(f"Janus: {answer['error']['reason']}")
        return dict(answer)


class Viewers:
    """WebRTC clients in another process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.number = 0
        self._process = process

    def answer(self, offer: str) -> str:
        """Let one more come; gives its answer to this offer."""
        self.number += 1
        return self._said("offer " + offer.replace("\r\n", "\t")).replace("\t", "\r\n")

    def listen(self, seconds: float) -> int:
        """Listen for so long; gives how many packets all of them have decrypted meanwhile."""
        before = self._packets()
        time.sleep(seconds)
        return self._packets() - before

    def wait_for(self, number: int) -> None:
        """Wait until so many are connected. Raises MeasuringError."""
        deadline = time.perf_counter() + CONNECT_LIMIT_S
        while time.perf_counter() < deadline:
            if json.loads(self._said("count"))["connected"] == number:
                return
            time.sleep(LOOK_EVERY_S)
        raise MeasuringError(f"not all {number} viewers could connect")

    def _packets(self) -> int:
        return int(json.loads(self._said("count"))["packets"])

    def _said(self, line: str) -> str:
        if self._process.stdin is None or self._process.stdout is None:
            raise MeasuringError("the viewers cannot be talked to")
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        said = self._process.stdout.readline()
        if not said:
            raise MeasuringError("the viewers have ended")
        return said.rstrip("\n")


@contextmanager
def _viewers() -> Iterator[Viewers]:
    """Run them; Janus has no candidate on loopback, so they are at this machine's own address."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(ELSEWHERE)
        except OSError as error:
            raise MeasuringError("Janus needs an address that is not loopback") from error
        address = probe.getsockname()[0]
    command = [str(binary("webrtc-viewers")), address]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Viewers(process)
        finally:
            process.kill()
