import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from samples import FIRST, one_of_each_kind

from pipeline.corpus.readers import read_documents
from pipeline.corpus.sandbox import Sandbox
from pipeline.errors import DocumentError


def test_the_child_finds_what_is_found_here(tmp_path: Path) -> None:
    files = one_of_each_kind(tmp_path)
    with Sandbox() as sandbox:
        found = list(sandbox.read(files))
    expected = [(file, item) for file in files for item in [*read_documents(file), None]]
    assert found == expected
    assert not multiprocessing.active_children()


def test_a_file_that_kills_the_child_costs_only_itself(tmp_path: Path) -> None:
    good, large = tmp_path / "good.txt", tmp_path / "large.txt"
    good.write_text(FIRST)
    large.write_bytes(b"word " * 20_000_000)
    with Sandbox(memory_bytes=400_000_000) as sandbox:
        found = [item for _, item in sandbox.read([good, large, good])]
    assert [type(item).__name__ for item in found] == [
        "Document", "NoneType", "DocumentError", "NoneType", "Document", "NoneType"
    ]  # fmt: skip


def test_a_child_that_falls_silent_is_replaced(tmp_path: Path) -> None:
    files = [tmp_path / "a.txt", tmp_path / "b.txt"]
    for file in files:
        file.write_text(FIRST)
    with Sandbox(timeout_seconds=3) as sandbox:
        list(sandbox.read(files))
        [child] = multiprocessing.active_children()
        assert child.pid
        os.kill(child.pid, signal.SIGSTOP)
        found = [item for _, item in sandbox.read(files)]
    assert isinstance(found[0], DocumentError)
    assert "not read within 3 seconds" in str(found[0])
    assert found[1] is None
    assert found[3] is None


def test_a_child_that_is_killed_leaves_no_zombie(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text(FIRST)
    with Sandbox() as sandbox:
        list(sandbox.read([file]))
        [child] = multiprocessing.active_children()
        assert child.pid
        os.kill(child.pid, signal.SIGKILL)
        found = [item for _, item in sandbox.read([file])]
        assert "SIGKILL" in str(found[0])
    assert not multiprocessing.active_children()


# A child of these reads with a `.txt` reader that is replaced, as a broken file would make a library behave.
FAULTY = """
import ctypes, pathlib, sys, time
import pipeline.corpus.plain as plain
from pipeline.corpus.sandbox import Sandbox
sound = plain.read_text
def read_text(source):
    if source.stem == "segfault":
        ctypes.string_at(0)
    if source.stem == "hang":
        pathlib.Path(sys.argv[2]).touch()
        while True:
            pass
    return sound(source)
plain.read_text = read_text
if __name__ == "__main__":
    with Sandbox(timeout_seconds=float(sys.argv[1])) as sandbox:
        for file, found in sandbox.read(map(pathlib.Path, sys.argv[3:])):
            print(file.stem, found if found is None else getattr(found, "reason", "read"), flush=True)
"""


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    for name in ("first", "segfault", "hang", "last"):
        (tmp_path / f"{name}.txt").write_text(FIRST)
    (tmp_path / "faulty.py").write_text(FAULTY)
    return tmp_path / "faulty.py"


def reading(faulty: Path, timeout_seconds: float, *names: str) -> list[str]:
    files = [str(faulty.with_name(f"{name}.txt")) for name in names]
    return [sys.executable, str(faulty), str(timeout_seconds), str(faulty.with_name("hangs")), *files]


def test_a_library_that_crashes_costs_one_file(faulty: Path) -> None:
    done = subprocess.run(
        reading(faulty, 60, "first", "segfault", "last"), capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert [line.partition(",")[0] for line in done[::2]] == [
        "first read",
        "segfault reading it ended the process (SIGSEGV)",
        "last read",
    ]


def test_a_child_that_hangs_does_not_outlive_a_parent_that_was_killed(faulty: Path) -> None:
    with subprocess.Popen(reading(faulty, 1, "hang"), stdout=subprocess.PIPE) as parent:
        # The child has begun to hang, and the parent, which would end it after a second, is gone at once.
        while not faulty.with_name("hangs").exists():
            time.sleep(0.01)
        parent.kill()
        # Their common output ends when the last of them does; without an end of its own the child would keep it open.
        assert parent.communicate(timeout=300)[0] == b""
