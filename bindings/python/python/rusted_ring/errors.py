"""What calls raise: a class for each status of the C ABI, all of them RingErrors.

The text says what happened, what was expected, and what to do.
"""

from __future__ import annotations

import errno
import re
from os import PathLike, fspath
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from ._native import Blocker


class RingError(Exception):
    """A call that did nothing, or not all."""

    status: ClassVar[int] = 0
    """The status of the C ABI; 0, if it has none."""
    sent: int = 0
    """How many events of a batch went out before it."""

    def __str__(self) -> str:
        # An OSError shows its file's name, which the text has already.
        text = self.strerror if isinstance(self, OSError) else None
        return super().__str__() if text is None else str(text)


class Full(RingError):
    """The ring has no room, because a Consumer has not left the slot that is needed."""

    status = -1
    blocker: Blocker | None = None
    """The Consumer in the way; None, if it had gone on by the time that it was looked for."""


class TooLarge(RingError, ValueError):
    """The event has more bytes than the ring has room for."""

    status = -2


class Empty(RingError, TimeoutError):
    """No event is ready, or none came in the time given."""

    status = -3


class Lagged(RingError):
    """Publishers overtook this Subscriber, and no journal has what was lost; the next read goes on behind it."""

    status = -4
    lost: range = range(0)
    """The sequences that are lost."""


class Closed(RingError):
    """The ring is closed: to a reader, no event will come any more; a publisher cannot join. A journal was closed by an error."""

    status = -5


class BadHandle(RingError, ValueError):
    """What was used had been closed."""

    status = -6


class BadArgument(RingError, ValueError):
    """An argument cannot be."""

    status = -7


class Unsupported(RingError):
    """A ring or reader of this kind cannot do that."""

    status = -8


class Occupied(RingError):
    """There is one already, where there is one at a time."""

    status = -9


class TooManyReaders(RingError):
    """The table of readers is full."""

    status = -10


class Busy(RingError):
    """A call is using what one thread at a time may use."""

    status = -11


class Lent(RingError, BufferError):
    """Events are lent by this reader."""

    status = -12


class NotLent(RingError, ValueError):
    """A batch was used that is not open."""

    status = -13


class NoMemory(RingError, MemoryError):
    """There is no memory, or no space in the file system."""

    status = -14


class TooManyHandles(RingError):
    """More than 65,536 objects of this package would be open."""

    status = -15


class Exists(RingError, FileExistsError):
    """There is a file of that name already."""

    status = -16


class NotFound(RingError, FileNotFoundError):
    """There is no file of that name, or no epoch of that number."""

    status = -17


class Mismatch(RingError):
    """The file is no ring, or nothing of a journal, that can be used; or an event is no value of the type that was wanted."""

    status = -18


class InUse(RingError):
    """A process has the ring open, or the journal."""

    status = -19


class System(RingError, OSError):
    """The operating system refused."""

    status = -20


class Corrupt(RingError):
    """A process has written over the ring. Nothing in this process was harmed."""

    status = -21


class Panic(RingError):
    """A panic of the library was stopped, which is a fault to be reported."""

    status = -22


class Forked(RingError):
    """What a child of a fork used is its parent's: open the ring in the child."""


_CLASSES = {each.status: each for each in RingError.__subclasses__() if each.status != 0}

_NUMBERS: dict[type[RingError], int] = {Exists: errno.EEXIST, NotFound: errno.ENOENT}
_SYSTEM = re.compile(r".*\(os error ([0-9]+)\)", re.DOTALL)
"""How the library's texts have the number of an error of the system: behind the file's name, which may have such a text itself."""


def of(status: int, text: str) -> RingError:
    """Returns the error of a status."""
    return _CLASSES.get(status, RingError)(text)


def of_file(status: int, text: str, name: str | PathLike[str]) -> RingError:
    """Returns the error of a status, about a file: an OSError has its number, and its path, if that was given."""
    error = of(status, text)
    number = _NUMBERS.get(type(error))
    if isinstance(error, System) and (found := _SYSTEM.match(text)):
        number = int(found[1])
    if number is None:
        return error
    # A name without a `/` is no file's: the library makes a path of it, which the text has.
    path = fspath(name)
    return type(error)(number, text, path if "/" in path else None)


def behind(error: BaseException, sent: int) -> BaseException:
    """Returns the error that ended a batch of which so many events went out: it has `sent`, unless it has one of its own, and a note."""
    try:
        if "sent" in vars(error) if isinstance(error, RingError) else hasattr(error, "sent"):
            return error
        error.sent = sent  # type: ignore[attr-defined]
        if sent > 0:
            error.add_note(f"events of the batch that went out before this: {sent}")
    except Exception:
        # What takes neither is raised as it is.
        return error
    except BaseException as other:
        other.__context__ = error
        raise
    return error


def full(text: str, blocker: Blocker | None) -> Full:
    """Returns a Full."""
    error = Full(text)
    error.blocker = blocker
    return error


def lagged(start: int, stop: int) -> Lagged:
    """Returns a Lagged, of which the sequences from `start` up to, not including, `stop` are lost."""
    error = Lagged(
        f"the events {start} to {stop - 1} are lost to this Subscriber: they were overwritten, or its journal has them no more; the next "
        f"read goes on at {stop}"
    )
    error.lost = range(start, stop)
    return error


def forked(name: str) -> Forked:
    """Returns a Forked."""
    return Forked(
        f"this {name} was opened by the parent of this process, which still has it: open the ring here, or start processes by spawn"
    )
