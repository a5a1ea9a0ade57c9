"""The README says what is there."""

from pathlib import Path

import pytest

from core.config.config import SETTINGS
from core.config.presets import presets
from core.config.settings import GROUPS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def settings_table():
    """The README's table of settings, made from their descriptions."""
    lines = [
        "| setting | means | range | default | applies at |",
        "| --- | --- | --- | --- | --- |",
    ]
    for group in GROUPS:
        lines.append(f"| **{group}** | | | | |")
        for name, setting in SETTINGS.items():
            if setting.group == group:
                default = setting.write(getattr(presets()["default"].config, name))
                option = f"`--{name.replace('_', '-')}`"
                lines.append(
                    f"| {option} | {setting.meaning} | {setting.kind.range} | {default} "
                    f"| {setting.applies} |"
                )
    return "\n".join(lines)


def test_its_table_of_settings_is_that_of_the_program():
    assert settings_table() in README


def test_it_names_only_files_that_are_there():
    named = {word for word in README.split("`") if word.startswith(("core/", "tui/", "assets/"))}
    assert len(named) > 15
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_it_names_every_room():
    rooms = {p.relative_to(ROOT).as_posix() for p in ROOT.glob("core/*.py") if p.stem != "__init__"}
    small = {"core/assets.py", "core/errors.py", "core/types.py"}
    assert [room for room in sorted(rooms - small) if room not in README] == []


@pytest.mark.parametrize("preset", presets())
def test_a_preset_says_what_it_is_for(preset):
    assert len(presets()[preset].description) > 20


def test_its_pictures_are_there():
    pictures = [part.split(")")[0] for part in README.split("](") if part.startswith("assets/")]
    assert pictures
    assert all((ROOT / picture).is_file() for picture in pictures)
