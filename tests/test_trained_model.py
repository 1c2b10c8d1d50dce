"""The committed model on real passages: it must read what it is for."""

import doctest
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import f1_score, roc_auc_score

import pipeline
from pipeline.errors import ModelError
from pipeline.frames import FRAMES, LABELS
from pipeline.labels.splits import divide, load_splits
from pipeline.labels.targets import targets
from pipeline.model.classifier import Classifier
from pipeline.model.int8 import Int8Linear, multiplies_bytes
from pipeline.model.words import strongest, without, word_scores
from pipeline.records import WrittenPassage


@pytest.fixture(scope="module")
def classifier(root: Path) -> Classifier:
    if not (root / "models/encoder").exists():
        pytest.skip("no encoder: dvc repro encoder")
    return pipeline.load(root / "models/framing", root / "models/encoder", precision="auto")


@pytest.fixture(scope="module")
def held_out(passages: list[WrittenPassage], root: Path) -> list[WrittenPassage]:
    return divide(passages, load_splits(root / "data/splits.csv"))["test"][:100]


@pytest.fixture(scope="module")
def probabilities(classifier: Classifier, held_out: list[WrittenPassage]) -> np.ndarray:
    return classifier.probabilities([passage.text for passage in held_out])


def test_the_examples_of_the_package_and_of_the_readme_run(
    classifier: Classifier, root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(root)
    monkeypatch.setattr(pipeline, "load", lambda: classifier)
    assert doctest.testmod(pipeline).failed == 0
    [example] = re.findall(r"```python\n(.*?)```", (root / "README.md").read_text(), re.DOTALL)
    exec(example, {})
    assert "'document': 'letter'" in capsys.readouterr().out


def test_it_reads_held_out_passages_far_better_than_chance(
    classifier: Classifier, held_out: list[WrittenPassage], probabilities: np.ndarray
) -> None:
    truth = targets([passage.label for passage in held_out])[:, : len(FRAMES)]
    decided = classifier.calibrations.anybody.decide(probabilities)[:, : len(FRAMES)]
    assert f1_score(truth, decided, average="micro") > 0.75


def test_it_tells_passages_that_contest_realism_from_those_that_do_not(
    held_out: list[WrittenPassage], probabilities: np.ndarray
) -> None:
    column = LABELS.index("contested-realist")
    truth = targets([passage.label for passage in held_out])[:, column]
    assert roc_auc_score(truth, probabilities[:, column]) > 0.8


def test_a_recipe_carries_no_frame(classifier: Classifier) -> None:
    [found] = classifier.classify(
        ["Slice the onions, soften them in butter for ten minutes, then add the stock and salt."]
    )
    assert found.frames == ()


def test_texts_that_it_is_not_for_are_unfamiliar_and_passages_are_not(
    classifier: Classifier, held_out: list[WrittenPassage]
) -> None:
    strange = [
        "Slice the onions, soften them in butter for ten minutes, then add the stock, salt and two bay leaves.",
        "for (int i = 0; i < n; i++) { if (a[i] > max) { max = a[i]; } } return max; // O(n)",
        "Man redet sich gern ein, der Handel mache friedlich; die letzten Jahre haben das Gegenteil gezeigt.",
    ]
    assert all(found.unfamiliar for found in classifier.classify(strange))
    own = classifier.classify([passage.text for passage in held_out[:40]])
    assert sum(found.unfamiliar for found in own) <= 2


def test_without_the_words_that_spoke_for_a_frame_it_goes(classifier: Classifier) -> None:
    text = (
        "The hall was cold and the speeches were long. What everybody remembered was that the junior partner "
        "had been seated last, below the salt, and was not called Excellency. Trains ran on time that day."
    )
    scores = word_scores(classifier, text, "status")
    assert " ".join(word for word, _ in scores) == text
    best, column = strongest(scores, 0.2), LABELS.index("status")
    others = [i for i in range(len(scores)) if i not in best][: len(best)]
    # In logits: a probability that is near one hardly moves.
    whole, left, spared = classifier.scores([text, without(scores, best), without(scores, others)]).logits[:, column]
    assert whole - left > 1
    assert whole - left > 3 * (whole - spared)


def test_words_cannot_be_found_in_bytes(root: Path, classifier: Classifier) -> None:
    in_bytes = pipeline.load(root / "models/framing", root / "models/encoder", precision="int8")
    with pytest.raises(ModelError, match="auto"):
        word_scores(in_bytes, "The junior partner was seated last.", "status")


def test_the_order_of_the_texts_changes_no_reading(classifier: Classifier, held_out: list[WrittenPassage]) -> None:
    texts = [passage.text for passage in held_out[:20]]
    forward, backward = classifier.probabilities(texts), classifier.probabilities(texts[::-1])[::-1]
    assert np.abs(forward - backward).max() < 0.03


def test_fast_precisions_decide_as_full_precision_does(passages: list[WrittenPassage], root: Path) -> None:
    splits = divide(passages, load_splits(root / "data/splits.csv"))
    unseen = splits["validation"] + splits["test"]
    texts, truth = [passage.text for passage in unseen], targets([passage.label for passage in unseen])
    decided = {}
    for wished in ("fp32", "auto"):
        found = pipeline.load(root / "models/framing", root / "models/encoder", precision=wished)
        if found.precision not in decided:
            decided[found.precision] = found.calibrations.anybody.decide(found.probabilities(texts))
    full = decided.pop("fp32")
    if not decided:
        pytest.skip("this processor multiplies neither bfloat16 nor bytes: passages are read in fp32 anyway")
    for precision, fast in decided.items():
        assert (fast != full).mean() <= 0.01, precision
        moved = [f1_score(truth[:, i], fast[:, i]) - f1_score(truth[:, i], full[:, i]) for i in range(len(FRAMES))]
        assert np.abs(moved).max() <= 0.005, precision


def test_a_map_in_bytes_gives_nearly_what_it_gives_in_full() -> None:
    if not multiplies_bytes():
        pytest.skip("this processor has no dot products of bytes")
    torch.manual_seed(0)
    linear = torch.nn.Linear(64, 32).requires_grad_(False)
    states = torch.randn(3, 5, 64)
    states[..., 7] *= 100  # what single channels of transformers are like
    states[1] = 0
    with torch.inference_mode():
        exact, found = linear(states), Int8Linear(linear)(states.bfloat16())
    assert found.shape == exact.shape and found.dtype == torch.bfloat16
    assert (found.float() - exact).abs().max() < 0.05 * exact.abs().max()
    assert torch.allclose(found[1].float(), linear.bias.expand(5, 32), atol=1e-2)


def test_the_model_card_loads_it_with_hugging_faces_own_classes(
    root: Path, monkeypatch: pytest.MonkeyPatch, held_out: list[WrittenPassage]
) -> None:
    monkeypatch.chdir(root)
    if not Path("models/encoder").exists():
        pytest.skip("no encoder: dvc repro encoder")
    code = re.findall(r"```python\n(.*?)```", Path("models/framing/README.md").read_text(), re.DOTALL)[-1]
    names: dict = {}
    exec(code, names)
    text = held_out[0].text
    expected = pipeline.load(precision="fp32").scores([text]).logits[0]
    assert names["logits"](text).tolist() == pytest.approx(expected.tolist(), abs=2e-3)


def test_the_trained_part_is_small_and_holds_no_pickle(root: Path) -> None:
    files = list((root / "models/framing").iterdir())
    assert sum(file.stat().st_size for file in files) < 6_000_000
    assert {file.suffix for file in files} <= {".json", ".safetensors", ".md"}
