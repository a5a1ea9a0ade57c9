"""Configs as TOML files, and presets of one's own."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_timeline import EVERYTHING

from core.config import config_file, presets
from core.config.config import SETTINGS, Config
from core.errors import ConfigError
from tui.command_line import parse
from tui.panes.settings.draft import Draft

CONFIGS = (
    *(preset.config for preset in presets.included().values()),
    *(EVERYTHING, Config(hidden=(), learning_rate=1e-05, deviation=0.1 + 0.2, batch_norm=True)),
)


@given(config=st.sampled_from(CONFIGS), description=st.text(max_size=50))
def test_what_is_written_is_read_again(tmp_path_factory, config, description):
    path = tmp_path_factory.mktemp("config") / "x.toml"
    path.write_text(config_file.write(config, description), encoding="utf-8")
    found, words = config_file.read(path)
    assert found == config
    assert len(words) == len(description)
    assert tomllib.loads(path.read_text(encoding="utf-8")).keys() - {"description"} == set(SETTINGS)


def test_the_command_starts_from_a_file(tmp_path):
    path = tmp_path / "x.toml"
    path.write_text("hidden = [9]\nepochs = 3\n")
    options = parse(["train", "--config", str(path), "--epochs", "4"])
    assert options.config == Config(hidden=(9,), epochs=4)
    assert parse(["--config", str(path)]).config == Config(hidden=(9,), epochs=3)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"hidden = [9", "is not a TOML file: its end is missing; write one setting a line"),
        (
            b"l2 = 0\noptimizer = adam",
            "is not a TOML file: expected NAME = VALUE in line 2; write one setting",
        ),
        (b"l2 = 0\nl2 = 1", "is not a TOML file: a name is given twice"),
        (b"\xff\xfe", "is not a TOML file: it has bytes that are not text in UTF-8"),
        (b"x = " + b"[" * 50_000, "is not a TOML file: it is nested too deeply"),
        (b"learnin_rate = 1", ": learnin_rate is not a setting; did you mean learning_rate?"),
        (b"#" * 200_000, ": it has more than 100,000 bytes"),
        (b"lr = 3", ": lr is not a setting; did you mean learning_rate?"),
        (b"self = 1", ": self is not a setting; "),
        (b"config = {}", ": config is not a setting; "),
        (b"[settings]\nepochs = 3", ": settings is not a setting; "),
        (b"[epochs]", ": epochs: enter a whole number of at least 1"),
        (b"color = 3", ": color is not a setting; the settings are hidden, "),
        (b"epochs = 0", ": epochs: enter a whole number of at least 1"),
        (b"epochs = true", ": epochs: enter a whole number of at least 1"),
        (b"hidden = {a = 1}", ": hidden: enter a list of up to 10 whole numbers from 1 to"),
        (b'hidden = "64,32"', "such as [128, 64], or [] for none"),
        (b'batch_norm = "yes"', ": batch_norm: enter true or false"),
        (b"optimizer = ['sgd']", ": optimizer: enter one of sgd, "),
        (b"learning_rate = nan", ": learning rate: enter a number above 0"),
        (b"description = 3", ": description: enter text"),
        (b"batch_norm = true\nbatch_size = 1", ": batch norm needs a batch size of at least 2"),
        (None, "cannot be read: no such file or directory"),
    ],
)
def test_a_wrong_file_is_said_with_its_name(called, tmp_path, content, message):
    path = tmp_path / "x.toml"
    if content is not None:
        path.write_bytes(content)
    done = called("train", "--config", str(path))
    assert done.returncode == 2
    assert done.stderr.startswith(f"fashion-tui: {path}")
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_config_or_preset_is_read_from_a_regular_file_only(called, no_files, monkeypatch):
    for path in no_files:
        done = called("train", "--config", str(path))
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == (
            f"fashion-tui: {path} cannot be read: it is a device or a pipe, not a regular file\n"
        )
        path.rename(path.with_suffix(".toml"))
    monkeypatch.setenv(presets.VARIABLE, str(path.parent))
    assert len(presets.faults()) == 2
    assert called("presets").returncode == 0


def test_a_config_takes_the_place_of_a_preset(tmp_path):
    with pytest.raises(ConfigError, match="enter --config or --preset, not both"):
        parse(["--config", "x.toml", "--preset", "small"])


def test_the_settings_of_a_run_make_another(called, tiny_options, tmp_path):
    runs = ("--runs", str(tmp_path))
    assert called("train", *tiny_options, "--at", "3", "l2=0.01", *runs).returncode == 0
    path = tmp_path / "config.toml"
    assert called("export", *runs, "--to", str(path)).returncode == 0
    config, description = config_file.read(path)
    assert config == parse(["train", *tiny_options, "--l2", "0.01"]).config
    assert description.endswith("after 12 steps")


@pytest.fixture
def own(tmp_path, monkeypatch):
    """The directory of the user's presets."""
    directory = tmp_path / "own"
    directory.mkdir()
    monkeypatch.setenv(presets.VARIABLE, str(directory))
    return directory


def test_presets_of_ones_own_are_listed_and_used(called, own):
    (own / "wide.toml").write_text('description = "[b]one[/b] wide layer"\nhidden = [999]\n')
    (own / "plain.toml").write_text("epochs = 1\n")
    lines = called("presets").stdout.splitlines()
    assert [line.split()[0] for line in lines][-2:] == ["plain", "wide"]
    assert lines[-1].rstrip().endswith("[b]one[/b] wide layer")
    assert parse(["--preset", "wide"]).config == Config(hidden=(999,))
    draft = Draft(Config(), "default")
    draft.change("preset", "wide")
    assert draft.wanted == Config(hidden=(999,))
    assert draft.description == "[b]one[/b] wide layer."


def test_a_wrong_preset_is_reported_and_leaves_the_others_usable(called, own):
    (own / "bad.toml").write_text("epochs = 0\n")
    (own / "default.toml").write_text("epochs = 5\n")
    (own / "Not a name.toml").write_text("epochs = 5\n")
    (own / "good.toml").write_text("epochs = 5\n")
    done = called("presets")
    assert done.returncode == 0
    assert "good" in done.stdout
    assert done.stderr.splitlines() == [
        f"fashion-tui: {own}/Not a name.toml: choose a name of up to 24 letters from a to z, "
        "digits, - or _",
        f"fashion-tui: {own}/bad.toml: epochs: enter a whole number of at least 1",
        f"fashion-tui: {own}/default.toml: the program has a preset of this name",
    ]
    assert parse(["--preset", "default"]).config.epochs == 10
    with pytest.raises(ConfigError, match=r"bad.toml: epochs: enter a whole number"):
        parse(["--preset", "bad"])
    with pytest.raises(ConfigError, match=r"enter one of default, .*, good$"):
        parse(["--preset", "unknown"])


def test_a_missing_directory_of_presets_is_no_fault(called, own):
    own.rmdir()
    assert called("presets").stderr == ""
