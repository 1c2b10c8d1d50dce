"""What tests of batches share: a run that is interrupted, and what a run wrote."""

from pathlib import Path


class Watch:
    """Progress that interrupts a run after so many passages, as Ctrl-C would."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.stop_after = stop_after
        self.inputs = 0
        self.seen: list[tuple[int, int]] = []

    def start(self, inputs: int) -> None:
        self.inputs = inputs

    def resume(self, passages: int) -> None:
        pass

    def __call__(self, inputs: int, documents: int, passages: int) -> None:
        self.seen.append((inputs, passages))
        if self.stop_after is not None and passages >= self.stop_after:
            raise KeyboardInterrupt


def written(output: Path) -> dict[str, bytes]:
    """The bytes of an output and of the accounts beside it."""
    return {
        path.name.removeprefix(output.stem): path.read_bytes()
        for path in (output, output.with_suffix(".documents.csv"), output.with_suffix(".errors.csv"))
    }
