"""From what a document costs to how many machines so many documents need: `docs/scale.md`, by arithmetic alone."""

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from pydantic import TypeAdapter

from pipeline.scale.measure import IN_ORDER, STEPS, Command, Figures, Spread

FIGURES = Path("reports/scale.json")
DOCUMENT = Path("docs/scale.md")
COUNTS = (10**5, 10**7, 10**9)
_SHARED = [name for name in STEPS if name not in IN_ORDER]
# A machine of the table: one of its cores is left free. What one run's books may take, of memory and of days.
CORES, BOOKS_GIB, DAYS = 16, 64, 7
_HOUR = 3600


@dataclass(frozen=True)
class Size:
    """What so many documents need. Costs are core-hours of the processor that was measured.

    `runs`: so many commands, each with a share of the documents and books of its own; `machines` together.
    """

    documents: int
    alone_hours: Spread
    core_hours: Spread
    runs: int
    machines: int
    hours: Spread
    books_hours: Spread
    books_gib: float
    output_gib: float
    bottleneck: str


def size(figures: Figures, documents: int) -> Size:
    """Machines so that the documents are read within `DAYS`, by the median; their hours, by median, best and worst."""
    core_hours, books_hours = (_times(_total(figures, names), documents / _HOUR) for names in (_SHARED, IN_ORDER))
    alone = next(found for found in figures.commands if (found.engine, found.workers) == ("local", 2))
    books_gib = documents * figures.books_bytes / 2**30
    most = DAYS * 24
    runs = max(1, math.ceil(books_gib / BOOKS_GIB), math.ceil(books_hours.median / most))
    machines = max(1, runs, math.ceil(core_hours.median / (CORES - 1) / most))
    reading, keeping = _times(core_hours, 1 / (machines * (CORES - 1))), _times(books_hours, 1 / runs)
    among = IN_ORDER if keeping.median > reading.median else _SHARED
    return Size(
        documents=documents,
        alone_hours=_times(alone.document, documents / _HOUR),
        core_hours=core_hours,
        runs=runs,
        machines=machines,
        hours=Spread(*(max(pair) for pair in zip(_three(reading), _three(keeping), strict=True))),
        books_hours=books_hours,
        books_gib=books_gib,
        output_gib=documents * figures.output_bytes / 2**30,
        bottleneck=max(among, key=lambda name: figures.steps[name].median),
    )


def prepared_rate(figures: Figures) -> Spread:
    """Passages a second that one core reads, cuts, tokenises and moves: beyond it a model waits."""
    each = figures.passages / figures.documents
    work = _total(figures, ["reading", "cutting", "tokenising", "moving"])
    return Spread(each / work.median, each / work.high, each / work.low)


def cores_of_one_run(figures: Figures) -> Spread:
    """How many cores one run's books keep busy: beyond it cores wait for the books."""
    work, books = _total(figures, _SHARED), _total(figures, IN_ORDER)
    return Spread(work.median / books.median, work.low / books.high, work.high / books.low)


def scaled_on_ray(figures: Figures) -> Spread:
    """Passages a second of Ray's most workers beside those of one."""
    one, most = _ray(figures)
    return Spread(most.rate.median / one.rate.median, most.rate.low / one.rate.high, most.rate.high / one.rate.low)


def core_cost_on_ray(figures: Figures) -> Spread:
    """What a document costs a core where several work at once on Ray, in multiples of what the table counts for it."""
    _, most = _ray(figures)
    return _times(most.document, most.workers / _total(figures, _SHARED).median)


def overhead_on_ray(figures: Figures) -> Spread:
    """Seconds a document that Ray's most workers take longer than as many local ones."""
    _, most = _ray(figures)
    local = next(found for found in figures.commands if (found.engine, found.workers) == ("local", most.workers))
    return Spread(
        most.document.median - local.document.median,
        most.document.low - local.document.high,
        most.document.high - local.document.low,
    )


def _ray(figures: Figures) -> tuple[Command, Command]:
    """Ray with the fewest workers and with the most."""
    found = sorted((one for one in figures.commands if one.engine == "ray"), key=lambda one: one.workers)
    return found[0], found[-1]


def save_figures(figures: Figures) -> None:
    """Keep what was measured."""
    FIGURES.parent.mkdir(parents=True, exist_ok=True)
    FIGURES.write_text(json.dumps(asdict(figures), indent=2) + "\n", encoding="utf-8")


def load_figures(path: Path = FIGURES) -> Figures:
    """What was measured last."""
    return TypeAdapter(Figures).validate_json(path.read_text(encoding="utf-8"))


def render(figures: Figures) -> str:
    """The document, every number in it from the figures."""
    environment = Environment(
        loader=PackageLoader("pipeline.scale"), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        autoescape=False, keep_trailing_newline=True,
    )  # fmt: skip
    environment.filters |= {"figure": figure, "range": said, "ms": lambda found: said(_times(found, 1000))}
    return environment.get_template("scale.md.j2").render(
        figures=figures,
        steps=STEPS,
        total=sum(found.median for found in figures.steps.values()),
        sizes=[size(figures, count) for count in COUNTS],
        prepared=prepared_rate(figures),
        cores_of_one_run=cores_of_one_run(figures),
        workers=_ray(figures)[1].workers,
        scaled=scaled_on_ray(figures),
        core_cost=core_cost_on_ray(figures),
        overhead=overhead_on_ray(figures),
        cores=CORES,
        days=DAYS,
        books_gib=BOOKS_GIB,
    )


def figure(value: float) -> str:
    """A number in as many digits as it deserves: two.

    >>> figure(1234.5), figure(0.0123), figure(0.0)
    ('1,200', '0.012', '0')
    """
    if value == 0:
        return "0"
    places = 1 - math.floor(math.log10(abs(value)))
    return f"{round(value, places):,.{max(0, places)}f}"


def said(found: Spread) -> str:
    """The median, with the range of the rounds."""
    return f"{figure(found.median)} ({figure(found.low)} to {figure(found.high)})"


def _total(figures: Figures, names: Iterable[str]) -> Spread:
    return Spread(*(sum(values) for values in zip(*(_three(figures.steps[name]) for name in names), strict=True)))


def _times(found: Spread, factor: float) -> Spread:
    return Spread(*(value * factor for value in _three(found)))


def _three(found: Spread) -> tuple[float, float, float]:
    return found.median, found.low, found.high
