"""A ring between processes, in Rust and in Python, also when one is killed."""

import json
import multiprocessing
import os
import pathlib
import signal
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest

import rusted_ring as rr
from conftest import balances, output


def test_processes_in_rust_and_python_share_a_ring(tmp_path: pathlib.Path, rring: Callable[..., list[str]]) -> None:
    """A process in Rust publishes, one in Python consumes and answers, and a third, in Rust, reads the answers: all see the same books."""
    path = tmp_path / "ring"
    lines = [f"line {n}, {n * 0x9E3779B97F4A7C15 % 2**64:x}" for n in range(1000)]
    (tmp_path / "lines").write_text("".join(line + "\n" for line in lines))
    with rr.Ring.create(path, 64, 64) as ring, ring.consume("disk") as disk, (tmp_path / "lines").open() as source:
        publishing = subprocess.Popen(rring("pub", path, "--type", 7), stdin=source)
        for number, line in enumerate(lines):
            event = disk.read(30)
            assert (event.sequence, event.event_type, event.data) == (number, 7, line.encode())
        assert publishing.wait(30) == 0
        with ring.publisher() as pen:
            pen.publish(b"answer\tone", 8)
            pen.publish("π".encode(), 9)
        assert output(rring("tap", path, "--from", 1000)) == "1000\t8\tanswer\\tone\n1001\t9\tπ\n"
        assert len(disk.read_batch()) == 2
        shown = json.loads(output(rring("stat", path, "--json")))
        assert shown["claimed"] == 1002
        assert [(line["name"], line["received"], line["process"]) for line in shown["readers"]] == [("disk", 1002, os.getpid())]
        (mine,) = balances(ring, 1)
        assert (mine.received, mine.ahead, mine.gating) == (1002, 0, True)


def test_the_lines_of_the_read_me_read_what_a_program_in_rust_publishes(tmp_path: pathlib.Path, rring: Callable[..., list[str]]) -> None:
    page = (pathlib.Path(__file__).parents[1] / "README.md").read_text()
    program = page.split("```python live\n")[1].split("```")[0]
    with rr.Pools.create(tmp_path / "board", xs=64, s=8, m=4, l=2, xl=2):
        reading = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", program, str(tmp_path / "board")], stdout=subprocess.PIPE, text=True
        )
        try:
            while not rr.Ring.observe(tmp_path / "board.xs").readers():
                assert reading.poll() is None
            with subprocess.Popen(rring("pub", tmp_path / "board.xs", "--type", 2), stdin=subprocess.PIPE, text=True) as publishing:
                assert publishing.stdin is not None
                publishing.stdin.write("one\ntwo\n")
            assert reading.stdout is not None
            assert [reading.stdout.readline().split()[:3] for _ in range(2)] == [["0", "2", "3"], ["1", "2", "3"]]
            reading.send_signal(signal.SIGINT)
            reading.stdout.close()
            assert reading.wait(30) == 0
        finally:
            reading.kill()


def publish_until_killed(path: str) -> None:
    with rr.Ring.open(path, "u8") as ring, ring.publisher() as pen:
        for begin in range(0, 10**9, 10):
            pen.send(np.arange(begin, begin + 10, dtype="u8"))


def read_two_and_stay(path: str, name: str) -> None:
    with rr.Ring.open(path, "u8") as ring, ring.consume(name, rr.OLDEST) as disk:
        disk.receive(2)
        signal.pause()


@pytest.mark.parametrize("sole", [False, True])
def test_a_publisher_that_is_killed_leaves_a_ring_that_works(tmp_path: pathlib.Path, sole: bool) -> None:
    context = multiprocessing.get_context("spawn")
    with rr.Ring.create(tmp_path / "ring", "u8", 64, sole=sole) as ring, ring.consume("disk") as disk:
        child = context.Process(target=publish_until_killed, args=(str(tmp_path / "ring"),))
        child.start()
        received = 0
        while received < 5000:
            values = disk.receive(16, 30)
            assert values.tolist() == list(range(received, received + len(values)))
            received += len(values)
        child.kill()
        child.join()
        assert child.exitcode == -signal.SIGKILL
        # All that it published comes, and then what this process publishes.
        while True:
            try:
                values = disk.receive(16, 0.2)
            except rr.Empty:
                break
            assert values.tolist() == list(range(received, received + len(values)))
            received += len(values)
        with ring.publisher() as pen:
            pen.send([0], timeout=30)
        assert disk.receive(timeout=30).tolist() == [0]
        (line,) = balances(ring, 1)
        assert (line.received, line.lost, line.ahead) == (received + 1, 0, 0)


def test_a_consumer_that_is_killed_blocks_nobody(tmp_path: pathlib.Path) -> None:
    context = multiprocessing.get_context("spawn")
    with rr.Ring.create(tmp_path / "ring", "u8", 8) as ring, ring.publisher() as pen:
        pen.send(range(8))
        child = context.Process(target=read_two_and_stay, args=(str(tmp_path / "ring"), "mortal"))
        child.start()
        # It reads two of the eight that are there, so two more go out.
        while not ring.readers() or ring.readers()[0].received < 2:
            assert child.is_alive()
        with pytest.raises(rr.Full, match="mortal") as full:
            pen.send(range(9), timeout=0.2)
        assert full.value.blocker is not None and full.value.blocker.process == child.pid and full.value.sent == 2
        child.kill()
        child.join()
        assert pen.send(range(100), timeout=30) == 100
        assert ring.readers() == []


def test_the_interpreter_ends_without_a_word(tmp_path: pathlib.Path) -> None:
    """Whatever is open, in whatever state: nothing is tracked, nothing complains, and the file stays."""
    program = f"""
import rusted_ring as rr, threading
ring = rr.Ring.create({str(tmp_path / "ring")!r}, "u8", 8)
disk, pen, pools = ring.consume("disk"), ring.publisher(), rr.Pools.mobile()
here = rr.Ring("u8", 8)
lent = here.consume()
here.publisher().send([1])
batch = lent.batch()
array = batch.__enter__().array()
threading.Thread(target=disk.read, daemon=True).start()
class Cycle: pass
cycle = Cycle()
cycle.own, cycle.array, cycle.reader = cycle, array, lent
"""
    child = subprocess.run([sys.executable, "-X", "dev", "-W", "error", "-c", program], capture_output=True, text=True, timeout=30)
    assert (child.returncode, child.stdout, child.stderr) == (0, "", "")
    with rr.Ring.open(tmp_path / "ring", "u8") as ring, ring.publisher() as pen:
        assert pen.send(range(100), timeout=30) == 100
    rr.Ring.remove(tmp_path / "ring")


def test_the_module_says_what_it_is(tmp_path: pathlib.Path) -> None:
    help_text = output([sys.executable, "-m", "rusted_ring"])
    program = help_text.split("first.py:\n")[1].split("\n\n    $")[0]
    assert output([sys.executable, "-W", "error", "-c", "\n".join(line[4:] for line in program.splitlines())]) == "2 3.0\n"
    with rr.Ring.create(tmp_path / "ring", 64, 8) as ring, ring.consume("disk"):
        said = output([sys.executable, "-m", "rusted_ring", str(tmp_path / "ring")])
        assert "slots=8" in said and "name='disk'" in said
    missing = subprocess.run([sys.executable, "-m", "rusted_ring", str(tmp_path / "none")], stderr=subprocess.PIPE, text=True, timeout=30)
    assert missing.returncode == 1 and "Traceback" not in missing.stderr and "none" in missing.stderr
    for arguments in (["--bogus"], ["one", "two"]):
        wrong = subprocess.run([sys.executable, "-m", "rusted_ring", *arguments], capture_output=True, text=True, timeout=30)
        assert (wrong.returncode, wrong.stdout) == (2, "") and wrong.stderr.startswith("usage: ")
    assert output([sys.executable, "-m", "rusted_ring", "--help"]) == help_text
