"""Writers that remember what was acknowledged, and the check that all of it is there."""

import threading

from client import *  # noqa: F403


def value_of(key, number):
    """What write `number` leaves behind: a value, or nothing, since every seventh is a removal."""
    if number % 7 == 3:
        return None
    return b"%s #%d " % (key, number) + b"x" * (number % 700)


class Load:
    """Each writer owns its keys, so that the last acknowledged number of a key is known exactly."""

    def __init__(self, port, writers=8, keys_each=50, options=None, table="default", start=0, after=None):
        """With `after`, an earlier load whose keys must keep their state until they are written again."""
        self.port, self.table, self.options = port, table, options
        self.stop = threading.Event()
        self.acknowledged = dict(after.acknowledged) if after else {}   # key -> number
        self.attempted = dict(after.attempted) if after else {}         # key -> the last number sent
        self.count = 0
        self.start = start
        self.refusals = []
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.write, args=(n, keys_each), daemon=True) for n in range(writers)]
        for thread in self.threads:
            thread.start()

    def write(self, writer, keys_each):
        number = self.start
        try:
            with Store(self.port) as store:
                while not self.stop.is_set():
                    number += 1
                    key = b"load-%d-%d" % (writer, number % keys_each)
                    with self.lock:
                        self.attempted[key] = number
                    try:
                        value = value_of(key, number)
                        if value is None:
                            store.remove(RemoveRequest(table=self.table, key=key, options=self.options))
                        else:
                            store.put(PutRequest(table=self.table, key=key, value=value, overwrite=True, options=self.options))
                    except StoreError as refusal:
                        self.refusals.append(refusal)
                        return
                    with self.lock:
                        self.acknowledged[key] = number
                        self.count += 1
        except Exception:
            return  # the daemon died under us: that is the point

    def join(self):
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def check(self, test, port):
        """Every key holds its last acknowledged number, or a later one that was on its way; never anything else."""
        keys = sorted(self.acknowledged)
        with Store(port) as store:
            for at in range(0, len(keys), 200):
                answer = store.multi_get(MultiGetRequest(table=self.table, keys=keys[at:at + 200]))
                for item in answer.items:
                    test.assertEqual(item.status, constants.STATUS_OK, item.detail)
                    low, high = self.acknowledged[item.key], self.attempted[item.key]
                    values = [version.value for version in item.values] or [None]
                    test.assertEqual(len(values), 1, "%s has siblings, with one writer" % item.key)
                    # What an earlier write to this key left is not allowed: its numbers are keys_each apart.
                    allowed = [value_of(item.key, low)] if low == high else [value_of(item.key, low), value_of(item.key, high)]
                    test.assertIn(values[0], allowed, "%s is not what write %d left (last sent: %d)" % (item.key, low, high))
