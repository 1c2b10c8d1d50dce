"""What runs on a cluster, piece by piece and without one: layout, reading, addresses, devices, the command line."""

import csv
import multiprocessing
import pickle
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch
from batches import Watch, written
from typer.testing import CliRunner

from pipeline.batch.inputs import Begun, Failure, Finished, open_inputs
from pipeline.batch.parts import Mark
from pipeline.batch.run import Options, classify_paths
from pipeline.cli import app
from pipeline.errors import EngineError, ModelError
from pipeline.model.classifier import load_classifier
from pipeline.params import Params, SegmentParams
from pipeline.records import Document, WrittenPassage
from pipeline.scale.cluster import layout
from pipeline.scale.device import load_here, on_device
from pipeline.scale.reading import CutDocument, ReadJob, read_units, stand_in, unpacked
from pipeline.scale.remote import opener
from pipeline.scale.scoring import ScoredDocument, ScoreJob, Scorer, scored

FRAMING = Path(sys.executable).parent / "framing"


@pytest.fixture(scope="module", autouse=True)
def _no_reader_stays() -> Iterator[None]:
    """The child that reads lives as long as its process, in a cluster an actor's; here it is this one."""
    yield
    for child in multiprocessing.active_children():
        child.kill()
        child.join()


@pytest.mark.parametrize("resources", [{"CPU": 1}, {"CPU": 2}, {"CPU": 15}, {"CPU": 16, "GPU": 2}])
def test_models_leave_room_for_reading_on_every_node(resources: dict[str, float]) -> None:
    found = layout(resources, None)
    assert found.workers == resources.get("GPU", resources["CPU"])
    assert found.workers * found.worker_cpus + found.reader_cpus <= resources["CPU"]
    if not found.worker_gpus:  # so that on a node of one CPU neither waits for the other
        assert found.worker_cpus + found.reader_cpus <= 1


def test_more_models_than_processors_share_them() -> None:
    assert layout({"CPU": 1}, 2).worker_cpus * 2 + layout({"CPU": 1}, 2).reader_cpus <= 1


def test_a_reader_cuts_inputs_in_order_and_goes_on_within_one(texts: Path, tmp_path: Path) -> None:
    with ExitStack() as stack:
        inputs = open_inputs([texts], tmp_path / "out.csv", {}, None, None, stack)
    job = ReadJob(Path.cwd(), inputs, SegmentParams(), 0.7, any_language=False)
    sources = tuple(inputs.remaining(Mark()))

    def read(*unit: object) -> list[object]:
        table = pa.table({"unit": [pickle.dumps(unit)]})
        return [found for made in read_units(table, job) for slab in unpacked(made) for found in slab]

    whole = read(*sources)
    assert [type(found) for found in whole[:3]] == [Begun, CutDocument, Finished]
    assert sum(isinstance(found, CutDocument) for found in whole) == 32
    assert sum(isinstance(found, Failure) for found in whole) == 3
    table = next(source for source, _ in sources if isinstance(source, Path) and source.name == "table.jsonl")
    assert len(read((table, 0))) - len(read((table, 15))) == 15


def test_a_node_without_the_project_is_named(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="must lie at the same place on every node"):
        stand_in(tmp_path / "nowhere")


def test_a_node_with_another_model_is_refused(here: Path) -> None:
    with pytest.raises(ModelError, match="another model than the one that runs the command"):
        Scorer(ScoreJob(here, "0" * 64, "fp32"))


def test_a_slab_is_scored_as_its_documents_are_one_by_one(
    here: Path, passages: list[WrittenPassage], tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.txt").write_text(passages[number].text)
    (folder / "3.pages").write_text("x")
    with ExitStack() as stack:
        inputs = open_inputs([folder], tmp_path / "out.csv", {}, None, None, stack)
    unit = pa.table({"unit": [pickle.dumps(tuple(inputs.remaining(Mark())))]})
    [table] = read_units(unit, ReadJob(here, inputs, SegmentParams(), 0.7, any_language=False))
    [slab] = unpacked(table)
    classifier = load_classifier(precision="fp32")
    found = [one for one in scored(slab, classifier) if isinstance(one, ScoredDocument)]  # type: ignore[arg-type]
    for number, one in enumerate(found):
        [row] = one.table.to_pylist()
        [alone] = classifier.classify([passages[number].text])
        assert (row["document"], row["text"]) == (str(number), passages[number].text)
        assert row["p_realist"] == pytest.approx(alone.probabilities[0], abs=1e-4)


def test_files_at_an_address_are_read_as_a_folder_is_and_called_by_their_addresses(
    here: Path, texts: Path, tmp_path: Path
) -> None:
    (texts / ".hidden.txt").write_text("x")
    (texts / "picture.png").write_text("x")
    about = tmp_path / "about.csv"
    options = Options(metadata=about)
    near, far = tmp_path / "near.csv", tmp_path / "far.csv"
    # Relative to the table, which lies beside the folder; below the address, which is the folder.
    about.write_text("file,author\nin/deeper/op-ed-01.md,C; D\nop-ed-00.md,E\n")
    first = classify_paths([texts], near, Params(), options, Watch())
    about.write_text("file,author\ndeeper/op-ed-01.md,C; D\nop-ed-00.md,E\n")
    address = f"file://{texts}"
    assert classify_paths([], far, Params(), options, Watch(), opened=opener([address])) == first
    said = {name: content.decode().replace(address, str(texts)) for name, content in written(far).items()}
    assert said == {name: content.decode() for name, content in written(near).items()}


def test_an_address_where_nothing_is_is_listed(here: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("One plain sentence.")
    opened = opener([f"file://{tmp_path}/nowhere"])
    summary, _ = classify_paths([tmp_path / "a.txt"], tmp_path / "o.csv", Params(), Options(), Watch(), opened=opened)
    assert (summary.classified, summary.failed) == (1, 1)
    [row] = csv.DictReader((tmp_path / "o.errors.csv").open(newline=""))
    assert (row["path"], row["reason"]) == (f"file://{tmp_path}/nowhere", "nothing there")


@pytest.mark.parametrize(("precision", "tolerance"), [("fp32", 1e-5), ("bf16", 0.05)])
def test_on_a_device_the_classifier_reads_the_same(
    here: Path, passages: list[WrittenPassage], precision: str, tolerance: float
) -> None:
    texts = [passage.text for passage in passages[:20]]
    exact = load_classifier(precision="fp32").probabilities(texts)
    moved = on_device(load_classifier(precision="fp32"), "cpu", precision).probabilities(texts)
    assert np.abs(moved - exact).max() < tolerance


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
@pytest.mark.parametrize(("precision", "tolerance"), [("fp32", 1e-3), ("fp16", 0.01), ("bf16", 0.05)])
def test_on_a_gpu_the_classifier_reads_the_same(
    here: Path, passages: list[WrittenPassage], precision: str, tolerance: float
) -> None:
    texts = [passage.text for passage in passages[:100]]
    exact = load_classifier(precision="fp32").probabilities(texts)
    moved = load_here(precision)
    assert moved.precision == precision and next(moved.network.parameters()).is_cuda
    assert np.abs(moved.probabilities(texts) - exact).max() < tolerance


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_half_precision_of_a_gpu_is_refused_without_one(here: Path) -> None:
    with pytest.raises(ModelError, match="fp16 needs a GPU"):
        load_here("fp16")


def test_without_ray_one_line_says_how_to_install_it(here: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("One plain sentence.")
    without = "import sys; sys.modules['ray'] = None; from pipeline.cli import main; main()"
    command = [sys.executable, "-c", without, "classify", str(tmp_path / "a.txt"), "-o", str(tmp_path / "out.csv")]
    ended = subprocess.run([*command, "--engine", "ray"], capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1 and "Ray is not installed; install it: pip install" in ended.stderr
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["a.txt", "--engine", "dask"], "use local or ray"),
        (["a.txt", "--workers", "2"], "add --engine ray"),
        (["s3://archive/2024"], "is read with --engine ray"),
        (["-", "--engine", "ray", "--address", "127.0.0.1:1"], "save it where all nodes see it"),
    ],
)
def test_what_only_a_cluster_can_do_is_refused_without_one(arguments: list[str], said: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["classify", *arguments, "-o", str(tmp_path / "out.csv")])
    assert result.exit_code == 2
    assert said in " ".join(result.output.replace("│", " ").split())


def test_at_an_address_a_row_is_about_the_file_that_stands_where_it_says(tmp_path: Path) -> None:
    near, far = tmp_path / "near", tmp_path / "far"
    for file in (near / "a.txt", near / "sub/b.txt", far / "a.txt", far / "sub/a.txt", far / "sub/b.txt"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("One plain sentence.")

    def authors(named: Path | None) -> list[tuple[str, tuple[str, ...]]]:
        with ExitStack() as stack:
            inputs = opener([f"file://{far}"])([near], tmp_path / "out.csv", {}, named, None, stack)
            found = [one for one in inputs.results(Mark()) if isinstance(one, Document)]
        return [(one.place.rpartition(f"{tmp_path}/")[2], one.authors) for one in found]

    about = near / "metadata.csv"
    about.write_text("file,author\na.txt,Ann\nb.txt,Bo\n")
    # A folder's own table tells of that folder alone.
    own = [("near/a.txt", ("Ann",)), ("near/sub/b.txt", ("Bo",))]
    assert authors(None) == [*own, ("far/a.txt", ()), ("far/sub/a.txt", ()), ("far/sub/b.txt", ())]
    assert authors(about) == [*own, ("far/a.txt", ("Ann",)), ("far/sub/a.txt", ()), ("far/sub/b.txt", ("Bo",))]
