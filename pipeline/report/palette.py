"""Colours and shapes of the frames, on light and on dark ground: apart for the colour-blind, and in grey by shape."""

from pipeline.frames import FRAMES, Frame

LIGHT: dict[Frame, str] = {
    "realist": "#1F5FA8",
    "identity": "#C96A00",
    "status": "#008F6B",
    "memory-politics": "#8E3A6E",
}
DARK: dict[Frame, str] = {
    "realist": "#5AA7FF",
    "identity": "#F28E3C",
    "status": "#8FEBD3",
    "memory-politics": "#CF83C0",
}
LIGHT_GROUND, DARK_GROUND = "#ffffff", "#1d2024"

# Each around (0, 0), about ten units wide.
SHAPES: dict[Frame, str] = {
    "realist": "M-4.6-4.6h9.2v9.2h-9.2z",
    "identity": "M0-5.4a5.4 5.4 0 1 1 0 10.8a5.4 5.4 0 1 1 0-10.8z",
    "status": "M0-6l6 10.6h-12z",
    "memory-politics": "M0-6.4l6.4 6.4l-6.4 6.4l-6.4-6.4z",
}


def frame_rules() -> str:
    """CSS that gives each frame's class its colour."""
    return "\n".join(f".{frame}{{--frame:var(--{frame})}}" for frame in FRAMES)


def frame_colours(colours: dict[Frame, str]) -> str:
    """CSS declarations of the frames' colours: `--realist:#1F5FA8;...`."""
    return "".join(f"--{frame}:{colour};" for frame, colour in colours.items())
