import multiprocessing
import os
import signal
from pathlib import Path

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
