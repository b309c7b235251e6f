"""Iteration over batches, and asynchronous iteration.

Nothing calls back: a thread of the event loop's executor waits, by calls of 50 ms, and ends when the task that awaits it does.
"""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, Self

from .errors import Closed, Empty

if TYPE_CHECKING:
    import numpy as np

    from ._native import Event, Reader, WaitSet


class Waiter:
    """Waits for a reader, for a task."""

    def __init__(self, reader: Reader) -> None:
        from ._native import WaitSet

        self._reader = reader
        self._set: WaitSet = WaitSet()

    async def ready(self) -> None:
        """Returns when the reader's next read would not raise Empty. A task that is cancelled has the reader back before it goes on."""
        stop = threading.Event()
        waiting = asyncio.ensure_future(asyncio.to_thread(self._wait, stop))
        try:
            await asyncio.shield(waiting)
        except asyncio.CancelledError:
            stop.set()
            await asyncio.wait([waiting])
            raise

    def _wait(self, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                self._set.wait([self._reader], 0.05)
            except Empty:
                continue
            return


class Events:
    """What `async for event in reader` goes over."""

    # So many events come before other tasks have their turn.
    _TURN = 64

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._waiter = Waiter(reader)
        self._left = self._TURN

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        self._left -= 1
        if self._left == 0:
            self._left = self._TURN
            await asyncio.sleep(0)
        while True:
            try:
                return self._reader.read(0)
            except Empty:
                await self._waiter.ready()
            except Closed:
                raise StopAsyncIteration from None


class Batches:
    """Goes over a reader's events by batches, until the ring is closed: arrays, if the ring has a dtype, and lists of Events otherwise.

    For `for` and for `async for`. A loss is raised as Lagged; a new iteration goes on behind it.
    """

    def __init__(self, reader: Reader, most: int = 256) -> None:
        self._most = most
        self._read: Any = reader.read_batch if reader.dtype is None else reader.receive
        self._waiter = Waiter(reader)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> list[Event] | np.ndarray[Any, Any]:
        try:
            batch: list[Event] | np.ndarray[Any, Any] = self._read(self._most)
        except Closed:
            raise StopIteration from None
        return batch

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> list[Event] | np.ndarray[Any, Any]:
        await asyncio.sleep(0)
        while True:
            try:
                batch: list[Event] | np.ndarray[Any, Any] = self._read(self._most, 0)
            except Empty:
                await self._waiter.ready()
            except Closed:
                raise StopAsyncIteration from None
            else:
                return batch
