"""Read whole files: text, YAML and front matter, checked by pydantic.

Whatever a file holds, it is read or told of in one `UsageError`, which names the file and the line or the key.
"""

import zlib
from codecs import BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_LE
from contextlib import suppress
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from feint.base.errors import UsageError
from feint.base.parsing import parse_yaml

Model = TypeVar("Model", bound=BaseModel)
LARGEST = 1 << 31
"""Bytes of a file, unpacked, at most."""
UNPACKED, RATIO = 1 << 26, 200
"""A packed file is unpacked to so many bytes, or to so many times its size if that is more; text packs less well."""


def check_file(path: Traversable | Path) -> None:
    """Check that a path leads to a file, and not to a folder, a device or a pipe that may never end.

    Raises:
        UsageError: It does not.
    """
    try:
        if path.is_file():
            return
        known = path.is_dir() or (isinstance(path, Path) and path.exists())
    except (OSError, ValueError) as error:  # a name with NUL is a ValueError
        raise UsageError(f"{path}: cannot be read ({getattr(error, 'strerror', error)})") from None
    if path.is_dir():
        raise UsageError(f"{path}: a folder; expected a file")
    raise UsageError(f"{path}: {'not a plain file; save what it gives as a file' if known else 'no such file'}")


def size_error(path: Traversable | Path) -> UsageError:
    """Build the error, for the caller to raise, for a file that is too large to be read whole."""
    return UsageError(f"{path}: too large to be read, or packed to hide its size; split it into several files")


def read_text(path: Traversable | Path) -> str:
    """Read a UTF-8 file, without a byte order mark; a file named .gz is unpacked.

    A file that begins with the byte order mark of UTF-16, as spreadsheets write it, is read as UTF-16.

    Raises:
        UsageError: The file is missing, no file, cannot be read or unpacked, or is neither.
    """
    check_file(path)
    try:
        if isinstance(path, Path) and path.stat().st_size > LARGEST:
            raise size_error(path)
        content = path.read_bytes()
        if path.name.lower().endswith(".gz"):
            content = unpack(content, path)
        text = decoded(content)
    except PermissionError:
        raise UsageError(f"{path}: cannot be read (permission denied); allow it, or name another file") from None
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UsageError(f"{path}: cannot be read as UTF-8 text (line {line}: {error}); save it as UTF-8") from None
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(f"{path}: cannot be read ({error}); copy or save it again") from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise UsageError(f"{path}: no text, or text in UTF-16 (line {line} holds NUL); save it as UTF-8")
    return text


def decoded(content: bytes) -> str:
    r"""Decode UTF-8, or UTF-16 after its byte order mark; raises `UnicodeDecodeError` for anything else.

    >>> decoded(b"\xff\xfea\0"), decoded(b"\xef\xbb\xbfa")
    ('a', 'a')
    """
    if content[:2] in (BOM_UTF16_LE, BOM_UTF16_BE) and content[:4] != BOM_UTF32_LE:
        with suppress(UnicodeDecodeError):
            return content.decode("utf-16")
    return content.decode("utf-8-sig")


def unpack(content: bytes, path: Traversable | Path) -> bytes:
    """Unpack gzip, with one or several members; see `UNPACKED` for the most that is unpacked."""
    most, size, rest = min(LARGEST, max(UNPACKED, RATIO * len(content))), 0, content
    parts: list[bytes] = []
    while rest or not parts:
        member = zlib.decompressobj(wbits=31)
        parts.append(member.decompress(rest, most - size + 1))
        size += len(parts[-1])
        if size > most:
            raise size_error(path)
        if not member.eof:
            raise EOFError("the packed file ends too early")
        rest = member.unused_data.lstrip(b"\0")  # tapes and some tools pad with zeros
    return b"".join(parts)


def read_yaml(path: Traversable | Path) -> Any:
    """Parse one YAML file."""
    return parse_yaml(read_text(path), f"{path}:")


def read_front_matter(path: Traversable | Path) -> tuple[dict[str, object], str]:
    """Read a template file: the keys between two lines of three dashes, and the template after them.

    Raises:
        UsageError: The file cannot be read, or has no front matter.
    """
    parts = read_text(path).replace("\r\n", "\n").replace("\r", "\n").split("---\n", 2)
    if len(parts) != 3 or parts[0].strip():
        raise UsageError(f"{path}: expected front matter between two lines of '---' before the template")
    # Blank lines in place of the lines above, so that an error names the line of the file.
    front = parse_yaml("\n" * (parts[0].count("\n") + 1) + parts[1], f"{path}: front matter is")
    if not isinstance(front, dict):
        raise UsageError(f"{path}: front matter: expected a mapping of keys, such as 'name: compliance'")
    return front, parts[2]


def checked(model: type[Model], content: object, source: object) -> Model:
    """Validate parsed data of a file `source`; the error names the first wrong key and the expected value.

    >>> class Size(BaseModel):
    ...     width: int
    >>> checked(Size, {"width": "wide"}, "size.yaml")
    Traceback (most recent call last):
    feint.base.errors.UsageError: size.yaml: key 'width': Input should be a valid integer, unable to parse ...
    """
    if not isinstance(content, dict):
        raise UsageError(f"{source}: expected a mapping of keys at the top level, found {type(content).__name__}")
    try:
        return model.model_validate(content)
    except ValidationError as error:
        first, count = error.errors()[0], error.error_count()
        key = ".".join(str(part) for part in first["loc"]) or "(top level)"
        more = f" (and {count - 1} more)" if count > 1 else ""
        raise UsageError(f"{source}: key '{key}': {first['msg']}{more}") from None
    except (TypeError, AttributeError, KeyError, OverflowError, RecursionError) as error:
        # A validator met a number or a list where a name or a mapping belongs.
        raise UsageError(f"{source}: a key or value of another kind than is expected there ({error})") from None
