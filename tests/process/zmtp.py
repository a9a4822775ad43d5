"""As much of ZeroMQ's wire protocol (ZMTP 3.0, no security) as a stranger needs to be heard on a background port."""

import struct

from harness import PATIENCE_S
from client import raw_connection

GREETING = b"\xff" + bytes(8) + b"\x7f" + b"\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32)


def exactly(connection, count):
    out = b""
    while len(out) < count:
        piece = connection.recv(count - len(out))
        if not piece:
            raise ConnectionError("closed after %d of %d bytes" % (len(out), count))
        out += piece
    return out


def piece(body, more=False, length=None):
    """One frame of a message; `length` lies about the size."""
    return struct.pack(">BQ", 2 | more, len(body) if length is None else length) + body


def ping():
    """A heartbeat that wants an answer."""
    body = b"\x04PING" + struct.pack(">H", 0)
    return struct.pack(">BB", 4, len(body)) + body


def dealer(port):
    """A connection that has shaken hands and may send pieces."""
    out = raw_connection(port, PATIENCE_S)
    out.sendall(GREETING)
    exactly(out, len(GREETING))
    ready = b"\x05READY" + b"\x0bSocket-Type" + struct.pack(">I", 6) + b"DEALER" + b"\x08Identity" + struct.pack(">I", 0)
    out.sendall(struct.pack(">BB", 4, len(ready)) + ready)
    head = exactly(out, 2)
    exactly(out, head[1])
    return out
