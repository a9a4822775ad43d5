"""Writers and readers of a cluster: every write is acknowledged or an error with its time, every write is read back."""

import threading
import time

from client import *  # noqa: F403


def level(number, strict=None, **more):
    return RequestOptions(consistency=Consistency(level=number, strict=strict), **more)


ONE = level(constants.LEVEL_ONE)
ONE_OWNER = level(constants.LEVEL_ONE, strict=True)
TWO = level(constants.LEVEL_TWO)
ALL = level(constants.LEVEL_ALL)


def value_of(key):
    return key + b" " + b"v" * (sum(key) % 300)


class Traffic:
    """One thread for each of `stores`, which open a connection: writes a new key, reads an older one back, at W = R = 2
    unless told otherwise, until join()."""

    def __init__(self, stores, name, table="default", pause_s=0.002, options=None):
        self.stop = threading.Event()
        self.name, self.table, self.pause_s, self.options = name, table, pause_s, options or TWO
        self.acknowledged = []       # keys, of all threads
        self.reads = 0
        self.errors = []             # (seconds since the start, what)
        self.begun = time.monotonic()
        self.threads = [threading.Thread(target=self.run, args=(number, store), daemon=True) for number, store in enumerate(stores)]
        for thread in self.threads:
            thread.start()

    def run(self, number, opened):
        own = []
        try:
            with opened() as store:
                while not self.stop.is_set():
                    self.write(store, b"%s-%d-%06d" % (self.name.encode(), number, len(own)), own)
                    self.read(store, own[len(own) * 7919 % len(own) if len(own) % 2 else -1])
                    time.sleep(self.pause_s)
        except Exception as why:
            self.note("thread %d ended: %r" % (number, why))

    def note(self, what):
        self.errors.append((round(time.monotonic() - self.begun, 2), what))

    def write(self, store, key, own):
        while not self.stop.is_set():
            try:
                store.put(PutRequest(table=self.table, key=key, value=value_of(key), options=self.options))
                own.append(key)
                self.acknowledged.append(key)
                return
            except StoreError as refusal:
                self.note("put: error %d, %s" % (refusal.error_code, refusal.detail))
                time.sleep(0.05)

    def read(self, store, key):
        try:
            values = {version.value for version in store.get(GetRequest(table=self.table, key=key, options=self.options)).values}
            self.reads += 1
            if values != {value_of(key)}:
                self.note("get: %r gave %r" % (key, values))
        except StoreError as refusal:
            self.note("get: error %d, %s" % (refusal.error_code, refusal.detail))

    def join(self):
        self.stop.set()
        for thread in self.threads:
            thread.join()
        return self


def missing(store, keys, options=None, table="default"):
    """Those that are not there with exactly their value."""
    out = []
    keys = sorted(keys)
    for at in range(0, len(keys), 200):
        for item in store.multi_get(MultiGetRequest(table=table, keys=keys[at:at + 200], options=options)).items:
            if item.status != constants.STATUS_OK or {version.value for version in item.values} != {value_of(item.key)}:
                out.append((item.key, item.detail or [version.value for version in item.values]))
    return out
