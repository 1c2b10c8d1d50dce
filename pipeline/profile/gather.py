"""From readings to profiles: who counts as whose, and on whose texts errors are measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.model.readings import ReadDocument
from pipeline.params import ProfileParams
from pipeline.profile.change import Change, changes
from pipeline.profile.compare import Comparisons, compare
from pipeline.profile.groups import Grouping, group, years
from pipeline.profile.profiles import Profile, ReadPassage, build_profile


def labelled_essays(essays: Sequence[ReadDocument], model: str) -> list[ReadDocument]:
    """The hand-labelled essays that this model read: the only real text on which its errors can be measured."""
    return [found for found in essays if found.read == "text" and found.model == model and found.member.gold]


@dataclass(frozen=True)
class Profiled:
    """All that the profile stage finds, by corpus: authors, other groups by what they are grouped by, comparisons."""

    profiles: dict[str, list[Profile]]
    groups: dict[str, dict[str, list[Profile]]]
    comparisons: dict[str, Comparisons]
    changes: dict[str, tuple[Change, ...]]


def profile_all(
    corpora: Mapping[str, Sequence[ReadDocument]],
    real: Sequence[ReadDocument],
    model: str,
    params: ProfileParams,
    tiers: Mapping[str, str],
) -> Profiled:
    """Profiles of authors and of the groups in `profile.by`, comparisons of authors, and changes over time.

    Args:
        real: hand-labelled texts; the classifier's errors are measured on those by other authors than those profiled.
        model: what made today's predictions; others are stale.
    """
    make = _Maker(real, model, params, tiers)
    profiles = {corpus: make.all(documents, "author") for corpus, documents in corpora.items()}
    return Profiled(
        profiles=profiles,
        groups={corpus: {by: make.all(found, by) for by in params.by} for corpus, found in corpora.items()},
        comparisons={corpus: compare(found, params) for corpus, found in profiles.items()},
        changes={
            corpus: changes(corpus, found, lambda name, own: make(name, "period", own), params)
            for corpus, found in corpora.items()
        },
    )


def profile_corpora(
    corpora: Mapping[str, Sequence[ReadDocument]],
    real: Sequence[ReadDocument],
    model: str,
    params: ProfileParams,
    tiers: Mapping[str, str],
    by: Grouping = "author",
) -> dict[str, list[Profile]]:
    """Profiles of every by-line, or other group, in each corpus; arguments as of `profile_all`.

    Documents without predictions are left out.
    """
    make = _Maker(real, model, params, tiers)
    return {corpus: make.all(documents, by) for corpus, documents in corpora.items()}


class _Maker:
    """Makes profiles of documents; what was measured on labelled texts is kept for the next."""

    def __init__(
        self, real: Sequence[ReadDocument], model: str, params: ProfileParams, tiers: Mapping[str, str]
    ) -> None:
        self.real = [(_people(document), passages_of([document])) for document in real]
        self.model, self.params, self.tiers = model, params, tiers

    def all(self, documents: Sequence[ReadDocument], by: Grouping) -> list[Profile]:
        return [self(name, by, own) for name, own in group(documents, by).items()]

    def __call__(self, name: str, by: str, documents: Sequence[ReadDocument]) -> Profile:
        people = frozenset[str]().union(*(_people(document) for document in documents))
        return build_profile(
            name,
            passages_of(documents),
            [passage for authors, passages in self.real if not authors & people for passage in passages],
            self.params,
            self.tiers,
            read=" and ".join(sorted({document.read for document in documents})),
            stale=any(document.model != self.model for document in documents),
            by=by,
            years=years(documents),
        )


def passages_of(documents: Sequence[ReadDocument]) -> list[ReadPassage]:
    """The passages of documents as a profile sees them."""
    passages = []
    for document in documents:
        labelled = {(gold.start, gold.end): gold.label for gold in document.member.gold}
        for row in document.rows:
            label = labelled.get((row["start"], row["end"]))
            passages.append(
                ReadPassage(
                    document=row["document"],
                    decided=frozenset(row["frames"]),
                    decided_contested=frozenset(row["contested"]),
                    labelled=frozenset(label.frames) if label else None,
                    labelled_contested=frozenset(label.contested) if label else None,
                    uncertain=frozenset(row["uncertain"]),
                    unfamiliar=row["unfamiliar"],
                    author=document.byline,
                )
            )
    return passages


def _people(document: ReadDocument) -> frozenset[str]:
    return frozenset(document.member.document.authors or (document.member.document.id,))
