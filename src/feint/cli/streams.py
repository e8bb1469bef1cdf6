"""Standard output and error that never end a command: a pipe that closes or a disk that fills loses text, not work."""

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


class Sink(io.RawIOBase):
    """Passes bytes on until that fails once, and drops them afterwards.

    Attributes:
        fault: The error with which the stream failed; None while it works.
    """

    def __init__(self, under: io.RawIOBase | io.BufferedIOBase) -> None:
        self.under = under
        self.fault: OSError | None = None

    def writable(self) -> bool:
        """Return True."""
        return True

    def isatty(self) -> bool:
        """Return whether the stream is a terminal."""
        return self.under.isatty()

    def fileno(self) -> int:
        """Return the stream's number, for programs that are started."""
        return self.under.fileno()

    def write(self, data: "bytes | memoryview") -> int:  # type: ignore[override]  # of any buffer
        """Write all bytes, or drop them."""
        rest = memoryview(data).cast("B")
        try:
            while self.fault is None and rest:
                rest = rest[self.under.write(rest) or 0 :]
            if self.fault is None:
                self.under.flush()
        except OSError as error:
            self.fault = error
        except ValueError:
            self.fault = OSError(errno.EBADF, os.strerror(errno.EBADF))
        return len(data)


@contextmanager
def steady() -> Iterator[list[Sink]]:
    """Make standard output and error steady while the block runs: characters that they cannot show become "?".

    Yields:
        The sinks under standard output and error, in this order; fewer where a stream is not one of bytes.
    """
    before, sinks = (sys.stdout, sys.stderr), list[Sink]()
    sys.stdout, sys.stderr = (steadied(stream, sinks) for stream in before)
    try:
        yield sinks
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        sys.stdout, sys.stderr = before


def steadied(stream: TextIO | None, sinks: list[Sink]) -> TextIO:
    """Wrap one stream, and add its sink; a stream that was closed before the program began takes text, and drops it."""
    if stream is None:
        return Path(os.devnull).open("w", encoding="utf-8")
    buffer = getattr(stream, "buffer", None)
    if buffer is None:
        return stream
    stream.flush()
    sink = Sink(getattr(buffer, "raw", buffer))
    sinks.append(sink)
    errors = "replace" if stream.errors in ("strict", "surrogateescape", None) else stream.errors
    lines = getattr(stream, "line_buffering", False) or stream is sys.stderr
    buffered = io.BufferedWriter(sink)  # type: ignore[type-var]  # asks for less than it says
    return io.TextIOWrapper(buffered, encoding=stream.encoding, errors=errors, line_buffering=lines)
