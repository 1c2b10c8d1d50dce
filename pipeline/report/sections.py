"""What the report holds, put together from readings, profiles and comparisons; nothing here knows how it is drawn."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from pipeline.model.readings import ReadDocument
from pipeline.profile.change import Change
from pipeline.profile.compare import Comparisons, Pair, Standing
from pipeline.profile.comparisons import Compared
from pipeline.profile.groups import group
from pipeline.profile.profiles import TOO_LITTLE, Profile
from pipeline.report import content, takeaways
from pipeline.report.evidence import Evidence, FrameEvidence, all_evidence
from pipeline.report.lines import Doubtful, doubtful
from pipeline.report.words import Words, quoted

# With more authors than this, each has a page of his or her own, and the report is a table to search in.
MOST_INLINE = 30
# Of an author with many documents the course is drawn through the first of them, of a long one through its beginning.
MOST_COURSES = 12
MOST_TILES = 300
HEADINGS = {"essays": "The essays", "op-eds": "The op-eds written for this project", "texts": "The texts"}

_PLAIN_NAME = re.compile(r"[\w-][\w.-]{0,99}", re.ASCII)
NOTHING = Compared(Comparisons(0.95, (), (), 0, 0), ())


@dataclass(frozen=True)
class Course:
    """The course of the frames through a document; `picture` names its file, `cut` the passages that are not drawn."""

    document: ReadDocument
    rows: tuple[Mapping[str, Any], ...]
    reading: str
    picture: str
    cut: int = 0

    @property
    def noted(self) -> bool:
        """Whether somebody wrote notes on its passages."""
        return any(row["note"] for row in self.rows)


@dataclass(frozen=True)
class AuthorSection:
    """All that the report says of one by-line.

    `more` counts the documents whose course is not drawn; `doubtful` are shares that are exploratory with some author.
    """

    anchor: str
    profile: Profile
    sentence: str
    basis: str
    courses: tuple[Course, ...]
    more: int
    evidence: tuple[FrameEvidence, ...]
    standing: Standing | None
    change: Change | None
    doubtful: Doubtful = frozenset()

    @property
    def shown(self) -> bool:
        """Whether there is enough text for numbers."""
        return self.profile.basis != TOO_LITTLE

    @property
    def drawn(self) -> tuple[Course, ...]:
        """The courses that are shown: none where there is too little text to say anything of."""
        return self.courses if self.shown else ()


@dataclass(frozen=True)
class CorpusSection:
    """One corpus: its authors, how they compare, what changed, and what is absent.

    `many`: too many authors for one page. `groups` are profiles by other metadata.
    """

    name: str
    heading: str
    authors: tuple[AuthorSection, ...]
    absent: tuple[str, ...]
    compared: Compared = NOTHING
    groups: Mapping[str, Sequence[Profile]] | None = None

    @property
    def shown(self) -> list[Profile]:
        """The profiles that hold numbers."""
        return [author.profile for author in self.authors if author.shown]

    @property
    def many(self) -> bool:
        """Whether the authors are too many for one page."""
        return len(self.authors) > MOST_INLINE

    @property
    def anchors(self) -> list[str]:
        """Links to the authors that are shown, in their order."""
        return [f"#{author.anchor}" for author in self.authors if author.shown]

    @cached_property
    def pairs(self) -> Mapping[frozenset[str], Pair]:
        """Two authors by their names."""
        return {frozenset((pair.first, pair.second)): pair for pair in self.compared.authors.pairs}

    def pair(self, first: str, second: str) -> Pair | None:
        """How two authors compare; None for an author and himself."""
        return self.pairs.get(frozenset((first, second)))

    def doubtful(self, *authors: str) -> Doubtful:
        """Shares that are exploratory with one of these authors; of all authors if none is named."""
        return doubtful(profile for profile in self.shown if not authors or profile.author in authors)

    @property
    def shown_changes(self) -> list[Change]:
        """All changes but those of single authors among many, which stand on their pages."""
        return [change for change in self.compared.changes if change.by != "author" or not self.many]


def corpus_section(
    name: str,
    documents: Sequence[ReadDocument],
    profiles: Sequence[Profile],
    most_evidence: int,
    compared: Compared = NOTHING,
    groups: Mapping[str, Sequence[Profile]] | None = None,
) -> CorpusSection:
    """One corpus's section. Many authors stand in order of how distinct they are, few as they are given."""
    own = group(documents, "author")
    standings = {standing.name: standing for standing in compared.authors.standings}
    changed = {change.name: change for change in compared.changes if change.by == "author"}
    unsure = doubtful(profile for profile in profiles if profile.basis != TOO_LITTLE)
    ordered = most_distinct_first(profiles, standings) if len(profiles) > MOST_INLINE else profiles
    return CorpusSection(
        name=name,
        heading=HEADINGS.get(name, name),
        authors=tuple(
            AuthorSection(
                anchor=(anchor := f"{name}-{number}"),
                profile=profile,
                sentence=content.sentence(
                    profile,
                    [found.member.document.title for found in own.get(profile.author, [])],
                    compared.authors.level,
                ),
                basis=content.basis_note(profile),
                courses=tuple(_courses(own.get(profile.author, [])[:MOST_COURSES], anchor)),
                more=max(0, len(own.get(profile.author, [])) - MOST_COURSES),
                evidence=all_evidence(own.get(profile.author, []), most_evidence),
                standing=standings.get(profile.author),
                change=changed.get(profile.author),
                doubtful=unsure,
            )
            for number, profile in enumerate(ordered, start=1)
        ),
        absent=tuple(document.member.document.id for document in documents if not document.rows),
        compared=compared,
        groups=groups,
    )


def quoted_in(section: CorpusSection) -> Iterator[Evidence]:
    """The passages that a section quotes, author by author."""
    for author in section.authors:
        yield from quoted(author.evidence)


def with_words(section: CorpusSection, words: Words) -> CorpusSection:
    """The section with the words marked in what it quotes."""

    def marked(items: Sequence[Evidence]) -> tuple[Evidence, ...]:
        return tuple(replace(item, words=tuple(words.get(item.key, ()))) if item.quoted else item for item in items)

    def of(author: AuthorSection) -> AuthorSection:
        evidence = tuple(
            replace(found, advanced=marked(found.advanced), contested=marked(found.contested))
            for found in author.evidence
        )
        return replace(author, evidence=evidence)

    return replace(section, authors=tuple(map(of, section.authors)))


def most_distinct_first(profiles: Sequence[Profile], standings: Mapping[str, Standing]) -> list[Profile]:
    """By how far from the average of the others an author is at the least: the lower end of the distance."""

    def distance(profile: Profile) -> tuple[float, float]:
        standing = standings.get(profile.author)
        return (standing.distance.low, standing.distance.value) if standing and standing.distance else (-1.0, -1.0)

    return sorted(profiles, key=distance, reverse=True)


def _courses(documents: Sequence[ReadDocument], anchor: str) -> list[Course]:
    found = []
    for number, document in enumerate(documents, start=1):
        rows = content.course(document)
        name = document.member.document.id
        # The document's id where it can name a file anywhere, else its number.
        picture = f"{anchor}-{name if _PLAIN_NAME.fullmatch(name) else number}"
        shown = tuple(rows[:MOST_TILES])
        found.append(Course(document, shown, takeaways.of_course(shown), picture, len(rows) - len(shown)))
    return found
