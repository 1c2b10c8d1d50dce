"""From what a document costs to machines: arithmetic that must not flatter, and a document made of nothing else."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.scale.measure import IN_ORDER, STEPS, Command, Figures, Spread, spread
from pipeline.scale.sizing import (
    BOOKS_GIB,
    CORES,
    COUNTS,
    DAYS,
    FIGURES,
    core_cost_on_ray,
    load_figures,
    overhead_on_ray,
    prepared_rate,
    render,
    said,
    scaled_on_ray,
    size,
)


def around(value: float) -> Spread:
    return Spread(value, 0.9 * value, 1.2 * value)


COSTS = dict(zip(STEPS, (0.002, 0.004, 0.001, 0.35, 0.0005, 0.002, 0.001), strict=True))
MEASURED = Figures(
    documents=100,
    passages=800,
    rounds=3,
    processors=2,
    precision="fp32",
    commands=tuple(
        Command(engine, workers, around(4), around(0.36 / workers), around(22 * workers))
        for engine in ("local", "ray")
        for workers in (1, 2)
    ),
    steps={name: around(cost) for name, cost in COSTS.items()},
    overhead=around(0.02),
    books_bytes=5000,
    output_bytes=1500,
)


@pytest.mark.parametrize("documents", COUNTS)
def test_machines_suffice_for_the_days_that_are_named(documents: int) -> None:
    found = size(MEASURED, documents)
    assert found.hours.median <= DAYS * 24
    assert found.hours.low < found.hours.median < found.hours.high
    assert found.core_hours.median <= found.hours.median * found.machines * (CORES - 1) * 1.001
    assert found.machines >= found.runs


def test_where_books_are_slow_they_are_the_bottleneck_and_more_runs_are_asked_for() -> None:
    slow = replace(MEASURED, steps={**MEASURED.steps, "model": around(0.001), "books": around(0.05)})
    found = size(slow, 10**9)
    assert found.bottleneck == "books"
    assert found.runs > size(MEASURED, 10**9).runs


def test_a_rate_is_the_lower_the_more_a_step_costs() -> None:
    dear = replace(MEASURED, steps={**MEASURED.steps, "reading": around(0.2)})
    assert prepared_rate(dear).median < prepared_rate(MEASURED).median
    assert prepared_rate(dear).low < prepared_rate(dear).median < prepared_rate(dear).high


def test_every_figure_stands_with_its_range() -> None:
    text = render(MEASURED)
    for name, found in MEASURED.steps.items():
        ms = Spread(*(1000 * value for value in (found.median, found.low, found.high)))
        assert f"| {name} | {said(ms)} |" in text
    for count in COUNTS:
        assert f"| {count:,} |" in text
    assert spread([3, 1, 2]) == Spread(2, 1, 3)


def test_the_document_is_what_the_figures_say(root: Path) -> None:
    if not (root / FIGURES).exists():
        pytest.skip("not measured yet: make bench-scale")
    assert (root / "docs/scale.md").read_text() == render(load_figures(root / FIGURES))


def test_what_ray_loses_when_it_works_on_several_cores_is_said() -> None:
    each = {("ray", 1): 0.36, ("ray", 2): 0.27}  # seconds a document: twice the cores, a third more documents
    commands = tuple(
        replace(one, document=around(seconds), rate=around(8 / seconds))
        if (seconds := each.get((one.engine, one.workers)))
        else one
        for one in MEASURED.commands
    )
    found = replace(MEASURED, commands=commands)
    assert scaled_on_ray(found).median == pytest.approx(0.36 / 0.27)
    on_one_core = sum(COSTS[name] for name in STEPS if name not in IN_ORDER)
    assert core_cost_on_ray(found).median == pytest.approx(2 * 0.27 / on_one_core)
    assert overhead_on_ray(found).median == pytest.approx(0.27 - 0.18)
    assert overhead_on_ray(found).low < overhead_on_ray(found).median < overhead_on_ray(found).high
    text = render(found)
    assert f"{said(core_cost_on_ray(found))} times the core-hours" in text and f"{BOOKS_GIB} GiB in its books" in text
