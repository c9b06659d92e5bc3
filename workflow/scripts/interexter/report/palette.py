"""Colours that hold: for the three colour-vision deficiencies, on light and on dark paper.

They were found by search: the least distance in CIE Lab of any two of a kind, seen as Machado et al. (2009) simulate,
as large as it gets; a test computes it. Text in a colour stands beside a mark of another shape besides.
"""

from ..text.labels import LABELS

PAPER = {"light": "#fdfdfb", "dark": "#15181c"}
BACK = {  # behind text in the colour of a label
    "light": {"gold": "#dcf2e4", "counter": "#fbe3e0"},
    "dark": {"gold": "#173a28", "counter": "#4a201d"},
}
LABEL = {
    "light": {
        "gold": "#005a4b",
        "counter": "#872d00",
        "both": "#693c87",
        "neither": "#879696",
        "abstain": "#0096f0",
        "unfinished": "#c3870f",
    },
    "dark": {
        "gold": "#69f0c3",
        "counter": "#e1785a",
        "both": "#d2c3ff",
        "neither": "#696978",
        "abstain": "#5a87f0",
        "unfinished": "#f0c33c",
    },
}
SERIES = {
    "light": ("#004ba5", "#c3870f", "#2da569", "#871e5a", "#960000", "#a587c3"),
    "dark": ("#3c69d2", "#ffc34b", "#69e1a5", "#964b78", "#c32d2d", "#d2d2ff"),
}
SHAPES = ("circle", "diamond", "square", "triangle-up", "cross", "triangle-down")  # Vega's names, one a colour


def series(index: int) -> str:
    """Return the colour of a series in CSS: that of the reader's paper."""
    return f"var(--series-{index % len(SHAPES) + 1})"


def label(name: str) -> str:
    """Return the colour of a label in CSS."""
    return f"var(--{name})"


def style() -> str:
    """Write the colours as variables of CSS, for both kinds of paper."""

    def written(paper: str) -> str:
        named = {"paper": PAPER[paper]} | {name: LABEL[paper][name] for name in LABELS}
        named |= {f"{name}-back": colour for name, colour in BACK[paper].items()}
        named |= {f"series-{number}": colour for number, colour in enumerate(SERIES[paper], 1)}
        return " ".join(f"--{name}: {colour};" for name, colour in named.items())

    bars = " ".join(f".bar .{name}, .key .{name} {{ background: {label(name)}; }}" for name in LABELS)
    dark = f"@media (prefers-color-scheme: dark) {{ :root {{ {written('dark')} }} }}"
    return f":root {{ {written('light')} }}\n{dark}\n{bars}\n"
