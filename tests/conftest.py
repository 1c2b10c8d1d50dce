"""A tiny random encoder and a few real passages, for tests that train or classify in seconds."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, settings
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import MPNetConfig, MPNetModel, PreTrainedTokenizerFast

from pipeline.labels.splits import load_passages
from pipeline.labels.targets import targets
from pipeline.model.calibrate import LabelledScores, fit_calibrations
from pipeline.model.calibration import save_calibrations
from pipeline.model.classifier import load_uncalibrated
from pipeline.model.encoder import fetch_encoder
from pipeline.model.store import CALIBRATION, weights_checksum
from pipeline.model.trained import save_trained
from pipeline.model.training import train
from pipeline.params import CalibrateParams, TrainParams
from pipeline.records import WrittenPassage

ROOT = Path(__file__).parent.parent

# No test here is about time: a busy machine is no failure.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def passages() -> list[WrittenPassage]:
    return load_passages(ROOT / "data/passages")


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory, passages: list[WrittenPassage]) -> Path:
    """Random weights and a word vocabulary, saved as any local encoder would be."""
    return make_tiny_encoder(tmp_path_factory.mktemp("tiny-encoder"), [passage.text for passage in passages[:200]])


@pytest.fixture(scope="session")
def model(
    tmp_path_factory: pytest.TempPathFactory, tiny_encoder: Path, passages: list[WrittenPassage], root: Path
) -> Path:
    """A folder in which `framing classify` runs, with a small trained and calibrated model."""
    folder = tmp_path_factory.mktemp("project")
    encoder, trained = folder / "models/encoder", folder / "models/framing"
    fetch_encoder(str(tiny_encoder), None, encoder)
    params = TrainParams(epochs=1, batch_size=8, lora_rank=2, tuned_layers=2, max_tokens=64, precision="fp32")
    save_trained(trained, train(passages[:40], (), encoder, params, folder / "scratch"), encoder, params)
    some = passages[:80]
    scores = load_uncalibrated(trained, encoder).scores([passage.text for passage in some])
    labelled = LabelledScores(
        "validation", "validation", "", frozenset(), targets([passage.label for passage in some]), scores
    )
    save_calibrations(trained / CALIBRATION, fit_calibrations([labelled], CalibrateParams()), weights_checksum(trained))
    shutil.copyfile(root / "params.yaml", folder / "params.yaml")
    return folder


@pytest.fixture
def here(model: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(model)
    return model


@pytest.fixture
def texts(tmp_path: Path, passages: list[WrittenPassage]) -> Path:
    """Twelve op-eds, a table of twenty records, one file that cannot be read, and one of an unknown kind."""
    folder = tmp_path / "in"
    (folder / "deeper").mkdir(parents=True)
    for number in range(12):
        own = "\n\n".join(passage.text for passage in passages[100 + 4 * number : 104 + 4 * number])
        place = folder / ("deeper" if number % 3 else ".") / f"op-ed-{number:02}.md"
        place.write_text(f"---\ntitle: Number {number}\nauthor: A. Author {number % 4}\n---\n{own}\n")
    rows = [json.dumps({"text": passage.text, "author": "B"}) for passage in passages[300:320]]
    (folder / "table.jsonl").write_text("\n".join([*rows[:10], "nonsense", *rows[10:]]))
    (folder / "empty.txt").write_text("")
    (folder / "notes.pages").write_text("x")
    return folder


def make_tiny_encoder(folder: Path, texts: list[str]) -> Path:
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    words = sorted({word for text in texts for word in text.lower().split() if word.isalpha()})[:2000]
    vocabulary = {token: number for number, token in enumerate(special + words)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="<pad>", unk_token="<unk>"
    ).save_pretrained(folder)
    torch.manual_seed(0)
    config = MPNetConfig(
        vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=3, num_attention_heads=4, intermediate_size=48
    )
    MPNetModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The graph's tests first: they take longest, and the other process has work beside them."""
    items.sort(key=lambda item: "test_graph" not in item.nodeid)
