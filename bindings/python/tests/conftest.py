import os
import pathlib
import subprocess
from collections.abc import Callable, Iterator

import pytest

import rusted_ring as rr

KINDS = {
    "many": lambda path, event: rr.Ring(event, 8, never_closes=True),
    "sole": lambda path, event: rr.Ring(event, 8, sole=True, never_closes=True),
    "lossless": lambda path, event: rr.Ring(event, 8, lossless=True, never_closes=True),
    "many shared": lambda path, event: rr.Ring.create(path, event, 8),
    "sole shared": lambda path, event: rr.Ring.create(path, event, 8, sole=True),
}


@pytest.fixture(params=KINDS)
def ring(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> Iterator[rr.Ring]:
    """A ring of each kind, of 8 slots for events of 64 bytes, which does not close."""
    with KINDS[request.param](tmp_path / "ring", 64) as ring:
        yield ring


@pytest.fixture(params=["many", "sole", "lossless"])
def here(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> Iterator[rr.Ring]:
    """As `ring`, in this process, of values of two numbers."""
    with KINDS[request.param](tmp_path, [("n", "u8"), ("x", "f4")]) as ring:
        yield ring


@pytest.fixture
def rring() -> Callable[..., list[str]]:
    """The command line of the workspace, as RUSTED_RING_RRING says where it is, or where `cargo build --package rring` puts it."""
    root = pathlib.Path(__file__).parents[3]
    program = os.environ.get("RUSTED_RING_RRING", str(root / "target/debug/rring"))
    if not os.path.exists(program):
        pytest.fail("rring is not there: run `cargo build --package rring`, or set RUSTED_RING_RRING to its path")
    return lambda *arguments: [program, *map(str, arguments)]


def output(command: list[str]) -> str:
    """What a command says, which ends well."""
    return subprocess.run(command, check=True, timeout=30, stdout=subprocess.PIPE, text=True).stdout


def balances(ring: rr.Ring, readers: int) -> list[rr.ReaderLine]:
    """The lines of a ring's ledger, of so many readers, which balance. Nobody else uses the ring."""
    lines, claimed = ring.readers(), ring.stats().claimed
    assert len(lines) == readers
    for line in lines:
        assert claimed - line.joined == line.received + line.repaired + line.lost + line.holes + line.shared + line.ahead
    return lines
