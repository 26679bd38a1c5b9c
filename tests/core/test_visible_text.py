import pytest

from napari_squeakout.core.visible_text import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("\x9b2J", r"\x9b2J"),
        ("gpj\u202e.exe", r"gpj\u202e.exe"),
        ("m\udce4use", r"m\udce4use"),
        ("\r\b\0", r"\r\x08\x00"),
    ],
)
def test_signs_that_act_on_a_terminal_are_spelt_out(text, shown):
    assert visible(text) == shown


@pytest.mark.parametrize("text", ["Mäuse 鼠 %&#", "two\nlines", "a\tb", "[red]", ""])
def test_other_text_stays_as_it_is(text):
    assert visible(text) == text
