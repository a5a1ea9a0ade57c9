"""The README describes the program as it is."""

import re
from pathlib import Path

import pytest
from test_json_log import END, EPOCH, START

from core.config.config import SETTINGS
from core.config.presets import presets
from core.config.settings import GROUPS
from tui.exit_codes import DIVERGED, FINISHED, OUTPUT_FAILED, OUTPUT_UNREAD, SIGNALLED, USAGE_ERROR
from tui.headless.interruption import SIGNALS

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


def files_in_the_architecture_table():
    """The paths in the table: rows of files follow the row of their package."""
    package, paths = None, []
    for line in README.partition("## Architecture")[2].splitlines():
        if row := re.match(r"\| \*\*`((?:core|tui)[\w/]*/)`\*\* \|", line):
            package = row[1]
        elif row := re.match(r"\| `([\w.]+)` \| (.+) \|$", line):
            paths.append(f"{package}{row[1]}")
    return paths


def test_its_table_of_settings_is_that_of_the_program():
    assert settings_table() in README


def test_it_names_only_files_that_exist():
    named = {word for word in README.split("`") if word.startswith(("core/", "tui/", "assets/"))}
    named |= {word for word in README.split() if word.startswith(("tests/", "assets/"))}
    assert len(named) > 15
    assert [name for name in sorted(named) if not (ROOT / name.strip("`")).exists()] == []


def test_its_architecture_table_names_every_file_once_and_no_other():
    files = [path for top in ("core", "tui") for path in (ROOT / top).rglob("*.py")]
    paths = {path.relative_to(ROOT).as_posix() for path in files if path.stem != "__init__"}
    assert sorted(files_in_the_architecture_table()) == sorted(paths | {"tui/app.tcss"})


def test_its_python_examples_run(called, capsys, monkeypatch, tmp_path):
    short = ("--epochs", "1", "--hidden", "none", "--batch-size", "500", "--runs", str(tmp_path))
    assert called("train", *short).returncode == 0
    [run] = tmp_path.glob("*.run")
    run.rename(tmp_path / "swift-otter.run")
    monkeypatch.chdir(tmp_path)
    outputs = []
    for example in re.findall(r"```python\n(.*?)```", README, re.DOTALL):
        exec(example, {"__name__": "__main__"})
        outputs.append(capsys.readouterr())
    assert not any(output.err for output in outputs)
    outputs = [output.out for output in outputs]
    seeds, sqlite, timeline, predictions, rate, along, smaller, coach, picture, _ = outputs
    assert "of the 23,920 weights" in smaller
    assert "the calibration error is" in smaller
    assert "of 255 gray levels" in picture
    assert "(2 seeds)" in seeds
    assert "In this direction" in along
    assert "97% of this drop" in rate
    assert coach.startswith("the learning rate is too low")
    assert 0.5 < float(predictions.split()[0]) < 0.9
    assert sqlite.splitlines()[-1].startswith("0 110 ")
    assert "Branch(number=1, parent=0" in timeline
    assert "Z1 = W1·X + b1" in timeline


def test_its_table_of_json_events_has_their_fields():
    for name, fields in {"start": START, "epoch": EPOCH, "end": END}.items():
        row = re.search(rf"^\| `{name}` \| (.*) \|$", README, re.MULTILINE)[1]
        without_remarks = re.sub(r"\(.*?\)", "", row)
        assert set(re.findall(r"`(\w+)`", without_remarks)) == fields - {"event"}


def test_it_names_every_option_of_train(called):
    options = set(re.findall(r"--[\w-]+", called("train", "--help").stdout)) - {"--help"}
    assert "--force" in options
    assert [option for option in sorted(options) if f"`{option}" not in README] == []


def test_its_table_of_exit_codes_is_complete():
    table = README.partition("| exit code | meaning |")[2].partition("\n\n")[0]
    codes = {int(code) for row in table.splitlines()[2:] for code in row.split("|")[1].split(",")}
    own = {FINISHED, OUTPUT_FAILED, USAGE_ERROR, OUTPUT_UNREAD, DIVERGED}
    assert codes == own | {SIGNALLED + number for number in SIGNALS}


def test_its_tables_render():
    """Each has a header, and all its rows have the same cells: an empty line would cut it."""
    tables = re.findall(r"(?:^\|.*\n)+", README, re.MULTILINE)
    assert len(tables) > 5
    for table in tables:
        header, separator, *rows = table.splitlines()
        assert re.fullmatch(r"(\| --- )+\|", separator), header
        assert {row.count("|") for row in (header, *rows)} == {separator.count("|")}, header


@pytest.mark.parametrize("preset", presets())
def test_a_preset_has_a_description(preset):
    assert len(presets()[preset].description) > 20


def test_its_pictures_exist():
    pictures = [part.split(")")[0] for part in README.split("](") if part.startswith("assets/")]
    assert pictures
    assert all((ROOT / picture).is_file() for picture in pictures)
