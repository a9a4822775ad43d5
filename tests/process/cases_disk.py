"""Disks that fill up and files that change under the node: an error or a refusal, never wrong data, never a loss."""

import os
import random
import shutil
import subprocess
import tempfile
import unittest

from client import *  # noqa: F403
from harness import BRIEF, Workspace, wait_until
from load import Load


def value_of(i):
    return b"value %d of the corruption test " % i + b"z" * (i % 300)


def mount(size_mib):
    """A small tmpfs; the case is skipped where mounting is not allowed."""
    if os.geteuid() != 0:
        raise unittest.SkipTest("a full disk needs root to mount a small file system")
    path = tempfile.mkdtemp(prefix="ashlar-small-disk.")
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%dm" % size_mib, "tmpfs", path], capture_output=True)
    if done.returncode != 0:
        os.rmdir(path)
        raise unittest.SkipTest("mounting a small file system is not allowed here: " + done.stderr.decode().strip())
    return path


def unmount(path):
    subprocess.run(["umount", path], check=True)
    os.rmdir(path)


class FullDisk(unittest.TestCase):
    def test_the_reserve_stops_writes_keeps_reads_and_loses_nothing(self):
        self.fill("8 MiB")

    def test_a_disk_without_any_room_stops_writes_keeps_reads_and_loses_nothing(self):
        self.fill(0)

    def fill(self, reserve):
        disk = mount(48)
        self.addCleanup(unmount, disk)
        workspace = Workspace()
        self.addCleanup(workspace.close)
        daemon = workspace.daemon(storage_engine__lsm__memtable_bytes="1 MiB", storage_engine__lsm__disk_reserve_bytes=reserve)
        daemon.settings["node.data_directory"] = os.path.join(disk, "data")
        spare = os.path.join(disk, "spare")
        with open(spare, "wb") as out:
            out.write(bytes(4 << 20))
        daemon.start()
        with Operator(daemon.admin_port) as operator:
            operator.create_table(admin.CreateTableRequest(name="ballast"))
        with Store(daemon.client_port) as store:
            stored, refusal = self.write_until_refused(store)
            # Without a reserve the log itself meets the end of the disk, and a log that failed is not trusted again.
            wanted = (constants.ERROR_NO_SPACE,) if reserve else (constants.ERROR_NO_SPACE, constants.ERROR_CLOSED, constants.ERROR_OVERLOADED)
            self.assertIn(refusal.error_code, wanted, refusal.detail)
            if refusal.error_code != constants.ERROR_OVERLOADED:
                self.assertRegex(refusal.detail, "(?i)reserve|space|full")
            self.assertTrue(daemon.alive(), daemon.log()[-3000:])
            self.all_there(store, stored)
        if reserve:
            with Operator(daemon.admin_port) as operator:
                operator.drop_table(admin.DropTableRequest(name="ballast"))
        else:
            os.remove(spare)
        daemon.kill()
        daemon.start()
        with Store(daemon.client_port) as store:
            self.all_there(store, stored)

    def write_until_refused(self, store):
        chance, stored, overloaded = random.Random(1), {}, 0
        for i in range(20_000):
            key, value = b"full%d" % i, chance.randbytes(8000)
            try:
                store.put(PutRequest(table="ballast" if i % 2 else "default", key=key, value=value, overwrite=True))
            except StoreError as error:
                overloaded += 1
                if error.error_code == constants.ERROR_OVERLOADED and overloaded < 1000:
                    continue
                return stored, error
            overloaded = 0
            if i % 2 == 0:
                stored[key] = value
        self.fail("20,000 x 8 KB went onto a disk of 48 MiB")

    def all_there(self, store, stored):
        for key, value in stored.items():
            got = store.get(GetRequest(table="default", key=key))
            self.assertEqual([version.value for version in got.values], [value], key)


class Damage(unittest.TestCase):
    """Bytes changed in every kind of file of a stopped node."""

    COUNT = 3000

    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace()
        cls.addClassCleanup(cls.workspace.close)
        daemon = cls.workspace.daemon(storage_engine__lsm__memtable_bytes="256 KiB").start()
        with Store(daemon.client_port) as store:
            for at in range(0, cls.COUNT, 100):
                items = [PutItem(key=b"d%05d" % i, value=value_of(i), overwrite=True) for i in range(at, at + 100)]
                store.multi_put(MultiPutRequest(table="default", items=items))
        daemon.kill()
        cls.settings = daemon.settings
        cls.image = daemon.data

    def files(self, root):
        out = []
        for folder, _, names in os.walk(root):
            out += [os.path.join(folder, name) for name in names if os.path.getsize(os.path.join(folder, name)) > 0]
        return sorted(out)

    def filled(self, name):
        """Bytes in use: files are made longer ahead of what is written to them."""
        with open(os.path.join(self.image, name), "rb") as file:
            return max(1, len(file.read().rstrip(b"\0")))

    def judge(self, daemon, what):
        """Starts it over the damage: a refusal in words, or service without a single wrong answer."""
        daemon.launch()

        def decided():
            return not daemon.alive() or "ready:" in daemon.log()

        wait_until("a decision about " + what, decided)
        if not daemon.alive():
            self.assertGreater(daemon.process.returncode, 0, "ended by a signal over %s:\n%s" % (what, daemon.log()))
            self.assertGreater(len(daemon.log().strip()), 20, "refused without a reason over " + what)
            return "refused"
        daemon.start_found()
        errors = 0
        with Store(daemon.client_port) as store:
            for at in range(0, self.COUNT, 500):
                keys = [b"d%05d" % i for i in range(at, at + 500)]
                for i, item in zip(range(at, at + 500), store.multi_get(MultiGetRequest(table="default", keys=keys)).items):
                    if item.status != constants.STATUS_OK:
                        self.assertIn(item.error_code, (constants.ERROR_CORRUPT, constants.ERROR_IO), item.detail)
                        errors += 1
                    else:
                        self.assertEqual([version.value for version in item.values], [value_of(i)],
                                         "%s: a wrong or missing value without an error for %s" % (what, item.key))
        daemon.kill()
        return "errors" if errors else "unharmed"

    def damaged(self, number, change):
        """A copy of the image with one change, given as change(path of the copy)."""
        daemon = self.workspace.daemon("damaged%s" % number)
        daemon.settings.update({**self.settings, "node.data_directory": daemon.data})
        shutil.copytree(self.image, daemon.data)
        what = change(daemon.data)
        outcome = self.judge(daemon, what)
        shutil.rmtree(daemon.data)
        return outcome, what

    def test_flipped_bits_in_every_kind_of_file(self):
        chance = random.Random(3)
        kinds = {}
        for path in self.files(self.image):
            name = os.path.relpath(path, self.image)
            kind = "".join("#" if c.isdigit() else c for c in name)
            kinds.setdefault(kind, []).append(name)
        self.assertGreaterEqual(len(kinds), 3, kinds)
        outcomes, number = {}, 0
        for kind, names in sorted(kinds.items()):
            # The kill may have left a file that is not part of the data yet, or no more: so one bit in each, more in two.
            chosen = {max(names), max(names, key=self.filled)}
            for name in sorted(names):
                size = self.filled(name)
                places = {size // 2, size - 1} if BRIEF else {0, size // 3, size // 2, size - 1, chance.randrange(size)}
                for place in sorted(places if name in chosen else {size // 2}):
                    def flip(root, name=name, place=place):
                        with open(os.path.join(root, name), "r+b") as file:
                            file.seek(place)
                            byte = file.read(1)[0]
                            file.seek(place)
                            file.write(bytes([byte ^ 0x40]))
                        return "a flipped bit at %d of %s (%d bytes in use)" % (place, name, size)

                    number += 1
                    with self.subTest(name=name, place=place):
                        outcome, what = self.damaged(number, flip)
                        outcomes.setdefault(kind, []).append(outcome)
        noticed = [kind for kind, all_ in outcomes.items() if set(all_) != {"unharmed"}]
        self.assertTrue(all(any(word in kind for kind in noticed) for word in ("table-", "log-", "manifest-", "ledger")), outcomes)

    def test_a_cut_file_and_a_missing_file(self):
        number = 0
        for path in self.files(self.image):
            name = os.path.relpath(path, self.image)
            if os.path.basename(name) == "lock":
                continue
            for verb in ("cut", "remove"):
                def change(root, verb=verb, name=name):
                    path = os.path.join(root, name)
                    if verb == "remove":
                        os.remove(path)
                    else:
                        os.truncate(path, os.path.getsize(path) // 2)
                    return "%s %s" % (verb, name)

                number += 1
                if number > (6 if BRIEF else 24):
                    return
                with self.subTest(verb=verb, name=name):
                    self.damaged("x%d" % number, change)


class Mending(unittest.TestCase):
    def test_a_torn_tail_of_the_log_is_no_damage(self):
        """What a crash in the middle of a write leaves: bytes behind the last whole record."""
        with Workspace() as workspace:
            daemon = workspace.daemon().start()
            load = Load(daemon.client_port, writers=2)
            wait_until("some acknowledged writes", lambda: load.count > 100)
            daemon.kill()
            load.join()
            engine = os.path.join(daemon.data, "engine")
            logs = [os.path.join(engine, name) for name in os.listdir(engine) if name.startswith("log-")]
            newest = max(logs, key=os.path.getmtime)
            with open(newest, "ab") as out:
                out.write(b"\x07\x01torn")
            daemon.start()
            load.check(self, daemon.client_port)
