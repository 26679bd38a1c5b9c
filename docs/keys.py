"""Writes docs/keys.md anew, from the keys that the window has.

    python docs/keys.py

Needs napari and a Qt binding, and a display or `xvfb-run -s "-screen 0 1920x1200x24"`.
"""

from __future__ import annotations

from pathlib import Path

from driver import Window, use_fresh_settings

PAGE = Path(__file__).with_suffix(".md")


def main() -> None:
    """Open the window, and write its keys."""
    use_fresh_settings()
    window = Window((1280, 720), "dark")
    from napari_squeakout.gui.guidance.key_sheet import as_markdown, parts_of

    PAGE.write_text(as_markdown(parts_of(window.dock)), encoding="utf-8")
    window.close()


if __name__ == "__main__":
    main()
