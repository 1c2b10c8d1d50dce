"""The frames' colours: apart from one another and from the ground for every eye, by the usual measures."""

from itertools import combinations

import numpy as np
import pytest

from pipeline.frames import FRAMES
from pipeline.report.palette import DARK, DARK_GROUND, LIGHT, LIGHT_GROUND, SHAPES

# Machado, Oliveira and Fernandes 2009, severity 1: what the colour-blind see, in linear RGB.
SIGHT = {
    "all colours": np.eye(3),
    "no red": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "no green": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "no blue": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def linear(colour: str) -> np.ndarray:
    value = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def lab(light: np.ndarray) -> np.ndarray:
    ratio = TO_XYZ @ np.clip(light, 0, 1) / np.array([0.9505, 1, 1.089])
    x, y, z = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("colours", [LIGHT, DARK])
@pytest.mark.parametrize("sight", SIGHT)
def test_frames_are_told_apart_by_every_eye(colours: dict[str, str], sight: str) -> None:
    seen = {frame: lab(np.array(SIGHT[sight]) @ linear(colour)) for frame, colour in colours.items()}
    assert min(np.linalg.norm(seen[a] - seen[b]) for a, b in combinations(FRAMES, 2)) > 15


@pytest.mark.parametrize(("colours", "ground"), [(LIGHT, LIGHT_GROUND), (DARK, DARK_GROUND)])
def test_marks_stand_out_from_the_ground(colours: dict[str, str], ground: str) -> None:
    def luminance(colour: str) -> float:
        return float(linear(colour) @ TO_XYZ[1])

    for colour in colours.values():
        darker, lighter = sorted((luminance(colour), luminance(ground)))
        assert (lighter + 0.05) / (darker + 0.05) >= 3


def test_in_grey_shapes_tell_frames_apart() -> None:
    assert len(set(SHAPES.values())) == len(FRAMES)
