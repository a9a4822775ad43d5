"""A node made of words: answers calls as a test tells it to, for what one real node cannot be made to do.

Framed binary on a free port of loopback, a thread per connection. `script` maps a call's name to a function of its
request that gives the response or raises StoreError; hello is always answered.
"""

import socketserver
import struct
import threading

from thrift.protocol import TBinaryProtocol
from thrift.transport import TTransport

from client import *  # noqa: F403


class StubNode:
    def __init__(self, **script):
        self.script = script
        self.calls = []
        stub = self

        class Connection(socketserver.BaseRequestHandler):
            def handle(self):
                while True:
                    body = self.frame()
                    if body is None:
                        return
                    answer = stub.answer(body)
                    if answer is None:
                        return
                    try:
                        self.request.sendall(frame(answer))
                    except ConnectionError:
                        return  # the command had enough

            def frame(self):
                head = self.exactly(4)
                return None if head is None else self.exactly(struct.unpack(">I", head)[0])

            def exactly(self, size):
                out = b""
                while len(out) < size:
                    piece = self.request.recv(size - len(out))
                    if not piece:
                        return None
                    out += piece
                return out

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

        self.server = Server(("127.0.0.1", 0), Connection)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    @property
    def endpoint(self):
        return "127.0.0.1:%d" % self.port

    def answer(self, body):
        transport = TTransport.TMemoryBuffer(body)
        protocol = TBinaryProtocol.TBinaryProtocol(transport)
        name, _, sequence = protocol.readMessageBegin()
        arguments = getattr(Ashlar, name + "_args")()
        arguments.read(protocol)
        self.calls.append((name, arguments.request))
        result = getattr(Ashlar, name + "_result")()
        try:
            if name == "hello" and name not in self.script:
                result.success = HelloResponse(status=1, api_version=1, server_version="stub", cluster="stub", node="0" * 16,
                                               epoch=1, entry_bytes_max=10_240, batch_max=100, page_max=100, partitioner="stub")
            else:
                result.success = self.script[name](arguments.request)
                if result.success is None:
                    return None  # the script says: drop the connection
        except StoreError as failure:
            result.failure = failure
        out = TTransport.TMemoryBuffer()
        writer = TBinaryProtocol.TBinaryProtocol(out)
        writer.writeMessageBegin(name, 2, sequence)
        result.write(writer)
        writer.writeMessageEnd()
        return out.getvalue()


GOT = dict(answered=1, owners=1, synced=1, hints=0, needed=1, replicas=1, epoch=1, merged=False)


def achieved(**changed):
    return Achieved(**{**GOT, **changed})


def refuse(code, detail, **more):
    def failing(_):
        raise StoreError(error_code=code, detail=detail, retry_safe=True, **more)
    return failing


def store_all(request):
    """multi_put as a healthy node answers it."""
    return MultiPutResponse(status=1, items=[MultiPutItem(status=1, key=item.key, context=b"c", achieved=achieved()) for item in request.items])
