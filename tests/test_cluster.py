"""On a real cluster of two nodes: the local engine's rows, whatever is killed on the way; memory stays flat."""

import csv
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pyarrow.parquet as pq
import pytest
from batches import Watch, written

from pipeline.batch.account import Summary
from pipeline.batch.run import Options, classify_paths
from pipeline.frames import PROBABILITY_COLUMNS
from pipeline.params import BatchParams, Params
from pipeline.records import WrittenPassage
from pipeline.scale.engine import on_ray

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
# Else Ray takes 127.0.0.1 for this machine's outward address, where a cluster on loopback does not listen.
os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
ray = pytest.importorskip("ray", reason="Ray is not installed: the extra `ray`")
from ray.cluster_utils import Cluster  # noqa: E402

FRAMING = Path(sys.executable).parent / "framing"
STORE_BYTES = 80 * 2**20
NODE = {
    "num_cpus": 1,
    "object_store_memory": STORE_BYTES,
    "include_dashboard": False,
    "node_ip_address": "127.0.0.1",
}
OTHER_NODE = {**NODE, "node_ip_address": "127.0.0.2"}
SMALL_PARTS = Params(batch=BatchParams(part_passages=64))
EXACT = Options(precision="fp32", with_text=True)
MOST_SECONDS = 900


@pytest.fixture(autouse=True)
def _bounded() -> Iterator[None]:
    """A hang fails, and does not wait for somebody to look."""

    def late(*_: object) -> None:
        raise TimeoutError(f"not done within {MOST_SECONDS} seconds")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(MOST_SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A head and another node, of one CPU each."""
    found = Cluster(initialize_head=True, head_node_args=NODE)
    found.add_node(**OTHER_NODE)
    yield found
    found.shutdown()


def classify(
    paths: list[Path],
    output: Path,
    address: str | None,
    watch: Watch | None = None,
    params: Params = SMALL_PARTS,
    **more: Any,
) -> Summary:
    """On the cluster at an address; in this process without."""
    engine = {"start": on_ray(address, **more)} if address else {}
    return classify_paths(paths, output, params, EXACT, watch or Watch(), **engine)[0]


def same(found: Path, expected: Path) -> None:
    """The same accounts to the byte, the same rows but for the last decimals of probabilities."""
    ours, theirs = written(found), written(expected)
    for name in (".documents.csv", ".errors.csv"):
        assert ours[name] == theirs[name]
    one, other = pq.read_table(found), pq.read_table(expected)
    assert one.schema == other.schema  # what it says of the model is in it
    assert one.drop(list(PROBABILITY_COLUMNS)).equals(other.drop(list(PROBABILITY_COLUMNS)))
    for name in PROBABILITY_COLUMNS:
        np.testing.assert_allclose(one[name].to_numpy(), other[name].to_numpy(), rtol=0, atol=1e-3)


def test_rows_and_accounts_are_those_of_the_local_engine(
    here: Path, cluster: Any, texts: Path, root: Path, tmp_path: Path
) -> None:
    """Op-eds, tables, duplicates under one name, another language, what cannot be read, a sidecar."""
    shutil.copytree(root / "data/op-eds", texts / "op-eds", ignore=shutil.ignore_patterns("gold"))
    shutil.copyfile(texts / "op-ed-00.md", texts / "deeper/op-ed-00.md")
    (texts / "z.jsonl").write_text(
        "".join(json.dumps({"id": "z", "text": f"{n} ships lay there."}) + "\n" for n in "abc")
    )
    (texts / "german.txt").write_text(
        "Der Minister sprach lange über die Grenze, und niemand im Saal wollte ihm widersprechen, "
        "denn alle wussten, dass die Verhandlungen im Winter wieder beginnen würden und dass es dann zu spät wäre. "
    )
    (texts / "metadata.csv").write_text("file,author\ndeeper/op-ed-01.md,C; D\nnobody.md,E\n")
    found, expected = tmp_path / "ray.parquet", tmp_path / "local.parquet"
    summary = classify([texts], found, cluster.address)
    assert summary == classify([texts], expected, None)
    assert summary.duplicates and summary.other_language and summary.failed == 3 and summary.unused_rows == 1
    same(found, expected)
    assert sorted(path.name for path in tmp_path.glob(".*")) == []


def test_speeches_are_read_as_the_local_engine_reads_them(here: Path, cluster: Any, root: Path, tmp_path: Path) -> None:
    speeches = root.parent / "shared/corpora/un-general-debate.jsonl"
    if not speeches.exists():
        pytest.skip("no speeches: ../shared/corpora is absent")
    found, expected = tmp_path / "ray.parquet", tmp_path / "local.parquet"
    summary = classify([speeches], found, cluster.address)
    assert summary.classified + summary.duplicates + summary.other_language + summary.failed == 564
    assert summary == classify([speeches], expected, None)
    same(found, expected)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory, passages: list[WrittenPassage]) -> Path:
    """Four hundred op-eds of eight passages, a dozen tasks to read."""
    folder = tmp_path_factory.mktemp("many")
    chance = random.Random(0)
    for number in range(400):
        text = "\n\n".join(passage.text for passage in chance.sample(passages, 8))
        (folder / f"op-ed-{number:03}.txt").write_text(text)
    return folder


@pytest.fixture(scope="module")
def expected(model: Path, many: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the local engine makes of them."""
    output = tmp_path_factory.mktemp("expected") / "local.parquet"
    before = Path.cwd()
    os.chdir(model)
    classify([many], output, None)
    os.chdir(before)
    return output


class Once(Watch):
    """Progress that does something as soon as a part is written."""

    def __init__(self, act: Callable[[], None]) -> None:
        super().__init__()
        self.act: Callable[[], None] | None = act
        self.at = 0

    def __call__(self, inputs: int, documents: int, passages: int) -> None:
        super().__call__(inputs, documents, passages)
        if passages and self.act:
            act, self.act, self.at = self.act, None, passages
            act()


def test_a_node_that_is_killed_takes_nothing_along(
    here: Path, cluster: Any, many: Path, expected: Path, tmp_path: Path
) -> None:
    cluster.add_node(**OTHER_NODE)

    def end() -> None:
        joined = ray._private.worker._global_node.raylet_socket_name  # this process's own cannot be removed
        node = next(node for node in cluster.worker_nodes if node.raylet_socket_name != joined)
        cluster.remove_node(node, allow_graceful=False)

    kill = Once(end)
    classify([many], tmp_path / "out.parquet", cluster.address, kill)
    assert kill.act is None and 0 < kill.at < pq.read_metadata(expected).num_rows
    same(tmp_path / "out.parquet", expected)


def actors() -> list[psutil.Process]:
    """The processes that hold a model."""
    return [p for p in psutil.process_iter() if any("MapWorker" in word for word in _said(p))]


def _said(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_an_actor_that_is_killed_takes_nothing_along(
    here: Path, cluster: Any, many: Path, expected: Path, tmp_path: Path
) -> None:
    killed: list[int] = []

    def end() -> None:
        for process in actors():
            killed.append(process.pid)
            process.kill()

    kill = Once(end)
    classify([many], tmp_path / "out.parquet", cluster.address, kill)
    assert killed and 0 < kill.at < pq.read_metadata(expected).num_rows
    same(tmp_path / "out.parquet", expected)


def test_a_driver_that_is_killed_goes_on_and_computes_no_part_again(
    here: Path, cluster: Any, many: Path, expected: Path, tmp_path: Path
) -> None:
    output, parts = tmp_path / "out.parquet", tmp_path / ".out.parquet.parts"
    shutil.copyfile(here / "params.yaml", tmp_path / "params.yaml")
    (tmp_path / "params.yaml").write_text(
        (here / "params.yaml").read_text().replace("part_passages: 256", "part_passages: 64")
    )
    (tmp_path / "models").symlink_to(here / "models")
    command = [str(FRAMING), "classify", str(many), "-o", str(output), "--text", "--precision", "fp32"]
    command += ["--engine", "ray", "--address", cluster.address]
    driver = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE)
    while len(list(parts.glob("*.parquet"))) < 2 and driver.poll() is None:
        time.sleep(0.02)
    driver.kill()
    driver.communicate()
    kept = {path: path.stat().st_mtime_ns for path in parts.glob("*.parquet")}
    assert len(kept) >= 2 and not output.exists()

    class Resumed(Watch):
        passages = 0

        def resume(self, passages: int) -> None:
            self.passages = passages

        def __call__(self, inputs: int, documents: int, passages: int) -> None:
            assert {path: path.stat().st_mtime_ns for path in kept} == kept
            super().__call__(inputs, documents, passages)

    watch = Resumed()
    os.chdir(tmp_path)
    classify([many], output, cluster.address, watch)
    assert watch.passages >= 128 and watch.seen[0][1] >= watch.passages
    same(output, expected)


def test_memory_stays_flat_while_the_input_is_ten_times_what_is_given(here: Path, cluster: Any, tmp_path: Path) -> None:
    given, size, count = 24 * 2**20, 1_000_000, 256
    chance = random.Random(0)
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(count):
        words = " ".join("".join(chance.choices("abcdefgh", k=5000)) for _ in range(size // 5000))
        (folder / f"{number:03}.txt").write_text(f"The minister of number {number} said {words} to him.")
    assert sum(file.stat().st_size for file in folder.iterdir()) > 10 * given
    watch, params = Slow(), Params(batch=BatchParams(part_passages=8))  # each document is a passage
    summary = classify([folder], tmp_path / "out.parquet", cluster.address, watch, params, memory_bytes=given)
    assert summary.classified == count
    held = np.array(watch.held)
    # Were readers not to wait for the books, the stores would hold nearly all of it by the first part.
    assert held.max() < 1.5 * given
    middle, end = held[len(held) // 4 : len(held) // 2].mean(), held[len(held) // 2 :].mean()
    assert end < middle + given
    session = Path(cluster.head_node.get_session_dir_path())
    assert not [file for folder in session.glob("ray_spilled*") for file in folder.iterdir()]
    # The driver's own: what it holds of documents that are done is a kilobyte each. It rises to what writing a part
    # takes and falls again, so the heights are compared.
    half = len(watch.own) // 2
    assert max(watch.own[half:]) - max(watch.own[:half]) < size * count / 4


class Slow(Watch):
    """Books that are kept more slowly than documents come, and what memory was taken meanwhile, in bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.held: list[int] = []
        self.own: list[int] = []

    def __call__(self, inputs: int, documents: int, passages: int) -> None:
        there, free = (
            found.get("object_store_memory", 0) for found in (ray.cluster_resources(), ray.available_resources())
        )
        self.held.append(int(there - free))
        own = psutil.Process().memory_info()
        self.own.append(own.rss - own.shared)  # the pages of the object stores are counted above
        time.sleep(0.05)


def test_alone_it_listens_on_loopback_only_reports_nothing_and_leaves_no_process(here: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("One plain sentence on the price of freight.")
    command = [str(FRAMING), "classify", str(tmp_path / "a.txt"), "-o", str(tmp_path / "out.csv"), "--engine", "ray"]
    driver = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    heard: set[str] = set()
    seen: dict[int, psutil.Process] = {}
    said: dict[int, list[str]] = {}
    while driver.poll() is None:
        for process in _below(driver.pid):
            seen.setdefault(process.pid, process)
            said[process.pid] = _said(process)
            heard |= _listening(process)
        time.sleep(0.1)
    assert driver.communicate()[1].startswith("┏") or driver.returncode == 0
    assert driver.returncode == 0
    assert heard and heard <= {"127.0.0.1", "::1", "::ffff:127.0.0.1"}
    # The process of the dashboard runs all the same, without one.
    assert not [words for words in said.values() if "--port=8265" in words and "--minimal" not in " ".join(words)]
    _, alive = psutil.wait_procs(list(seen.values()), timeout=30)
    assert not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]
    [row] = csv.DictReader((tmp_path / "out.csv").open(newline=""))
    assert row["document"] == "a"


def _below(pid: int) -> list[psutil.Process]:
    try:
        return [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.Error:
        return []


def _listening(process: psutil.Process) -> set[str]:
    try:
        return {place.laddr.ip for place in process.net_connections("tcp") if place.status == psutil.CONN_LISTEN}
    except psutil.Error:
        return set()


def test_an_address_where_nobody_answers_is_one_line(here: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("One plain sentence.")
    command = [str(FRAMING), "classify", str(tmp_path / "a.txt"), "-o", str(tmp_path / "out.csv")]
    command += ["--engine", "ray", "--address", "127.0.0.2:9"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "127.0.0.2:9: no Ray cluster answers" in ended.stderr.splitlines()[-1]
