"""The forwarder carries whole streams both ways, half-closed ones too, and many at once."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

from sparkproof.embedded import forward

_Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def _forwarded(answer: _Answer) -> AsyncIterator[int]:
    """A server that answers by `answer`, and the port of a forwarder before it."""
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    listening = socket.create_server(("127.0.0.1", 0))
    forwarding = asyncio.create_task(forward.serve(listening, *server.sockets[0].getsockname()))
    try:
        yield listening.getsockname()[1]
    finally:
        forwarding.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await forwarding
        server.close()


async def _count_then_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    received = await reader.read()  # to the end of what the client sends, which is not the end of the connection
    writer.write(f"{len(received)} received".encode())
    writer.close()


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(65536):
        writer.write(chunk)
        await writer.drain()
    writer.close()


def test_the_answer_comes_after_the_client_has_said_all() -> None:
    async def talk() -> bytes:
        async with _forwarded(_count_then_answer) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"x" * 3_000_000)
            writer.write_eof()
            return await asyncio.wait_for(reader.read(), 10)

    assert asyncio.run(talk()) == b"3000000 received"


def test_two_hundred_connections_at_once_keep_apart() -> None:
    async def one(port: int, number: int) -> bool:
        said = f"{number} ".encode() * 2000
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(said)
        writer.write_eof()
        heard = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        return heard == said

    async def talk() -> list[bool]:
        async with _forwarded(_echo) as port:
            return await asyncio.gather(*(one(port, number) for number in range(200)))

    assert all(asyncio.run(talk()))


def test_a_client_that_breaks_off_ends_the_server_side_too() -> None:
    ended = asyncio.Event()

    async def wait_for_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        with contextlib.suppress(ConnectionError):
            await reader.read()
        ended.set()
        writer.close()

    async def talk() -> None:
        async with _forwarded(wait_for_end) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            assert await reader.readexactly(5) == b"hello"
            writer.transport.abort()
            await asyncio.wait_for(ended.wait(), 10)

    asyncio.run(talk())


def test_while_nobody_listens_a_connection_is_closed_at_once() -> None:
    async def talk() -> bytes:
        with socket.create_server(("127.0.0.1", 0)) as gone:
            nowhere = gone.getsockname()
        listening = socket.create_server(("127.0.0.1", 0))
        forwarding = asyncio.create_task(forward.serve(listening, *nowhere))
        reader, _ = await asyncio.open_connection(*listening.getsockname())
        answer = await asyncio.wait_for(reader.read(), 10)
        forwarding.cancel()
        return answer

    assert asyncio.run(talk()) == b""
