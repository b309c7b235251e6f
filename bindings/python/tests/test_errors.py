"""Errors tell programs what they tell people, also in another process; and objects that are copies are pickled."""

import contextlib
import copy
import errno
import itertools
import mmap
import os
import pathlib
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import rusted_ring as rr

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)
LINES = [rr.RingStats, rr.ReaderLine, rr.Blocker, rr.PoolStats, rr.JournalStats, rr.Epoch, rr.Damage, rr.Confirmed]


def raised(call: Callable[[], object]) -> rr.RingError:
    with pytest.raises(rr.RingError) as error:
        call()
    return error.value


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_events_and_lines_are_pickled_by_value(ring: rr.Ring, protocol: int) -> None:
    disk, pen = ring.consume("disk"), ring.publisher()
    pen.publish(b"a stroke", 7)
    event = disk.read()
    for again in (pickle.loads(pickle.dumps(event, protocol)), copy.copy(event), copy.deepcopy(event)):
        assert type(again) is rr.Event and again == event and hash(again) == hash(event) and repr(again) == repr(event)
    assert event not in (disk, rr.Event(sequence=1, event_type=7, data=b"a stroke"), rr.Event(sequence=0, event_type=7, data=b""))
    for line in (disk.stats(), *ring.readers(), ring.stats()):
        assert pickle.loads(pickle.dumps(line, protocol)) == line == copy.copy(line)


def test_copies_are_made_by_the_names_of_attributes(ring: rr.Ring) -> None:
    disk, pen = ring.consume("disk"), ring.publisher()
    full = raised(lambda: pen.publish_batch([b"."] * 9, timeout=0))
    assert isinstance(full, rr.Full) and full.blocker is not None
    copies: list[Any] = [disk.read(), disk.stats(), ring.stats(), full.blocker, rr.Pools.mobile().stats()[0]]
    copies += [rr.Epoch(number=1, oldest=2, end=3), rr.Damage(epoch=1, cut=True, start=2, stop=2, bytes=3), rr.Confirmed(epoch=1, next=2)]
    for copied in copies:
        restore, (kind, attributes) = copied.__reduce__()
        assert kind is type(copied) and restore(kind, attributes) == copied == kind(**attributes)
        with pytest.raises(TypeError, match="positional"):
            kind(*attributes.values())


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_errors_are_pickled_whole(ring: rr.Ring, tmp_path: pathlib.Path, protocol: int) -> None:
    disk, pen = ring.consume("disk"), ring.publisher()
    full = raised(lambda: pen.publish_batch([b"."] * 10, timeout=0))
    missing = raised(lambda: rr.Ring.open(tmp_path / "missing"))
    lossy = rr.Ring(64, 8)
    screen, pens = lossy.subscribe(), lossy.publisher()
    pens.publish_batch([b"."] * 20)
    lagged = raised(lambda: screen.read(0))
    assert isinstance(lagged, rr.Lagged) and len(lagged.lost) >= 12
    for error in (full, missing, lagged, raised(lambda: disk.read_batch(0))):
        again = pickle.loads(pickle.dumps(error, protocol))
        assert (type(again), str(again), again.args, vars(again)) == (type(error), str(error), error.args, vars(error))
    again = pickle.loads(pickle.dumps(full, protocol))
    assert isinstance(again, rr.Full) and isinstance(full, rr.Full) and again.blocker is not None
    assert again.sent == 8 and again.blocker == full.blocker and again.blocker.name == "disk"
    assert isinstance(missing, rr.NotFound)
    assert pickle.loads(pickle.dumps(missing, protocol)).filename == missing.filename


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_what_is_open_is_not_copied(tmp_path: pathlib.Path, protocol: int) -> None:
    journal = rr.Journal(tmp_path)
    ring, sole, pools, latest = rr.Ring("u8", 8), rr.Ring("u8", 8, sole=True), rr.Pools.mobile(), rr.Latest(8, 1, 1)
    pen, disk = ring.publisher(), ring.consume()
    pen.send([1])
    with disk.batch() as batch:
        view = batch.array().base
        while not isinstance(view, rr._native.View):
            assert view is not None
            view = view.base
        held: list[object] = [ring, pen, sole.publisher(), disk, ring.subscribe(), batch, view, rr.WaitSet()]
        held += [pools, latest, latest.writer(), latest.reader(), journal, journal.position("mail")]
        kinds = {kind for kind in vars(rr._native).values() if isinstance(kind, type)} - {rr.Event, rr.Reader, *LINES}
        assert {type(each) for each in held} | {rr.Publisher} == kinds
        for each in held:
            calls: list[Callable[[Any], object]] = [lambda held: pickle.dumps(held, protocol), copy.copy, copy.deepcopy]
            for call in calls:
                with pytest.raises(TypeError, match=f"cannot pickle or copy a {type(each).__name__}.*open the ring by its name"):
                    call(each)
        del view, held, each


def test_errors_about_files_are_those_of_the_system(tmp_path: pathlib.Path) -> None:
    there, missing, below = tmp_path / "ring", tmp_path / "missing", tmp_path / "plain" / "ring"
    (tmp_path / "plain").write_text("no directory")
    sizes = {"xs": 1, "s": 1, "m": 1, "l": 1, "xl": 1}
    with rr.Ring.create(there, 8, 8):
        calls: list[tuple[Callable[[], object], type, int, pathlib.Path]] = [
            (lambda: rr.Ring.create(there, 8, 8), FileExistsError, errno.EEXIST, there),
            (lambda: rr.Ring.open(missing), FileNotFoundError, errno.ENOENT, missing),
            (lambda: rr.Ring.observe(missing), FileNotFoundError, errno.ENOENT, missing),
            (lambda: rr.Ring.remove(missing), FileNotFoundError, errno.ENOENT, missing),
            (lambda: rr.Pools.open(missing), FileNotFoundError, errno.ENOENT, missing),
            (lambda: rr.Pools.remove(missing), FileNotFoundError, errno.ENOENT, missing),
            (lambda: rr.Ring.open(below), rr.System, errno.ENOTDIR, below),
            (lambda: rr.Pools.create(below, **sizes), rr.System, errno.ENOTDIR, below),
        ]
        for call, kind, number, name in calls:
            error = raised(call)
            assert isinstance(error, OSError) and isinstance(error, kind)
            assert (error.errno, error.filename) == (number, str(name))
            # The text, which names the file, is shown once.
            assert str(error) == error.strerror and not str(error).startswith("[Errno")


def test_a_name_in_shared_memory_is_no_files() -> None:
    name = f"rusted-ring-test-{os.getpid()}"
    missing = raised(lambda: rr.Ring.open(name))
    assert isinstance(missing, rr.NotFound) and (missing.errno, missing.filename) == (errno.ENOENT, None) and name in str(missing)
    with rr.Ring.create(name, 8, 8):
        try:
            there = raised(lambda: rr.Ring.create(name, 8, 8))
            assert isinstance(there, rr.Exists) and (there.errno, there.filename) == (errno.EEXIST, None) and name in str(there)
            assert str(there) == there.strerror
        finally:
            rr.Ring.remove(name, even_in_use=True)


def test_an_errors_number_is_the_systems_whatever_its_file_is_called(tmp_path: pathlib.Path) -> None:
    (tmp_path / "f (os error 2)").write_text("no directory")
    error = raised(lambda: rr.Ring.open(tmp_path / "f (os error 2)" / "ring"))
    assert isinstance(error, rr.System) and error.errno == errno.ENOTDIR
    # Of one that a program made itself, the text may be anything.
    assert str(rr.NotFound(2, 5)) == "5"


@contextlib.contextmanager
def interrupted(handler: Callable[..., None], after: float = 0.1) -> Iterator[None]:
    """Has a signal handled once, some time later, if the block is not over by then."""
    before = signal.signal(signal.SIGUSR1, handler)
    timer = threading.Timer(after, os.kill, (os.getpid(), signal.SIGUSR1))
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        signal.signal(signal.SIGUSR1, before)


@pytest.mark.parametrize("way", ["publish_batch", "send"])
def test_a_signal_does_not_hide_how_many_went_out(way: str) -> None:
    class Stopped(Exception):
        sent: int

    def stop(*_: object) -> None:
        raise Stopped

    with rr.Ring("u8", 8) as ring, ring.consume() as disk, ring.publisher() as pen:
        values = [n.to_bytes(8, "little") for n in range(20)]
        with interrupted(stop), pytest.raises(Stopped) as stopped:
            _ = pen.send(range(20)) if way == "send" else pen.publish_batch(values)
        assert stopped.value.sent == 8 == ring.stats().claimed
        assert stopped.value.__notes__ == ["events of the batch that went out before this: 8"]
        assert disk.receive().tolist() == list(range(8))


def test_what_an_exception_says_of_itself_stays(ring: rr.Ring) -> None:
    class Mail(Exception):
        def __init__(self) -> None:
            self.sent = ["a letter"]

    class Deaf(Exception):
        def __setattr__(self, name: str, value: object) -> None:
            raise AttributeError(name)

    class Loud(Exception):
        def add_note(self, note: str) -> None:
            raise KeyboardInterrupt(note)

    again, alone = RuntimeError("again"), RuntimeError("alone")

    def batch(error: BaseException) -> BaseException:
        def stop(*_: object) -> None:
            raise error

        pen = ring.publisher()
        with interrupted(stop), pytest.raises(BaseException) as stopped:
            pen.publish_batch([b"."] * 9)
        pen.close()
        return stopped.value

    def stop(*_: object) -> None:
        raise alone

    with ring.consume() as disk:
        mail, deaf, loud = Mail(), Deaf(), Loud()
        assert batch(mail) is mail and mail.sent == ["a letter"] and not hasattr(mail, "__notes__")
        disk.read_batch()
        assert batch(deaf) is deaf
        disk.read_batch()
        # What is no Exception is no matter of a note.
        told = batch(loud)
        assert isinstance(told, KeyboardInterrupt) and told.__context__ is loud
        disk.read_batch()
        for _ in range(2):
            assert batch(again) is again
            disk.read_batch()
        assert again.__notes__ == ["events of the batch that went out before this: 8"]
        # One event is no batch.
        pen = ring.publisher()
        pen.publish_batch([b"."] * 8)
        with interrupted(stop), pytest.raises(RuntimeError, match="alone"):
            pen.publish(b".")
        assert not hasattr(alone, "sent") and not hasattr(alone, "__notes__")


def test_an_event_that_is_refused_among_others_says_how_many_went_out() -> None:
    sizes = {"xs": 4, "s": 4, "m": 4, "l": 4, "xl": 4}
    with rr.Pools(**sizes) as pools:
        error = raised(lambda: pools.emit_batch([b".", b"x" * 20000]))
        assert isinstance(error, rr.TooLarge) and error.sent == 1
        assert error.__notes__ == ["events of the batch that went out before this: 1"]


def test_a_ring_that_is_written_over_says_how_many_went_out(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "ring"

    def scribble() -> None:
        time.sleep(0.1)
        with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as memory:
            for at in range(0, len(memory), 8):
                memory[at : at + 8] = b"\xff" * 7 + b"\x7f"

    with rr.Ring.create(path, 8, 8) as ring, ring.consume(), ring.publisher() as pen:
        scribbling = threading.Thread(target=scribble)
        scribbling.start()
        error = raised(lambda: pen.publish_batch([b"."] * 20, timeout=30))
        scribbling.join()
    assert isinstance(error, rr.Corrupt) and error.sent == 8
    assert error.__notes__ == ["events of the batch that went out before this: 8"]


def test_a_batch_without_end_is_sent_in_groups(ring: rr.Ring) -> None:
    class Stopped(Exception):
        sent: int

    def stop(*_: object) -> None:
        raise Stopped

    pen, before = ring.publisher(), ring.stats().claimed
    with interrupted(stop), pytest.raises(Stopped) as stopped:
        pen.publish_batch(itertools.repeat(b"12345678"))
    assert stopped.value.sent == ring.stats().claimed - before > 1024
    with rr.Pools(xs=8, s=8, m=8, l=8, xl=8) as pools, interrupted(stop), pytest.raises(Stopped):
        pools.emit_batch(itertools.repeat(b"12345678"))


def test_of_a_group_that_is_not_whole_nothing_goes_out() -> None:
    def events(count: int) -> Iterator[bytes]:
        for n in range(count):
            yield n.to_bytes(8, "little")
        raise KeyError

    for count, sent in ((10, 0), (1024, 1024), (1500, 1024)):
        with rr.Ring(8, 8) as ring, ring.publisher() as pen:
            with pytest.raises(KeyError) as error:
                pen.publish_batch(events(count))
            assert ring.stats().claimed == sent
            # Where nothing had begun, nothing is said.
            assert getattr(error.value, "sent", 0) == sent and hasattr(error.value, "sent") == (sent > 0)
    for count in (0, 1, 1023, 1024, 1025, 3000):
        with rr.Ring(8, 4096) as ring, ring.consume() as disk, ring.publisher() as pen:
            assert pen.publish_batch(n.to_bytes(8, "little") for n in range(count)) == count
            read = [int.from_bytes(event.data, "little") for event in (disk.read_batch(4096) if count else [])]
            assert read == list(range(count))


def test_a_large_array_waits_in_parts() -> None:
    wanted = np.arange(1 << 18, dtype="u8")  # two mebibytes
    with rr.Ring("u8", 1000) as ring, ring.consume() as disk, ring.publisher() as pen:
        sent: list[int] = []
        sending = threading.Thread(target=lambda: sent.append(pen.send(wanted)))
        sending.start()
        read: list[np.ndarray[Any, Any]] = []
        while sum(map(len, read)) < len(wanted):
            read.append(disk.receive(10_000, 30))
        sending.join()
        assert sent == [len(wanted)] and (np.concatenate(read) == wanted).all()


def test_where_there_is_no_memory_an_error_alone_says_so() -> None:
    program = """
import resource, sys
import rusted_ring as rr

used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (96 << 20), resource.RLIM_INFINITY))
makes = [
    # Of each the events or values alone would have room.
    lambda: rr.Ring(8, 8 << 20),
    lambda: rr.Ring(8, 8 << 20, sole=True, lossless=True),
    lambda: rr.Pools(xs=1 << 20, s=1, m=1, l=1, xl=2048),
    lambda: rr.Latest(8, 1 << 20, 1),
    lambda: rr.Latest(8, 1, 1 << 20),
]
for number, make in enumerate(makes):
    try:
        make()
    except rr.NoMemory as error:
        print(number, error)
"""
    done = subprocess.run([sys.executable, "-c", program], timeout=60, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[0] for line in done.stdout.splitlines()] == list("01234")


def test_a_read_without_a_handle_to_wait_by_loses_nothing() -> None:
    with rr.Ring(8, 8) as ring, ring.consume() as disk, ring.publisher() as pen:
        held: list[rr.WaitSet] = []
        with pytest.raises(rr.TooManyHandles):
            while True:
                held.append(rr.WaitSet())
        # What does not wait needs none.
        with pytest.raises(rr.Empty):
            disk.read(0)
        for read in (lambda: disk.read(1), lambda: disk.read_batch(1, 1), disk.batch(1, 1).__enter__):
            with pytest.raises(rr.TooManyHandles, match=r"nothing was read.*close those"):
                read()
        pen.publish(b"whole")
        assert disk.read(1).data == b"whole"
        held.pop().close()
        with pytest.raises(rr.Empty):
            disk.read(0.01)
        pen.publish(b"again")
        assert disk.read(1).data == b"again"
        assert disk.stats().received == 2
        for each in held:
            each.close()
