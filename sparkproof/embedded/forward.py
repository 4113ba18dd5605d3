"""Carries connections from the host's loopback to the node's API server; a process inside the node runs it.

The node's network namespace has no link to the host. The listening socket was opened by `sparkproof up` in the host's
namespace and handed down to this process, which lives in the node's: it takes connections on the one side and makes
them on the other.
"""

import asyncio
import functools
import socket
import sys

from sparkproof.embedded import layout

_CHUNK = 256 * 1024


async def _copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Copy until `source` ends, then end `sink`'s direction only: the other one may still have much to say."""
    while chunk := await source.read(_CHUNK):
        sink.write(chunk)
        await sink.drain()
    sink.write_eof()


async def _carry(address: str, port: int, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
    try:
        server, to_server = await asyncio.open_connection(address, port)
    except OSError:
        to_client.close()  # nobody listens yet: the client sees its connection closed and tries again
        return
    try:
        async with asyncio.TaskGroup() as both:
            both.create_task(_copy(client, to_server))
            both.create_task(_copy(server, to_client))
    except* OSError:
        pass  # one side broke the connection off; the other one learns it by the close below
    finally:
        to_client.close()
        to_server.close()


async def serve(listening: socket.socket, address: str, port: int) -> None:
    """Forward every connection that comes to `listening` to `address` and `port`, until cancelled or ended."""
    server = await asyncio.start_server(functools.partial(_carry, address, port), sock=listening, limit=_CHUNK)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(socket.socket(fileno=int(sys.argv[1])), layout.NODE_ADDRESS, layout.API_PORT_INSIDE))
