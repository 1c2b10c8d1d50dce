"""`params.yaml` as types: every number that a user may turn, checked when it is read."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipeline.errors import ParametersError, did_you_mean

Share = Annotated[float, Field(ge=0, le=1)]


class Section(BaseModel):
    """A frozen section of `params.yaml` that refuses names it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SegmentParams(Section):
    """Length of a passage in words."""

    min_words: Annotated[int, Field(ge=1)] = 40
    max_words: Annotated[int, Field(ge=20, le=400)] = 160

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min_words > self.max_words:
            raise ValueError(f"min_words must be at most max_words ({self.max_words}), got {self.min_words}")
        return self


class LabelsParams(Section):
    """Whose labels count, in place of those given with the language model; the first named decides a tie."""

    annotators: tuple[str, ...] = ()


class BatchParams(Section):
    """How many new texts are read: in parts, each counted once.

    `part_passages`: a part is written after the document that brings it to so many passages. Memory holds one, and an
    interruption loses one.
    `same_from`: Jaccard similarity of runs of five words from which two documents are one.
    """

    part_passages: Annotated[int, Field(ge=1, le=100_000)] = 256
    same_from: Annotated[float, Field(gt=0, le=1)] = 0.7


class TrainParams(Section):
    """The recipe. `max_tokens` cuts what is longer.

    `encoder` is `mpnet` or `minilm` from a package, a local folder, or a hub name with a revision.
    `method`: low-rank adapters on the top `tuned_layers` layers, or those layers themselves.
    `layer_decay`: each layer below the top learns at this part of the rate of the one above it.
    `positive_weight`: a label that holds weighs (negatives / positives) to this power.
    `smoothing`: how far targets move from the settled labels towards what the labelling passes said.
    `averaged_share`: the weights kept are the mean over this last share of the steps.
    `contrastive_steps`: so many steps beforehand bring passages with the same labels together.
    """

    encoder: str = "mpnet"
    encoder_revision: str | None = None
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    epochs: Annotated[int, Field(ge=1, le=100)] = 3
    batch_size: Annotated[int, Field(ge=1, le=256)] = 16
    learning_rate: Annotated[float, Field(gt=0, le=0.1)] = 2.0e-3
    head_learning_rate: Annotated[float, Field(gt=0, le=1)] = 5.0e-3
    warmup_share: Share = 0.1
    weight_decay: Annotated[float, Field(ge=0, le=1)] = 0.01
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.1
    scale: Annotated[float, Field(gt=0, le=100)] = 20.0
    method: Literal["lora", "layers"] = "lora"
    lora_rank: Annotated[int, Field(ge=1, le=256)] = 16
    tuned_layers: Annotated[int, Field(ge=1)] = 4
    layer_decay: Annotated[float, Field(gt=0, le=1)] = 1.0
    positive_weight: Share = 0.5
    smoothing: Share = 0.0
    averaged_share: Annotated[float, Field(ge=0, lt=1)] = 0.0
    contrastive_steps: Annotated[int, Field(ge=0, le=10_000)] = 0
    max_tokens: Annotated[int, Field(ge=16, le=512)] = 256
    precision: Literal["bf16", "fp32"] = "bf16"


class CalibrateParams(Section):
    """When a decision is uncertain, and when a passage is unfamiliar.

    `sure`: a decision for a label needs this probability, one against it the contrary's, not to be called uncertain.
    `familiar_share`: this share of the passages of the fit counts as familiar.
    `real_weights`: how often a passage of real text may count beside a written one; the essays choose among them.
    """

    sure: Annotated[float, Field(ge=0.5, lt=1)] = 0.8
    familiar_share: Annotated[float, Field(gt=0.5, le=1)] = 0.99
    real_weights: Annotated[tuple[Annotated[float, Field(gt=0)], ...], Field(min_length=1)] = (1.0, 2.0, 4.0, 8.0)


class EvaluateParams(Section):
    """Intervals of the figures: bootstrap over documents and blocks of passages.

    `limit_drop`: what changes a passage and costs more micro-F1 than this is listed as a limit.
    """

    seed: Annotated[int, Field(ge=0)] = 0
    resamples: Annotated[int, Field(ge=10, le=100_000)] = 1000
    block_passages: Annotated[int, Field(ge=1)] = 4
    interval_level: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    limit_drop: Annotated[float, Field(gt=0, lt=1)] = 0.03
    explained_passages: Annotated[int, Field(ge=1)] = 20


class ProfileParams(Section):
    """Intervals of the shares, when there is too little text to give one, and what is compared.

    `by`: profiles of these groups beside those of authors.
    `most_paired`: of more authors than this not every two are compared, only each with the nearest and the average.
    `neighbours`: so many nearest authors are named.
    """

    seed: Annotated[int, Field(ge=0)] = 0
    resamples: Annotated[int, Field(ge=10, le=100_000)] = 2000
    block_passages: Annotated[int, Field(ge=1)] = 4
    interval_level: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    min_passages: Annotated[int, Field(ge=1)] = 8
    by: tuple[Literal["source", "year", "title"], ...] = ("source", "year")
    most_paired: Annotated[int, Field(ge=0, le=200)] = 30
    neighbours: Annotated[int, Field(ge=1, le=20)] = 3


class CoverParams(Section):
    """How the intervals of the shares are put to the test.

    `draws`: of passages from each labelled author; `worlds`: simulated authors of each kind.
    `resamples` stands in for `profile.resamples`, `quantifier_resamples` is of the methods that ours is compared with.
    """

    seed: Annotated[int, Field(ge=0)] = 0
    draws: Annotated[int, Field(ge=1, le=10_000)] = 20
    worlds: Annotated[int, Field(ge=2, le=100_000)] = 200
    resamples: Annotated[int, Field(ge=10, le=100_000)] = 500
    quantifier_resamples: Annotated[int, Field(ge=10, le=10_000)] = 50


class ReportParams(Section):
    """How much evidence stands behind each bar.

    `marked_passages`: in a report on new texts, evidence words are marked in so many of the quoted passages; each takes
    seconds.
    """

    evidence_passages: Annotated[int, Field(ge=1, le=20)] = 3
    marked_passages: Annotated[int, Field(ge=0)] = 24


S = TypeVar("S", bound=Section)


class Params(Section):
    """The whole of `params.yaml`."""

    labels: LabelsParams = LabelsParams()
    segment: SegmentParams = SegmentParams()
    batch: BatchParams = BatchParams()
    train: TrainParams = TrainParams()
    calibrate: CalibrateParams = CalibrateParams()
    evaluate: EvaluateParams = EvaluateParams()
    profile: ProfileParams = ProfileParams()
    cover: CoverParams = CoverParams()
    report: ReportParams = ReportParams()


def load_params(path: Path = Path("params.yaml")) -> Params:
    """Read and check the parameters.

    Raises: ParametersError with the parameter's name, the value and what would do.
    """
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ParametersError(f"{path}: no such file; run in the project's root") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ParametersError(f"{path}: not readable as YAML: {' '.join(str(error).split())}") from None
    try:
        return Params.model_validate(values or {})
    except ValidationError as error:
        raise ParametersError(f"{path}: {_first_fault(error)}") from None


def override(section: S, name: str, **values: Any) -> S:
    """The section with other values, checked as if they stood in `params.yaml` under `name`.

    Raises: ParametersError with the parameter's name, the value and what would do.
    """
    try:
        return type(section).model_validate(section.model_dump() | values)
    except ValidationError as error:
        raise ParametersError(f"{name}.{_first_fault(error)}") from None


def _first_fault(error: ValidationError) -> str:
    fault = error.errors(include_url=False)[0]
    name = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        section = Params.model_fields.get(str(fault["loc"][0])) if len(fault["loc"]) > 1 else None
        known = section.annotation.model_fields if section and section.annotation else Params.model_fields
        return f"unknown parameter {name}; {did_you_mean(str(fault['loc'][-1]), known)}"
    if fault["type"] == "value_error":
        return f"{name}: {fault['msg'].removeprefix('Value error, ')}"
    message = fault["msg"].replace("Input should be", "must be").replace("greater than or equal to", "at least")
    return f"{name} {message.replace('less than or equal to', 'at most')}, got {fault['input']!r}"
