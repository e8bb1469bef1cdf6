"""Faults of the world, of whatever kind, in one line each: a full disk, a folder of another user, a broken file."""

import errno
import sqlite3
import sys
import zipfile
import zlib
from concurrent.futures.process import BrokenProcessPool

from feint.base.errors import UsageError
from feint.base.failures import causes

ROOM = "make room, then give the same command again (a study goes on with --resume, and asks nothing twice)"
CLOSE = "close other programs, or raise the limit of open files (ulimit -n)"
REMEDIES = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), ROOM),
    **dict.fromkeys((errno.EROFS, errno.EACCES, errno.EPERM), "allow it, or choose a place that you may write to"),
    **dict.fromkeys((errno.EMFILE, errno.ENFILE), CLOSE),
    **dict.fromkeys((errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP), "check the path"),
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.EEXIST: "remove it, or choose another name",
    errno.EIO: "check the disk",
}
"""What to do about an error of the system."""
DIGITS = "Exceeds the limit"
"""The beginning of Python's sentence about a whole number with thousands of digits."""


def fault_of(error: BaseException) -> str | None:
    """Say what is wrong with the world, and the remedy; None if the error is one of this program.

    >>> fault_of(OSError(28, "No space left on device", "study/plan.json")).partition(";")[0]
    'study/plan.json: No space left on device'
    >>> fault_of(KeyError("cell"))
    """
    return next((said for one in causes(error, every=True) if (said := told_of(one)) is not None), None)


def told_of(error: BaseException) -> str | None:
    """Say what is wrong with the world by one error alone; None if the error is no fault of the world."""
    match error:
        case UsageError():
            return str(error)
        case OSError():
            names = [str(name) for name in (error.filename, error.filename2) if isinstance(name, str | bytes)]
            remedy = REMEDIES.get(error.errno or 0)
            reason = error.strerror or str(error) or type(error).__name__
            return ": ".join([*names[:1], reason]) + (f"; {remedy}" if remedy else "")
        case UnicodeEncodeError():
            odd = f"U+{ord(error.object[error.start]):04X}"
            return f"{odd} cannot be written as {error.encoding}; remove the character from the name, text or option"
        case UnicodeDecodeError():
            return f"a file cannot be read as {error.encoding} ({error.reason}); save it as UTF-8"
        case zipfile.BadZipFile() | zlib.error() | EOFError():
            return f"a packed file is cut off or damaged ({error}); copy it again"
        case sqlite3.Error():
            return f"a database that Inspect keeps cannot be used ({error}); make room, and see `inspect trace`"
        case RecursionError():
            return "a value is nested too deep; flatten it"
        case MemoryError() | BrokenProcessPool():
            return "there is not enough memory; close other programs, or split the file or the study"
        case OverflowError():
            return f"a number is too large ({error}); give a smaller one"
        case ValueError() if str(error).startswith(DIGITS):
            return "a whole number has thousands of digits; give a smaller one"
    return inspect_says(error)


def inspect_says(error: BaseException) -> str | None:
    """Return the sentence of an error that Inspect itself shows without a traceback; None for other errors."""
    if "inspect_ai" not in sys.modules:
        return None
    from pydantic_core import PydanticSerializationError

    from feint.base.inspect_private import PrerequisiteError

    if isinstance(error, PrerequisiteError):
        return str(getattr(error.message, "plain", error.message))
    if isinstance(error, PydanticSerializationError):
        return f"a value cannot be written as JSON ({error}); remove half characters and numbers without end"
    return None
