"""A state of the project, as git keeps it or as it lies in the working tree: labels, readings, profiles."""

import io
import json
import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq

from pipeline.adopted import ADOPTED, Adopted
from pipeline.corpus.catalogue import GOLD
from pipeline.corpus.corpora import CORPORA, OP_EDS
from pipeline.errors import OutputError
from pipeline.frames import FRAMES
from pipeline.model.classify import PREDICTIONS
from pipeline.profile.run import PROFILES_JSON
from pipeline.records import GoldPassage, Label

WORKING_TREE = "."
_GOLD_FOLDERS = {"essays": GOLD, "op-eds": OP_EDS / "gold"}


class Place(NamedTuple):
    """Where a passage stands."""

    corpus: str
    document: str
    start: int
    end: int


@dataclass(frozen=True)
class Snapshot:
    """Labels and readings by place, and profiles: per corpus and author, what each bar shows, as a text.

    `authors`: the by-line of each document that has readings. `unfamiliar`: the passages whose readings do not count.
    """

    labels: Mapping[Place, Label]
    readings: Mapping[Place, Label]
    authors: Mapping[tuple[str, str], str]
    profiles: Mapping[tuple[str, str], Mapping[str, str]]
    unfamiliar: frozenset[Place] = frozenset()

    @property
    def corpora(self) -> tuple[str, ...]:
        """The corpora that have readings."""
        return tuple(corpus for corpus in CORPORA if any(place.corpus == corpus for place in self.readings))

    def places(self, corpus: str) -> list[Place]:
        """The passages of a corpus that have readings, in order."""
        return sorted(place for place in self.readings if place.corpus == corpus)

    def author(self, place: Place) -> str:
        """The by-line of a passage."""
        return self.authors[place.corpus, place.document]


def take(revision: str) -> Snapshot:
    """The state at a revision of git; `.` is the working tree.

    Raises: OutputError if git does not know the revision.
    """
    read, names = _working_tree() if revision == WORKING_TREE else _at(revision)
    labels: dict[Place, Label] = {}
    readings: dict[Place, Label] = {}
    authors: dict[tuple[str, str], str] = {}
    unfamiliar: set[Place] = set()
    for corpus in CORPORA:
        for name in sorted(names):
            path = Path(name)
            if path.parent == _GOLD_FOLDERS[corpus] and path.suffix == ".jsonl":
                labels |= _gold(corpus, path.stem, read(name))
            if path.parent == PREDICTIONS / corpus and path.suffix == ".parquet":
                for row in pq.read_table(io.BytesIO(read(name))).to_pylist():
                    place = Place(corpus, row["document"], row["start"], row["end"])
                    readings[place] = Label(frames=tuple(row["frames"]), contested=tuple(row["contested"]))
                    if row.get("unfamiliar"):  # the first tables did not say
                        unfamiliar.add(place)
                    authors[corpus, row["document"]] = " and ".join(row["author"].split("; ")) or row["document"]
        if (adopted := str(ADOPTED / f"{corpus}.jsonl")) in names:
            labels |= _adopted(corpus, read(adopted))
    profiles = json.loads(read(str(PROFILES_JSON))) if str(PROFILES_JSON) in names else {}
    return Snapshot(labels, readings, authors, _bars(profiles), frozenset(unfamiliar))


def _gold(corpus: str, document: str, content: bytes) -> dict[Place, Label]:
    found = [GoldPassage.model_validate_json(line) for line in content.splitlines() if line.strip()]
    return {Place(corpus, document, gold.start, gold.end): gold.label for gold in found}


def _adopted(corpus: str, content: bytes) -> dict[Place, Label]:
    found = [Adopted.model_validate_json(line) for line in content.splitlines() if line.strip()]
    return {Place(corpus, one.document, one.start, one.end): one for one in found}


def _bars(profiles: Mapping[str, Iterable[Mapping[str, Any]]]) -> dict[tuple[str, str], dict[str, str]]:
    return {
        (corpus, profile["author"]): {
            label: _shown(bar[part], profile["basis"])
            for bar in profile["frames"]
            for label, part in ((bar["frame"], "share"), (f"contested-{bar['frame']}", "contested"))
            if bar["frame"] in FRAMES
        }
        for corpus, found in profiles.items()
        if corpus in CORPORA
        for profile in found
    }


def _shown(share: Mapping[str, float] | None, basis: str) -> str:
    if share is None:
        return "-"
    return f"{100 * share['value']:.0f} % ({100 * share['low']:.0f}-{100 * share['high']:.0f}), {basis}"


def _working_tree() -> tuple[Callable[[str], bytes], set[str]]:
    folders = [*_GOLD_FOLDERS.values(), ADOPTED, *(PREDICTIONS / corpus for corpus in CORPORA), PROFILES_JSON.parent]
    names = {str(path) for folder in folders if folder.exists() for path in folder.iterdir()}
    return (lambda name: Path(name).read_bytes()), names


def _at(revision: str) -> tuple[Callable[[str], bytes], set[str]]:
    names = _git("ls-tree", "-r", "--name-only", revision, "--", "data", "reports").decode().splitlines()
    return (lambda name: _git("show", f"{revision}:{name}")), set(names)


def _git(*arguments: str) -> bytes:
    done = subprocess.run(["git", *arguments], capture_output=True, check=False)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise OutputError(f"git {arguments[0]}: {said[0] if said else 'failed'}; name a commit, tag or branch, or .")
    return done.stdout
