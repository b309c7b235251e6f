"""Threads, signals, tasks and forks."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest

import rusted_ring as rr


def until(what: Callable[[], bool]) -> None:
    """Waits until something is so."""
    for _ in range(3000):
        if what():
            return
        time.sleep(0.01)
    pytest.fail("it did not come to be within 30 s")


def refused(call: Callable[[], object]) -> bool:
    try:
        call()
    except rr.Busy:
        return True
    except rr.RingError:
        pass
    return False


def test_a_second_thread_is_told_busy(ring: rr.Ring) -> None:
    disk, pen, ready = ring.consume("disk"), ring.publisher(), rr.WaitSet()
    ended: list[object] = []

    def during(wait: Callable[[], object], others: list[Callable[[], object]]) -> None:
        waiting = threading.Thread(target=lambda: ended.append(wait()))
        waiting.start()
        until(lambda: refused(others[0]))
        for other in others:
            with pytest.raises(rr.Busy, match="a call is using this"):
                other()
        if wait == disk.read or "ready" in wait.__code__.co_freevars:
            pen.publish(b"now")
        else:
            disk.read_batch(8)
        waiting.join()

    reads: list[Callable[[], object]] = [lambda: disk.read(0), disk.stats, disk.close, lambda: disk.__next__()]
    during(disk.read, reads)
    during(lambda: ready.wait([disk]), [*reads, ready.close, lambda: ready.wait([disk], 0)])
    disk.read()
    pen.publish_batch([b"x"] * 8)
    publishes: list[Callable[[], object]] = [pen.close]
    if isinstance(pen, rr.SolePublisher):
        publishes += [lambda: pen.publish(b"", timeout=0), lambda: pen.publish_batch([b""], timeout=0)]
    during(lambda: pen.publish(b"ninth"), publishes)
    assert len(ended) == 3 and ended[1] is disk
    assert disk.read().data == b"ninth"


def test_threads_publish_at_once_and_nothing_is_lost() -> None:
    with rr.Ring("u8", 64) as ring, ring.consume() as disk, ring.publisher() as pen:
        threads = [threading.Thread(target=lambda own=own: [pen.send([own * 500 + n]) for n in range(500)]) for own in range(4)]
        for thread in threads:
            thread.start()
        seen: list[int] = []
        while len(seen) < 2000:
            seen += disk.receive().tolist()
        for thread in threads:
            thread.join()
        assert sorted(seen) == list(range(2000))
        for own in range(4):
            mine = [each for each in seen if each // 500 == own]
            assert mine == sorted(mine)


def test_others_run_while_one_waits() -> None:
    with rr.Ring(8, 8) as ring, ring.consume() as disk, ring.publisher() as pen:
        got: list[rr.Event] = []
        waiting = threading.Thread(target=lambda: got.append(disk.read()))
        waiting.start()
        # Were the interpreter not let go of, this thread would not come to publish.
        until(lambda: refused(disk.stats))
        pen.publish(b"go")
        waiting.join()
        assert got[0].data == b"go"


@pytest.mark.parametrize(
    "wait", ["disk.read()", "next(disk)", "disk.batch().__enter__()", "rr.WaitSet().wait([disk])", "pen.publish(b'')", "pen.send([1] * 9)"]
)
def test_an_interrupt_ends_a_wait(wait: str) -> None:
    full = "pen.send([0] * 8)" if wait.startswith("pen") else "pass"
    begin = "import rusted_ring as rr; ring = rr.Ring('u8', 8); disk, pen = ring.consume(), ring.publisher()"
    program = f"{begin}; {full}; print(flush=True); {wait}"
    child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        child.stdout.readline()
        # It is waiting by then, or about to.
        time.sleep(0.1)
        child.send_signal(signal.SIGINT)
        _, said = child.communicate(timeout=30)
    finally:
        child.kill()
    assert said.rstrip().endswith("KeyboardInterrupt") and child.returncode == -signal.SIGINT


def test_a_signal_handler_that_uses_the_reader_is_told_busy() -> None:
    with rr.Ring(8, 8) as ring, ring.consume() as disk, ring.publisher() as pen:
        told: list[bool] = []

        def handler(*_: object) -> None:
            told.append(refused(lambda: disk.read(0)))
            pen.publish(b"done")

        before = signal.signal(signal.SIGUSR1, handler)
        try:
            threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGUSR1)).start()
            assert disk.read().data == b"done"
        finally:
            signal.signal(signal.SIGUSR1, before)
        assert told == [True]


def test_tasks_wait_without_stopping_others() -> None:
    async def main() -> None:
        ring = rr.Ring("u4", 64)
        disk, pen = ring.consume(), ring.publisher()

        async def publish() -> None:
            for n in range(200):
                while True:
                    try:
                        pen.send([n], timeout=0)
                        break
                    except rr.Full:
                        await asyncio.sleep(0)
                if n % 50 == 0:
                    await asyncio.sleep(0.06)

        publishing = asyncio.create_task(publish())
        seen = 0
        async for event in disk:
            assert event.data == seen.to_bytes(4, sys.byteorder)
            seen += 1
            if seen == 100:
                break
        async for batch in rr.Batches(disk, 7):
            assert not isinstance(batch, list)
            assert batch.tolist() == list(range(seen, seen + len(batch)))
            seen += len(batch)
            if seen == 200:
                break
        await publishing
        # A cancelled task gives the reader back, and takes nothing with it.
        waiting = asyncio.ensure_future(anext(aiter(disk)))
        await asyncio.sleep(0.1)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        pen.send([7])
        assert disk.receive(timeout=0).tolist() == [7]
        asyncio.get_running_loop().call_later(0.1, pen.close)
        assert [event async for event in disk] == []
        assert [batch async for batch in rr.Batches(disk)] == []

    asyncio.run(main(), debug=True)


def ends(program: str) -> str:
    """What a program says, which ends well and within a time."""
    child = subprocess.run([sys.executable, "-W", "error", "-c", program], timeout=30, capture_output=True, text=True)
    assert (child.returncode, child.stderr) == (0, "")
    return child.stdout


TASKS = """
import asyncio, concurrent.futures
import rusted_ring as rr

async def first(reader):
    async for event in reader:
        return event.data

async def cancelled(task):
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()
"""


def test_more_readers_wait_than_the_executor_has_threads() -> None:
    program = """
async def main():
    asyncio.get_running_loop().set_default_executor(concurrent.futures.ThreadPoolExecutor(1))
    ring = rr.Ring(8, 8)
    idle = [asyncio.create_task(first(rr.Ring(8, 8, never_closes=True).consume())) for _ in range(6)]
    await asyncio.sleep(0.1)
    busy = asyncio.create_task(first(ring.consume()))
    await asyncio.sleep(0.1)
    ring.publisher().publish(b"now")
    print(await busy)
    for task in idle:
        await cancelled(task)

asyncio.run(main())
"""
    assert ends(TASKS + program) == "b'now'\n"


def test_a_task_that_is_cancelled_twice_has_left_its_reader() -> None:
    program = """
async def main():
    with rr.Ring(8, 8, never_closes=True) as ring, ring.consume() as disk:
        for _ in range(10):
            task = asyncio.create_task(first(disk))
            await asyncio.sleep(0.02)
            task.cancel()
            await asyncio.sleep(0)
            await cancelled(task)
            disk.stats()

asyncio.run(main())
"""
    assert ends(TASKS + program) == ""


def test_the_end_of_a_loop_ends_its_waits_first() -> None:
    program = """
async def keep():
    with rr.Ring(8, 8, never_closes=True) as ring, ring.consume() as disk:
        try:
            await first(disk)
        finally:
            disk.stats()
            print("left")

async def main():
    global kept
    kept = asyncio.create_task(keep())
    await asyncio.sleep(0.1)

asyncio.run(main())
assert kept.cancelled()
"""
    assert ends(TASKS + program) == "left\n"


def test_an_interrupt_of_a_loop_ends_the_program() -> None:
    program = """
loop = asyncio.new_event_loop()
loop.set_exception_handler(lambda *_: None)
waiting = loop.create_task(first(rr.Ring(8, 8, never_closes=True).consume()))
loop.call_later(0.2, lambda: print("waiting", flush=True))
loop.run_forever()
"""
    with subprocess.Popen([sys.executable, "-c", TASKS + program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        try:
            assert child.stdout is not None and child.stdout.readline() == b"waiting\n"
            child.send_signal(signal.SIGINT)
            assert child.wait(30) == -signal.SIGINT
        finally:
            child.kill()


def test_a_subscriber_that_is_iterated_by_a_task_is_told_its_loss() -> None:
    async def main() -> None:
        with rr.Ring(8, 8) as ring, ring.subscribe() as screen, ring.publisher() as pen:
            pen.publish_batch([b"x"] * 20)
            events = aiter(screen)
            with pytest.raises(rr.Lagged):
                await anext(events)
            assert (await anext(events)).sequence >= 12

    asyncio.run(main())


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_child_of_a_fork_uses_nothing_that_it_inherits(ring: rr.Ring, tmp_path: object) -> None:
    disk, pen, ready = ring.consume("disk"), ring.publisher(), rr.WaitSet()
    pools, latest = rr.Pools.mobile(), rr.Latest(8, 1, 1)
    writer, reader = latest.writer(), latest.reader()
    lending = rr.Ring("u8", 8)
    lent, lender = lending.consume(), lending.publisher()
    lender.send([42])
    batch = lent.batch()
    views = [batch.__enter__().array()]
    child = os.fork()
    if child == 0:
        wrong = 1
        try:
            uses: list[Callable[[], object]] = [
                ring.stats,
                ring.consume,
                ring.publisher,
                lambda: disk.read(0),
                lambda: pen.publish(b"", timeout=0),
                lambda: ready.wait([disk], 0),
                lambda: pools.emit(b""),
                pools.stats,
                latest.writer,
                lambda: writer.update(0, bytes(8)),
                lambda: reader.get(0),
                lambda: lent.read(0),
            ]
            for use in uses:
                with pytest.raises(rr.Forked, match="parent"):
                    use()
            # What it inherits may end there, and the parent has it still.
            for each in (disk, pen, ready, ring, pools, writer, reader, latest):
                each.close()
            assert views[0].tolist() == [42]
            views.clear()
            batch.__exit__(None, None, None)
            del disk, pen, ring, lent
            # It has rings of its own.
            with rr.Ring.create(f"{tmp_path}/childs", 8, 8) as own, own.consume() as mine:
                own.publisher().publish(b"child")
                assert mine.read(0).data == b"child"
            wrong = 0
        finally:
            os._exit(wrong)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    pen.publish(b"still")
    assert disk.read().data == b"still"
    assert [line.name for line in ring.readers()] == ["disk"]
    assert views[0].tolist() == [42]
    views.clear()
    batch.__exit__(None, None, None)
    lender.send([43])
    assert lent.receive().tolist() == [43]


def test_a_full_ring_says_so_whatever_a_signal_handler_did() -> None:
    with rr.Ring(8, 8) as ring, ring.consume("disk"), ring.publisher() as pen:
        pen.publish_batch([b"."] * 8)

        def handler(*_: object) -> None:
            with pytest.raises(rr.NotFound):
                rr.Ring.open("/nowhere/ring")

        before = signal.signal(signal.SIGALRM, handler)
        try:
            publishes: list[Callable[[], object]] = [lambda: pen.publish(b"", timeout=0.2), lambda: pen.publish_batch([b""], timeout=0.2)]
            for publish in publishes:
                # The last signal comes in the last slice.
                signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
                with pytest.raises(rr.Full, match=r"no room came in (\d{3,}\.\dms|\d+\.\ds): .*disk") as full:
                    publish()
                signal.setitimer(signal.ITIMER_REAL, 0)
                assert full.value.blocker is not None and full.value.blocker.name == "disk"
                assert 0.2 <= full.value.blocker.waited < 30
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)


def test_an_error_in_a_block_comes_through_though_its_reader_cannot_close() -> None:
    ring, latest = rr.Ring(8, 8), rr.Latest(8, 1, 1)
    disk, pen, ready = ring.consume(), ring.publisher(), rr.WaitSet()
    pen.publish_batch([b"."] * 8)

    def during(block: rr.Consumer | rr.Publisher | rr.WaitSet, wait: Callable[[], object]) -> None:
        told: list[object] = []

        def waits() -> None:
            try:
                told.append(wait())
            except rr.RingError as error:
                told.append(error)

        waiting = threading.Thread(target=waits)
        with pytest.raises(KeyError), block:
            waiting.start()
            until(lambda: refused(block.close))
            raise KeyError
        waiting.join()
        assert len(told) == 1

    during(pen, lambda: pen.publish(b"", timeout=0.5))
    disk.read_batch()
    other = rr.Ring(8, 8, never_closes=True).consume()
    during(other, lambda: other.read(0.5))
    during(ready, lambda: ready.wait([other], 0.5))
    latest.close()


def test_the_module_is_the_main_interpreters() -> None:
    program = """
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
import subprocess, sys

other = interpreters.create()
code = "try:\\n    import rusted_ring\\nexcept ImportError as error:\\n    print(error, flush=True)"
interpreters.run_string(other, code)
import rusted_ring
interpreters.run_string(other, code)
interpreters.destroy(other)
"""
    assert ends(program).count("main interpreter") == 2
