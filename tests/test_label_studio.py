"""The real Label Studio, started on loopback: a project made from what is exported, annotated, and read back.

`make test-annotation` installs it into build/label-studio/ and runs these; without it, or without Chromium, they skip.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from pipeline.labels.human import load_labels
from pipeline.params import SegmentParams
from pipeline.people.candidates import gather
from pipeline.people.exporting import config_beside, export
from pipeline.people.importing import import_labels
from pipeline.people.label_studio import results

EMAIL, PASSWORD, TOKEN = "anna@example.org", "a-password-for-loopback", "0123456789abcdef0123456789abcdef01234567"
# What annotators answer, one after the other: frames, contested, note.
ANSWERS = [
    (("status", "realist"), ("realist",), "Rank decides; the balance is called a pretext."),
    ((), (), ""),
    (("memory-politics",), (), ""),
    (("identity", "status", "realist", "memory-politics"), ("status", "realist"), "Four, for once."),
]


@dataclass
class Exit:
    """A proxy that lets nothing through and remembers who wanted out."""

    wanted: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._refuse, daemon=True).start()

    def _refuse(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                self.wanted.append(connection.recv(200).decode(errors="replace").split("\r\n", 1)[0])


@dataclass(frozen=True)
class Server:
    """A Label Studio that runs, a session that may use it, and the way out that it was shown."""

    address: str
    session: requests.Session
    way_out: Exit

    def get(self, path: str, **parameters: Any) -> Any:
        answer = self.session.get(self.address + path, params=parameters)
        answer.raise_for_status()
        return answer

    def post(self, path: str, content: Any) -> Any:
        answer = self.session.post(self.address + path, json=content)
        answer.raise_for_status()
        return answer.json()

    def project(self, tasks: Path) -> int:
        """A project made from an export alone: its screen and its tasks."""
        screen = config_beside(tasks).read_text()
        number = int(self.post("/api/projects/", {"title": tasks.stem, "label_config": screen})["id"])
        self.post(f"/api/projects/{number}/import", json.loads(tasks.read_text()))
        return number

    def tasks(self, project: int) -> list[dict[str, Any]]:
        listed = self.get("/api/tasks/", project=project, page_size=100).json()["tasks"]
        return [self.get(f"/api/tasks/{task['id']}/").json() for task in listed]


@pytest.fixture(scope="module")
def server(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    program = root / "build/label-studio/bin/label-studio"
    if not program.exists():
        pytest.skip("no Label Studio: make test-annotation")
    folder = tmp_path_factory.mktemp("label-studio")
    way_out = Exit()
    settings = dict(line.split("=", 1) for line in (root / "docs/label-studio.env").read_text().splitlines())
    assert {"HTTP_PROXY", "HTTPS_PROXY", "COLLECT_ANALYTICS"} <= settings.keys()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {
        **{name: value for name, value in os.environ.items() if "proxy" not in name.lower()},
        "LABEL_STUDIO_BASE_DATA_DIR": str(folder),
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        **settings,
        # Where `make label-studio` has a dead end, one that remembers who came.
        "HTTP_PROXY": way_out.address,
        "HTTPS_PROXY": way_out.address,
    }
    command = [str(program), "start", "--no-browser", "--internal-host", "127.0.0.1", "--port", str(port),
               "--username", EMAIL, "--password", PASSWORD, "--user-token", TOKEN]  # fmt: skip
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        session = requests.Session()
        session.trust_env = False
        session.headers["Authorization"] = f"Token {TOKEN}"
        _wait(f"http://127.0.0.1:{port}/health", session, process, folder / "log")
        yield Server(f"http://127.0.0.1:{port}", session, way_out)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
        way_out.listener.close()


def _wait(address: str, session: requests.Session, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until it answers; the first start makes its database, which takes minutes on a busy machine."""
    for _ in range(900):
        assert process.poll() is None, log.read_text()[-3000:]
        try:
            if session.get(address, timeout=5).ok:
                return
        except requests.RequestException:
            pass
        time.sleep(1)
    raise AssertionError(f"no answer: {log.read_text()[-3000:]}")


@pytest.fixture
def project(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("data/essays", "data/op-eds", "data/splits.csv", "data/passages", "data/contrast", "data/predictions"):
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (root / name).is_dir() else shutil.copyfile)(root / name, target)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def exported(name: str, **changes: Any) -> Path:
    path = Path(f"build/{name}.json")
    given: dict[str, Any] = {"sample": "random", "passages": len(ANSWERS), "seed": 0, "blind": None}
    export(gather(["op-eds"], True, SegmentParams()), "label-studio", path, **{**given, **changes})
    return path


def test_a_project_made_from_an_export_is_annotated_and_read_back(server: Server, project: Path) -> None:
    number = server.project(exported("blind"))
    tasks = server.tasks(number)
    assert not any(task["predictions"] for task in tasks)
    given = {}
    for task, (frames, contested, note) in zip(tasks, ANSWERS, strict=True):
        server.post(f"/api/tasks/{task['id']}/annotations/", {"result": results(frames, contested, note)})
        given[task["data"]["document"], task["data"]["start"]] = (frames, set(contested), note)
    for kind, annotator in (("JSON", "anna"), ("CSV", "boris")):
        file = project / f"export.{kind.lower()}"
        file.write_bytes(server.get(f"/api/projects/{number}/export", exportType=kind).content)
        done = import_labels(file, annotator)
        assert not done.refused and len(done.changes.new) == len(ANSWERS)
        found = load_labels(annotator).values()
        assert {(one.document, one.start): (one.frames, set(one.contested), one.note) for one in found} == given
        assert all(one.blind and one.purpose == "estimation" and one.at for one in found)


def test_the_models_reading_is_a_suggestion_in_the_project(server: Server, project: Path) -> None:
    tasks = server.tasks(server.project(exported("seen", blind=False)))
    suggested = [task["predictions"][0]["result"] for task in tasks]
    assert all(part[0]["from_name"] == "first" for part in suggested)


def test_an_annotator_sees_the_passage_and_labels_it_with_keys(server: Server, project: Path) -> None:
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        pytest.skip("no Chromium: apt-get install chromium")
    playwright = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install playwright")
    number = server.project(exported("screen"))
    [task, *_] = server.tasks(number)
    elsewhere: list[str] = []
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.set_default_timeout(600_000)
        page.route(
            lambda address: not address.startswith((server.address, "data:", "blob:")),
            lambda route: (elsewhere.append(route.request.url), route.abort()),
        )
        page.goto(f"{server.address}/user/login/")
        page.fill("input[name=email]", EMAIL)
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(re.compile(r"/(projects|$)"))
        page.goto(f"{server.address}/projects/{number}/data?task={task['id']}")
        page.get_by_text(task["data"]["text"][:60]).first.wait_for()
        page.get_by_text("Through what does the passage make sense of things?").wait_for()
        assert not page.get_by_text("And next?", exact=True).is_visible()
        page.keyboard.press("3")
        page.get_by_text("And next?", exact=True).wait_for()
        page.keyboard.press("q")
        page.keyboard.press("5")
        picture = os.environ.get("FRAMING_PICTURE")
        if picture:
            page.screenshot(path=picture)
        page.get_by_role("button", name="Submit").click()
        for _ in range(600):
            if any(one["annotations"] for one in server.tasks(number)):
                break
            page.wait_for_timeout(1000)
        browser.close()
    file = project / "export.json"
    file.write_bytes(server.get(f"/api/projects/{number}/export", exportType="JSON").content)
    [label] = load_labels_of(file)
    assert (label.frames, label.contested) == (("status", "realist"), ("realist",))
    assert not elsewhere, f"the browser was sent elsewhere: {elsewhere}"


def load_labels_of(file: Path) -> list[Any]:
    import_labels(file, "anna")
    return list(load_labels("anna").values())


def test_nothing_but_tips_asks_to_leave_the_machine(server: Server) -> None:
    """No setting turns the tips off; the proxy in docs/label-studio.env lets them out no more than anything else."""
    assert {line.split()[1] for line in server.way_out.wanted} <= {"raw.githubusercontent.com:443"}
