"""What is published is received, and what is not is told."""

import pathlib
import sys
import threading
import time
from typing import Any

import numpy as np
import pytest

import rusted_ring as rr
from conftest import balances


def test_events_arrive_whole_and_in_order(ring: rr.Ring) -> None:
    disk, pen = ring.consume("disk"), ring.publisher()
    events: list[Any] = [b"first", b"", bytearray(b"x" * 64), memoryview(b"abcd")[1:3], np.arange(4, dtype="u8")]
    assert pen.publish_batch(events, 7) == 5
    assert pen.publish(b"last", 9) == 5
    read = disk.read_batch(64)
    assert [event.sequence for event in read] == list(range(6))
    assert [event.event_type for event in read] == [7] * 5 + [9]
    assert [event.data for event in read] == [bytes(event) for event in events] + [b"last"]
    with pytest.raises(rr.Empty):
        disk.read(0)
    assert pen.publish(bytearray(b"more")) == 6
    assert repr(disk.read()) == "Event(sequence=6, event_type=0, data=b'more')"
    (line,) = balances(ring, 1)
    assert (line.name, line.gating, line.received, line.ahead) == ("disk", True, 7, 0)
    assert disk.stats().received == 7 and disk.stats().entry is None


def test_sole_rings_have_sole_publishers(ring: rr.Ring) -> None:
    with ring.publisher() as pen:
        assert isinstance(pen, rr.SolePublisher) == ring.stats().sole
        if ring.stats().sole:
            with pytest.raises(rr.Occupied):
                ring.publisher()


def test_a_full_ring_says_who_is_in_the_way(ring: rr.Ring) -> None:
    disk, pen = ring.consume("disk"), ring.publisher()
    for timeout in (0, 0.06):
        disk.close()
        disk = ring.consume("disk")
        with pytest.raises(rr.Full, match="disk") as full:
            pen.publish_batch([b"."] * 10, timeout=timeout)
        assert full.value.sent == 8
        with pytest.raises(rr.Full, match="disk") as full:
            pen.publish(b"more", timeout=timeout)
        assert full.value.blocker is not None
        assert (full.value.blocker.name, full.value.blocker.lag, full.value.sent) == ("disk", 8, 0)
    before = ring.stats().claimed
    with pytest.raises(rr.TooLarge):
        pen.publish(b"x" * 65)
    with pytest.raises(rr.TooLarge):
        pen.publish_batch([b"", b"x" * 65])
    assert ring.stats().claimed == before


def test_what_is_sent_goes_on_as_there_is_room(ring: rr.Ring) -> None:
    disk, pen = ring.consume("disk"), ring.publisher()
    wanted = [bytes([n]) * (n % 5) for n in range(50)]
    # As many calls as it takes, in a thread; one more waits for its turn.
    sending = threading.Thread(target=lambda: (pen.publish_batch(wanted), pen.publish(b"end")))
    sending.start()
    time.sleep(0.12)
    read: list[rr.Event] = []
    while len(read) < 51:
        read += disk.read_batch(3)
    sending.join()
    assert [event.data for event in read] == [*wanted, b"end"]


def test_a_subscriber_is_told_what_it_lost(ring: rr.Ring) -> None:
    if ring.stats().lossless:
        with pytest.raises(rr.Unsupported):
            ring.subscribe()
        return
    screen, pen = ring.subscribe("screen"), ring.publisher()
    pen.publish_batch([bytes([n]) for n in range(20)])
    with pytest.raises(rr.Lagged) as lagged:
        screen.read()
    lost = lagged.value.lost
    assert lost.start == 0 and lost.stop >= 12 and str(lost.stop) in str(lagged.value)
    assert screen.read().sequence == lost.stop
    assert screen.stats().lost == len(lost)
    (line,) = balances(ring, 1)
    assert (line.gating, line.lost, line.laps) == (False, len(lost), 1)
    # The iteration is usable behind a loss, too.
    pen.publish_batch([bytes([n]) for n in range(20)])
    with pytest.raises(rr.Lagged):
        next(screen)
    assert next(screen).sequence > lost.stop


def test_values_are_published_and_received(ring: rr.Ring, tmp_path: pathlib.Path) -> None:
    dtype = np.dtype([("n", "<u8"), ("at", "<f4", 3)])
    name = tmp_path / "values"
    with rr.Ring.create(name, dtype, 8) as here, rr.Ring.open(name, dtype) as there:
        assert here.dtype == there.dtype == dtype
        disk, pen = there.consume("disk"), here.publisher()
        values = np.array([(n, (n, 2, 3)) for n in range(8)], dtype)
        # What does not lie in a row is copied first.
        assert pen.send(values[::2], 3) == 4
        assert pen.send([(9, (1, 2, 3))]) == 1
        first = disk.receive(2)
        room = np.zeros(4, dtype)
        assert disk.receive_into(room) == 3
        assert np.array_equal(first, values[:4:2]) and np.array_equal(room[:2], values[4::2])
        assert room[2]["n"] == 9 and room[3]["n"] == 0
        pen.publish(b"short")
        with pytest.raises(rr.Mismatch, match="event 5 has 5 bytes"):
            disk.receive_into(room)
        for place in (np.zeros(4, "u1"), np.zeros((2, 2), dtype), np.zeros(8, dtype)[::2], np.zeros(0, dtype), [1]):
            with pytest.raises(rr.BadArgument):
                disk.receive_into(place, 0)  # type: ignore[arg-type]
        room.flags.writeable = False
        pen.send(values[:1])
        with pytest.raises(BufferError):
            disk.receive_into(room, 0)
    for wrong, why in (("O", "objects"), ("3f4", "array"), ("V0", "no bytes")):
        with pytest.raises(ValueError, match=why):
            rr.Ring(wrong, 8)
    with pytest.raises(rr.Mismatch, match="24 bytes"):
        rr.Ring.create(tmp_path / "small", 16, 8).close()
        rr.Ring.open(tmp_path / "small", "3u8,")
    bytes_only = ring.publisher()
    with pytest.raises(rr.Unsupported, match="dtype"):
        bytes_only.send([1])


def test_an_event_of_another_size_takes_no_other_with_it(tmp_path: pathlib.Path) -> None:
    name = tmp_path / "values"
    with rr.Ring.create(name, "u8", 16) as here, here.consume("disk") as disk, here.publisher() as pen:
        room = np.zeros(8, "u8")

        def publish() -> None:
            pen.send([1, 2, 3])
            pen.publish(b"odd", 9)
            pen.send([4, 5])

        publish()
        assert disk.receive().tolist() == [1, 2, 3]
        with pytest.raises(rr.Mismatch, match="event 3 has 3 bytes"):
            disk.receive()
        assert disk.receive().tolist() == [4, 5]
        # What was copied already is ready, and comes first, whatever asks.
        publish()
        pen.send([6])
        assert disk.receive_into(room) == 3 and room.tolist() == [1, 2, 3, 0, 0, 0, 0, 0]
        with rr.WaitSet() as ready:
            assert ready.wait([disk], 0) is disk
        assert (disk.read(0).data, disk.receive(1, 0).tolist()) == (b"odd", [4])
        assert [event.sequence for event in disk.read_batch(1, 0)] == [11]
        assert next(disk).data == (6).to_bytes(8, sys.byteorder)
        publish()
        assert disk.receive(2).tolist() == [1, 2] and disk.receive(2).tolist() == [3]
        assert [event.data for event in disk.read_batch(2)] == [b"odd"] and disk.receive().tolist() == [4, 5]
        publish()
        batches = iter(rr.Batches(disk))
        assert np.asarray(next(batches)).tolist() == [1, 2, 3]
        with pytest.raises(rr.Mismatch):
            next(batches)
        assert np.asarray(next(batches)).tolist() == [4, 5]
        with pytest.raises(rr.Empty):
            disk.receive(timeout=0)
        balances(here, 1)
    # Such a reader lends what lies behind only when what was copied has been read.
    with rr.Ring("u8", 16) as lending, lending.consume() as disk, lending.publisher() as pen:
        pen.send([1])
        pen.publish(b"odd")
        pen.send([2])
        assert disk.receive().tolist() == [1]
        pen.send([3])
        with pytest.raises(rr.Mismatch, match="events 1 to 2"), disk.batch():
            pass
        assert [event.sequence for event in disk.read_batch()] == [1, 2]
        with disk.batch() as events:
            assert events.array().tolist() == [3]


def test_an_array_has_the_room_that_its_memory_has(tmp_path: pathlib.Path) -> None:
    class Odd(np.ndarray[Any, Any]):
        def __len__(self) -> int:
            return 5

        def view(self, *_: object, **__: object) -> Any:
            return np.zeros(3, "u1")

    with rr.Ring.create(tmp_path / "values", "u8", 8) as here, here.consume() as disk, here.publisher() as pen:
        pen.send([1, 2, 3])
        room = np.zeros(2, "u8").view(Odd)
        assert disk.receive_into(room) == 2 and np.asarray(room).tolist() == [1, 2]
        room.flags.writeable = False
        with pytest.raises(BufferError, match="cannot be written"):
            disk.receive_into(room)
        assert disk.receive(timeout=0).tolist() == [3]


def test_values_are_sent_as_what_they_are() -> None:
    pair = [("x", "f4"), ("y", "f4")]
    cases: list[tuple[Any, np.ndarray[Any, Any] | np.generic]] = [
        ("u1", np.array([1.9, -1.0, 300.0])),
        ("u1", np.float64(1.9)),
        ("u8", np.array([-1])),
        (pair, np.zeros(2, [("y", "f4"), ("x", "f4")])),
        ([("at", pair)], np.zeros(2, [("at", [("y", "f4"), ("x", "f4")])])),
        (pair, np.zeros(2)),
    ]
    for event, values in cases:
        with rr.Ring(event, 8) as here, here.consume() as disk, here.publisher() as pen:
            with pytest.raises(rr.BadArgument, match="astype"):
                pen.send(values)
            with pytest.raises(rr.Empty):
                disk.read(0)
    with rr.Latest("u1", 1, 1) as latest, latest.writer() as writer, pytest.raises(rr.BadArgument, match="astype"):
        writer.update(0, np.float64(1.9))
    with rr.Ring(pair, 8) as here, here.consume() as disk, here.publisher() as pen:
        pen.send(np.array([(1, 2)], [("x", ">f8"), ("y", "i2")]))
        assert disk.receive().tolist() == [(1.0, 2.0)]


def test_many_values_go_out_as_there_is_room(here: rr.Ring) -> None:
    disk, pen = here.consume("disk"), here.publisher()
    values = np.zeros(1000, here.dtype)
    values["n"] = np.arange(1000)
    sending = threading.Thread(target=pen.send, args=(values,))
    sending.start()
    time.sleep(0.12)
    received: list[int] = []
    while len(received) < 1000:
        if len(received) in (5, 10):
            # Some went out by the call that waits now, and the next one goes on behind them.
            time.sleep(0.06)
        received += disk.receive(5)["n"].tolist()
    sending.join()
    assert received == list(range(1000))
    with pytest.raises(rr.Full) as full:
        pen.send(values, timeout=0)
    assert full.value.sent == 8


def test_a_ring_closes_with_its_last_publisher() -> None:
    with rr.Ring(8, 8) as ring, ring.consume() as disk:
        with ring.publisher() as pen:
            pen.publish_batch([b"a", b"b"])
        assert [event.data for event in disk] == [b"a", b"b"]
        assert list(rr.Batches(disk)) == []
        with pytest.raises(rr.Closed):
            disk.read()
        with pytest.raises(rr.Closed), disk.batch():
            pass
        with pytest.raises(rr.Closed):
            ring.publisher()


def test_wait_sets_return_the_reader_that_is_ready() -> None:
    with rr.WaitSet() as ready:
        rings = [rr.Ring(8, 8), rr.Ring("u4", 8, sole=True)]
        pens = [ring.publisher() for ring in rings]
        readers: list[rr.Reader] = [rings[0].subscribe(), rings[1].consume()]
        begun = time.monotonic()
        with pytest.raises(rr.Empty):
            ready.wait(readers, 0.12)
        assert time.monotonic() - begun >= 0.12
        for pen, reader in zip(pens, readers, strict=True):
            later = threading.Timer(0.1, pen.publish, (b"now!",))
            later.start()
            assert ready.wait(readers) is reader
            later.join()
            assert reader.read(0).data == b"now!"
        with pytest.raises(rr.Busy):
            ready.wait([readers[0], readers[0]], 0)
        with pytest.raises(rr.BadArgument):
            ready.wait([], 0)


def test_pools_take_the_smallest_that_fits(tmp_path: pathlib.Path) -> None:
    slots = dict(xs=4, s=4, m=2, l=2, xl=2)
    name = tmp_path / "set"
    for pools in (rr.Pools(**slots), rr.Pools.create(name, **slots)):
        with pools, pools.ring(rr.Pool.S).consume("disk") as disk, pools.ring(rr.Pool.XS, "u8").consume() as typed:
            assert pools.emit(b"x" * 65, 3) == (rr.Pool.S, 0)
            assert pools.emit_batch([b"12345678", b"87654321"]) == 2
            assert typed.receive().tobytes() == b"1234567887654321"
            with pytest.raises(rr.TooLarge):
                pools.emit(bytes(16385))
            with pytest.raises(rr.Full, match="disk") as full:
                pools.emit_batch([b"y" * 100] * 9)
            assert full.value.sent == 3
            assert [event.event_type for event in disk.read_batch()] == [3, 0, 0, 0]
            assert [pool.slot_bytes for pool in pools.stats()] == [64, 256, 1024, 4096, 16384]
    with rr.Pools.open(name) as pools, pytest.raises(rr.InUse):
        rr.Pools.remove(name)
    rr.Pools.remove(name)
    with pytest.raises(FileNotFoundError):
        rr.Pools.open(name)
    for pools, most in ((rr.Pools.mobile(), 500), (rr.Pools.production(), 2000), (rr.Pools.server(), 4000)):
        with pools:
            assert pools.stats()[0].slots == most


def test_cells_have_the_latest_value() -> None:
    with rr.Latest([("n", "u4"), ("x", "f4")], 2, 1) as latest:
        writer, reader = latest.writer(), latest.reader()
        assert reader.get(0) is None
        first = writer.update(0, (1, 2.5))
        found = reader.get(0)
        assert found is not None and found[0] == first and found[1].item() == (1, 2.5)
        assert reader.get(0, newer_than=first) is None and reader.get(1) is None
        with pytest.raises(rr.Occupied):
            latest.writer()
        with pytest.raises(rr.TooManyReaders):
            latest.reader()
    with rr.Latest(3, 1, 1) as latest, latest.writer() as writer, latest.reader() as reader:
        writer.update(0, b"abc")
        found = reader.get(0)
        assert found is not None and found[1] == b"abc"
        with pytest.raises(rr.BadArgument):
            writer.update(0, b"abcd")
        with pytest.raises(rr.BadArgument):
            reader.get(1)


def test_errors_are_classes_of_their_own_and_of_pythons(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "ring"
    with pytest.raises(FileNotFoundError) as missing:
        rr.Ring.open(path)
    assert isinstance(missing.value, rr.NotFound) and str(path) in str(missing.value)
    with rr.Ring.create(path, 64, 8) as ring:
        with pytest.raises(FileExistsError):
            rr.Ring.create(path, 64, 8)
        with pytest.raises(rr.InUse):
            rr.Ring.remove(path)
        with rr.Ring.observe(path) as seen:
            ring.publisher().publish(b"one")
            assert seen.stats().claimed == 1 and seen.stats().observed
            with pytest.raises(rr.Unsupported):
                seen.consume()
    path.write_bytes(b"no ring")
    with pytest.raises(rr.Mismatch):
        rr.Ring.open(path)
    with pytest.raises(ValueError, match="was closed"):
        ring.stats()
    ring = rr.Ring(64, 8, never_closes=True)
    for name in (lambda: ring.consume("a\0b"), lambda: rr.Ring.open("a\0b"), lambda: rr.Ring.open("/tmp/\udcff")):
        with pytest.raises(ValueError, match="zero"):
            name()
    with pytest.raises(TimeoutError):
        ring.consume().read(0)
    for wrong in (-1.0, float("nan")):
        with pytest.raises(ValueError, match="timeout"):
            ring.consume().read(wrong)
    with pytest.raises(ValueError, match="most"):
        ring.consume().read_batch(0)
    with pytest.raises(TypeError):
        ring.publisher().publish("text")  # type: ignore[arg-type]
    with pytest.raises(BufferError):
        ring.publisher().publish(memoryview(b"12345678")[::2])
    counts: list[tuple[Any, Any]] = [(0, 8), (65537, 8), (64, 0), (64, -1), (64, 1 << 70), (-1, 8), (1 << 70, 8), (True, 8), (None, 8)]
    for event, slots in counts:
        with pytest.raises(rr.BadArgument):
            rr.Ring(event, slots)
        with pytest.raises(rr.BadArgument):
            rr.Ring.create(tmp_path / "none", event, slots)
    for count in (-1, 1 << 70):
        for call in (
            lambda count=count: rr.Pools(xs=count, s=1, m=1, l=1, xl=1),
            lambda count=count: rr.Latest(8, count, 1),
            lambda count=count: rr.Latest(8, 1, count),
            lambda count=count: ring.consume().read_batch(count),
        ):
            with pytest.raises(rr.BadArgument, match=str(count)):
                call()
    with pytest.raises(TypeError):
        rr.Ring(8, "8")  # type: ignore[arg-type]
    statuses = {error.status: error for error in rr.RingError.__subclasses__() if error is not rr.Forked}
    assert sorted(statuses) == list(range(-22, 0))
    for error in rr.RingError.__subclasses__():
        assert getattr(rr, error.__name__) is error and error.__name__ in rr.__all__


def test_objects_are_no_bytes() -> None:
    objects = np.array([object()], object)
    with rr.Ring(64, 8) as ring, ring.publisher() as pen, ring.consume() as disk:
        with pytest.raises(BufferError, match="addresses"):
            pen.publish(objects)
        with pytest.raises(BufferError, match="addresses"):
            pen.publish_batch([b"one", objects])
        with pytest.raises(rr.Empty):
            disk.read(0)


def test_large_events_are_packed_and_unpacked() -> None:
    ring = rr.Ring(4096, 4)
    reader, pen = ring.subscribe("reader"), ring.publisher()
    stroke = bytes([1, 2, 3, 4]) * 1000
    packed, packed_type = rr.pack(stroke, 7)
    assert len(packed) < 100 and packed_type == 7 | rr.PACKED
    pen.publish(packed, packed_type)
    event = reader.read(1)
    assert event.data == packed
    assert rr.unpack(event.data, event.event_type) == (stroke, 7)
    assert rr.unpack(memoryview(packed), packed_type, longest=4000) == (stroke, 7)
    # What is short, or does not shrink, is what it was.
    assert rr.pack(b"short", 7) == (b"short", 7) == rr.unpack(b"short", 7, longest=1)
    assert rr.pack(b"") == (b"", 0) == rr.unpack(b"", 0)
    with pytest.raises(rr.TooLarge):
        rr.unpack(packed, packed_type, longest=3999)
    with pytest.raises(rr.BadArgument):
        rr.unpack(packed[:-1], packed_type)
    with pytest.raises(rr.BadArgument):
        rr.pack(stroke, rr.PACKED)
