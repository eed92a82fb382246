"""A server in a process of its own: one folder, one server, a clean end, and coming back."""

import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx import AsyncClient

from tests.conftest import PASSWORD
from tests.table import OFFER, SDP

SERVER = Path(__file__).parent.parent
# Generous, since other tests and builds may run beside this one; the figures belong to the bench.
START_S = 30.0


class Process:
    """One server, as an operator has it."""

    def __init__(self, data: Path, process: asyncio.subprocess.Process, address: str) -> None:
        self.data = data
        self.process = process
        self.address = address

    async def end(self, sign: signal.Signals) -> int:
        """Send a signal and wait for the exit code."""
        self.process.send_signal(sign)
        return await asyncio.wait_for(self.process.wait(), START_S)


async def start(data: Path, port: int = 0) -> Process:
    """Start a server and wait until it says where it is."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.serving_process", str(data), str(port),
        cwd=SERVER, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    line = (await asyncio.wait_for(process.stdout.readline(), START_S)).decode()
    if not line:
        return Process(data, process, "")
    return Process(data, process, line.split()[1])


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Process]:
    server = await start(tmp_path / "data")
    yield server
    if server.process.returncode is None:
        await server.end(signal.SIGKILL)


async def sign_up(http: AsyncClient) -> None:
    """Make an account; the cookie is carried by hand, since this is http on loopback."""
    answer = await http.post(
        "/api/v1/accounts",
        json={"name": "ama", "password": PASSWORD},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    http.headers["Cookie"] = answer.headers["set-cookie"].partition(";")[0]
    http.headers["Sec-Fetch-Site"] = "same-origin"


async def refusal(data: Path, port: int = 0) -> tuple[int | None, str]:
    """Start a server that must refuse, and give its exit code and its words."""
    second = await start(data, port)
    _, words = await asyncio.wait_for(second.process.communicate(), START_S)
    return second.process.returncode, words.decode()


async def test_ctrl_c_closes_the_streams_and_ends(server: Process) -> None:
    """With an event stream open the server says goodbye, ends with 0 by itself, and cleans up."""
    assert (server.data / "convivium.pid").read_text() == f"{server.process.pid}\n"
    async with AsyncClient(base_url=server.address) as http:
        await sign_up(http)
        space = (await http.post("/api/v1/spaces", json={"title": "x"})).json()
        async with http.stream("GET", f"/api/v1/spaces/{space['id']}/events") as events:
            lines = events.aiter_lines()
            assert (await anext(lines)).startswith("id: ")

            assert await server.end(signal.SIGINT) == 0

            rest = [line async for line in lines]
    assert '"reason":"restarting","reconnect":true' in rest[-2]
    assert (server.data / "convivium.pid").read_text() == ""


async def test_everything_is_back_after_kill_9(server: Process) -> None:
    """A live space, its seats and its mutes are rows: a new server has them, and takes calls."""
    async with AsyncClient(base_url=server.address) as http:
        await sign_up(http)
        space = (await http.post("/api/v1/spaces", json={"title": "x"})).json()
        path = f"/api/v1/spaces/{space['id']}"
        await http.post(f"{path}/start")
        await http.delete(f"{path}/mutes/me")
        assert (await http.post(f"{path}/call", content=OFFER, headers=SDP)).status_code == 201
        before = (await http.get(path)).json()
        await server.end(signal.SIGKILL)

        port = int(server.address.rpartition(":")[2])
        again = await start(server.data, port)
        try:
            lost = (await http.get(path)).json()
            assert lost["state"] == "live"
            assert lost["stage"] == [before["stage"][0] | {"connected": False}]
            joined = await http.post(f"{path}/call", content=OFFER, headers=SDP)
            assert joined.status_code == 201
            assert (await http.get(path)).json()["stage"] == before["stage"]
        finally:
            await again.end(signal.SIGTERM)


async def test_a_signal_writes_the_numbers_into_the_log(server: Process) -> None:
    """One line with the calls and what the engine counts; the server goes on."""
    assert server.process.stdout is not None
    async with AsyncClient(base_url=server.address) as http:
        await http.get("/healthz")
        server.process.send_signal(signal.SIGUSR2)
        said = await asyncio.wait_for(server.process.stdout.readuntil(b"peers=0"), START_S)

        assert "numbers" in said.decode()
        assert "calls=0" in said.decode()
        assert (await http.get("/healthz")).status_code == 200


async def test_a_failed_engine_ends_the_server(server: Process) -> None:
    """A server without sound is no server: it ends with 1 and a sentence, streams or not."""
    async with AsyncClient(base_url=server.address) as http:
        await sign_up(http)
        space = (await http.post("/api/v1/spaces", json={"title": "x"})).json()
        await http.post(f"/api/v1/spaces/{space['id']}/start")
        async with http.stream("GET", f"/api/v1/spaces/{space['id']}/events") as stream:
            lines = stream.aiter_lines()
            await anext(lines)
            server.process.send_signal(signal.SIGUSR1)
            _, words = await asyncio.wait_for(server.process.communicate(), START_S)

    assert server.process.returncode == 1
    assert "media engine has failed" in words.decode()


async def test_a_second_server_on_the_folder_is_refused(server: Process) -> None:
    """The sentence names the process that has the folder; nothing of the first is touched."""
    code, words = await refusal(server.data)

    assert code == 1
    assert f"process {server.process.pid}" in words
    assert (server.data / "convivium.pid").read_text() == f"{server.process.pid}\n"


async def test_a_folder_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    """A database at a schema this version does not know is not opened."""
    path = tmp_path / "convivium.sqlite3"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE alembic_version (version_num TEXT)")
        database.execute("INSERT INTO alembic_version VALUES ('9999')")
    database.close()
    written = path.read_bytes()

    code, words = await refusal(tmp_path)

    assert code == 1
    assert "newer version" in words
    assert path.read_bytes() == written


async def test_the_first_administrators_link_is_printed(tmp_path: Path) -> None:
    """While nobody runs the instance, each start prints a link that makes somebody do."""
    server = await start(tmp_path)
    assert server.process.stdout is not None
    await server.process.stdout.readline()
    link = (await server.process.stdout.readline()).decode().strip()
    address, _, invite = link.partition("/sign-in#invite=")
    async with AsyncClient(base_url=address) as http:
        body = {"name": "ama", "password": PASSWORD, "invite": invite}
        me = (await http.post("/api/v1/accounts", json=body)).json()
    assert me["role"] == "admin"
    await server.end(signal.SIGTERM)

    again = await start(tmp_path)
    await again.end(signal.SIGTERM)
    assert again.process.stdout is not None
    assert await again.process.stdout.read() == b""


def test_a_process_id_is_no_lock(tmp_path: Path) -> None:
    """A file left by a killed server keeps nobody out, whoever has its number now."""
    from convivium.core.folder import own_folder  # noqa: PLC0415

    (tmp_path / "convivium.pid").write_text("1\n")

    with own_folder(tmp_path):
        assert (tmp_path / "convivium.pid").read_text() == f"{os.getpid()}\n"
