"""Publishes COUNT events from number FIRST on to the ring NAME: publisher.py NAME FIRST COUNT"""

import sys

import rusted_ring as rr


def event(n: int) -> bytes:
    """A number, and bytes that follow from it, so that any program can tell whether all of it is there."""
    return n.to_bytes(8, "little") + bytes((n * 31 + at) & 0xFF for at in range(n % 49))


def main() -> None:
    name, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with rr.Ring.open(name) as ring, ring.publisher() as pen:
        print("ready", flush=True)
        for n in range(first, first + count):
            pen.publish(event(n), 1)
        print("published", count, flush=True)


main()
