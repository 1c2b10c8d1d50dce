import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import TrainerState

from pipeline.corpus.corpora import Member
from pipeline.errors import ModelError
from pipeline.frames import LABELS
from pipeline.labels.targets import smoothed_targets, targets
from pipeline.model.averaging import AveragedWeights
from pipeline.model.calibrate import fit_calibrations
from pipeline.model.calibration import Calibrations, load_calibrations, plain_calibration, save_calibrations
from pipeline.model.classifier import load_classifier, load_uncalibrated
from pipeline.model.classify import classify_member
from pipeline.model.contrastive import overlap
from pipeline.model.encoder import fetch_encoder, file_sha256
from pipeline.model.network import FramingNetwork, FrozenLayers, adapt, load_encoder, mean_pool, one_length, pad
from pipeline.model.scores import LabelledScores, load_scores, save_scores
from pipeline.model.store import ADAPTER, CALIBRATION, weights_checksum
from pipeline.model.trained import save_trained
from pipeline.model.training import train
from pipeline.params import CalibrateParams, TrainParams
from pipeline.records import Document, Passage, WrittenPassage

PARAMS = TrainParams(epochs=2, batch_size=8, lora_rank=4, tuned_layers=2, max_tokens=64, precision="fp32")


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory, tiny_encoder: Path) -> Path:
    target = tmp_path_factory.mktemp("models") / "encoder"
    fetch_encoder(str(tiny_encoder), None, target)
    return target


def trained(passages: list[WrittenPassage], encoder: Path, folder: Path, log: list[dict[str, float]]) -> Path:
    found = train(passages[:40], passages[40:60], encoder, PARAMS, folder / "scratch", log.append)
    save_trained(folder / "framing", found, encoder, PARAMS)
    return folder / "framing"


def labelled(folder: Path, encoder: Path, passages: list[WrittenPassage]) -> list[LabelledScores]:
    """The passages as if some were a validation split and the others texts by two authors."""
    classifier = load_uncalibrated(folder, encoder, "fp32")
    parts = {"validation": passages[:60], "Ann": passages[60:80], "Bea": passages[80:100]}
    return [
        LabelledScores(
            "validation" if name == "validation" else "essays",
            name,
            name,
            frozenset() if name == "validation" else frozenset({name}),
            targets([passage.label for passage in part]),
            classifier.scores([passage.text for passage in part]),
        )
        for name, part in parts.items()
    ]


def test_bf16_is_asked_for_only_where_the_processor_multiplies_it(
    passages: list[WrittenPassage], encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Emulated, it takes several times as long as fp32."""
    monkeypatch.setattr("pipeline.model.training.multiplies_bf16", lambda: False)
    emulated, plain = (
        train(passages[:16], (), encoder, PARAMS.model_copy(update={"precision": precision}), tmp_path).network
        for precision in ("bf16", "fp32")
    )
    assert torch.equal(emulated.head.linear.weight, plain.head.linear.weight)


def test_two_runs_give_the_same_bytes_and_log_their_losses(
    passages: list[WrittenPassage], encoder: Path, tmp_path: Path
) -> None:
    log: list[dict[str, float]] = []
    first = trained(passages, encoder, tmp_path / "a", log)
    second = trained(passages, encoder, tmp_path / "b", [])
    names = sorted(path.name for path in first.iterdir())
    assert names == [
        "adapter_config.json",
        "adapter_model.safetensors",
        "config.json",
        "familiarity.safetensors",
        "head.safetensors",
    ]
    assert [file_sha256(first / n) for n in names] == [file_sha256(second / n) for n in names]
    assert [round(entry["epoch"]) for entry in log if "eval_loss" in entry] == [1, 2]


@pytest.mark.parametrize("method", ["lora", "layers"])
def test_what_is_loaded_reads_as_what_was_trained(
    passages: list[WrittenPassage], encoder: Path, tmp_path: Path, method: str
) -> None:
    params = PARAMS.model_copy(update={"method": method})
    found = train(passages[:40], (), encoder, params, tmp_path / "scratch")
    save_trained(tmp_path / "framing", found, encoder, params)
    texts = [passage.text for passage in passages[50:80]]
    classifier = load_uncalibrated(tmp_path / "framing", encoder, "fp32")
    rows = [found.tokenizer(text, truncation=True, max_length=64)["input_ids"] for text in texts]
    with torch.no_grad():
        expected = np.vstack([found.network(*pad([row], found.tokenizer.pad_token_id)).numpy() for row in rows])
    assert classifier.scores(texts).logits == pytest.approx(expected, abs=2e-3)


def test_an_authors_labels_have_no_say_in_how_that_author_is_read(
    passages: list[WrittenPassage], encoder: Path, tmp_path: Path
) -> None:
    folder = trained(passages, encoder, tmp_path, [])
    scored = labelled(folder, encoder, passages)
    fitted = fit_calibrations(scored, CalibrateParams())
    turned = [replace(own, labels=1 - own.labels) if own.byline == "Ann" else own for own in scored]
    other = fit_calibrations(turned, CalibrateParams())
    assert fitted.for_author("Ann") == other.for_author("Ann")
    assert fitted.for_author("Bea") != other.for_author("Bea")
    assert fitted.for_author("somebody new") == fitted.anybody
    assert fitted.fitted_on == {"validation": 60, "essays": 40}


def test_scores_are_kept_for_the_weights_that_made_them(
    passages: list[WrittenPassage], encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scored = labelled(trained(passages, encoder, tmp_path, []), encoder, passages)
    monkeypatch.chdir(tmp_path)
    save_scores(scored, "these")
    assert load_scores("others") == []
    kept = load_scores("these")
    assert fit_calibrations(kept, CalibrateParams()) == fit_calibrations(scored, CalibrateParams())
    assert [own.byline for own in kept] == ["validation", "Ann", "Bea"]


def test_calibrations_travel_with_the_weights_that_they_were_fitted_for(
    passages: list[WrittenPassage], encoder: Path, tmp_path: Path
) -> None:
    folder = trained(passages, encoder, tmp_path, [])
    fitted = fit_calibrations(labelled(folder, encoder, passages), CalibrateParams())
    save_calibrations(folder / CALIBRATION, fitted, weights_checksum(folder))
    assert load_calibrations(folder / CALIBRATION) == (fitted, weights_checksum(folder))
    assert load_classifier(folder, encoder).calibrations == fitted
    (folder / CALIBRATION).write_text('{"weights": "", "anybody": {"slope": [1.0]}}')
    with pytest.raises(ModelError, match="not of this version"):
        load_classifier(folder, encoder)
    save_calibrations(folder / CALIBRATION, fitted, weights_checksum(folder))
    (folder / ADAPTER).write_bytes((folder / ADAPTER).read_bytes() + b" ")
    with pytest.raises(ModelError, match="fitted for other weights"):
        load_classifier(folder, encoder)


def test_leaving_out_the_frozen_layers_changes_nothing(encoder: Path) -> None:
    plain = load_encoder(encoder)
    network = FramingNetwork(adapt(plain, PARAMS), len(LABELS), scale=20.0, dropout=0.0).eval()
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
    fetch_encoder("minilm", None, tmp_path / "other")
    with pytest.raises(ModelError, match="was trained on encoder"):
        load_uncalibrated(folder, tmp_path / "other")


def test_an_absent_or_broken_model_says_how_to_restore_it(encoder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="git checkout"):
        load_classifier(tmp_path, encoder)


def test_a_labelled_author_is_read_by_the_calibration_without_that_author(
    passages: list[WrittenPassage], encoder: Path, tmp_path: Path
) -> None:
    folder = trained(passages, encoder, tmp_path, [])
    anybody = plain_calibration(len(LABELS))
    without = replace(anybody, intercept=(50.0,) * len(LABELS))
    classifier = replace(
        load_uncalibrated(folder, encoder, "fp32"), calibrations=Calibrations(anybody, {"Ann": without})
    )
    text = passages[0].text
    place = Passage(document="d", passage=1, start=0, end=len(text), words=9, sha256="")
    for authors, everything in ((("Ann",), True), (("Bea", "Ann"), True), (("Bea",), False), ((), False)):
        member = Member(Document("d", text, "", authors), True, True)
        table = classify_member(member, [place], classifier, None).table
        assert table is not None
        assert (table["p_status"].to_pylist() == [1.0]) is everything, authors


def test_averaged_weights_are_the_mean_over_the_last_steps() -> None:
    model = torch.nn.Linear(1, 1, bias=False)
    averaged = AveragedWeights(share=0.5)
    for step in range(1, 5):
        model.weight.data.fill_(step)
        averaged.on_step_end(None, TrainerState(global_step=step, max_steps=4), None, model=model)
    assert model.weight.item() == 3.5


def test_training_keeps_the_averaged_weights(passages: list[WrittenPassage], encoder: Path, tmp_path: Path) -> None:
    last, averaged = (
        train(passages[:40], (), encoder, PARAMS.model_copy(update={"averaged_share": share}), tmp_path)
        for share in (0.0, 0.5)
    )
    assert not torch.allclose(last.network.head.linear.weight, averaged.network.head.linear.weight)


def test_lower_layers_learn_more_slowly_and_the_top_one_at_the_full_rate(
    passages: list[WrittenPassage], encoder: Path, tmp_path: Path
) -> None:
    def learned(decay: float) -> dict[int, float]:
        params = PARAMS.model_copy(update={"layer_decay": decay, "epochs": 1})
        found = train(passages[:16], (), encoder, params, tmp_path)
        moved = [(n, p) for n, p in found.network.encoder.named_parameters() if "lora_B" in n]
        return {
            layer: sum(float(p.detach().abs().sum()) for n, p in moved if f"layer.{layer}." in n) for layer in (1, 2)
        }

    whole, slowed = learned(1.0), learned(1e-4)
    assert slowed[1] < 0.01 * whole[1]
    assert slowed[2] > 0.5 * whole[2]


def test_a_model_of_another_version_says_what_to_do(
    passages: list[WrittenPassage], encoder: Path, tmp_path: Path
) -> None:
    folder = trained(passages, encoder, tmp_path, [])
    config = json.loads((folder / "config.json").read_text())
    config["train"]["lora_layers"] = 4
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match="not of this version"):
        load_uncalibrated(folder, encoder)


def test_passages_without_a_label_are_alike_and_others_as_far_as_their_labels_overlap() -> None:
    labels = torch.tensor([[1, 1, 0], [0, 1, 0], [0, 0, 0], [0, 0, 0]], dtype=torch.bool)
    assert overlap(labels)[0].tolist() == [1.0, 0.5, 0.0, 0.0]
    assert overlap(labels)[2].tolist() == [0.0, 0.0, 1.0, 1.0]


def test_a_warm_up_brings_passages_with_the_same_labels_together(
    passages: list[WrittenPassage], encoder: Path, tmp_path: Path
) -> None:
    def apart(params: TrainParams) -> float:
        found = train(passages[:40], (), encoder, params, tmp_path)
        tokens = [found.tokenizer(p.text, truncation=True, max_length=64)["input_ids"] for p in passages[:40]]
        ids, mask = pad(tokens, found.tokenizer.pad_token_id)
        with torch.no_grad():
            vectors = one_length(mean_pool(found.network.encoder(ids, mask).last_hidden_state, mask), 1.0)
        like = overlap(torch.tensor(targets([p.label for p in passages[:40]])) > 0.5)
        return float(((vectors @ vectors.T - like) ** 2).mean())

    once = PARAMS.model_copy(update={"epochs": 1, "learning_rate": 2e-3})
    assert apart(once.model_copy(update={"contrastive_steps": 40})) < apart(once)


def test_smoothed_targets_move_from_the_settled_label_to_what_the_passes_said(passages: list[WrittenPassage]) -> None:
    split = next(p for p in passages if len(p.annotations) == 2 and p.settled is not None)
    agreed = next(p for p in passages if p.settled is None and p.label.frames == ("status",))
    assert (smoothed_targets([split, agreed], 0.0) == targets([split.label, agreed.label])).all()
    moved = smoothed_targets([split, agreed], 1.0)
    assert 0.5 in moved[0]
    assert sorted(set(moved[1].tolist())) == pytest.approx([0.1 / 2.2, 2.1 / 2.2])
