from pathlib import Path

import pytest

from pipeline.errors import ParametersError
from pipeline.params import Params, load_params


def test_the_projects_own_parameters_are_the_defaults(root: Path) -> None:
    assert load_params(root / "params.yaml") == Params()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("train: {epochs: 0}", "train.epochs must be at least 1, got 0"),
        ("train: {epoch: 3}", 'unknown parameter train.epoch; did you mean "epochs"?'),
        ("trian: {}", 'unknown parameter trian; did you mean "train"?'),
        ("train: {learning_rate: 5e-5}", None),
        ("train: {precision: fp8}", "train.precision must be 'bf16' or 'fp32', got 'fp8'"),
        ("segment: {max_words: lots}", "segment.max_words"),
        ("segment: {min_words: 200, max_words: 100}", "segment"),
        ("train: [", "not readable as YAML"),
    ],
)
def test_bad_parameters_are_refused_by_name_value_and_bound(tmp_path: Path, text: str, message: str | None) -> None:
    file = tmp_path / "params.yaml"
    file.write_text(text)
    if message is None:
        assert load_params(file).train.learning_rate == pytest.approx(5e-5)
        return
    with pytest.raises(ParametersError) as error:
        load_params(file)
    assert str(file) in str(error.value)
    assert message in str(error.value)


def test_an_absent_file_says_where_to_run(tmp_path: Path) -> None:
    with pytest.raises(ParametersError, match="run in the project's root"):
        load_params(tmp_path / "params.yaml")
