"""From readings to profiles: who counts as whose, and on whose texts errors are measured."""

from collections.abc import Mapping, Sequence

from pipeline.model.readings import ReadDocument
from pipeline.params import ProfileParams
from pipeline.profile.profiles import Profile, ReadPassage, build_profile


def labelled_essays(essays: Sequence[ReadDocument], model: str) -> list[ReadDocument]:
    """The hand-labelled essays that this model read: the only real text on which its errors can be measured."""
    return [found for found in essays if found.read == "text" and found.model == model and found.member.gold]


def profile_corpora(
    corpora: Mapping[str, Sequence[ReadDocument]],
    real: Sequence[ReadDocument],
    model: str,
    params: ProfileParams,
    tiers: Mapping[str, str],
) -> dict[str, list[Profile]]:
    """Profiles of every by-line in each corpus. Documents without predictions are left out.

    Args:
        real: hand-labelled texts; the classifier's errors are measured on those by other authors than the one profiled.
        model: what made today's predictions; others are stale.
    """
    profiles: dict[str, list[Profile]] = {}
    for corpus, documents in corpora.items():
        of = {document.byline: _people(document) for document in documents if document.rows}
        profiles[corpus] = [
            build_profile(
                byline,
                _passages([document for document in documents if document.byline == byline]),
                _passages([document for document in real if not _people(document) & of[byline]]),
                params,
                tiers,
                read=" and ".join(sorted({d.read for d in documents if d.byline == byline and d.rows})),
                stale=any(d.model != model for d in documents if d.byline == byline and d.rows),
            )
            for byline in of
        ]
    return profiles


def _people(document: ReadDocument) -> frozenset[str]:
    return frozenset(document.member.document.authors or (document.member.document.id,))


def _passages(documents: Sequence[ReadDocument]) -> list[ReadPassage]:
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
                )
            )
    return passages
