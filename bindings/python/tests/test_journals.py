"""Journals, readers that they repair, and positions; a reader that is killed between two confirmations has a successor."""

import os
import pathlib
import pickle
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import rusted_ring as rr
from conftest import balances

SLOTS, CONFIRMED, HANDLED, FIRST = 16, 30, 37, 50
ALL = FIRST + SLOTS // 2


def until_written(journal: rr.Journal, end: int) -> None:
    until = time.monotonic() + 30
    while journal.stats().written < end:
        assert time.monotonic() < until, journal.stats()
        time.sleep(0.01)


def numbers(reader: rr.Reader, start: int, stop: int) -> None:
    """The reader has these numbers next."""
    while start < stop:
        values = reader.receive(min(7, stop - start), 30)
        assert values.tolist() == list(range(start, start + len(values)))
        start += len(values)


def test_a_reader_has_from_the_journal_what_the_ring_has_overwritten(tmp_path: pathlib.Path) -> None:
    with rr.Ring("u8", SLOTS, sole=True) as ring, ring.publisher() as pen:
        with rr.Journal(tmp_path / "kept", segment_bytes=1024, sync="each batch", lossy=True) as journal:
            with pytest.raises(rr.InUse, match="open already") as in_use:
                rr.Journal(tmp_path / "kept")
            assert "kept" in str(in_use.value)
            with pytest.raises(rr.NotFound):
                journal.subscribe(ring)
            assert journal.epochs() == [] and journal.found() == []
            journal.record(ring, name="store")
            with pytest.raises(rr.Occupied):
                journal.resume(ring)
            assert journal.since(0) is None
            with journal.subscribe(ring, "screen") as screen:
                pen.send(range(100))
                with rr.WaitSet() as waits:
                    assert waits.wait([screen], 30) is screen
                numbers(screen, 0, 100)
                line = screen.stats()
                assert (line.received + line.repaired, line.lost) == (100, 0) and line.repaired >= 84
                assert {line.name for line in balances(ring, 2)} == {"store", "screen"}
                journal.wait_durable(100, 30)
                with pytest.raises(rr.Empty):
                    journal.wait_durable(101, 0.01)
            assert journal.since(time.time() - 3600) == 0
            stats = journal.stats()
            assert stats.recording and not stats.failed and stats.written == 100
            journal.stop()
            assert not journal.stats().recording
            with pytest.raises(rr.Closed):
                journal.wait_durable(101)
            assert pickle.loads(pickle.dumps(stats)) == stats and "written=100" in repr(stats)
        with rr.Journal(tmp_path / "kept") as journal:
            assert journal.epochs() == [rr.Epoch(number=1, oldest=0, end=100)]
            with journal.replay("u8", 90) as replay:
                numbers(replay, 90, 100)
                with pytest.raises(rr.Closed):
                    replay.read()
            with journal.replay(8) as replay:
                assert [event.sequence for event in replay] == list(range(100))
            with journal.replay(7) as replay, pytest.raises(rr.TooLarge):
                replay.read()


def test_a_position_is_what_was_confirmed(tmp_path: pathlib.Path) -> None:
    with rr.Journal(tmp_path) as journal:
        with journal.position("mail") as mail:
            assert mail.confirmed is None
            mail.confirm(1, 50)
            with pytest.raises(rr.BadArgument, match="never goes back"):
                mail.confirm(1, 49)
            with pytest.raises(rr.Occupied):
                journal.position("mail")
        with pytest.raises(rr.BadArgument):
            journal.position("no name")
        with pytest.raises(TypeError, match="Journal"):
            pickle.dumps(journal)
    with rr.Journal(tmp_path) as journal, journal.position("mail") as mail:
        assert mail.confirmed == rr.Confirmed(epoch=1, next=50)


@pytest.mark.parametrize("options", [{"sync": "often"}, {"sync": 0}, {"sync": -1.0}, {"keep_seconds": float("nan")}])
def test_options_that_cannot_be_are_refused(tmp_path: pathlib.Path, options: dict[str, object]) -> None:
    with pytest.raises(rr.BadArgument):
        rr.Journal(tmp_path, **options)  # type: ignore[arg-type]


def test_a_torn_tail_is_found_and_what_is_lost_is_told(tmp_path: pathlib.Path) -> None:
    with rr.Ring("u8", SLOTS, sole=True) as ring, ring.publisher() as pen, rr.Journal(tmp_path) as journal:
        pen.send(range(5))
        journal.record(ring, start=rr.NEWEST)
        pen.send(range(5, 10))
        journal.stop()
    (segment,) = tmp_path.glob("*.journal")
    with segment.open("ab") as file:
        file.write(b"torn")
    with rr.Journal(tmp_path) as journal:
        assert journal.found() == [rr.Damage(epoch=1, cut=True, start=10, stop=10, bytes=4)]
        with journal.replay("u8", 2) as replay:
            with pytest.raises(rr.Lagged) as lagged:
                replay.receive()
            assert lagged.value.lost == range(2, 5)
            numbers(replay, 5, 10)


def test_others_run_while_a_journal_waits(tmp_path: pathlib.Path) -> None:
    """The thread that waits for the journal has not the interpreter, so that the one that publishes goes on."""
    with rr.Ring("u8", SLOTS) as ring, rr.Journal(tmp_path) as journal, ring.publisher() as pen:
        journal.record(ring)
        durable: list[int] = []

        def wait() -> None:
            journal.wait_durable(5, 30)
            durable.append(5)

        waiting = threading.Thread(target=wait)
        waiting.start()
        for number in range(5):
            assert durable == []
            time.sleep(0.02)
            pen.send([number])
        waiting.join(30)
        assert durable == [5]


DEALING = """
import sys, time
sys.path[:0] = [sys.argv[2]]
import rusted_ring as rr
from test_journals import CONFIRMED, FIRST, HANDLED, numbers, until_written
with rr.Ring.open(sys.argv[1] + "/ring", "u8") as ring, rr.Journal(sys.argv[1] + "/kept") as journal:
    journal.resume(ring)
    mail = journal.position("mail")
    reader = journal.subscribe(ring, "mail", 0)
    numbers(reader, 0, 20)
    mail.confirm(1, 20)
    numbers(reader, 20, CONFIRMED)
    mail.confirm(1, CONFIRMED)
    numbers(reader, CONFIRMED, HANDLED)
    until_written(journal, FIRST)
    print("ready", flush=True)
    time.sleep(600)
"""


def test_a_successor_goes_on_where_the_killed_one_confirmed(tmp_path: pathlib.Path) -> None:
    with rr.Ring.create(tmp_path / "ring", "u8", SLOTS, sole=True) as ring, ring.publisher() as pen:
        arguments = [sys.executable, "-c", DEALING, str(tmp_path), os.path.dirname(__file__)]
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as child:
            try:
                while len(ring.readers()) < 2:
                    assert child.poll() is None
                pen.send(np.arange(FIRST, dtype="u8"), timeout=30)
                assert child.stdout is not None and child.stdout.readline() == "ready\n"
            finally:
                child.kill()
        assert child.wait(30) == -signal.SIGKILL
        # The ring keeps this while nobody records.
        pen.send(np.arange(FIRST, ALL, dtype="u8"), timeout=30)
        with rr.Journal(tmp_path / "kept") as journal, journal.position("mail") as mail:
            assert mail.confirmed == rr.Confirmed(epoch=1, next=CONFIRMED)
            journal.resume(ring)
            with journal.subscribe(ring, "mail", mail.confirmed.next) as reader:
                numbers(reader, CONFIRMED, ALL)
                line = reader.stats()
                assert (line.received + line.repaired, line.lost) == (ALL - CONFIRMED, 0)
            mail.confirm(1, ALL)


def test_the_readmes_program_has_every_event_once(tmp_path: pathlib.Path) -> None:
    page = (pathlib.Path(__file__).parents[1] / "README.md").read_text()
    program = page.split("```python kept\n")[1].split("```")[0]
    name = str(tmp_path / "ring")
    with rr.Ring.create(name, 64, 64, sole=True) as ring, ring.publisher() as pen:

        def mailed() -> list[str]:
            run = subprocess.run([sys.executable, "-c", program, name], cwd=tmp_path, capture_output=True, text=True, timeout=60)
            assert run.returncode == 0, run.stderr
            return run.stdout.splitlines()

        pen.publish_batch([b"order"] * 5, 1)
        pen.publish(b"", 9)
        assert mailed() == [f"mailed {n}" for n in range(6)]
        pen.publish(b"order", 1)
        pen.publish(b"", 9)
        assert mailed() == ["mailed 6", "mailed 7"]
