"""The buttons of the tools: what each is called, says and explains, and its key."""

from __future__ import annotations

from qtpy.QtWidgets import QPushButton, QSizePolicy

TAKES_BACK = " Ctrl+Z takes it back."
# Object name, what the button says, its key, what it explains.
CLICKED = (
    ("tools_add", "Add call", "G", "Click on or near a call that was missed: it is outlined"),
    ("tools_pick", "Pick call", "K", "Click a call: the tools below act on it"),
    ("tools_split_time", "Split in time", "T", "Click where one call ends and the next begins"),
    ("tools_split_pitch", "Split in freq.", "Y", "Click between two calls, one above the other"),
    ("tools_merge", "Merge calls", "J", "Click a call, then those that belong to it"),
)  # fmt: skip
ON_CALL = (
    ("tools_erase", "Erase call", "D", "Remove the picked call from this page"),
    ("tools_erode", "Thin", "", "Thin the border of the picked call (4 x 2 px kernel)"),
    ("tools_dilate", "Thicken", "", "Thicken the border of the picked call (4 x 2 px)"),
    ("tools_bridge", "Bridge gaps", "I", "Join the pieces of the picked call"),
    ("tools_trim", "Trim tail", "O", "Cut the echo off the end of the picked call"),
    ("tools_number", "Number…", "", "Give the picked call another number"),
)
ON_PAGE = (
    ("tools_fill_holes", "Fill holes", "", "Fill all holes inside the calls of this page"),
    ("tools_remove_small", "Remove small", "", "Remove segments below the minimum area"),
    ("tools_clear", "Clear page", "", "Remove all calls of this page"),
)
#: Key -> the tool that it stands for.
KEYS = {key: name for name, _, key, _ in (*CLICKED, *ON_CALL, *ON_PAGE) if key}
#: The tools that wait for clicks -> what is to be clicked.
HINTS = {name: hint for name, _, _, hint in CLICKED}


def tool_button(name: str, words: str, key: str, tooltip: str) -> QPushButton:
    """A button that says its key; one of a tool that waits for clicks stays down."""
    button = QPushButton(f"{words}  [ {key} ]" if key else words)
    button.setObjectName(name)
    button.setToolTip(f"{tooltip}.{TAKES_BACK}")
    button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    button.setCheckable(name in HINTS)
    return button


def explained(has_calls: bool, has_call: bool, call: int, mode: str, is_there: bool) -> str:
    """What can be done next, or why nothing can."""
    picked = f"Call {call} is picked."
    if mode and not has_calls and mode != "tools_add":
        return "There are no calls on this page to click. Esc puts the tool away."
    if mode:
        return f"{HINTS[mode]}. Esc ends it.{f' {picked}' if has_call else ''}"
    if not is_there:
        return "Segment first: there are no calls to correct."
    if not has_calls:
        return "There are no calls on this page to correct."
    if not has_call:
        return "To correct one call, pick it: press K and click the call."
    return picked
