"""A pen emits moves and strokes, the disk loses none, and the screen is told what it lost. In Rust: src/main.rs; in C: stroke.c."""

import struct

import rusted_ring as rr

MOVE, STROKE = 1, 2


def points(first: int, count: int) -> bytes:
    """Points of a stroke, of 12 bytes each, from the point `first` on."""
    return b"".join(struct.pack("<III", n * 3 % 1000, n * 7 % 1000, n) for n in range(first, first + count))


BEGUN = 0xCBF29CE484222325


def checksum(sum: int, of: bytes) -> int:
    """FNV-1a, so that programs in several languages can say what they read."""
    for byte in of:
        sum = ((sum ^ byte) * 0x00000100000001B3) % 2**64
    return sum


def show(pool: str, ring: rr.Ring) -> None:
    for line in ring.readers():
        print(f"{pool}: {line.name} received {line.received}, lost {line.lost}, holes {line.holes}, ahead {line.ahead}")


def main() -> None:
    pools = rr.Pools(xs=64, s=16, m=8, l=4, xl=2)
    xs, s = pools.ring(rr.Pool.XS), pools.ring(rr.Pool.S)
    disk, screen = s.consume("disk"), xs.subscribe("screen")

    for n in range(100):
        pools.emit(points(n, 1), MOVE)
    pool, sequence = pools.emit(points(0, 15), STROKE)
    print(f"a stroke of 15 points is event {sequence} of pool {pool}")
    large = points(0, 1500)
    try:
        pools.emit(large, STROKE)
    except rr.TooLarge:
        print(f"a stroke of 1500 points has {len(large)} bytes: refused")
    emitted = 1
    try:
        while True:
            pools.emit(points(0, 6 + emitted % 10), STROKE)
            emitted += 1
    except rr.Full as full:
        assert full.blocker is not None
        print(f"{emitted} strokes went out, then {full.blocker.name} was {full.blocker.lag} behind")

    count, sum = 0, BEGUN
    try:
        while True:
            with disk.batch(32, timeout=0) as strokes:
                for event in strokes:
                    count, sum = count + 1, checksum(sum, event.data)
    except rr.Empty:
        print(f"disk: {count} strokes, checksum {sum:016x}")

    count, sum = 0, BEGUN
    while True:
        try:
            event = screen.read(timeout=0)
            count, sum = count + 1, checksum(sum, event.data)
        except rr.Lagged as loss:
            print(f"screen: lost {loss.lost.start} to {loss.lost.stop}")
        except rr.Empty:
            break
    print(f"screen: {count} moves, checksum {sum:016x}")
    show("xs", xs)
    show("s", s)


if __name__ == "__main__":
    main()
