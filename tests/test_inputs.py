"""What a batch reads, and what not: without a model."""

import io
import sys
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline.batch.inputs import Failure, open_inputs
from pipeline.batch.parts import Mark
from pipeline.records import Document


def found_in(*paths: Path, output: Path, metadata: Path | None = None) -> list[Document | Failure]:
    """The documents and failures of a batch of these paths."""
    with ExitStack() as stack:
        inputs = open_inputs(paths, output, {}, metadata, None, stack)
        return [one for one in inputs.results(Mark()) if isinstance(one, Document | Failure)]


@pytest.mark.parametrize(
    "content",
    [
        b'[{"text": "One plain sentence.", "author": "Ann Lee"}]',
        b' [\n {"text": "One plain sentence.", "author": "Ann Lee"}\n]\n',
        b'\xef\xbb\xbf{"text": "One plain sentence.", "author": "Ann Lee"}\n',
        b'\xef\xbb\xbf[{"text": "One plain sentence.", "author": "Ann Lee"}]',
        '{"text": "One plain sentence.", "author": "Ann Lee"}\n'.encode("utf-16"),
        b'\xef\xbb\xbf<html><meta name="author" content="Ann Lee"><body><p>One plain sentence.</p></body></html>',
        b"[1] One plain sentence.",
    ],
)
def test_standard_input_is_read_as_what_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(content)))
    [found] = found_in(Path("-"), output=tmp_path / "out.csv")
    assert isinstance(found, Document)
    plain = content.startswith(b"[1]")
    assert found.text == ("[1] " if plain else "") + "One plain sentence."
    assert found.authors == (() if plain else ("Ann Lee",))
