#!/usr/bin/python3 -I
"""Asks the Hive Metastore of this pod by the call given ("getStatus", "get_all_databases"); exits 0 when it answers.

Speaks Thrift's binary protocol itself: a call without arguments is its name between a few fixed bytes.
"""

import socket
import struct
import sys

PORT = 9083
PATIENCE_S = 8
CALL, REPLY = 0x80010001, 0x80010002


def main(call: str) -> None:
    """Ask once; leaves with a sentence when the metastore is silent or refuses."""
    name = struct.pack(">i", len(call)) + call.encode()
    # Version and type of the message, name, number of the call, and an empty list of arguments.
    question = struct.pack(">I", CALL) + name + struct.pack(">i", 0) + b"\0"
    try:
        with socket.create_connection(("127.0.0.1", PORT), timeout=PATIENCE_S) as connection:
            connection.sendall(question)
            answer = connection.recv(4096)
    except OSError as silent:
        sys.exit(f"The metastore does not answer: {silent}")
    # A result has the number 0 among the fields of the reply; an exception that the call may raise has another.
    if not answer.startswith(struct.pack(">I", REPLY) + name) or answer[len(question) :][:2] != b"\0\0":
        sys.exit(f"The metastore refuses: {answer!r}")


if __name__ == "__main__":
    main(sys.argv[1])
