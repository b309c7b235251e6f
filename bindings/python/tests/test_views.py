"""What is lent is a view of the ring, and lasts until the last view is gone."""

import gc
import threading
import weakref

import numpy as np
import pytest

import rusted_ring as rr


def sent(ring: rr.Ring, count: int) -> tuple[rr.Consumer, rr.Publisher]:
    disk, pen = ring.consume("disk"), ring.publisher()
    pen.send(np.array([(n, n / 2) for n in range(count)], ring.dtype), 5)
    return disk, pen


def test_a_batch_is_an_array_in_place(here: rr.Ring) -> None:
    disk, pen = sent(here, 5)
    with disk.batch(3) as events:
        assert len(events) == 3 and events["n"].tolist() == [0, 1, 2] and events[1]["x"] == 0.5
        assert events.sequences.tolist() == [0, 1, 2] and events.event_types.tolist() == [5, 5, 5]
        assert [event.sequence for event in events] == [0, 1, 2]
        assert np.asarray(events).dtype == here.dtype
        with pytest.raises(ValueError, match="read-only"):
            events.array()["n"] = 1
        with pytest.raises(ValueError, match="WRITEABLE"):
            events.array().flags.writeable = True
        # It is no copy: two arrays have one address, and it does not move.
        one, other = events.array(), events.array()
        assert one.ctypes.data == other.ctypes.data
        del one, other
        # The ring's slots are not free before the batch ends.
        assert pen.send([(n, 0) for n in range(5, 8)], timeout=0) == 3
        with pytest.raises(rr.Full):
            pen.send([(8, 0)], timeout=0)
    assert pen.send([(8, 0), (9, 0), (10, 0)], timeout=0) == 3
    # A batch ends at the ring's end.
    with disk.batch() as events:
        assert events["n"].tolist() == [3, 4, 5, 6, 7]
    with disk.batch() as events:
        assert events["n"].tolist() == [8, 9, 10]
    for use in (events.array, events.rows, events.__len__, lambda: events["n"], lambda: events.sequences, lambda: list(events)):
        with pytest.raises(rr.NotLent):
            use()
    with pytest.raises(rr.Empty), disk.batch(timeout=0.01):
        pass


def test_bytes_are_rows(here: rr.Ring) -> None:
    with rr.Ring(64, 8, sole=True) as ring:
        disk, pen = ring.consume(), ring.publisher()
        pen.publish_batch([b"abc", b"def"])
        with disk.batch() as events:
            assert events.array().tobytes() == b"abcdef" and events.array().shape == (2, 3)
        pen.publish_batch([b"abc", b"", b"long"])
        with disk.batch() as events:
            assert [row.tobytes() for row in events.rows()] == [b"abc", b"", b"long"]
            with pytest.raises(rr.Mismatch, match="event 3"):
                events.array()
    disk, pen = sent(here, 1)
    pen.publish(b"odd")
    with disk.batch() as events, pytest.raises(rr.Mismatch, match="event 1 has 3 bytes"):
        events.array()


def test_a_view_that_outlives_its_block_keeps_the_events(here: rr.Ring) -> None:
    disk, pen = sent(here, 8)
    with pytest.raises(BufferError) as error, disk.batch() as events:
        kept = events["x"][2:4]
    assert isinstance(error.value, rr.Lent)
    # The view is whole, publishers wait, and the reader reads nothing else.
    assert kept.tolist() == [1.0, 1.5]
    with pytest.raises(rr.Full):
        pen.send([(0, 0)], timeout=0)
    for use in (lambda: disk.read(0), lambda: disk.receive(1, 0), disk.stats, lambda: disk.batch().__enter__()):
        with pytest.raises(rr.Lent):
            use()
    with rr.WaitSet() as ready, pytest.raises(rr.Lent):
        ready.wait([disk], 0)
    del kept
    gc.collect()
    assert pen.send([(0, 0)], timeout=0) == 1
    assert disk.receive().tolist() == [(0, 0)]


def test_a_view_outlives_everything(here: rr.Ring) -> None:
    disk, pen = sent(here, 4)
    with pytest.raises(BufferError), disk.batch() as events:
        kept = np.asarray(events)
    disk.close()
    with pytest.raises(rr.Lent):
        disk.read(0)
    pen.close()
    here.close()
    del events
    gc.collect()
    assert kept["n"].tolist() == [0, 1, 2, 3]
    # What is in the way of all endings but its own is the object that the array refers to.
    base = kept.base
    while isinstance(base, np.ndarray):
        base = base.base
    assert not hasattr(base, "release")
    gone, before = weakref.ref(kept), rr.open_handles()
    del kept, base
    assert gone() is None and rr.open_handles() == before - 1
    with pytest.raises(rr.BadHandle):
        disk.read(0)


def test_an_error_in_the_block_comes_through(here: rr.Ring) -> None:
    disk, pen = sent(here, 8)
    with pytest.raises(KeyError), disk.batch() as events:
        kept = events.array()
        raise KeyError
    assert len(kept) == 8
    del kept
    gc.collect()
    assert pen.send([(0, 0)], timeout=0) == 1


def test_a_view_may_end_in_another_thread(here: rr.Ring) -> None:
    disk, pen = sent(here, 8)
    kept = []
    with pytest.raises(BufferError), disk.batch() as events:
        kept.append(events.array())
    waiting = threading.Thread(target=pen.send, args=([(8, 0)],))
    waiting.start()
    ending = threading.Thread(target=kept.clear)
    ending.start()
    ending.join()
    waiting.join()
    assert disk.receive()["n"].tolist() == [8]


def test_rings_between_processes_lend_nothing(tmp_path: object) -> None:
    with rr.Ring.create(f"{tmp_path}/ring", "u8", 8) as ring, ring.consume() as disk:
        with pytest.raises(rr.Unsupported), disk.batch(timeout=0):
            pass
        ring.publisher().send([1])
        assert disk.receive().tolist() == [1]
