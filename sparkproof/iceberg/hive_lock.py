"""Holds the exclusive lock of a table in a Hive Metastore, as any of its clients can: a program in a client pod.

Its arguments are the metastore's host and port, and the table's database and name. It prints "held" when the metastore
has given it the lock. For each line "count" of its input it prints how many others wait for the lock; at the line "die"
it is killed and gives nothing back; at another line, and at the end of its input, it gives the lock back, prints "given
back", and ends. It speaks Thrift's binary protocol itself, since a client pod has no client of the metastore.
"""

import os
import signal
import socket
import struct
import sys
from typing import Any

_CALL, _REPLY, _STOP = 0x80010001, 2, b"\0"
_BYTE, _I32, _I64, _TEXT, _STRUCT, _MAP, _LIST = 3, 8, 10, 11, 12, 13, 15
_NUMBERS = {2: ">b", _BYTE: ">b", 4: ">d", 6: ">h", _I32: ">i", _I64: ">q"}
# LockType, LockLevel and LockState of hive_metastore.thrift.
_EXCLUSIVE, _TABLE, _ACQUIRED, _WAITING = 3, 2, 1, 2
_PATIENCE_S = 20


def field(number: int, kind: int, content: bytes) -> bytes:
    """Return a field of a struct."""
    return struct.pack(">bh", kind, number) + content


def text(value: str) -> bytes:
    """Return a text with its length before it."""
    return struct.pack(">i", len(value.encode())) + value.encode()


def value_of(stream: Any, kind: int) -> Any:
    """Read one value: a number, bytes, a list, or a struct as its values by the numbers of their fields."""
    if kind in _NUMBERS:
        return struct.unpack(_NUMBERS[kind], stream.read(struct.calcsize(_NUMBERS[kind])))[0]
    if kind == _TEXT:
        return stream.read(value_of(stream, _I32))
    if kind == _STRUCT:
        found = {}
        while inner := value_of(stream, _BYTE):
            number = value_of(stream, 6)
            found[number] = value_of(stream, inner)
        return found
    if kind == _MAP:
        key, inner, count = value_of(stream, _BYTE), value_of(stream, _BYTE), value_of(stream, _I32)
        return {value_of(stream, key): value_of(stream, inner) for _ in range(count)}
    inner, count = value_of(stream, _BYTE), value_of(stream, _I32)
    return [value_of(stream, inner) for _ in range(count)]


def ask(stream: Any, name: str, request: bytes) -> Any:
    """Call the metastore with one request and return its result; leaves with a sentence when it refuses."""
    stream.write(struct.pack(">I", _CALL) + text(name) + struct.pack(">i", 0))
    stream.write(field(1, _STRUCT, request + _STOP) + _STOP)
    stream.flush()
    kind, _, _ = value_of(stream, _I32) & 0xFF, value_of(stream, _TEXT), value_of(stream, _I32)
    result = value_of(stream, _STRUCT)
    if kind != _REPLY or set(result) - {0}:
        sys.exit(f"The metastore refuses {name}: {result}")
    return result.get(0)


def main(host: str, port: str, database: str, table: str) -> None:
    """Hold the lock until it is to be given back."""
    place = field(3, _TEXT, text(database)) + field(4, _TEXT, text(table))
    locked = field(1, _I32, struct.pack(">i", _EXCLUSIVE)) + field(2, _I32, struct.pack(">i", _TABLE)) + place + _STOP
    components = field(1, _LIST, struct.pack(">bi", _STRUCT, 1) + locked)
    with socket.create_connection((host, int(port)), timeout=_PATIENCE_S) as connection:
        stream = connection.makefile("rwb")
        given = ask(stream, "lock", components + field(3, _TEXT, text("somebody")) + field(4, _TEXT, text("elsewhere")))
        own = field(1, _I64, struct.pack(">q", given[1]))
        if given[2] != _ACQUIRED:
            ask(stream, "unlock", own)
            sys.exit(f"Somebody else holds the lock of {database}.{table}.")
        print("held", flush=True)
        for line in sys.stdin:
            if line.strip() == "die":
                os.kill(os.getpid(), signal.SIGKILL)
            if line.strip() != "count":
                break
            locks = ask(stream, "show_locks", b"")[1]
            wanted = (database.encode(), table.encode(), _WAITING)
            print(sum((each[2], each.get(3), each[5]) == wanted for each in locks), flush=True)
        ask(stream, "unlock", own)
        print("given back", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
