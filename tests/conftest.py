"""A tiny random encoder and a few real passages, for tests that train or classify in seconds."""

from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, settings
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import MPNetConfig, MPNetModel, PreTrainedTokenizerFast

from pipeline.labels.splits import load_passages
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
