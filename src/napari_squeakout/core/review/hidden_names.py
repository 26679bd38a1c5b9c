"""Names that are not shown: each recording has a code, which takes its place in any text."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

#: What a code begins with; a number follows.
CODE = "R"
#: Stands for a folder, and for the name of several recordings.
FOLDER = "…"
# Codes of a list have two digits and more, that of a recording by itself three, so that a list and
# what is opened beside it seldom have one in common.
_LEAST_DIGITS, _ALONE = 2, range(100, 1000)
_SHORT = 4
#: A word that may stand in any sentence, or a number: it is a name only where names stand.
_ORDINARY = re.compile(r"[a-zäöüß]*|[A-ZÄÖÜ][a-zäöüß]*|[\d.,_ -]*")
_NAME_ENDS = r"(?=$|[/\\.\s:;,)\"'])"
_SEGMENT_ENDS = r"(?=$|[/\\\s:;,.)\"'])"


@dataclass(frozen=True, kw_only=True)
class HiddenName:
    """What is not to be read of one recording.

    Parameters
    ----------
    code : str
        What is read instead: `R07`.
    names : tuple of str
        What it is called, with ending and without, and what its sessions are called.
    places : tuple of str
        Where it and its sessions lie, as whole paths.
    folders : tuple of str
        Folders around them that may tell what it is, as whole paths.
    """

    code: str
    names: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()

    def with_more(self, other: HiddenName) -> HiddenName:
        """All that is known of it here and there, under the other's code."""
        return HiddenName(
            code=other.code,
            names=_together(self.names, other.names),
            places=_together(self.places, other.places),
            folders=_together(self.folders, other.folders),
        )


def new_codes(n: int, taken: Collection[str] = (), rng: random.Random | None = None) -> list[str]:
    """Codes for `n` recordings of a list, in an order that says nothing of theirs.

    Numbers are the lowest that are free, so that those of a list are 1 to n; who gets which is
    drawn by the system's own source of randomness.
    """
    numbers = {code_number(code) for code in taken}
    free = (number for number in range(1, n + len(numbers) + 1) if number not in numbers)
    drawn = [number for _, number in zip(range(n), free, strict=False)]
    (rng or random.SystemRandom()).shuffle(drawn)
    digits = max(_LEAST_DIGITS, len(str(max((*drawn, *numbers), default=0))))
    return [f"{CODE}{number:0{digits}d}" for number in drawn]


def code_alone(taken: Collection[str] = (), rng: random.Random | None = None) -> str:
    """A code for a recording that is on no list: three digits, drawn."""
    free = [f"{CODE}{number}" for number in _ALONE if f"{CODE}{number}" not in taken]
    return (rng or random.SystemRandom()).choice(free) if free else new_codes(1, taken)[0]


def code_number(code: str) -> int:
    """The number of a code, by which a list is sorted; 0 of what is none."""
    digits = code.removeprefix(CODE)
    return int(digits) if digits.isascii() and digits.isdigit() else 0


def veil(hidden: Iterable[HiddenName]) -> Callable[[str], str]:
    """What takes names, paths and folders out of a text, and puts codes in their place.

    A name that is an ordinary word or a number, `noise` or `0012`, is taken out only where names
    stand: in paths, before an ending, and before a colon at the beginning. Whoever writes a
    sentence about a recording asks for its code instead.
    """
    known = list(hidden)
    if not known:
        return str
    instead: dict[str, str] = {}
    looks_of: dict[str, str] = {}
    for word, code, looks in _words(known):
        folded = word.casefold()
        if word and folded not in instead:
            instead[folded] = code
            looks_of[folded] = "|".join(look.format(re.escape(word)) for look in looks)

    def veiled(text: str) -> str:
        # One pattern of all words of a long list would take seconds, to make and to look for.
        whole = text.casefold()
        there = "|".join(looks for word, looks in looks_of.items() if word in whole)
        if not there:
            return text
        return re.sub(
            there,
            lambda found: instead.get(found[0].casefold(), FOLDER),
            text,
            flags=re.IGNORECASE,
        )

    return veiled


def _words(known: Sequence[HiddenName]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """What is taken out, what is put in its place, and how it looks there; the first one counts.

    The longest come first, for one name may begin with another.
    """
    for one in known:
        yield from ((place, one.code, ("{}",)) for place in _by_length(one.places))
    folders = _by_length({folder for one in known for folder in one.folders})
    for folder in folders:
        yield folder, FOLDER, ("{}" + _SEGMENT_ENDS,)
    codes: dict[str, str] = {}
    for name, code in ((name.casefold(), one.code) for one in known for name in one.names):
        # Of two recordings of one name nobody can say which is meant.
        codes[name] = code if codes.get(name, code) == code else FOLDER
    for name in _by_length(codes):
        yield name, codes[name], _PLAIN if is_ordinary(name) else (_not_in_number(name),)
    for folder in folders:
        last = re.split(r"[/\\]", folder.rstrip("/\\"))[-1]
        yield last, FOLDER, (r"(?<=[/\\]){}" + _SEGMENT_ENDS,)


#: Where an ordinary word is taken for a name.
_PLAIN = (
    r"(?<=[/\\]){}" + _NAME_ENDS,
    r"(?<!\w){}(?=\.[A-Za-z]\w{{0,4}}(?!\w))",
    r"(?m:^){}(?=:)",
)


def _not_in_number(name: str) -> str:
    """How a name looks that is not the beginning or end of another: `pup1` is not in `pup10`."""
    before = r"(?<!\d)" if name[:1].isdigit() else ""
    after = r"(?!\d)" if name[-1:].isdigit() else ""
    return f"{before}{{}}{after}"


def is_ordinary(name: str) -> bool:
    """Whether a name may as well be a word or a number of a sentence."""
    return len(name) < _SHORT or _ORDINARY.fullmatch(name) is not None


def _together(some: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*some, *others)))


def _by_length(words: Iterable[str]) -> list[str]:
    return sorted(sorted(words), key=len, reverse=True)
