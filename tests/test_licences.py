"""The licences that the guide lists are those of the libraries that are asked for."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata

import pytest
from packaging.requirements import Requirement

#: Extras whose libraries users have; what works on the package itself is left out.
FOR_USERS = ("gui", "pyside", "fast", "export", "paper")
#: What `[all]` brings by way of napari's own extra.
BY_NAPARI = {"PyQt6"}
#: Licences as libraries word them. The first that is met in a wording is meant: LGPL before GPL.
FAMILIES = {
    "LGPL": r"LGPL|Lesser General",
    "GPL": r"(?<!L)GPL|(?<!Lesser )General Public",
    "Apache": r"Apache",
    "BSD": r"BSD|Redistribution and use in source",
    "MIT": r"MIT\b|HPND",
}


def table(root):
    """Name of each library -> the licences that the guide states."""
    text = (root / "docs" / "trust.md").read_text(encoding="utf-8")
    _, _, part = text.partition("## Licences")
    rows = re.findall(r"^\| ([\w.-]+) \| ([\w, ]+) \| .* \|$", part, re.MULTILINE)
    return {name: set(stated.split(", ")) for name, stated in rows if name != "library"}


def said_of_itself(name):
    """The licences that an installed library states; None where it is not here or says nothing."""
    try:
        told = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return None
    classifiers = [c for c in told.get_all("Classifier") or [] if c.startswith("License ::")]
    # Long texts hold the licences of much else.
    own = (told.get("License") or "").strip()[:200]
    wording = " ".join([told.get("License-Expression") or "", own, *classifiers])
    return {family for family, words in FAMILIES.items() if re.search(words, wording)} or None


def test_each_library_that_users_get_is_listed_and_no_other(root):
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    lines = [*project["dependencies"], *(line for extra in FOR_USERS for line in extras[extra])]
    # Of what another extra repeats, as torch, one row is enough.
    asked = {Requirement(line).name for line in lines} - {project["name"]}
    assert set(table(root)) == asked | BY_NAPARI


def test_each_is_listed_under_a_licence_that_it_states_itself(root):
    said = {name: said_of_itself(name) for name in table(root)}
    known = {name: families for name, families in said.items() if families}
    assert len(known) > 15
    wrong = {n: families for n, families in known.items() if not table(root)[n] & families}
    assert wrong == {}


@pytest.mark.parametrize(("strict", "known"), [("LGPL", "soxr"), ("GPL", "PyQt6")])
def test_what_asks_something_of_who_hands_it_on_is_not_listed_as_free_of_that(root, strict, known):
    listed = table(root)
    assert listed[known] == {strict}
    asking = {name for name in listed if said_of_itself(name) == {strict}}
    assert all(listed[name] == {strict} for name in asking)
