"""Errors tell programs what they tell people, also in another process; and objects that are copies are pickled."""

import copy
import errno
import os
import pathlib
import pickle
import signal
import threading
from collections.abc import Callable

import pytest

import rusted_ring as rr

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


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
        assert type(again) is rr.Event and repr(again) == repr(event)
    for line in (disk.stats(), *ring.readers(), ring.stats()):
        assert pickle.loads(pickle.dumps(line, protocol)) == line == copy.copy(line)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_errors_are_pickled_whole(ring: rr.Ring, tmp_path: pathlib.Path, protocol: int) -> None:
    disk, pen = ring.consume("disk"), ring.publisher()
    full = raised(lambda: pen.publish_batch([b"."] * 10, timeout=0))
    missing = raised(lambda: rr.Ring.open(tmp_path / "missing"))
    for error in (full, missing, raised(lambda: disk.read_batch(0))):
        again = pickle.loads(pickle.dumps(error, protocol))
        assert (type(again), str(again), again.args, vars(again)) == (type(error), str(error), error.args, vars(error))
    again = pickle.loads(pickle.dumps(full, protocol))
    assert isinstance(again, rr.Full) and isinstance(full, rr.Full) and again.blocker is not None
    assert again.sent == 8 and again.blocker == full.blocker and again.blocker.name == "disk"
    assert isinstance(missing, rr.NotFound)
    assert pickle.loads(pickle.dumps(missing, protocol)).filename == missing.filename


def test_what_is_open_is_not_copied(ring: rr.Ring) -> None:
    for held in (ring, ring.consume(), ring.publisher(), rr.WaitSet()):
        for call in (copy.copy, pickle.dumps):
            with pytest.raises(TypeError, match="pickle"):
                call(held)


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


@pytest.mark.parametrize("way", ["publish_batch", "send"])
def test_a_signal_does_not_hide_how_many_went_out(way: str) -> None:
    class Stopped(Exception):
        sent: int

    def stop(*_: object) -> None:
        raise Stopped

    with rr.Ring("u8", 8) as ring, ring.consume() as disk, ring.publisher() as pen:
        values = [n.to_bytes(8, "little") for n in range(20)]
        before = signal.signal(signal.SIGUSR1, stop)
        try:
            threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGUSR1)).start()
            with pytest.raises(Stopped) as stopped:
                _ = pen.send(range(20)) if way == "send" else pen.publish_batch(values)
        finally:
            signal.signal(signal.SIGUSR1, before)
        assert stopped.value.sent == 8 == ring.stats().claimed
        assert stopped.value.__notes__ == ["8 of 20 events went out before this"]
        assert disk.receive().tolist() == list(range(8))


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
