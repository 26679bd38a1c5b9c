"""Fill the page of settings from the settings classes, so that it cannot disagree with them."""

from __future__ import annotations

from typing import Any

from napari_squeakout.core import settings
from napari_squeakout.core.settings import Settings

MARK = "<!-- settings -->"


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Replace the mark by one table a settings class."""
    if MARK not in markdown:
        return markdown
    named = [value for value in vars(settings).values() if isinstance(value, type)]
    classes = [kind for kind in named if issubclass(kind, Settings) and kind is not Settings]
    return markdown.replace(MARK, "\n\n".join(_table(kind) for kind in classes))


def _table(kind: type[Settings]) -> str:
    title = kind.__name__.removesuffix("Settings")
    intro = (kind.__doc__ or "").split("\n\n")[0]
    rows = [
        f"| `{name}` | {'none' if f.default is None else f.default} "
        f"| {_limits(f.metadata)} | {f.description} |"
        for name, f in kind.model_fields.items()
    ]
    head = ["| setting | default | limits | what it does |", "|---|---|---|---|"]
    return "\n".join([f"## {title}", "", intro, "", *head, *rows])


def _limits(metadata: list[Any]) -> str:
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<", "multiple_of": "multiple of"}
    found = [f"{s} {getattr(m, k):g}" for m in metadata for k, s in signs.items() if hasattr(m, k)]
    return ", ".join(found)
