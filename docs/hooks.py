"""Fill pages from the code: settings and events from their classes, figures from a model's card."""

from __future__ import annotations

from types import ModuleType
from typing import Any, get_args

from napari_squeakout.core import batch_settings, settings
from napari_squeakout.core import training_settings as learning_settings
from napari_squeakout.core.baselines import settings as paper_settings
from napari_squeakout.core.groups import settings as group_settings
from napari_squeakout.core.listening import settings as listening_settings
from napari_squeakout.core.measures.catalogue import MEASURES
from napari_squeakout.core.measures.classes import CLASSES
from napari_squeakout.core.setting import Settings
from napari_squeakout.io.models.default import BUNDLED_MODEL
from napari_squeakout.io.models.registry import load_model
from napari_squeakout.io.training_runs.events import EventKinds

SETTINGS, FIGURES, EVENTS = "<!-- settings -->", "<!-- figures -->", "<!-- events -->"
MEASURED, CLASSED = "<!-- measures -->", "<!-- classes -->"


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Replace the marks by tables."""
    if SETTINGS in markdown:
        modules = (
            batch_settings,
            settings,
            group_settings,
            listening_settings,
            learning_settings,
            paper_settings,
        )
        classes = [kind for module in modules for kind in _classes(module)]
        markdown = markdown.replace(SETTINGS, "\n\n".join(_table(kind) for kind in classes))
    if EVENTS in markdown:
        markdown = markdown.replace(EVENTS, _events())
    if MEASURED in markdown:
        markdown = markdown.replace(MEASURED, _measures())
    if CLASSED in markdown:
        rows = [f"| `{name}` | {rule} |" for name, rule in CLASSES.items()]
        markdown = markdown.replace(CLASSED, "\n".join(["| class | rule |", "|---|---|", *rows]))
    if FIGURES in markdown:
        metrics = load_model(BUNDLED_MODEL).card.metrics
        rows = [f"| {name.replace('_', ' ')} | {value:g} |" for name, value in metrics.items()]
        markdown = markdown.replace(FIGURES, "\n".join(["| figure | value |", "|---|---|", *rows]))
    return markdown


def _classes(module: ModuleType) -> list[type[Settings]]:
    """The settings that a module declares, in its order."""
    own = [v for v in vars(module).values() if getattr(v, "__module__", "") == module.__name__]
    return [kind for kind in own if isinstance(kind, type) and issubclass(kind, Settings)]


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


def _events() -> str:
    """A table of what a fine-tuning says, a row a kind."""
    rows = ["| kind | when | what it holds |", "|---|---|---|"]
    for event in get_args(EventKinds):
        own = [(n, f) for n, f in event.model_fields.items() if n not in {"kind", "seconds"}]
        holds = "<br>".join(f"`{name}`: {field.description}" for name, field in own)
        when = (event.__doc__ or "").split("\n\n")[0]
        rows.append(f"| `{event.model_fields['kind'].default}` | {when} | {holds} |")
    return "\n".join(rows)


def _measures() -> str:
    """A table of what is measured of a call, a row a column of the table."""
    rows = ["| column | unit | what it is | as in |", "|---|---|---|---|"]
    rows += [
        f"| `{one.name}` | {one.unit} | {one.formula.replace('|', '&#124;')} | {one.source} |"
        for one in MEASURES
    ]
    return "\n".join(rows)


def _limits(metadata: list[Any]) -> str:
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<", "multiple_of": "multiple of"}
    found = [f"{s} {getattr(m, k):g}" for m in metadata for k, s in signs.items() if hasattr(m, k)]
    return ", ".join(found)
