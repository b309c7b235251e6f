"""A broadcast event ring with lossy and lossless readers, in one process and between processes.

    ring = rusted_ring.Ring([("x", "f4"), ("y", "f4")], slots=1024)
    with ring.consume("disk") as disk, ring.publisher() as pen:
        pen.send([(1, 2), (3, 4)])
        with disk.batch() as events:
            print(events["x"].mean())

`python -m rusted_ring` tells more.
"""

from enum import IntEnum

from . import errors
from ._asynchronous import Batches
from ._native import (
    NEWEST,
    OLDEST,
    PACKED,
    Batch,
    Blocker,
    Confirmed,
    Consumer,
    Damage,
    Epoch,
    Event,
    Journal,
    JournalStats,
    Latest,
    LatestReader,
    LatestWriter,
    Pools,
    PoolStats,
    Position,
    Publisher,
    Reader,
    ReaderLine,
    Ring,
    RingStats,
    SolePublisher,
    Subscriber,
    WaitSet,
    open_handles,
    pack,
    unpack,
    version,
)
from .errors import (
    BadArgument,
    BadHandle,
    Busy,
    Closed,
    Corrupt,
    Empty,
    Exists,
    Forked,
    Full,
    InUse,
    Lagged,
    Lent,
    Mismatch,
    NoMemory,
    NotFound,
    NotLent,
    Occupied,
    Panic,
    RingError,
    System,
    TooLarge,
    TooManyHandles,
    TooManyReaders,
    Unsupported,
)

__version__ = version()


class Pool(IntEnum):
    """A pool of a set, by the bytes that its events have at most."""

    XS = 0
    """64 bytes."""
    S = 1
    """256 bytes."""
    M = 2
    """1,024 bytes."""
    L = 3
    """4,096 bytes."""
    XL = 4
    """16,384 bytes."""


__all__ = [
    "NEWEST",
    "OLDEST",
    "PACKED",
    "BadArgument",
    "BadHandle",
    "Batch",
    "Batches",
    "Blocker",
    "Busy",
    "Closed",
    "Confirmed",
    "Consumer",
    "Corrupt",
    "Damage",
    "Empty",
    "Epoch",
    "Event",
    "Exists",
    "Forked",
    "Full",
    "InUse",
    "Journal",
    "JournalStats",
    "Lagged",
    "Latest",
    "LatestReader",
    "LatestWriter",
    "Lent",
    "Mismatch",
    "NoMemory",
    "NotFound",
    "NotLent",
    "Occupied",
    "Panic",
    "Pool",
    "PoolStats",
    "Pools",
    "Position",
    "Publisher",
    "Reader",
    "ReaderLine",
    "Ring",
    "RingError",
    "RingStats",
    "SolePublisher",
    "Subscriber",
    "System",
    "TooLarge",
    "TooManyHandles",
    "TooManyReaders",
    "Unsupported",
    "WaitSet",
    "errors",
    "open_handles",
    "pack",
    "unpack",
    "version",
]
