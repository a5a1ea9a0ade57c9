"""The command line: presets, options, help, and one-line errors."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import __version__
from core.assets import FASHION_MNIST
from core.config.config import SETTINGS, Config
from core.config.presets import presets
from core.errors import ConfigError
from tui import command_line


def test_without_arguments_it_is_the_app_with_the_default_preset():
    options = command_line.parse([])
    assert options.command == "app"
    assert (options.preset, options.config) == ("default", presets()["default"].config)
    assert (options.data, options.json) == (FASHION_MNIST, None)


def test_each_setting_is_an_option():
    options = command_line.parse(
        [
            *("train", "--hidden", "30,10", "--initialization", "normal", "--optimizer", "sgd"),
            *("--learning-rate", "0.1", "--batch-size=256", "--epochs=500", "--validation=0"),
            *("--schedule=constant", "--label-smoothing=0"),
            "--seed=7",
        ]
    )
    assert options.command == "train"
    assert options.config == presets()["notebook"].config.replace(seed=7)


def test_the_text_of_every_setting_is_accepted_as_an_option():
    config = Config(
        hidden=(5, 4),
        activation="gelu",
        initialization="normal",
        deviation=0.5,
        batch_norm=True,
        optimizer="adamw",
        learning_rate=0.2,
        batch_size=7,
        momentum=0.1,
        beta2=0.2,
        schedule="cosine",
        warmup=1.5,
        decay_factor=0.25,
        decay_epochs=2,
        dropout=0.3,
        weight_decay=0.4,
        l2=0.6,
        label_smoothing=0.7,
        clip_norm=8.0,
        flip=0.9,
        shift=3,
        erase=0.15,
        validation=11,
        epochs=12,
        patience=13,
        seed=14,
        threads=2,
        timeline_memory=15,
    )
    tokens = ["train"]
    for name, setting in SETTINGS.items():
        assert getattr(config, name) != getattr(presets()["default"].config, name)
        tokens += [f"--{name.replace('_', '-')}", setting.write(getattr(config, name))]
    assert command_line.parse(tokens).config == config


def test_options_override_the_preset():
    options = command_line.parse(["--preset", "notebook", "--epochs", "3"])
    assert options.config == presets()["notebook"].config.replace(epochs=3)
    assert options.preset == "notebook"


@pytest.mark.parametrize("tokens", [["--seed", "3", "train"], ["train", "--seed", "3"]], ids=str)
def test_an_option_may_stand_on_either_side_of_the_command(tokens):
    options = command_line.parse(tokens)
    assert (options.command, options.config.seed) == ("train", 3)


def test_a_tilde_is_the_home_directory(monkeypatch):
    monkeypatch.setenv("HOME", "/somebody")
    monkeypatch.setenv("USERPROFILE", "/somebody")  # on Windows
    assert command_line.parse(["--data", "~/images"]).data == Path("/somebody/images")


@given(name=st.sampled_from(list(SETTINGS)), text=st.text(max_size=30))
def test_any_text_for_a_setting_is_accepted_or_rejected_with_its_name(name, text):
    refused = None
    try:
        options = command_line.parse([f"--{name.replace('_', '-')}={text}"])
    except ConfigError as error:
        refused = error.field
    if refused is None:
        assert getattr(options.config, name) == SETTINGS[name].parse(text)
    else:
        assert refused == name


@pytest.mark.parametrize("before", [[], ["train"]], ids=["app", "train"])
def test_help_names_each_setting_with_its_range_and_default(called, before):
    # Wide enough that no sentence is wrapped.
    done = called(*before, "--help", env={"COLUMNS": "1000"})
    assert (done.returncode, done.stderr) == (0, "")
    text = " ".join(done.stdout.split())
    for name, setting in SETTINGS.items():
        default = setting.write(getattr(presets()["default"].config, name))
        option = f"--{name.replace('_', '-')} VALUE"
        values = f"Value: {setting.kind.range} (default: {default})"
        assert f"{option} {setting.meaning} {values}" in text
    for name in presets():
        assert name in text


def test_the_help_of_sweep_offers_only_what_has_an_effect(called):
    assert "--anyway" not in called("sweep", "--help").stdout


def test_presets_are_listed_with_their_descriptions(called):
    done = called("presets", env={"COLUMNS": "1000"})
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.split(maxsplit=1) for line in done.stdout.splitlines()]
    assert [[name, text.strip()] for name, text in lines] == [
        [preset.name, preset.description] for preset in presets().values()
    ]


def test_the_version_is_that_of_core(command):
    assert command("--version").stdout == f"fashion-tui {__version__}\n"


@pytest.mark.parametrize(
    ("tokens", "sentence"),
    [
        (["tarin"], "there is no command tarin; did you mean train?"),
        (["--pictures", "foo"], "--pictures: there is no foo; enter one of ascii, blocks"),
        (["x"], "there is no command x; enter one of train, find-rate, sweep, presets, data, "),
        (["train", "--gain", "0.9"], "train: there is no option --gain (see fashion-tui train"),
        (["train", "--epoch", "3"], "there is no option --epoch; did you mean --epochs?"),
        (["--lr", "3"], "there is no option --lr; did you mean --learning-rate?"),
        (["--at", "5", "lr=3"], "lr is not a setting; did you mean learning-rate?"),
        (["--epoch", "3"], "there is no option --epoch; did you mean --epochs?"),
        (["--json=-"], "there is no option --json (see fashion-tui --help)"),
        (["train", "--no-keep=3"], "--no-keep takes no value"),
        (["--at=--"], "--at: enter a step in place of --, then settings: --at 1200 learning-rate"),
        (["--ascii=3"], "--ascii takes no value"),
        (["train", "--seed"], "enter VALUE after --seed"),
        (["train", "--at"], "enter STEP SETTING=VALUE after --at"),
        (["presets", "all"], "presets: unexpected argument all"),
        (["runs", "show"], "runs show: missing argument NAME"),
        (["runs", "list", "--jsn"], "there is no option --jsn; did you mean --json?"),
        (["--preset", "finest"], "there is no preset finest; enter one of default, "),
        (["--preset", "Smal"], "there is no preset Smal; did you mean small?"),
        (
            ["train", "--learning-rate", "0"],
            "rate: enter a number above 0, for example 0.003",
        ),
        (["train", "--learning-rate", "nan"], "learning rate: enter a number above 0"),
        (["train", "--batch-size", "-1"], "batch size: enter a whole number of at least 1"),
        (["train", "--hidden", "128;64"], "separated by commas, for example 128,64"),
        (["train", "--size", "0"], "--size: enter a whole number from 1 to 512"),
        (["data", "nowhere"], "nowhere does not exist: check the path of the dataset"),
        (["data", "a", "b"], "data: unexpected argument b"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_arguments_print_one_line_and_exit_with_2(called, tokens, sentence):
    done = called(*tokens)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("fashion-tui")
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
