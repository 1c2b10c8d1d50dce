"""Zip archives of documents, and what keeps a small archive from becoming a very large one."""

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

from pipeline.corpus.sources import SUFFIXES, Source, is_asset, is_hidden, printable, remedy_for, suffix, unknown_kind
from pipeline.errors import DocumentError
from pipeline.records import Document

MAX_MEMBERS = 100_000
MAX_TOTAL_BYTES = 2_000_000_000
MAX_MEMBER_BYTES = 200_000_000
MAX_RATIO = 200
SMALL_BYTES = 1_000_000

_UNPACK = "unpack it yourself if you trust it, and name the folder"
_ENCRYPTED = 0x1

Reader = Callable[[Source], Iterator[Document | DocumentError]]


def read_zip(source: Source, read: Reader) -> Iterator[Document | DocumentError]:
    """The documents of the members of known kinds, in the order of their names, each read from memory by `read`.

    Raises: DocumentError if it is no zip archive, or would become too large.
    """
    with open_zip(source, MAX_MEMBERS, MAX_TOTAL_BYTES) as archive:
        for member in sorted(archive.infolist(), key=lambda member: member.filename):
            if member.is_dir() or _is_left_alone(member.filename):
                continue
            place = f"{source.place}/{printable(member.filename)}"
            if refusal := _refusal(member, place):
                yield refusal
                continue
            try:
                content = archive.read(member)
            except MemoryError:
                yield DocumentError(place, "needs more memory to be unpacked than there is", _UNPACK)
                continue
            except Exception as error:  # each way of packing has errors of its own
                reason = printable(str(error))[:200] or type(error).__name__
                yield DocumentError(place, f"cannot be unpacked: {reason}", "make the archive anew")
                continue
            yield from read(Source(PurePosixPath(member.filename).name, place, io.BytesIO(content)))


def open_zip(source: Source, max_members: int, max_total_bytes: int) -> zipfile.ZipFile:
    """An opened zip file whose members are few and small enough, by what its directory says.

    The directory cannot lie: a member is never unpacked beyond the size that stands there.

    Raises: DocumentError if it is no zip file, or has too many members, too large in sum.
    """
    try:
        archive = zipfile.ZipFile(source.stream)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise DocumentError(source.place, f"cannot be unpacked: {printable(str(error))}", "make it anew") from None
    members = archive.infolist()
    if len(members) > max_members:
        raise DocumentError(source.place, f"{len(members)} members, more than {max_members}", _UNPACK)
    total = sum(member.file_size for member in members)
    if total > max_total_bytes:
        raise DocumentError(source.place, f"{total} bytes when unpacked, more than {max_total_bytes}", _UNPACK)
    return archive


def is_bomb(member: zipfile.ZipInfo) -> bool:
    """Whether a member is larger, against its compressed size, than any text is."""
    return member.file_size > SMALL_BYTES and member.file_size > MAX_RATIO * max(1, member.compress_size)


def _is_left_alone(name: str) -> bool:
    return any(is_hidden(part) for part in PurePosixPath(name).parts if part != "..") or is_asset(name)


def _refusal(member: zipfile.ZipInfo, place: str) -> DocumentError | None:
    """Why a member is not read, if it is not."""
    name = PurePosixPath(member.filename.replace("\\", "/"))
    outside = name.is_absolute() or ".." in name.parts or ":" in "".join(name.parts[:1])
    kind = suffix(member.filename)
    ratio = member.file_size // max(1, member.compress_size)
    refusals = (
        (outside, "a name that leads out of the archive", "make the archive anew"),
        (kind == ".zip", "an archive in an archive", "unpack it"),
        (kind not in SUFFIXES, unknown_kind(member.filename), remedy_for(member.filename)),
        (bool(member.flag_bits & _ENCRYPTED), "encrypted", "unpack it with its password"),
        (is_bomb(member), f"becomes {ratio} times as large when unpacked, more than {MAX_RATIO}", _UNPACK),
        (member.file_size > MAX_MEMBER_BYTES, f"larger than {MAX_MEMBER_BYTES // 10**6} MB when unpacked", _UNPACK),
    )
    return next((DocumentError(place, reason, remedy) for holds, reason, remedy in refusals if holds), None)
