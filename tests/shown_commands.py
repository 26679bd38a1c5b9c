"""The commands that a page of the guide shows, in the order in which they stand there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

_DOCS = Path(__file__).parents[1] / "docs"


def commands_of(page):
    """The words of each `squeakout ...` line of a page's code blocks, without that word itself."""
    text = (_DOCS / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    words = [shlex.split(line, comments=True) for line in lines]
    return [line[1:] for line in words if line[:1] == ["squeakout"]]
