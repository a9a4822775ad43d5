"""Writers that remember what was acknowledged, and the check that all of it is there."""

import threading

from client import *  # noqa: F403


def value_of(key, number):
    return b"%s #%d " % (key, number) + b"x" * (number % 700)


class Load:
    """Each writer owns its keys, so that the last acknowledged number of a key is known exactly."""

    def __init__(self, port, writers=8, keys_each=50, options=None, table="default", start=0):
        self.port, self.table, self.options = port, table, options
        self.stop = threading.Event()
        self.acknowledged = {}   # key -> number
        self.attempted = {}      # key -> highest number sent
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
                        store.put(PutRequest(table=self.table, key=key, value=value_of(key, number), overwrite=True, options=self.options))
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
                    values = [version.value for version in item.values]
                    low, high = self.acknowledged[item.key], self.attempted[item.key]
                    allowed = [value_of(item.key, number) for number in range(low, high + 1)]
                    test.assertEqual(len(values), 1, "%s was acknowledged with number %d; found %r" % (item.key, low, values))
                    test.assertIn(values[0], allowed, "%s went back behind number %d" % (item.key, low))
