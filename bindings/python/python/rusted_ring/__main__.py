"""`python -m rusted_ring` tells what the package is for, and with the NAME of a ring between processes who reads that."""

import sys

from . import Ring, RingError, version

HELP = f"""rusted-ring {version()}: a ring that moves events from a few threads or processes to many,
and tells the truth about every event it did not deliver.

A Consumer loses nothing, and publishers wait for it; a Subscriber is never waited for, and is told what it lost. first.py:

    import rusted_ring

    ring = rusted_ring.Ring([("x", "f4"), ("y", "f4")], slots=1024)    # or Ring.create("NAME", ...), between processes
    with ring.consume("disk") as disk, ring.publisher() as pen:
        pen.send([(1, 2), (3, 4)])
        with disk.batch() as events:                                   # in place: no copy
            print(len(events), events["y"].mean())

    $ python first.py
    2 3.0

    ring.publisher()              publish(bytes), publish_batch([bytes]), send(array)
    ring.consume(), subscribe()   read(), read_batch(), receive(), `for`, `async for`; Consumers in one process: batch()
    rusted_ring.Batches(reader)   arrays or lists, by `for` and `async for`
    rusted_ring.WaitSet()         wait([reader, reader]): which is ready
    rusted_ring.Pools(...)        emit(bytes): to the smallest of five rings that holds them
    rusted_ring.Latest(...)       what the value of a key is now
    ring.stats(), ring.readers()  what was received and lost, and by whom

A time-out is in seconds, None is as long as it takes, 0 does not wait. Errors are classes of rusted_ring.errors;
Full has the Consumer in the way, Lagged what was lost.
`help(rusted_ring.Ring)` says more, and `python -m rusted_ring NAME` who reads a ring between processes."""


def main() -> int:
    """Does what the command line asks for, and returns the exit code."""
    arguments = sys.argv[1:]
    if arguments in ([], ["-h"], ["--help"]):
        print(HELP)
        return 0
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print("usage: python -m rusted_ring [NAME]", file=sys.stderr)
        return 2
    try:
        with Ring.observe(arguments[0]) as ring:
            print(ring.stats(), *ring.readers(), sep="\n")
    except RingError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
