"""The client of aiortc: see lines.ts for what is said on both pipes, and what is in the file."""

import asyncio
import fractions
import json
import sys
import time
from importlib.metadata import version
from pathlib import Path

from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription
from av import AudioFrame, AudioResampler

RATE_HZ = 48_000
FRAME = 960


class Voice(MediaStreamTrack):
    """A microphone: the lines of a file, 20 ms each, again and again."""

    kind = "audio"

    def __init__(self, path: str) -> None:
        """Read the voice; its time begins when somebody first asks for sound."""
        super().__init__()
        self._sound = [bytes.fromhex(line) for line in Path(path).read_text().split()]
        self._began: float | None = None
        self._spoken = 0

    async def recv(self) -> AudioFrame:
        """Give the next 20 ms when they are over."""
        self._began = self._began or time.monotonic()
        await asyncio.sleep(self._began + self._spoken * FRAME / RATE_HZ - time.monotonic())
        frame = AudioFrame(format="s16", layout="mono", samples=FRAME)
        frame.planes[0].update(self._sound[self._spoken % len(self._sound)])
        frame.sample_rate = RATE_HZ
        frame.pts = self._spoken * FRAME
        frame.time_base = fractions.Fraction(1, RATE_HZ)
        self._spoken += 1
        return frame


async def main(voice: str) -> None:
    """Offer a call and do what is asked until nobody asks any more."""
    call = RTCPeerConnection()
    call.addTrack(Voice(voice))
    channel = call.createDataChannel("events", negotiated=True, id=0)
    channel.on("message", lambda message: tell(message=message))
    hearing = []
    call.on("track", lambda track: hearing.append(asyncio.create_task(hear(track))))
    call.on("connectionstatechange", lambda: tell(state=call.connectionState))
    await call.setLocalDescription(await call.createOffer())
    tell(offer=call.localDescription.sdp, version=version("aiortc"))
    while line := await asyncio.to_thread(sys.stdin.readline):
        asked = json.loads(line)
        if "answer" in asked:
            await call.setRemoteDescription(RTCSessionDescription(asked["answer"], "answer"))
        elif "restart" in asked:
            tell(unable="it has no ICE restart")
    await call.close()


async def hear(track: MediaStreamTrack) -> None:
    """Tell all that is heard."""
    to_mono = AudioResampler(format="s16", layout="mono", rate=RATE_HZ)
    while True:
        for frame in to_mono.resample(await track.recv()):
            tell(pcm=bytes(frame.planes[0])[: 2 * frame.samples].hex())


def tell(**what: object) -> None:
    """Say it to whoever started this."""
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
