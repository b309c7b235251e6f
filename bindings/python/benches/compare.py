"""Events of 64 bytes through rusted-ring and through what else Python has, one by one and in batches, and what a call costs.

    pip install --requirement benches/requirements.txt
    python benches/compare.py

Every figure is the best of five runs: nanoseconds an event, or a call. The other end of a process or thread is there before the clock starts; the clock stops when
it has all events.
"""

import multiprocessing as mp
import os
import queue
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from multiprocessing import shared_memory
from typing import Any

import numpy as np

import rusted_ring as rr
from rusted_ring import _native

EVENT = bytes(range(64))
BATCH = 256
SLOTS = 1024
VALUE = np.dtype("V64")
VALUES = np.zeros(BATCH, VALUE)

# A side does its work, and calls this when it is ready to.
Ready = Callable[[], object]


def best(run: Callable[[], float]) -> float:
    """The best of five runs."""
    return min(run() for _ in range(5))


def call(count: int, work: Callable[[], object]) -> float:
    """Nanoseconds that a call takes."""

    def run() -> float:
        turns = range(count)
        begun = time.perf_counter_ns()
        for _ in turns:
            work()
        return (time.perf_counter_ns() - begun) / count

    return best(run)


def between(side: Callable[..., Any], send: Callable[[Any, int], object], receive: Callable[[Any, int, Ready], object], count: int, place: Any) -> float:
    """Nanoseconds an event, sent here, and received by a thread or process that `side` makes."""

    def run() -> float:
        ready = mp.get_context("spawn").Event()
        other = side(target=receive, args=(place, count, ready.set))
        other.start()
        ready.wait()
        begun = time.perf_counter_ns()
        send(place, count)
        other.join()
        return (time.perf_counter_ns() - begun) / count

    return best(run)
