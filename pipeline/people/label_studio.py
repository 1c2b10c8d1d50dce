"""What Label Studio is given and gives back: the labelling screen, tasks, annotations."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any
from xml.sax.saxutils import quoteattr

from pipeline.frames import FRAMES
from pipeline.people.candidates import Candidate
from pipeline.people.draws import Drawn

# The first frame is the most prominent; none and "cannot tell" end the question.
RANKS = ("first", "second", "third", "fourth")
NONE, CANNOT_TELL = "none", "cannot tell"
CONTESTED, NOTE = "contested", "note"

_HINTS = {
    "realist": "Material power and interest: balance, alliance, leverage, deterrence, capability, cost and benefit",
    "identity": "Who the actors take themselves to be: nation, civilisation, ideology, regime, values, norms",
    "status": "Rank and its recognition: prestige, respect and slight, equality, junior and senior",
    "memory-politics": "The past put to use in the present: commemoration, grievance, apology, lessons, silence",
    NONE: "Method, chronology, logistics; economics, law or home affairs on their own ground",
    CANNOT_TELL: "The codebook gives no answer here; say in the note why",
}
_KEYS = {"first": "1234", "second": "qwer", "third": "asdf", "fourth": "zxcv"}
_QUESTIONS = {
    "first": "Through what does the passage make sense of things? Most prominent first (codebook, questions 1-3)",
    "second": "And next?",
    "third": "And next? Three are rare",
    "fourth": "And next? Four are almost never",
}
_STYLE = """
    .context { color: #595959; font-size: 90%; }
    .passage { border-left: 4px solid #1f5fa8; padding: 2px 0 2px 14px; margin: 10px 0; font-size: 110%; }
    .about { color: #333333; font-style: italic; margin-bottom: 8px; }
"""


def labelling_config() -> str:
    """The labelling screen: passage and surroundings, frames in order of prominence, contested, "cannot tell", note."""
    parts = [
        "<View>",
        f"  <Style>{_STYLE}  </Style>",
        '  <View className="about"><Text name="about" value="$about"/></View>',
        '  <View className="context"><Text name="before" value="$before"/></View>',
        '  <View className="passage"><Text name="passage" value="$text"/></View>',
        '  <View className="context"><Text name="after" value="$after"/></View>',
        _choices("first", (*FRAMES, NONE, CANNOT_TELL), [*_KEYS["first"], "0", "9"], required=True),
    ]
    for before, rank in pairwise(RANKS):
        seen = f' visibleWhen="choice-selected" whenTagName="{before}" whenChoiceValue={quoteattr(",".join(FRAMES))}'
        parts += [f"  <View{seen}>", _choices(rank, FRAMES, _KEYS[rank]), "  </View>"]
    frames = quoteattr(",".join(FRAMES))
    parts += [
        f'  <View visibleWhen="choice-selected" whenTagName="first" whenChoiceValue={frames}>',
        '    <Header size="5" value="Which of these does the author of the passage reject or call insufficient?"/>',
        f'    <Choices name="{CONTESTED}" toName="passage" choice="multiple" showInline="true">',
        *(f'      <Choice value="{frame}" hotkey="{key}"/>' for frame, key in zip(FRAMES, "5678", strict=True)),
        "    </Choices>",
        "  </View>",
        f'  <TextArea name="{NOTE}" toName="passage" rows="2" maxSubmissions="1" editable="true"',
        '    placeholder="A note in your own words: what was hard, which rule of the codebook decided"/>',
        "</View>",
    ]
    return "\n".join(parts) + "\n"


def tasks(drawn: Sequence[Drawn], *, blind: bool) -> list[dict[str, Any]]:
    """Tasks to import, each with what an annotator sees and what finds the passage again.

    Args:
        blind: whether the annotators do not see the model's reading; else it fills in the answers.
    """
    found = []
    for one in drawn:
        task: dict[str, Any] = {"data": task_data(one, blind=blind)}
        if not blind and one.candidate.reading is not None:
            task["predictions"] = [_suggestion(one.candidate)]
        found.append(task)
    return found


def task_data(one: Drawn, *, blind: bool) -> dict[str, Any]:
    """The fields of a task: those that are shown, and those that find the passage again."""
    passage = one.candidate
    about = [passage.title, passage.byline if passage.authors else "", passage.date, passage.source]
    return {
        "about": ", ".join(part for part in about if part) or passage.document,
        "before": passage.before,
        "text": passage.text,
        "after": passage.after,
        "corpus": passage.corpus,
        "document": passage.document,
        "passage": passage.passage,
        "start": passage.start,
        "end": passage.end,
        "sha256": passage.sha256,
        "title": passage.title,
        "authors": "; ".join(passage.authors),
        "date": passage.date,
        "source": passage.source,
        "purpose": one.purpose,
        "draw": one.draw,
        "probability": one.probability,
        "blind": blind,
    }


def results(frames: Sequence[str], contested: Iterable[str], note: str = "") -> list[dict[str, Any]]:
    """An annotation or suggestion as Label Studio stores it; no frames are `none`."""
    answers = dict(zip(RANKS, ([frame] for frame in frames or (NONE,)), strict=False))
    if contested := list(contested):
        answers[CONTESTED] = contested
    found = [
        {"from_name": name, "to_name": "passage", "type": "choices", "value": {"choices": chosen}}
        for name, chosen in answers.items()
    ]
    if note:
        found.append({"from_name": NOTE, "to_name": "passage", "type": "textarea", "value": {"text": [note]}})
    return found


def answers(result: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """What was chosen or written, by the name of the question, from the results of an annotation."""
    found: dict[str, list[str]] = {}
    for part in result:
        value = part.get("value") or {}
        given = value.get("choices", value.get("text", []))
        found.setdefault(str(part.get("from_name")), []).extend([given] if isinstance(given, str) else given)
    return found


def _suggestion(passage: Candidate) -> dict[str, Any]:
    reading = passage.reading
    assert reading is not None
    return {"model_version": "framing", "result": results(reading.frames, reading.contested)}


def _choices(name: str, values: Sequence[str], keys: Sequence[str], *, required: bool = False) -> str:
    must = ' required="true" requiredMessage="Choose a frame, none, or cannot tell"' if required else ""
    lines = [
        f'    <Header size="5" value={quoteattr(_QUESTIONS[name])}/>',
        f'    <Choices name="{name}" toName="passage" choice="single-radio" showInline="true"{must}>',
        *(
            f'      <Choice value="{value}" hotkey="{key}" hint={quoteattr(_HINTS[value])}/>'
            for value, key in zip(values, keys, strict=True)
        ),
        "    </Choices>",
    ]
    return "\n".join(lines)
