from pathlib import Path

import numpy as np
import pytest
import torch

from pipeline.errors import ModelError
from pipeline.frames import LABELS
from pipeline.model import classifier as model
from pipeline.model.calibration import Calibration
from pipeline.model.encoder import fetch_encoder, file_sha256
from pipeline.model.network import FramingNetwork, FrozenLayers, add_lora, load_encoder, pad
from pipeline.model.training import train
from pipeline.params import EncoderParams, TrainParams
from pipeline.records import WrittenPassage

PARAMS = TrainParams(epochs=2, batch_size=8, lora_rank=4, lora_layers=2, max_tokens=64, precision="fp32")
PLAIN = Calibration((1.0,) * 8, (0.0,) * 8, (0.5,) * 8)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory, tiny_encoder: Path) -> Path:
    target = tmp_path_factory.mktemp("models") / "encoder"
    fetch_encoder(EncoderParams(name=str(tiny_encoder)), target)
    return target


def trained(passages: list[WrittenPassage], encoder: Path, folder: Path, log: list[dict[str, float]]) -> Path:
    network, _ = train(passages[:40], passages[40:60], encoder, PARAMS, folder / "scratch", log.append)
    model.save_classifier(folder / "framing", network, encoder, PARAMS, PLAIN)
    return folder / "framing"


def test_two_runs_give_the_same_bytes_and_log_their_losses(
    passages: list[WrittenPassage], encoder: Path, tmp_path: Path
) -> None:
    log: list[dict[str, float]] = []
    first = trained(passages, encoder, tmp_path / "a", log)
    second = trained(passages, encoder, tmp_path / "b", [])
    names = sorted(path.name for path in first.iterdir())
    assert names == ["adapter_config.json", "adapter_model.safetensors", "config.json", "head.safetensors"]
    assert [file_sha256(first / n) for n in names] == [file_sha256(second / n) for n in names]
    assert [round(entry["epoch"]) for entry in log if "eval_loss" in entry] == [1, 2]


def test_what_is_loaded_reads_as_what_was_trained(
    passages: list[WrittenPassage], encoder: Path, tmp_path: Path
) -> None:
    network, tokenizer = train(passages[:40], passages[40:50], encoder, PARAMS, tmp_path / "scratch")
    model.save_classifier(tmp_path / "framing", network, encoder, PARAMS, PLAIN)
    texts = [passage.text for passage in passages[50:80]]
    classifier = model.load_classifier(tmp_path / "framing", encoder, "fp32")
    rows = [tokenizer(text, truncation=True, max_length=64)["input_ids"] for text in texts]
    with torch.no_grad():
        expected = np.vstack([network(*pad([row], tokenizer.pad_token_id)).numpy() for row in rows])
    assert classifier.logits(texts) == pytest.approx(expected, abs=2e-3)


def test_leaving_out_the_frozen_layers_changes_nothing(encoder: Path) -> None:
    plain = load_encoder(encoder)
    network = FramingNetwork(add_lora(plain, PARAMS), 32, len(LABELS), scale=20.0, dropout=0.0).eval()
    frozen = FrozenLayers(network.encoder, PARAMS)
    tokens, mask = pad([[0, 5, 6, 7, 2], [0, 9, 2]], 1)
    whole = network(tokens, mask)
    states = frozen.run(tokens, mask)
    with frozen.skipped():
        assert len(frozen.layers) == 2
        frozen.give(states)
        assert torch.allclose(network(tokens, mask), whole, atol=1e-5)
    assert len(frozen.layers) == 3
    assert torch.allclose(network(tokens, mask), whole, atol=1e-6)


def test_a_model_refuses_an_encoder_that_it_was_not_trained_on(
    passages: list[WrittenPassage], encoder: Path, tmp_path: Path
) -> None:
    folder = trained(passages, encoder, tmp_path, [])
    fetch_encoder(EncoderParams(name="minilm"), tmp_path / "other")
    with pytest.raises(ModelError, match="was trained on encoder"):
        model.load_classifier(folder, tmp_path / "other")


def test_an_absent_or_broken_model_says_how_to_restore_it(encoder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="git checkout"):
        model.load_classifier(tmp_path, encoder)
