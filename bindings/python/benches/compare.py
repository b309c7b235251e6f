"""Events of 64 bytes through rusted-ring and through what else Python has, one by one and in batches, and what a call costs.

    pip install --requirement benches/requirements.txt
    python benches/compare.py [WORD ...]      # only those with such a word in their names

A figure is the best of five runs, in nanoseconds for each event. The other thread or process is there before the clock starts, and
the clock stops when it says that it has every event. All lose nothing: who sends waits for who receives.
"""

import multiprocessing as mp
import queue
import struct
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from multiprocessing import shared_memory
from typing import Any

import numpy as np
import zmq

import rusted_ring as rr
from rusted_ring import _native

EVENT = bytes(range(64))
BATCH = 256
SLOTS = 1024
VALUES = np.frombuffer(EVENT * BATCH, "V64")
# Each an object of its own: pickle sends one that it has sent before as a number.
EVENTS = [bytes(bytearray(EVENT)) for _ in range(BATCH)]


class Way:
    """How events go from here to another thread or process. It is made here, and pickled for a process."""

    # What the other end is.
    other: Any = mp.get_context("spawn").Process

    def send(self, count: int) -> None:
        """Sends so many events."""
        raise NotImplementedError

    def receive(self, count: int, ready: Callable[[], object]) -> None:
        """Calls `ready` once nothing can be missed, and receives so many events."""
        raise NotImplementedError


class Ring(Way):
    """A ring of one publisher, in shared memory if it has a path; a batch is an array."""

    def __init__(self, batch: int, path: str | None = None) -> None:
        self.batch, self.path = batch, path
        self.ring = rr.Ring("V64", SLOTS, sole=True) if path is None else rr.Ring.create(path, "V64", SLOTS, sole=True)
        if path is None:
            self.other = threading.Thread

    def __getstate__(self) -> object:
        return (self.batch, self.path)

    def __setstate__(self, state: Any) -> None:
        self.batch, self.path = state
        self.ring = rr.Ring.open(self.path, "V64")

    def send(self, count: int) -> None:
        with self.ring.publisher() as pen:
            if self.batch == 1:
                for _ in range(count):
                    pen.publish(EVENT)
            else:
                for _ in range(count // BATCH):
                    pen.send(VALUES)

    def receive(self, count: int, ready: Callable[[], object]) -> None:
        with self.ring.consume("bench") as reader:
            ready()
            if self.batch == 1:
                for _ in range(count):
                    reader.read()
            elif self.path is None:
                while count:
                    with reader.batch() as events:
                        count -= len(events)
            else:
                values = np.empty(SLOTS, "V64")
                while count:
                    count -= reader.receive_into(values)


class Queue(Way):
    """A queue of the standard library. A batch is a list."""

    def __init__(self, batch: int, between_processes: bool) -> None:
        self.batch = batch
        self.queue: Any = mp.get_context("spawn").Queue(SLOTS) if between_processes else queue.Queue(SLOTS)
        if not between_processes:
            self.other = threading.Thread

    def send(self, count: int) -> None:
        what: object = EVENT if self.batch == 1 else EVENTS
        for _ in range(count // self.batch):
            self.queue.put(what)

    def receive(self, count: int, ready: Callable[[], object]) -> None:
        ready()
        for _ in range(count // self.batch):
            self.queue.get()


class LockedMemory(Way):
    """Shared memory with a lock: two counters, and slots."""

    def __init__(self, batch: int) -> None:
        self.batch, self.lock = batch, mp.get_context("spawn").Lock()
        self.memory = shared_memory.SharedMemory(create=True, size=16 + 64 * SLOTS)
        self.memory.buf[:16] = bytes(16)

    def send(self, count: int) -> None:
        memory, step, events = self.memory.buf, self.batch, EVENT * self.batch
        sent = 0
        while sent < count:
            with self.lock:
                (taken,) = struct.unpack_from("Q", memory, 8)
                if sent + step - taken <= SLOTS:
                    at = 16 + sent % SLOTS * 64
                    memory[at : at + 64 * step] = events
                    sent += step
                    struct.pack_into("Q", memory, 0, sent)

    def receive(self, count: int, ready: Callable[[], object]) -> None:
        memory, taken = self.memory.buf, 0
        ready()
        while taken < count:
            with self.lock:
                (sent,) = struct.unpack_from("Q", memory, 0)
                if taken < sent:
                    upto = taken + 1 if self.batch == 1 else min(sent, taken - taken % SLOTS + SLOTS)
                    at = 16 + taken % SLOTS * 64
                    bytes(memory[at : at + 64 * (upto - taken)])
                    taken = upto
                    struct.pack_into("Q", memory, 8, taken)


class ZeroMQ(Way):
    """A pair of sockets in the file system. A batch is one message."""

    def __init__(self, batch: int) -> None:
        self.batch, self.address = batch, f"ipc://{tempfile.mkdtemp()}/socket"
        self.socket: Any = None

    def _socket(self, kind: int) -> Any:
        socket = zmq.Context.instance().socket(kind)
        socket.set_hwm(SLOTS)
        return socket

    def send(self, count: int) -> None:
        if self.socket is None:
            self.socket = self._socket(zmq.PUSH)
            self.socket.connect(self.address)
        events = EVENT * self.batch
        for _ in range(count // self.batch):
            self.socket.send(events)

    def receive(self, count: int, ready: Callable[[], object]) -> None:
        with self._socket(zmq.PULL) as socket:
            socket.bind(self.address)
            ready()
            for _ in range(count // self.batch):
                socket.recv()

    def __getstate__(self) -> object:
        return {"batch": self.batch, "address": self.address, "socket": None}


def receive(way: Way, count: int, ready: Any, done: Any) -> None:
    """What the other end does."""
    way.receive(count, ready.set)
    done.set()


def measured(make: Callable[[], Way], count: int) -> float:
    """Nanoseconds for each event: the best of five runs."""

    def run() -> float:
        way, context = make(), mp.get_context("spawn")
        ready, done = context.Event(), context.Event()
        other = way.other(target=receive, args=(way, count, ready, done))
        other.start()
        ready.wait()
        begun = time.perf_counter_ns()
        way.send(count)
        done.wait()
        took = time.perf_counter_ns() - begun
        other.join()
        if isinstance(way, LockedMemory):
            way.memory.unlink()
        return took / count

    return min(run() for _ in range(5))


def call(work: Callable[[], object], count: int = 100_000) -> float:
    """Nanoseconds that a call takes: the best of five runs."""

    def run() -> float:
        begun = time.perf_counter_ns()
        for _ in range(count):
            work()
        return (time.perf_counter_ns() - begun) / count

    return min(run() for _ in range(5))


def main() -> None:
    """Measures, and prints tables."""
    place = tempfile.TemporaryDirectory(dir="/dev/shm")
    names = iter(range(1000))
    path = lambda: f"{place.name}/{next(names)}"  # noqa: E731

    ring, pools = rr.Ring(64, SLOTS), rr.Pools(xs=SLOTS, s=8, m=8, l=8, xl=8)
    pen = ring.publisher()
    calls: dict[str, Callable[[], object]] = {
        "nothing but the loop and an empty function of Python": lambda: None,
        "an empty call of the library": _native.abi_version,
        "emit 64 bytes to pools": lambda: pools.emit(EVENT),
        "publish 64 bytes": lambda: pen.publish(EVENT),
    }
    print("| one call | ns |\n|---|---|")
    for name, work in calls.items():
        print(f"| {name} | {call(work):,.0f} |", flush=True)

    only = sys.argv[1:]
    ways: dict[str, Callable[[int], Way]] = {
        "threads: rusted-ring": lambda batch: Ring(batch),
        "threads: queue.Queue": lambda batch: Queue(batch, False),
        "processes: rusted-ring": lambda batch: Ring(batch, path()),
        "processes: multiprocessing.Queue": lambda batch: Queue(batch, True),
        "processes: shared_memory and a Lock": LockedMemory,
        "processes: pyzmq, ipc": ZeroMQ,
    }
    print(f"\n| events of 64 bytes, ns each | one by one | by {BATCH} |\n|---|---|---|")
    for name, make in ways.items():
        if only and not any(word in name for word in only):
            continue
        one, many = measured(partial(make, 1), 51_200), measured(partial(make, BATCH), 1_024_000)
        print(f"| {name} | {one:,.0f} | {many:,.1f} |", flush=True)


if __name__ == "__main__":
    main()
