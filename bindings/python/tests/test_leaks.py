"""What is made many times and forgotten leaves nothing."""

import asyncio
import gc
import tracemalloc

import numpy as np
import pytest

import rusted_ring as rr


def round_of_everything(loop: asyncio.AbstractEventLoop) -> None:
    ring, closing = rr.Ring([("n", "u8")], 8), rr.Ring(64, 8, lossless=True)
    disk, screen, pen = ring.consume("disk"), ring.subscribe(), ring.publisher()
    sole, reader = closing.publisher(), closing.consume()
    pools, latest, ready = rr.Pools(xs=2, s=2, m=2, l=2, xl=2), rr.Latest("u8", 1, 1), rr.WaitSet()
    pools.ring(rr.Pool.XL, "u8")
    pools.emit_batch([b"1", b"2"])
    writer, cell = latest.writer(), latest.reader()
    writer.update(0, 1)
    cell.get(0)
    pen.send([(n,) for n in range(8)])
    ready.wait([disk, screen], 0)
    with disk.batch(4) as events:
        assert events["n"].sum() == 6
    with pytest.raises(BufferError), disk.batch() as events:
        kept = events.rows()
    with pytest.raises(rr.Full):
        pen.send([(9,)] * 99, timeout=0.001)
    del kept
    with pytest.raises(rr.Lagged):
        pen.send(np.zeros(4, ring.dtype), timeout=0)
        screen.read()
    screen.read_batch()
    disk.receive_into(np.empty(3, ring.dtype))
    sole.publish_batch([b"a", bytearray(b"b")])
    sole.close()
    assert len(list(reader)) == 2

    async def one() -> None:
        async for _ in disk:
            break

    # Not `asyncio.run`: it asks for the handler of a signal, for which Python makes texts that it keeps for a while.
    loop.run_until_complete(one())
    with pytest.raises(rr.Empty):
        reader_of_nothing = ring.consume()
        reader_of_nothing.read(0.001)


def test_rounds_of_everything_leave_nothing() -> None:
    loop = asyncio.new_event_loop()
    tracemalloc.start()
    try:
        for _ in range(50):
            round_of_everything(loop)
        gc.collect()
        before = rr.open_handles()
        used = tracemalloc.get_traced_memory()[0]
        resident = pages()
        for _ in range(300):
            round_of_everything(loop)
        gc.collect()
        # A leaked object of each round would be 300 of at least 50 bytes.
        assert tracemalloc.get_traced_memory()[0] - used < 15_000
        # And a leaked ring of each round, with its readers, more than 1 KiB.
        assert pages() - resident < 300
        assert rr.open_handles() == before
    finally:
        tracemalloc.stop()
        loop.close()


def pages() -> int:
    """Memory that the process has, in KiB."""
    with open("/proc/self/smaps_rollup") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Private_Dirty"))
