"""Sweeps: every trial is made once, whoever makes it and whatever ends."""

import json
import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, closing
from types import ModuleType
from unittest.mock import Mock

import pytest

pytest.importorskip("optuna")

import optuna
from alembic.script import ScriptDirectory
from run_files import dead_owner
from sqlalchemy import Engine, event

from core import Config, ConfigError, Run
from core.errors import StudyError
from core.experiments import study_storage
from core.experiments.search_parser import parse
from core.experiments.study import Study
from core.experiments.study_plan import plan_from
from core.experiments.sweep import Note, Sweep, TrialProgress
from core.experiments.sweep_request import threads_per_job
from core.experiments.trained_run import Keep, train_run
from core.experiments.trial import TrialResult
from core.experiments.workers import Failed, WorkerSetup
from tui.__main__ import main

CONFIG = Config(hidden=(8,), batch_size=20, validation=20, epochs=2)
SETS = ["learning-rate=0.001,0.01", "dropout=0,0.1"]


@pytest.fixture(scope="module", autouse=True)
def migrations():
    """Reads those of Optuna's tables once, not at each opening of a database."""
    read, known = ScriptDirectory.from_config, []

    def read_once(config):
        if not known:
            known.append(read(config))
        return known[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ScriptDirectory, "from_config", read_once)
        yield


@pytest.fixture
def quick_workers(monkeypatch):
    """Workers start as copies of a process that has imported what they need, if the system can."""
    if "forkserver" in multiprocessing.get_all_start_methods():
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["core.experiments.workers"])
        monkeypatch.setattr(multiprocessing, "get_context", lambda method: context)


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'studies.db'}"


@pytest.fixture
def opened(url):
    """Opens a study, as another program would."""
    with ExitStack() as stack:

        def study(texts=SETS, sampler=None, trials=None, config=CONFIG, name="crane"):
            def plan(before):
                return plan_from(parse(texts), config, sampler, trials, "f")

            return stack.enter_context(Study(url, name, plan))

        yield study


@pytest.fixture
def sweep_options(tiny_directory, tmp_path, quick_workers):
    places = ["--data", str(tiny_directory), "--runs", str(tmp_path / "runs")]
    settings = ["--validation", "30", "--hidden", "8", "--epochs", "2", "--learning-rate", "0.02"]
    return ["sweep", *places, *settings]


def objects(text):
    return [json.loads(line) for line in text.splitlines()]


def runs(directory):
    return {path.stem for path in directory.glob("*.run")}


def make_all(study):
    """Makes all trials of a study without training; returns their numbers."""
    numbers = []
    while started := study.next_trial():
        numbers.append(started.number)
        study.finish(started, "complete", 0.5 + started.number / 100, None, "")
    return numbers


# The command


def test_a_grid_trains_all_combinations_each_a_kept_run(sweep_options, tmp_path, capsys):
    sets = ["--set", "batch-size=20,32", "--set", "dropout=0,0.1", "--jobs", "2"]
    assert main([*sweep_options, *sets, "--study", "crane", "--json", "-"]) == 0
    out, printed = capsys.readouterr()
    *trials, end = objects(out)
    assert {tuple(trial["settings"].values()) for trial in trials} == {
        (20, 0.0), (20, 0.1), (32, 0.0), (32, 0.1)
    }  # fmt: skip
    assert [trial["state"] for trial in trials] == ["complete"] * 4
    assert sorted(trial["number"] for trial in trials) == [0, 1, 2, 3]
    assert {trial["run"] for trial in trials} == runs(tmp_path / "runs")
    for trial in trials:
        with Run.open(tmp_path / "runs" / f"{trial['run']}.run") as run:
            assert {name: getattr(run.config, name) for name in trial["settings"]} == (
                trial["settings"]
            )
            assert run.evaluations()["accuracy"].max() == trial["validation_accuracy"]
    best = max(trial["validation_accuracy"] for trial in trials)
    assert (end["event"], end["trials"], end["best"]["validation_accuracy"]) == ("end", 4, best)
    row = printed[printed.index("validation accuracy  ") :].splitlines()[1]
    assert row.startswith(f"{f'{best:.2%}':>19}")
    directory = tmp_path / "runs"
    assert (
        f"fashion-tui sweep --study crane --data {sweep_options[2]} --runs {directory}" in printed
    )
    # A later session only needs the name, and has the earlier trials first.
    more = ["sweep", "--runs", str(tmp_path / "runs"), "--study", "crane", "--json", "-"]
    assert main([*more, *sweep_options[1:3]]) == 0
    assert objects(capsys.readouterr().out) == [
        *sorted(trials, key=lambda trial: trial["number"]),
        end,
    ]


def test_a_repetition_that_goes_on_ends_with_mean_and_range(sweep_options, tmp_path, capsys):
    sets = ["--set", "seed=0,1", "--set", "dropout=0,0.1", "--study", "crane"]
    assert main([*sweep_options, *sets]) == 0
    printed = capsys.readouterr().out
    more = ["sweep", "--runs", str(tmp_path / "runs"), "--study", "crane", *sweep_options[1:3]]
    assert main(more) == 0
    later = capsys.readouterr().out
    for shown in (printed, later):
        assert "Dropout 0: " in shown
        assert "% on average, from " in shown
        assert "may be chance, with 2 seeds each" in shown or "equally good (2 seeds each)" in shown


def test_a_study_is_refused_only_for_the_settings_that_this_command_gives(
    sweep_options, tmp_path, capsys
):
    more = ["--set", "dropout=0,0.1", "--preset", "small", "--batch-size", "50"]
    assert main([*sweep_options, *more, "--study", "crane"]) == 0
    capsys.readouterr()
    again = ["sweep", *sweep_options[1:5], "--study", "crane"]
    assert main([*again, "--epochs", "9"]) == 2
    error = capsys.readouterr().err
    assert "is for another sweep: its epochs is 2, now 9. Give it" in error
    assert main([*again, "--epochs", "2", "--batch-size", "50"]) == 0


def test_a_combination_that_is_drawn_again_is_said(sweep_options, capsys):
    sets = ["--set", "dropout=0,0.1", "--sampler", "random", "--trials", "3"]
    assert main([*sweep_options, *sets]) == 0
    printed = capsys.readouterr().out
    assert printed.count("the settings of earlier ones; a grid trains each combination once") == 1


def test_a_range_is_searched_by_tpe_and_trials_can_be_added(sweep_options, capsys):
    sets = ["--set", "dropout=0..0.5", "--set", "shift=0..2", "--study", "s", "--json", "-"]
    sets += ["--validation", "150"]
    assert main([*sweep_options, *sets, "--trials", "2"]) == 0
    out, printed = capsys.readouterr()
    first = objects(out)[:-1]
    assert printed.count("uses 20 images (a tenth of the 200 training images) because 150") == 1
    assert len({trial["settings"]["dropout"] for trial in first}) == 2
    for trial in first:
        value = trial["settings"]["dropout"]
        assert 0 <= value <= 0.5
        assert value == float(f"{value:.3g}")
    assert all(trial["settings"]["shift"] in (0, 1, 2) for trial in first)
    assert main([*sweep_options, *sets, "--trials", "3"]) == 0
    assert objects(capsys.readouterr().out)[:2] == first


def test_what_an_existing_study_does_not_do_as_asked_is_said(sweep_options, capsys):
    study = [*sweep_options, "--set", "dropout=0..0.5", "--study", "s"]
    assert main([*study, "--trials", "2"]) == 0
    capsys.readouterr()
    assert main([*study, "--trials", "1", "--prune"]) == 0
    out, err = capsys.readouterr()
    assert "2 of 2 trials are done" in out
    assert "To show it again: fashion-tui sweep --study s --data" in out
    assert err.splitlines() == [
        "fashion-tui: --trials 1 is ignored: the study has 2 trials",
        "fashion-tui: --prune changes nothing: all 2 trials are done",
    ]
    assert main([*study, "--trials", "3", "--prune"]) == 0
    out, err = capsys.readouterr()
    assert "2 of 3 trials are done" in out
    assert "--prune\n" in out  # in the line that continues it
    assert err == (
        "fashion-tui: --prune begins after 5 complete trials that were trained with it; so far "
        "there are none\n"
    )
    assert main([*study, "--trials", "3"]) == 0
    assert capsys.readouterr().err == ""


def test_an_existing_grid_has_all_its_trials_already_which_is_said(sweep_options, capsys):
    study = [*sweep_options, "--set", "dropout=0,0.1", "--study", "s"]
    assert main(study) == 0
    capsys.readouterr()
    assert main([*study, "--trials", "9"]) == 2
    assert capsys.readouterr().err == (
        "fashion-tui: --trials: the study s trains each of 2 combinations once; leave out "
        "--trials\n"
    )


def test_a_setting_that_the_study_searches_is_not_ignored_without_a_word(sweep_options, capsys):
    places = sweep_options[:5]
    sets = ["--set", "epochs=1,2", "--validation", "30", "--study", "s"]
    assert main([*places, *sets]) == 0
    capsys.readouterr()
    assert main([*places, "--study", "s", "--epochs", "3"]) == 2
    assert capsys.readouterr().err == (
        "fashion-tui: the study s searches epochs; leave out --epochs\n"
    )
    assert main([*places, "--study", "s", "--preset", "small", "--validation", "30"]) == 2
    assert "is for another sweep: its hidden" in capsys.readouterr().err


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
def test_a_sweep_that_is_killed_three_times_makes_each_trial_once(
    sweep_options, tmp_path, environment, capsys
):
    sets = ["--set", "dropout=0,0.1,0.2,0.3", "--set", "batch-size=20,25,32", "--jobs", "2"]
    options = [*sweep_options, *sets, "--epochs", "100", "--study", "crane", "--json", "-"]
    line = [sys.executable, "-m", "tui", *options]
    for kill in range(3):
        with subprocess.Popen(
            line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, text=True
        ) as program:
            known = 0
            while known <= 2 * kill and program.stdout.readline():
                known += 1
            assert program.poll() is None, "it ended before it was killed"
            time.sleep(0.05 * kill)
            program.send_signal(signal.SIGKILL)
    assert main(options) == 0
    *trials, end = objects(capsys.readouterr().out)
    assert end["trials"] == 12
    assert sorted(trial["number"] for trial in trials) == list(range(12))
    assert len({tuple(trial["settings"].values()) for trial in trials}) == 12
    assert {trial["state"] for trial in trials} == {"complete"}
    # The half runs are gone, too.
    assert {trial["run"] for trial in trials} == runs(tmp_path / "runs")


def test_two_programs_on_one_storage_share_a_study(sweep_options, tmp_path, url, environment):
    sets = ["--set", "dropout=0,0.1,0.2", "--set", "batch-size=20,32"]
    more = ["--epochs", "100", "--study", "crane", "--storage", url, "--json", "-"]
    line = [sys.executable, "-m", "tui", *sweep_options, *sets, *more]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    programs = [subprocess.Popen(line, env=environment, **streams) for _ in range(2)]
    outputs = [program.communicate(timeout=120) for program in programs]
    assert [program.returncode for program in programs] == [0, 0], outputs
    found = {}
    for output, _ in outputs:
        for trial in objects(output)[:-1]:
            assert found.setdefault(trial["number"], trial) == trial
    assert len(found) == 6  # a number is left out if both began a trial at once
    assert len({tuple(trial["settings"].values()) for trial in found.values()}) == 6
    assert {trial["run"] for trial in found.values()} == runs(tmp_path / "runs")


def test_trials_whose_runs_cannot_be_kept_give_an_exit_code(sweep_options, tmp_path, capsys):
    (tmp_path / "file").touch()
    options = [*sweep_options, "--set", "dropout=0,0.1", "--storage", f"sqlite:///{tmp_path}/x.db"]
    assert main([*options, "--runs", str(tmp_path / "file" / "runs")]) == 2
    out, err = capsys.readouterr()
    assert "cannot be kept in" in err
    assert out.count(", not kept") == 2
    assert "runs that could not be kept: 2" in err
    assert "To show it again: " in out


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
def test_ctrl_c_ends_a_sweep_with_what_is_done_and_how_to_continue(
    sweep_options, tmp_path, environment
):
    sets = ["--set", "dropout=0,0.1,0.2,0.3,0.4", "--epochs", "100", "--study", "crane"]
    line = [sys.executable, "-m", "tui", *sweep_options, *sets, "--json", "-"]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(line, env=environment, **streams) as program:
        first = program.stdout.readline()
        program.send_signal(signal.SIGINT)
        out, err = program.communicate(timeout=60)
    assert program.returncode == 130, err
    *trials, end = objects(first + out)
    assert len(trials) == end["trials"] < 5
    assert f"fashion-tui: trials left: {5 - len(trials)} of 5\n" in err
    assert "To continue: fashion-tui sweep --study crane --data " in err
    assert {trial["run"] for trial in trials} == runs(tmp_path / "runs")


@pytest.mark.parametrize(
    ("tokens", "sentence"),
    [
        ([], "enter what to search, such as --set learning-rate"),
        (["--set", "dropout=0.5..0"], "the range 0.5..0 is reversed; enter 0..0.5"),
        (["--set", "hidden=8,16"], "--set searches hidden; leave out --hidden"),
        (["--set", "="], "--set: enter SETTING=VALUES in place of =: learning-rate=0.001,0.01"),
        (["--set", "seed=0,1", "--resume"], "there is no option --resume"),
        (["--set", "seed=0,1", "--jobs", "0"], "--jobs: enter a whole number from 1 to 64"),
        (
            ["--set", "seed=0,1", "--trials", "-1"],
            "--trials: enter a whole number from 1",
        ),
        (["--set", "seed=0,1", "--study", "a/b"], "--study: enter letters, digits, dots"),
        (["--set", "seed=0,1", "--validation", "0"], "have no validation images"),
        (["--study", "none"], "there is no study none in sqlite:"),
        (["--set", "seed=0,1", "--storage", "x.db"], "--storage: enter a URL in place of x.db"),
        (
            ["--set", "seed=0,1", "--storage", "sqlite://"],
            "enter a URL in place of sqlite://, such",
        ),
        (
            ["--set", "seed=0,1", "--storage", "mysql://a@b:c/d"],
            "enter a URL in place of mysql://a@b",
        ),
        (["--set", "seed=0,1", "--storage", "nosql://x"], "its driver is missing"),
        (
            ["--set", "seed=0,1", "--storage", "sqlite:////no/such/directory/x.db"],
            "the storage sqlite:////no/such/directory/x.db cannot be used: unable to open",
        ),
    ],
)
def test_bad_input_is_a_sentence_and_nothing_is_done(
    sweep_options, tmp_path, capsys, tokens, sentence
):
    assert main([*sweep_options, *tokens]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("fashion-tui")
    assert sentence in err
    assert len(err.splitlines()) == 1
    assert runs(tmp_path / "runs") == set()
    assert not (tmp_path / "runs").exists()  # no empty database, either


@pytest.mark.parametrize("tokens", [["--study", "none"], ["--set", "hidden=8,99-10000-10000"]])
def test_a_sweep_that_cannot_start_leaves_no_new_database(tiny_directory, tmp_path, capsys, tokens):
    storage = ["--storage", f"sqlite:///{tmp_path / 'x.db'}", "--data", str(tiny_directory)]
    assert main(["sweep", *storage, *tokens]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not (tmp_path / "x.db").exists()


def test_without_optuna_a_sentence_says_how_to_install_it(sweep_options, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    assert main([*sweep_options, "--set", "seed=0,1"]) == 2
    assert "install it with: pip install 'fashion-tui[sweep]'" in capsys.readouterr().err


def test_a_damaged_optuna_is_a_sentence(sweep_options, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", ModuleType("optuna"))
    assert main([*sweep_options, "--set", "dropout=0,0.1"]) == 2
    assert "the package optuna is damaged (AttributeError: " in capsys.readouterr().err


def test_a_file_that_is_no_database_is_refused(sweep_options, tmp_path, capsys):
    (tmp_path / "x.db").write_bytes(b"words " * 1000)
    storage = ["--storage", f"sqlite:///{tmp_path / 'x.db'}"]
    assert main([*sweep_options, "--set", "seed=0,1", *storage]) == 2
    assert "its file is not a database" in capsys.readouterr().err


@pytest.fixture(scope="module")
def made():
    """The file of a study with two trials, once there is one."""
    return []


@pytest.fixture
def damaged(sweep_options, tmp_path, capsys, made):
    """Changes the file of a study with two trials, and returns what a sweep of it says then."""
    file = tmp_path / "x.db"
    study = [*sweep_options, "--storage", f"sqlite:///{file}", "--set", "dropout=0,0.1"]

    def sweep(change, name="s"):
        if not made:
            assert main([*study, "--study", "s"]) == 0
            made.append(file.read_bytes())
        file.write_bytes(made[0])
        change(file)
        before = file.read_bytes()
        capsys.readouterr()
        assert main([*study, "--study", name]) == 2
        assert file.read_bytes() == before  # nothing is half done
        [line] = capsys.readouterr().err.splitlines()
        return line

    return sweep


def query(*statements):
    """A change of a database."""

    def change(file):
        with closing(sqlite3.connect(file, isolation_level=None)) as database:
            for statement in statements:
                database.execute(statement)

    return change


def overwrite(file):
    content = bytearray(file.read_bytes())
    content[8192:20_000] = os.urandom(20_000 - 8192)
    file.write_bytes(content)


@pytest.mark.parametrize("name", ["s", "another"])
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda file: os.truncate(file, 30_000), "its file is damaged"),
        (lambda file: os.truncate(file, 50), "its file is damaged"),
        (overwrite, "its file is damaged"),
        (query("DROP TABLE trials"), "it lacks the table trials"),
        (query("DROP TABLE version_info"), "it lacks the table version_info"),
    ],
)
def test_a_database_that_is_damaged_is_a_sentence(damaged, change, sentence, name):
    assert f"x.db cannot be used: {sentence}" in damaged(change, name)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("UPDATE trial_user_attributes SET value_json = '{'", "its content is damaged (JSONDec"),
        ("UPDATE trials SET state = 'words'", "its content is damaged (LookupError("),
        ("UPDATE trial_params SET distribution_json = '{}'", "its content is damaged (KeyError("),
        ("UPDATE trial_user_attributes SET value_json = '[1]'", "its result cannot be read"),
        (
            "UPDATE trial_user_attributes SET value_json = '{\"state\": 1}'",
            "its result cannot be read",
        ),
        ("UPDATE study_user_attributes SET value_json = '3'", "was not made by fashion-tui sweep"),
    ],
)
def test_a_database_with_a_content_that_is_damaged_is_a_sentence(damaged, change, sentence):
    assert sentence in damaged(query(change))


@pytest.mark.parametrize(
    "tables",
    [
        ("songs (title)", "studies (title)"),
        ("studies (title)",),
        ("studies (title)", "trials (drug)"),
    ],
)
def test_the_database_of_another_program_is_left_as_it_is(sweep_options, tmp_path, capsys, tables):
    file = tmp_path / "x.db"
    query(*(f"CREATE TABLE {table}" for table in tables))(file)
    before = file.read_bytes()
    storage = ["--storage", f"sqlite:///{file}"]
    assert main([*sweep_options, "--set", "seed=0,1", *storage]) == 2
    assert "cannot be used: it is the database of another program" in capsys.readouterr().err
    assert file.read_bytes() == before


def test_tables_that_a_killed_program_has_not_completed_are_completed(opened, tmp_path):
    study_storage.import_optuna()
    from optuna.storages._rdb.models import BaseModel
    from sqlalchemy import create_engine

    engine = create_engine(f"sqlite:///{tmp_path / 'studies.db'}")
    BaseModel.metadata.create_all(engine, tables=[BaseModel.metadata.tables["studies"]])
    engine.dispose()
    assert len(make_all(opened())) == 4


def test_a_password_is_not_printed():
    assert study_storage.shown("postgresql://me:secret@host/name") == "postgresql://me@host/name"


# The study


def test_programs_that_share_a_study_make_different_trials(opened):
    one, other = opened(), opened()
    started = [study.next_trial() for study in (one, other, one, other)]
    assert [trial.number for trial in started] == [0, 1, 2, 3]
    assert len({tuple(trial.settings.items()) for trial in started}) == 4
    assert one.next_trial() is other.next_trial() is None
    assert started[0].config == CONFIG.replace(**started[0].settings)


def test_no_two_programs_draw_the_same_random_settings(opened):
    one, other = (opened(["dropout=0..0.5"], "random", 6) for _ in range(2))
    started = [study.next_trial() for study in (one, other) * 3]
    assert len({trial.settings["dropout"] for trial in started}) == 6


def test_a_trial_whose_program_is_gone_is_made_again_with_the_same_settings(opened, tmp_path):
    gone = opened(["dropout=0..0.5"], "random", 2)
    lost = gone.next_trial()
    gone.note_run(lost, tmp_path / "half.run")
    assert gone.note_epoch(lost, 1, 0.3) is False
    lost.trial.set_user_attr("owner", dead_owner())
    study = opened(["dropout=0..0.5"], "random", 2)
    again = study.next_trial()
    assert (again.number, again.settings) == (lost.number, lost.settings)
    assert again.half_run == tmp_path / "half.run"
    assert study.note_epoch(again, 1, 0.3) is False
    study.finish(again, "complete", 0.7, "otter", "")
    gone.finish(lost, "complete", 0.1, "late", "")  # it was only asleep
    assert study.results()[0].run == "otter"
    assert make_all(study) == [1]
    assert len(study.results()) == 2


def test_a_combination_that_two_programs_have_begun_at_once_is_made_once(opened):
    study = opened()
    for _ in range(2):
        study._study.enqueue_trial(
            {"learning_rate": "0.001", "dropout": "0"},
            {"owner": dead_owner(), "settings": {"learning_rate": 0.001, "dropout": 0.0}},
        )
    make_all(study)
    results = study.results()
    assert len(results) == len({tuple(result.settings.items()) for result in results}) == 4


def test_the_names_of_studies_are_known_without_optuna(opened, tmp_path, url, monkeypatch):
    assert study_storage.known_studies(tmp_path) == []
    opened(name="crane")
    opened(name="heron")
    monkeypatch.setattr(study_storage, "FILE", "studies.db")
    assert study_storage.known_studies(tmp_path) == ["heron", "crane"]
    (tmp_path / "studies.db").write_bytes(b"words " * 1000)
    assert study_storage.known_studies(tmp_path) == []


def test_a_changed_search_is_refused_in_words(opened):
    opened()
    opened(config=CONFIG.replace(threads=2))  # this changes no result
    with pytest.raises(StudyError) as caught:
        opened(["learning-rate=0.001,0.02", "dropout=0,0.1"])
    assert "it searches learning rate 0.001, 0.01; dropout 0, 0.1, and now you search" in str(
        caught.value
    )
    with pytest.raises(StudyError, match="its epochs is 2, now 3"):
        opened(config=CONFIG.replace(epochs=3))
    with pytest.raises(StudyError, match="its sampler is grid, now random"):
        opened(sampler="random")


def test_of_two_programs_that_start_a_study_at_once_the_first_decides(opened, url, monkeypatch):
    create, refused = optuna.create_study, []

    def start_another():
        space = parse(["learning-rate=0.5"])
        try:
            Study(url, "crane", lambda _: plan_from(space, CONFIG, None, None, "f")).close()
        except StudyError as error:
            refused.append(str(error))

    other = threading.Thread(target=start_another)

    def create_slowly(**options):
        study = create(**options)
        other.start()
        time.sleep(0.5)  # the plan is stored after that
        return study

    monkeypatch.setattr(optuna, "create_study", create_slowly)
    first = opened()
    other.join()
    assert "it searches learning rate 0.001, 0.01" in refused[0]
    assert len(make_all(first)) == 4


def test_a_study_whose_program_was_killed_before_it_stored_the_plan_is_taken_over(
    opened, url, monkeypatch
):
    monkeypatch.setattr("core.experiments.study._PATIENCE", 0.2)
    storage = study_storage.open_storage(url)
    optuna.create_study(study_name="crane", storage=storage, direction="maximize")
    assert len(make_all(opened())) == 4


def test_studies_of_other_programs_and_versions_are_refused(opened, url):
    storage = study_storage.open_storage(url)
    theirs = optuna.create_study(study_name="theirs", storage=storage, direction="maximize")
    theirs.ask()
    newer = optuna.create_study(study_name="newer", storage=storage, direction="maximize")
    newer.set_user_attr("fashion_tui", {"version": 9, "program": "7.0"})
    storage.remove_session()
    storage.engine.dispose()
    with pytest.raises(StudyError, match="was not made by fashion-tui sweep; choose another name"):
        opened(name="theirs")
    with pytest.raises(StudyError, match=r"by another version of fashion-tui, 7\.0; choose"):
        opened(name="newer")


def test_another_program_that_holds_the_database_is_waited_for(opened, tmp_path, monkeypatch):
    study = opened()

    def hold(ready):
        with closing(sqlite3.connect(tmp_path / "studies.db", isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            ready.set()
            time.sleep(0.5)

    ready = threading.Event()
    threading.Thread(target=hold, args=[ready]).start()
    ready.wait()
    assert study.next_trial().number == 0


def test_a_database_that_stays_locked_is_a_sentence(opened, url, tmp_path, monkeypatch):
    monkeypatch.setattr(study_storage, "_WAIT", 0.1)
    study = opened()
    with closing(sqlite3.connect(tmp_path / "studies.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StudyError) as caught:
            study.results()
    assert "another program has not released it" in str(caught.value)
    assert "locked" not in str(caught.value)


def test_bad_trials_are_pruned_once_there_is_something_to_compare_with(opened):
    study = opened(["dropout=0..0.5"], "random", 9)
    study.prune_with_median()
    for _ in range(5):
        started = study.next_trial()
        assert not study.note_epoch(started, 1, 0.8)
        assert not study.note_epoch(started, 2, 0.8)
        study.finish(started, "complete", 0.8, None, "")
    started = study.next_trial()
    assert not study.note_epoch(started, 1, 0.1)
    assert study.note_epoch(started, 2, 0.1)
    study.finish(started, "pruned", 0.1, None, "")
    assert study.results()[-1].state == "pruned"
    assert study.next_trial().number == 6


def test_trials_that_were_made_without_pruning_do_not_count_for_it(opened):
    study = opened(["dropout=0..0.5"], "random", 20)
    for _ in range(6):
        study.finish(study.next_trial(), "complete", 0.8, None, "")
    study.prune_with_median()
    assert study.compared() == 0
    for _ in range(5):
        started = study.next_trial()
        assert not study.note_epoch(started, 2, 0.8 - started.number / 100)
        study.finish(started, "complete", 0.8, None, "")
    assert study.compared() == 5
    assert study.note_epoch(study.next_trial(), 2, 0.1)


def test_the_setting_that_matters_is_the_most_important(opened, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)  # not needed, and imported for a second
    study = opened(["learning-rate=0.001,0.01,0.1,1", "dropout=0,0.1,0.2,0.3,0.4"])
    while started := study.next_trial():
        rate, dropout = started.settings["learning_rate"], started.settings["dropout"]
        accuracy = {0.001: 0.3, 0.01: 0.9, 0.1: 0.5, 1: 0.1}[rate] + dropout / 100
        study.finish(started, "complete", accuracy, None, "")
    found = study.importances()
    assert next(iter(found)) == "learning_rate"
    assert found["learning_rate"] > 0.9


# Its processes


@pytest.fixture
def spawned(opened, tiny_directory, tmp_path):
    """Sweeps with processes as the program starts them; returns what was observed."""

    def sweep(study, act=lambda sweep, seen: None, should_stop=lambda: False):
        seen = []

        def observe(one):
            seen.append(one)
            act(running, seen)

        setup = WorkerSetup(tiny_directory, tmp_path / "runs", 1)
        running = Sweep(study, setup, 1, observe, should_stop)
        running.run()
        return seen

    return sweep


@pytest.fixture
def swept(spawned, quick_workers):
    """The same, with processes that start in a blink."""
    return spawned


def kill_the_worker(sweep, seen):
    for worker in sweep._running:
        worker._process.kill()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_process_that_is_killed_is_replaced_and_its_trial_made_again(opened, spawned, tmp_path):
    def kill_once(sweep, seen):
        if isinstance(seen[-1], TrialProgress) and len(seen) == 2:
            kill_the_worker(sweep, seen)

    study = opened(["dropout=0,0.1"], config=CONFIG.replace(epochs=50))
    seen = spawned(study, kill_once)
    notes = [one.text for one in seen if isinstance(one, Note)]
    assert "the process of trial 0 was killed by SIGKILL; the trial runs again" in notes
    results = [one for one in seen if isinstance(one, TrialResult)]
    assert [result.state for result in results] == ["complete", "complete"]
    assert {result.run for result in results} == runs(tmp_path / "runs")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_trial_whose_process_is_killed_twice_has_failed(opened, spawned):
    def kill(sweep, seen):
        if isinstance(seen[-1], TrialProgress) and seen[-1].number == 0:
            kill_the_worker(sweep, seen)

    study = opened(["dropout=0,0.1"], config=CONFIG.replace(epochs=50))
    spawned(study, kill)
    first, second = study.results()
    assert (first.state, first.message) == ("failed", "its process was killed by SIGKILL, twice")
    assert second.state == "complete"


def test_a_study_knows_a_run_before_its_file_has_content(opened, swept, tmp_path, monkeypatch):
    """Otherwise the run stays, unknown, if all processes are killed at once in between."""
    study = opened(["dropout=0,0.1"])
    note, sizes = study.note_run, []

    def note_run(trial, path):
        sizes.append(path.stat().st_size)
        note(trial, path)

    monkeypatch.setattr(study, "note_run", note_run)
    results = [one for one in swept(study) if isinstance(one, TrialResult)]
    assert sizes == [0, 0]
    assert {result.run for result in results} == runs(tmp_path / "runs")


def test_the_empty_file_of_a_run_whose_process_was_killed_is_removed(opened, swept, tmp_path):
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "calm-crane.run").touch()
    study = opened(["dropout=0,0.1"])
    lost = study.next_trial()
    study.note_run(lost, tmp_path / "runs" / "calm-crane.run")
    lost.trial.set_user_attr("owner", dead_owner())
    swept(study)
    assert {result.run for result in study.results()} == runs(tmp_path / "runs")


@pytest.mark.parametrize(("dropout", "stays"), [(0.0, False), (0.3, True)])
def test_only_the_run_of_an_interrupted_trial_is_removed_and_no_later_one_of_its_name(
    opened, swept, tiny, tiny_directory, tmp_path, dropout, stays
):
    keep = Keep(tmp_path / "runs", tiny_directory)
    kept = train_run(CONFIG.replace(dropout=dropout), tiny, keep).run
    study = opened(["dropout=0,0.1"])
    lost = study.next_trial()
    study.note_run(lost, tmp_path / "runs" / f"{kept}.run")
    lost.trial.set_user_attr("owner", dead_owner())
    swept(study)
    assert (kept in runs(tmp_path / "runs")) is stays


def test_a_sweep_that_is_stopped_gives_its_trial_back_without_a_half_run(opened, swept, tmp_path):
    seen_epochs = []

    def note(sweep, seen):
        seen_epochs.append(seen[-1].epoch)

    study = opened(["dropout=0,0.1"], config=CONFIG.replace(epochs=100_000))
    swept(study, note, should_stop=lambda: len(seen_epochs) > 2)
    assert study.results() == []
    assert runs(tmp_path / "runs") == set()
    assert opened(["dropout=0,0.1"], config=CONFIG.replace(epochs=100_000)).next_trial().number == 0


def test_a_sweep_that_stops_listens_only_to_processes_that_train(monkeypatch):
    """Others have ended, and would seem to have a message all the time."""
    busy, ended = Mock(), Mock()
    heard = []

    def messages(workers, timeout):
        heard.append(set(workers))
        return [(busy, Failed("it was stopped"))]

    monkeypatch.setattr("core.experiments.sweep.messages", messages)
    sweep = Sweep(Mock(), Mock(), 2, Mock())
    sweep._workers = {busy: Mock(), ended: None}
    sweep._stop()
    assert heard == [{busy}]


def test_a_pruned_run_ends_after_its_epoch_and_is_kept(opened, swept, tmp_path, monkeypatch):
    config = CONFIG.replace(epochs=9)
    study = opened(["dropout=0,0.1"], config=config)
    monkeypatch.setattr(study, "note_epoch", lambda trial, epoch, accuracy: epoch == 2)
    results = [one for one in swept(study) if isinstance(one, TrialResult)]
    assert [result.state for result in results] == ["pruned", "pruned"]
    assert {result.run for result in results} == runs(tmp_path / "runs")
    with Run.open(tmp_path / "runs" / f"{results[0].run}.run") as run:
        assert len(run.evaluations()["accuracy"]) == 2
        assert run.evaluations()["accuracy"].max() == results[0].accuracy


def test_a_run_that_diverges_is_a_result(opened, swept):
    config = CONFIG.replace(hidden=(32, 32, 32), epochs=100)
    study = opened(["learning-rate=0.001,1e12"], config=config)
    swept(study)
    assert sorted(result.state for result in study.results()) == ["complete", "diverged"]


def test_a_full_disk_ends_it_with_a_sentence_and_it_goes_on_later(opened, swept, tmp_path):
    study = opened(["dropout=0,0.1"])
    engine = study._storage.engine

    def fill(sweep, seen):
        with engine.connect() as connection:
            [pages] = connection.exec_driver_sql("PRAGMA page_count").fetchone()
        limit = f"PRAGMA max_page_count = {pages}"
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(limit))
        for trial in sweep._running.values():
            sweep._study.note_run(trial, tmp_path / "long" / ("words" * 10_000))

    with pytest.raises(StudyError, match="cannot be used: database or disk is full"):
        swept(study, fill)
    swept(opened(["dropout=0,0.1"]))
    assert [result.state for result in study.results()] == ["complete", "complete"]


@pytest.mark.parametrize("is_there", [False, True])
def test_a_disk_that_is_full_from_the_start_leaves_no_empty_database(opened, tmp_path, is_there):
    path = tmp_path / "studies.db"
    if is_there:
        path.touch()

    def fill(connection, record):
        connection.execute("PRAGMA max_page_count = 1")

    event.listen(Engine, "connect", fill)
    try:
        with pytest.raises(StudyError, match="cannot be used: database or disk is full"):
            opened()
    finally:
        event.remove(Engine, "connect", fill)
    assert [file.name for file in tmp_path.iterdir()] == ["studies.db"] * is_there
    assert len(make_all(opened())) == 4


def test_the_cores_are_shared_among_the_jobs(monkeypatch):
    monkeypatch.setattr("core.experiments.sweep_request.usable_cores", lambda: 8)
    assert [threads_per_job(jobs) for jobs in (1, 2, 3, 16)] == [8, 4, 2, 1]
    assert threads_per_job(2, wanted=5) == 5


def test_a_study_that_does_not_exist_cannot_continue(url):
    def plan(before):
        raise ConfigError("study", "there is no study")

    with pytest.raises(ConfigError, match="there is no study"):
        Study(url, "heron", plan)
