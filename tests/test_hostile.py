"""Each hostile input of `hostile.py` gives a listed reason or a right result, and none stops the others."""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hostile import CASES, LARGE_CASES, SENTENCE, Case

from pipeline.corpus.inputs import find_sources
from pipeline.corpus.sandbox import Sandbox
from pipeline.corpus.segment import segment
from pipeline.errors import DocumentError
from pipeline.params import SegmentParams
from pipeline.records import Document


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Thrown away at once: pytest keeps what a test leaves, and this is a gigabyte."""
    place = tmp_path / "hostile"
    place.mkdir()
    yield place
    shutil.rmtree(place)


def results(folder: Path, memory_bytes: int) -> dict[str, list[Document | DocumentError]]:
    """What becomes of each file in a folder."""
    found: dict[str, list[Document | DocumentError]] = {}
    sources = list(find_sources([folder]))
    for error in sources:
        if isinstance(error, DocumentError):
            found.setdefault(Path(error.place).name, []).append(error)
    with Sandbox(timeout_seconds=600, memory_bytes=memory_bytes) as sandbox:
        for file, item in sandbox.read([source for source in sources if isinstance(source, Path)]):
            found.setdefault(file.name, []).extend([] if item is None else [item])
    return found


def check(cases: Sequence[Case], folder: Path, memory_bytes: int) -> None:
    for case in cases:
        case.build(folder / case.name)
    found = results(folder, memory_bytes)
    assert set(found) == {case.name for case in cases}
    for case in cases:
        texts = [item.text for item in found[case.name] if isinstance(item, Document)]
        reasons = [str(item) for item in found[case.name] if isinstance(item, DocumentError)]
        assert len(texts) == len(case.texts) and len(reasons) == len(case.reasons), (case.name, texts, reasons)
        assert all(wanted in text for wanted, text in zip(case.texts, texts, strict=True)), (case.name, texts)
        for wanted in case.reasons:
            assert any(wanted in reason for reason in reasons), (case.name, reasons)


def test_each_hostile_file_gives_a_reason_or_a_right_result(folder: Path) -> None:
    check(CASES, folder, 2 * 2**30)


def test_files_of_hundreds_of_megabytes_are_refused_with_a_reason(folder: Path) -> None:
    check(LARGE_CASES, folder, 2**30)


def test_a_sentence_of_sixty_thousand_words_is_one_passage() -> None:
    assert len(SENTENCE.split()) > 60_000
    [passage] = segment(Document("a", SENTENCE), SegmentParams())
    assert (passage.start, passage.end) == (0, len(SENTENCE))


# Prints how many documents a table holds, and how much memory the child that read it took at most, in MiB.
MEASURE = """
import pathlib, resource, sys
from pipeline.corpus.sandbox import Sandbox
if __name__ == "__main__":
    with Sandbox(timeout_seconds=600) as sandbox:
        texts = sum(hasattr(found, "text") for _, found in sandbox.read([pathlib.Path(sys.argv[1])]))
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(texts, most // (2**20 if sys.platform == "darwin" else 2**10))
"""


def make_table(path: Path, megabytes: int) -> None:
    """A table of so many texts of a megabyte; in Parquet all in one group of rows."""
    texts = [f"{number} {'word ' * 200_000}" for number in range(megabytes)]
    if path.suffix == ".parquet":
        import pyarrow
        from pyarrow import parquet

        parquet.write_table(pyarrow.table({"text": texts}), path, use_dictionary=False, write_batch_size=1)
    else:
        with path.open("w") as stream:
            stream.write("text\n" if path.suffix == ".csv" else "")
            stream.writelines(f"{text}\n" if path.suffix == ".csv" else f'{{"text": "{text}"}}\n' for text in texts)


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_the_memory_of_a_table_does_not_grow_with_its_size(folder: Path, suffix: str) -> None:
    (folder / "measure.py").write_text(MEASURE)
    peaks = []
    for megabytes in (20, 200):
        file = folder / f"table-{megabytes}{suffix}"
        make_table(file, megabytes)
        command = [sys.executable, str(folder / "measure.py"), str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        texts, peak = map(int, done.stdout.split())
        assert texts == megabytes
        peaks.append(peak)
    assert peaks[1] < peaks[0] + 60
