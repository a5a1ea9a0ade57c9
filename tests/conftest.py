"""What the tests share: the real images, tiny ones that are learned in a blink, and the command."""

# First of all, for it asks for one BLAS thread, which must be said before numpy is imported.
import tui  # noqa: F401

# isort: split
import asyncio
import gc
import inspect
import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from functools import cache

import datasets
import idle
import pytest
import shared_styles  # noqa: F401
from hypothesis import HealthCheck, settings

from core.data import dataset, idx
from tui.__main__ import main
from tui.containment import Containment
from tui.panes import key_bar
from tui.panes.settings import form
from tui.screens.sweep import form as sweep_form

if sys.platform == "win32":  # these need a Unix terminal or Unix signals
    collect_ignore = [
        *("test_headless.py", "test_monkey.py", "test_run_endings.py", "test_terminal.py"),
        *("test_dialogs.py", "test_driver.py"),
    ]

# What the screen puts off for a moment, so that a key is answered first, is done when it is idle.
key_bar._DELAY = form._EXPLAIN_DELAY = sweep_form._DELAY = 0.0

# The real images are unzipped once, which takes longer than most tests.
_read, _read_once = idx.read, cache(idx.read)
idx.read = lambda path, *expected, **most: (
    _read_once if path.parent == dataset.FASHION_MNIST else _read
)(path, *expected, **most)

# A shell starts a background job with SIGINT ignored, and programs inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile(
    "same every time",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("same every time")


# Tests that wait for other programs, or build what the tests of their file share.
LONGEST = ("test_background_sweep", "test_wheel", "test_monkey", "test_terminal")


def pytest_addoption(parser, pluginmanager):
    """Without pytest-xdist, its options in pyproject.toml mean nothing."""
    if not pluginmanager.hasplugin("xdist"):
        for option in ("--numprocesses", "--dist"):
            parser.addoption(option, help="ignored: pytest-xdist is not used")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers():
    """One more than there are cores, because some tests wait for a program or the screen."""
    return 1 + len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None


def pytest_collection_modifyitems(items):
    """Starts with the longest files, so that no process is left with them in the end."""
    items.sort(key=lambda item: item.path.stem not in LONGEST)


def pytest_collection_finish():
    """Spares Python from looking for garbage, again and again, in all that was imported."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


def pytest_sessionfinish():
    """Finds the errors of what is garbage now; pytest looks five times more, a second each."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    """Runs a test that is a coroutine, as those of the screen are."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    with asyncio.Runner(loop_factory=idle.Loop) as runner:
        runner.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
    return True


@pytest.fixture(autouse=True)
def signal_handlers():
    """Handlers that an app installs do not outlive its test."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(autouse=True)
def terminal(monkeypatch):
    """Screens are drawn as for a terminal of 16 million colors, wherever the tests run."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.fixture
def faults():
    """The exceptions that the app contained; a test that expects some asks for them."""
    return []


@pytest.fixture(autouse=True)
def _no_unexpected_faults(monkeypatch, request):
    """Fails a test in which the app contained an exception, unless it asks for `faults`."""
    contain, contained = Containment.contain, []

    def noted(app, error):
        if not app._exit:
            contained.append(error)
        return contain(app, error)

    monkeypatch.setattr(Containment, "contain", noted)
    if "faults" in request.fixturenames:
        contained = request.getfixturevalue("faults")
    yield
    if "faults" not in request.fixturenames and contained:
        raise contained[0]


@pytest.fixture(scope="session")
def fashion():
    """The 60,000 + 10,000 images that travel with the program."""
    return dataset.load()


@pytest.fixture(scope="session")
def make_dataset():
    return datasets.make_dataset


@pytest.fixture(scope="session")
def tiny(make_dataset):
    """200 + 60 images of 6×5 pixels in three classes."""
    return make_dataset()


@pytest.fixture(scope="session")
def idx_bytes():
    return datasets.idx_bytes


@pytest.fixture(scope="session")
def write_directory():
    return datasets.write_directory


@pytest.fixture
def tiny_directory(tmp_path, write_directory, tiny):
    """A directory to train on with `tiny_options`, within a fraction of a second."""
    return write_directory(tmp_path / "tiny", tiny)


@pytest.fixture
def tiny_options(tiny_directory):
    """The options of `train` that fit the tiny directory."""
    return [
        *("--data", str(tiny_directory), "--validation", "30", "--batch-size", "32"),
        *("--hidden", "8", "--epochs", "2"),
    ]


@pytest.fixture
def learning_options(tiny_options):
    """The same, for a run that learns and so has no warning."""
    return [*tiny_options, "--learning-rate", "0.02"]


@pytest.fixture(scope="session")
def environment(runs_directory):
    """The environment without what would change how the command prints."""
    disturbing = {"FORCE_COLOR", "NO_COLOR", "COLUMNS", "LINES", "TTY_COMPATIBLE"}
    disturbing |= {"PYTHONPATH", "PYTHONUNBUFFERED", "PYTHONIOENCODING", "PYTHONWARNINGS"}
    disturbing |= {"PYTHONDONTWRITEBYTECODE"}  # each program would compile its files
    return {name: value for name, value in os.environ.items() if name not in disturbing}


@pytest.fixture(scope="session", autouse=True)
def runs_directory(tmp_path_factory):
    """Keeps the runs of the tests apart from those of the user, and has no presets and preferences
    of theirs."""
    directory = tmp_path_factory.mktemp("runs")
    os.environ["FASHION_TUI_PRESETS"] = str(tmp_path_factory.mktemp("presets"))
    os.environ["FASHION_TUI_PREFERENCES"] = str(tmp_path_factory.mktemp("preferences") / "own.toml")
    os.environ["FASHION_TUI_RUNS"] = str(directory)
    return directory


@pytest.fixture
def command(environment, tmp_path):
    """Runs `fashion-tui` in an empty directory and waits for its end."""

    def run(*arguments, env=None, **options):
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE}
        empty = tmp_path / "empty"
        empty.mkdir(exist_ok=True)
        return subprocess.run(
            [sys.executable, "-m", "tui", *arguments],
            **(streams | {"stderr": subprocess.PIPE} | options),
            env=environment | (env or {}),
            cwd=empty,
            encoding="utf-8",
            timeout=120,
        )

    return run


@pytest.fixture
def python(environment, tmp_path):
    """Runs Python with these arguments, in the directory of the test."""

    def run(*arguments, **options):
        return subprocess.run(
            [sys.executable, *arguments],
            **options,
            capture_output=True,
            env=environment,
            cwd=tmp_path,
            encoding="utf-8",
            timeout=120,
        )

    return run


@pytest.fixture
def no_files(tmp_path):
    """A device, and a pipe without a writer: what reads one of them may wait for ever."""
    if not hasattr(os, "mkfifo"):
        pytest.skip("no pipes with a name here")
    (tmp_path / "device").symlink_to(os.devnull)
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "device", tmp_path / "pipe"


@pytest.fixture
def called(monkeypatch, tmp_path):
    """Runs `fashion-tui` as `command` does, but within this process: for what needs no other."""
    for name in ("FORCE_COLOR", "COLUMNS", "LINES", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    empty = tmp_path / "empty"
    empty.mkdir(exist_ok=True)
    monkeypatch.chdir(empty)

    def run(*arguments, env=None):
        with monkeypatch.context() as patch, ExitStack() as files:
            for name, value in (env or {}).items():
                patch.setenv(name, value)
            for name, mode in (("stdin", "w+"), ("stdout", "w"), ("stderr", "w")):
                stream = files.enter_context(open(tmp_path / name, mode, encoding="utf-8"))
                patch.setattr(sys, name, stream)
            code = main(arguments)
        written = [(tmp_path / name).read_text(encoding="utf-8") for name in ("stdout", "stderr")]
        return subprocess.CompletedProcess(arguments, code, *written)

    return run
