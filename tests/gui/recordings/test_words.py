from __future__ import annotations

from pathlib import Path

from napari_squeakout.gui.recordings.words import doubtful_text
from napari_squeakout.io.tasks.doubtful_pages import Doubtful, DoubtfulPage

PAGE = DoubtfulPage(path=Path("a.wav"), session=Path("a.squeakout"), page=2, uncertainty=0.5)
UNREAD = (
    (Path("b.wav"), "b.squeakout: is damaged: open another"),
    (Path("c.wav"), "c.squeakout: is gone"),
)


def test_recordings_that_could_not_be_looked_at_are_named_beside_the_doubtful_pages():
    found = "1 doubtful page of 1 recording, the most doubtful first: Next goes to them."
    assert doubtful_text(Doubtful(pages=(PAGE,))) == found
    assert doubtful_text(Doubtful(pages=(PAGE,), unread=UNREAD)) == (
        f"{found} Not looked at: b.wav, c.wav, the first because: "
        "b.squeakout: is damaged: open another."
    )


def test_no_page_is_called_sure_that_was_not_looked_at():
    assert "would another threshold change anything" in doubtful_text(Doubtful())
    assert doubtful_text(Doubtful(unread=UNREAD[1:])) == (
        "No doubtful page was found. Not looked at: c.wav, because: c.squeakout: is gone."
    )
