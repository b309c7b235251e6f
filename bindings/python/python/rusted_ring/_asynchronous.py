"""Iteration over batches, and asynchronous iteration.

A thread of its own waits for each task that waits, by calls of 50 ms, and ends when the wait does.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
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
        loop = asyncio.get_running_loop()
        # Of a thread, not of a task: what cancels all tasks, such as the end of `asyncio.run`, leaves it alone.
        left: asyncio.Future[None] = loop.create_future()
        stop = threading.Event()
        # A daemon, which an exit of the interpreter does not wait for: a loop that was interrupted may never tell it to stop.
        threading.Thread(target=self._wait, args=(loop, left, stop), name="rusted_ring", daemon=True).start()
        cancelled: tuple[object, ...] | None = None
        while not left.done():
            try:
                await asyncio.wait([left])
            except asyncio.CancelledError as error:
                cancelled = error.args
            finally:
                stop.set()
        if cancelled is None:
            return left.result()
        left.exception()
        raise asyncio.CancelledError(*cancelled)

    def _wait(self, loop: asyncio.AbstractEventLoop, left: asyncio.Future[None], stop: threading.Event) -> None:
        report = functools.partial(left.set_result, None)
        while not (stop.is_set() or loop.is_closed()):
            try:
                self._set.wait([self._reader], 0.05)
            except Empty:
                continue
            except Exception as error:
                report = functools.partial(left.set_exception, error)
            break
        # A loop that is closed has nobody to tell.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(report)


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
