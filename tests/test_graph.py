"""The whole graph in a temporary clone, and the committed results against the code beside them."""

import csv
import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from pipeline.corpus.catalogue import load_catalogue
from pipeline.corpus.normalise import checksum
from pipeline.model.encoder import file_sha256

ENVIRONMENT = {
    **os.environ,
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    "DVC_NO_ANALYTICS": "1",
    "HF_HUB_OFFLINE": "1",
}


def run(*command: str, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def clone(root: Path, tiny_encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as it stands, without what the graph makes, with a tiny encoder and a tenth of the passages."""
    folder = tmp_path_factory.mktemp("clone") / "project"
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=root, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    made = ("reports/", "models/", "data/predictions/", "data/segments/", "data/baselines/", "data/scores",
            "data/adopted/", "dvc.lock")  # fmt: skip
    # by frozen stages, which dvc repro leaves alone
    drawn = {"reports/plots/learning_curve.csv", "reports/recipes.csv", "reports/repeats.json"}
    for name in tracked:
        if (name in drawn or not name.startswith(made)) and (root / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / name, folder / name)
    for file in (folder / "data/passages").glob("*.jsonl"):
        lines = file.read_text().splitlines(keepends=True)
        file.write_text("".join(sorted(random.Random(0).sample(lines, 24))))
    params = yaml.safe_load((folder / "params.yaml").read_text())
    params["train"] |= {
        "encoder": str(tiny_encoder),
        "epochs": 1,
        "lora_rank": 2,
        "tuned_layers": 2,
        "precision": "fp32",
    }
    params["evaluate"] |= {"resamples": 20, "explained_passages": 2}
    params["profile"]["resamples"] = 20
    params["cover"] |= {"draws": 1, "worlds": 4, "resamples": 20, "quantifier_resamples": 10}
    (folder / "params.yaml").write_text(yaml.safe_dump(params))
    run("git", "init", "-q", cwd=folder)
    run("git", "add", "-A", cwd=folder)
    run("git", "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-qm", "project", cwd=folder)
    run("dvc", "repro", cwd=folder)
    return folder


def test_the_graph_ends_in_a_report_without_the_essays_texts(clone: Path) -> None:
    page = (clone / "reports/framing.html").read_text()
    assert "our reading notes were read in its place" in page
    assert "Gilbert Rozman" in page and "Ilse Narracott-Dey" in page
    assert (clone / "reports/framing.md").exists()
    assert "essays" not in json.loads((clone / "reports/metrics.json").read_text())  # notes test nothing


def test_a_second_run_runs_nothing(clone: Path) -> None:
    assert "Running stage" not in run("dvc", "repro", cwd=clone)


def test_metrics_plots_and_parameter_differences_are_shown(clone: Path) -> None:
    assert "micro_f1" in run("dvc", "metrics", "show", cwd=clone)
    assert "index.html" in run("dvc", "plots", "show", cwd=clone)
    run("dvc", "params", "diff", cwd=clone)


def test_labels_by_people_run_through_the_graph_and_out_of_it_again(clone: Path) -> None:
    made = ["data/prepared", "data/scores.parquet", "data/baselines", "models/framing", "reports"]
    run("git", "add", "-A", cwd=clone)
    run("git", "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-qm", "nobody's labels", cwd=clone)
    before = checksums(clone, made)
    place = {"draw": "all", "blind": True, "at": "2026-01-01"}
    op_ed = json.loads((clone / "data/op-eds/gold/op-ed-01.jsonl").read_text().splitlines()[0])
    gold = {key: op_ed[key] for key in ("passage", "start", "end", "sha256")}
    labels = [{"corpus": "op-eds", "document": "op-ed-01", "frames": ["status"], "purpose": "estimation", **gold}]
    texts = []
    for number in range(24):
        text = f"Column {number} says that rank decides, and that {number} guests were seated by it, not by friendship."
        document = {"document": f"own-{number // 4}", "passage": number % 4 + 1, "start": number % 4 * 200}
        document |= {"end": document["start"] + len(text), "sha256": checksum(text)}
        purpose = "training" if number < 12 else "estimation"
        frames = ["status"] if number % 2 else []
        labels.append({"corpus": "texts", **document, "frames": frames, "purpose": purpose})
        texts.append({**document, "text": text, "authors": [f"Author {number // 4}"]})
    (clone / "data/annotations/text").mkdir(parents=True)
    (clone / "data/annotations/anna.jsonl").write_text("".join(json.dumps({**one, **place}) + "\n" for one in labels))
    (clone / "data/annotations/text/passages.jsonl").write_text("".join(json.dumps(one) + "\n" for one in texts))
    params = clone / "params.yaml"
    nobody = params.read_text()
    params.write_text(nobody.replace("annotators: []", "annotators: [anna]"))
    output = run("dvc", "repro", cwd=clone)
    assert "data/adopted/texts.jsonl: 12 for estimation, 12 for training" in output
    assert json.loads((clone / "reports/labels.json").read_text())["people"] == {"train": 12}
    metrics = json.loads((clone / "reports/metrics.json").read_text())
    assert metrics["texts"]["passages"] == metrics["texts"]["labelled_by_people"] == 12
    assert metrics["op-eds"]["labelled_by_people"] == 1
    assert "labelled otherwise" in run("framing", "compare", "HEAD", ".", cwd=clone)
    params.write_text(nobody)
    run("dvc", "repro", cwd=clone)
    assert checksums(clone, made) == before


def checksums(folder: Path, names: list[str]) -> dict[str, str]:
    """Of every file below."""
    files = [
        file
        for name in names
        for file in ([folder / name] if (folder / name).is_file() else (folder / name).rglob("*"))
    ]
    return {str(file.relative_to(folder)): file_sha256(file) for file in files if file.is_file()}


def test_changing_one_op_ed_reruns_only_what_depends_on_it(clone: Path) -> None:
    gold = clone / "data/op-eds/gold/op-ed-12.jsonl"
    gold.unlink()
    op_ed = clone / "data/op-eds/op-ed-12.md"
    op_ed.write_text(op_ed.read_text() + "\nOne more sentence closes the column on the price of freight.\n")
    ran = [line for line in run("dvc", "repro", cwd=clone).splitlines() if line.startswith("Running stage")]
    stages = {line.split("'")[1] for line in ran}
    assert {"segment@op-eds", "calibrate", "classify@op-eds", "profile", "report"} <= stages
    assert not stages & {"encoder", "prepare", "train", "segment@essays"}


def test_readings_of_a_text_that_is_gone_are_kept_and_shown_as_stale(clone: Path, root: Path) -> None:
    text = root / "data/essays/text/chang-2024.txt"
    if not text.exists():
        pytest.skip("no essay: framing essays add FILE...")
    kept = clone / "data/predictions/essays/chang-2024.parquet"
    (clone / "data/essays/text").mkdir(exist_ok=True)
    shutil.copyfile(text, clone / "data/essays/text/chang-2024.txt")
    kept.unlink()
    run("dvc", "repro", cwd=clone)
    before = kept.read_bytes()
    (clone / "data/essays/text/chang-2024.txt").unlink()
    params = (clone / "params.yaml").read_text()
    (clone / "params.yaml").write_text(params.replace("seed: 0", "seed: 1"))
    output = run("dvc", "repro", cwd=clone)
    assert "chang-2024: 11 passages, kept from an earlier model, stale" in output
    assert kept.read_bytes() == before
    assert "read by an earlier model (stale)" in (clone / "reports/framing.html").read_text()


def test_an_experiment_takes_a_parameter(clone: Path) -> None:
    run("git", "add", "-A", cwd=clone)
    run("git", "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-qm", "run", cwd=clone)
    assert "Ran experiment" in run("dvc", "exp", "run", "-S", "train.epochs=2", "train", cwd=clone)


def test_the_committed_results_are_those_of_the_code_beside_them(root: Path) -> None:
    said = run("dvc", "status", "--json", cwd=root).splitlines()  # warnings of frozen stages among it
    status = json.loads(next(line for line in said if line.startswith("{")))
    stale = {
        f"{stage}: {path} {state}"
        for stage, changes in status.items()
        for change in (changes if isinstance(changes, list) else [])
        if isinstance(change, dict)
        for kind, paths in change.items()
        for path, state in (paths.items() if isinstance(paths, dict) else [(kind, paths)])
        if state != "deleted"  # what a fresh clone has not made yet is missing, not stale
    }
    assert not stale, f"run `dvc repro` and commit what it made: {sorted(stale)}"


def test_what_frozen_stages_drew_belongs_to_the_committed_model(root: Path) -> None:
    """DVC does not look whether frozen stages are stale."""
    essays = json.loads((root / "reports/metrics.json").read_text())["essays"]
    with (root / "reports/plots/learning_curve.csv").open() as stream:
        last = list(csv.DictReader(stream))[-1]
    committed = (essays["micro_f1"], essays["macro_f1"])
    assert (float(last["micro_f1"]), float(last["macro_f1"])) == committed
    first = json.loads((root / "reports/repeats.json").read_text())["runs"][0]["essays"]
    assert (first["micro_f1"], first["macro_f1"]) == committed


def test_no_essay_text_is_in_git(root: Path) -> None:
    names = subprocess.run(["git", "ls-files"], cwd=root, capture_output=True, text=True, check=True).stdout.split()
    assert not [name for name in names if name.startswith("data/essays/text")]
    assert len(load_catalogue(root / "data/essays/catalogue.yaml")) == 5
