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
    profiles = profile_corpora(corpora, real, model, params, tiers)

    def of_period(name: str, documents: Sequence[ReadDocument]) -> Profile:
        return _profile(name, "period", documents, real, model, params, tiers)

    return Profiled(
        profiles,
        {
            name: {by: profile_corpora({name: found}, real, model, params, tiers, by)[name] for by in params.by}
            for name, found in corpora.items()
        },
        {name: compare(found, params) for name, found in profiles.items()},
        {name: changes(name, found, of_period, params) for name, found in corpora.items()},
    )


def profile_corpora(
    corpora: Mapping[str, Sequence[ReadDocument]],
    real: Sequence[ReadDocument],
    model: str,
    params: ProfileParams,
    tiers: Mapping[str, str],
    by: Grouping = "author",
) -> dict[str, list[Profile]]:
    """Profiles of every by-line, or other group, in each corpus. Documents without predictions are left out.

    Args:
        real: hand-labelled texts; the classifier's errors are measured on those by other authors than those profiled.
        model: what made today's predictions; others are stale.
    """
    return {
        corpus: [_profile(name, by, own, real, model, params, tiers) for name, own in group(documents, by).items()]
        for corpus, documents in corpora.items()
    }


def _profile(
    name: str,
    by: str,
    documents: Sequence[ReadDocument],
    real: Sequence[ReadDocument],
    model: str,
    params: ProfileParams,
    tiers: Mapping[str, str],
) -> Profile:
    people = frozenset[str]().union(*(_people(document) for document in documents))
    return build_profile(
        name,
        passages_of(documents),
        passages_of([document for document in real if not _people(document) & people]),
        params,
        tiers,
        read=" and ".join(sorted({document.read for document in documents})),
        stale=any(document.model != model for document in documents),
        by=by,
        years=years(documents),
    )


def _people(document: ReadDocument) -> frozenset[str]:
    return frozenset(document.member.document.authors or (document.member.document.id,))


def passages_of(documents: Sequence[ReadDocument]) -> list[ReadPassage]:
    """The passages of documents as a profile sees them."""
    passages = []
    for document in documents:
        for row in document.rows:
            gold = document.gold(row)
            passages.append(
                ReadPassage(
                    document=row["document"],
                    decided=frozenset(row["frames"]),
                    decided_contested=frozenset(row["contested"]),
                    labelled=frozenset(gold.label.frames) if gold else None,
                    labelled_contested=frozenset(gold.label.contested) if gold else None,
                    uncertain=frozenset(row["uncertain"]),
                    unfamiliar=row["unfamiliar"],
                    author=document.byline,
                )
            )
    return passages
