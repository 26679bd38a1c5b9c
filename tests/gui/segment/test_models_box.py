from __future__ import annotations

from types import SimpleNamespace

from windows import answer, child, click, wait_until_idle

from napari_squeakout.io.models import registry


def test_a_model_is_imported_under_the_name_that_one_gives_it(
    dock_of, qtbot, monkeypatch, tmp_path
):
    taken = []

    def take(file, name=None):
        taken.append((file, name))
        card = SimpleNamespace(identity="")
        return SimpleNamespace(name=name or file.stem, card=card)

    monkeypatch.setattr(registry, "import_model", take)
    _, dock = dock_of()
    click(dock, "segment_import")
    assert not child(dock, "import_accept").isEnabled()
    answer(dock, "import", file=tmp_path / "lab.pt")
    wait_until_idle(qtbot, dock)
    click(dock, "segment_import")
    answer(dock, "import", file=tmp_path / "lab.pt", name="our-mice")
    wait_until_idle(qtbot, dock)
    assert taken == [(tmp_path / "lab.pt", None), (tmp_path / "lab.pt", "our-mice")]
