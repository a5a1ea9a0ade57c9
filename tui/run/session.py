"""A training run and its thread. The screen sends commands and fetches events.

Commands return at once; the thread carries them out in order, between two batches. Only the
thread touches the run.
"""

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

from core.config.config import Config
from core.data.reading import Reading
from core.events import Event, Kept, Warned
from core.goals import Goal
from core.types import Bytes, frozen, ignore
from core.what_if.subject import Answer, Question
from tui.run.commands import Commands
from tui.run.data import load
from tui.run.inspector import ExaminationTask
from tui.run.keeping import Keeping
from tui.run.mailbox import Listener, Mailbox
from tui.run.plan import Plan
from tui.run.requests import Requests
from tui.run.resumption import Resumption
from tui.run.runner import Runner
from tui.run.training_thread import TrainingThread


class Session:
    """Starts the thread, which loads the data and starts a run of `config`, or resumes one.

    runs: the directory in which runs are kept; None to keep none. plan: of changes of settings.
    note_kept: called when the run's file, or how it is kept, changes; from any thread. reading: how
    to read the data.

    A command that cannot be carried out is answered by a Refused event.
    """

    def __init__(
        self,
        config: Config,
        data: Path,
        runs: Path | None = None,
        resumption: Resumption | None = None,
        plan: Plan | None = None,
        note_kept: Callable[[Kept], object] = ignore,
        reading: Reading | None = None,
    ) -> None:
        self.runs = runs
        self.is_resumed = resumption is not None
        self._config = config
        self._data, self._reading = data, reading
        self._resumption = resumption
        self._plan = plan
        self._mail = Mailbox()
        self.kept: Kept | None = None  # how the run is kept, also after the end
        self._report_kept = note_kept
        keeping = Keeping(
            runs,
            data,
            lambda message: self._mail.post(Warned(message), urgent=True),
            self._note_kept,
        )
        self._mail.recorder = keeping.add
        self._keeping = keeping
        self._runner = Runner(self._mail, keeping)
        self._runner.interlude = self._classify  # a drawing does not wait for an evaluation
        self._commands = Commands(self._mail, keeping, self._runner)
        self._requests = Requests(self._mail, self._runner)
        self._target_step = 0
        self._picture: Bytes | None = None  # that waits to be classified
        self._examinations: dict[str, ExaminationTask] = {}  # that wait, by their task
        self._stop_finding = threading.Event()  # of the last search for a learning rate
        self._thread = TrainingThread(self._mail, self._commands, self._runner, self._begin)
        self._thread.start()

    def _note_kept(self, kept: Kept) -> None:
        self.kept = kept
        self._report_kept(kept)
        self._mail.post(kept, urgent=True)

    @property
    def data(self) -> Path:
        """The path of the dataset of the current run."""
        return self._keeping.data

    def listen(self, listener: Listener) -> None:
        """Sets a function that the training thread calls when there are events to fetch.

        Its argument is True after a command, because the user is waiting for the answer. Otherwise
        it is False, and the function is called only once until the events are fetched.
        """
        self._mail.listen(listener)

    def drain(self) -> list[Event]:
        """Returns the events since the last call, in order."""
        return self._mail.drain()

    def toggle(self) -> None:
        """Runs if paused, pauses if running."""
        self._mail.put(self._commands.toggle)

    def step(self) -> None:
        """Trains on one batch, then pauses."""
        self._mail.put(self._runner.step)

    def steps(self, count: int) -> None:
        """Trains on `count` batches, plus those left from the last call, then pauses."""
        self._mail.put(partial(self._commands.steps, count))

    def epoch(self) -> None:
        """Trains to the end of the epoch, then pauses."""
        self._mail.put(self._commands.epoch)

    def go_to_goal(self, goal: Goal) -> None:
        """Trains until the goal is met, then pauses. If the goal is an earlier step, goes back.

        Refused if the run is already past another kind of goal.
        """
        self._mail.put(partial(self._commands.go_to_goal, goal))

    def step_back(self, count: int) -> None:
        """Goes back by `count` batches, or to the last healthy step if the run diverged."""
        self._mail.put(partial(self._commands.step_back, count))

    def go_to_step(self, step: int) -> None:
        """Goes to a step of this branch, earlier or later, and pauses.

        If this is called again before the thread gets to it, only the last step counts.
        """
        self._target_step = step
        self._mail.put(lambda: self._commands.go_to_step(self._target_step))

    def switch_branch(self, branch: int) -> None:
        """Goes to the end of another branch, and pauses."""
        self._mail.put(partial(self._commands.switch_branch, branch))

    def change_pace(self, by: int) -> None:
        """Makes the run slower or faster: moves by this many places in PACES."""
        self._mail.put(partial(self._commands.change_pace, by))

    def restart(self, config: Config, left_out: tuple[int, ...] | None = None) -> None:
        """Starts a new run of `config`, paused. Refused if it does not fit the data.

        left_out: the training images to leave out; None: those that the run leaves out now.
        """
        self._mail.put(partial(self._commands.restart, config, left_out))

    def open_data(self, path: Path, config: Config, reading: Reading | None = None) -> None:
        """Starts a new run of `config` on other data, paused. Refused if they cannot be used."""
        self._mail.put(partial(self._commands.open_data, path, config, reading))

    def resume(self, path: Path) -> None:
        """Continues a kept run, or a copy of it if another program has it open.

        The current one is kept as it is. Refused if it cannot continue.
        """
        self._mail.put(partial(self._commands.switch_run, path))

    def rename(self, name: str) -> None:
        """Gives the run and its file another name. A Warned event reports if that fails."""
        self._mail.put(partial(self._commands.rename, name))

    def change(self, **values: object) -> None:
        """Changes settings from the next batch on. Refused if a value cannot be used."""
        self._mail.put(partial(self._runner.change, **values))

    def score(self) -> None:
        """Evaluates the test set."""
        self._mail.put(self._runner.score)

    def trace_step(self) -> None:
        """Traces the next step. While training at full speed, does so only now and then."""
        self._mail.put(self._requests.trace_step, cancels=False)

    def survey(self) -> None:
        """Measures the activity of all units on the training images, once no command waits."""
        self._mail.put(self._requests.survey, cancels=False)

    def classify(self, picture: Bytes) -> None:
        """Classifies a picture (height, width) with the network as it is then.

        A Classified event has the result. If this is called again before the thread gets to it,
        only the last picture counts.
        """
        self._picture = frozen(picture)
        self._mail.put(self._classify, cancels=False)

    def ask(self, question: Question[Answer]) -> None:
        """Asks a question of core.what_if about the network as it is then.

        Answered events have the answer, while training continues. A question that is asked again
        before it is answered starts over; it is dropped if the run moves or another one starts.
        """
        self._mail.put(partial(self._requests.ask, question), cancels=False)

    def stop_asking(self, question: Question[Answer]) -> None:
        """Drops a question that is not answered yet."""
        self._mail.put(partial(self._requests.stop_asking, question), cancels=False)

    def examine(self, task: str, work: ExaminationTask) -> None:
        """Examines what the network does with a picture. An Examined event has the result.

        task: what the user reads while it takes long. If this is called again with the same task
        before the thread gets to it, only the last work counts. A command cancels it; then it is
        repeated after the command.
        """
        self._examinations[task] = work
        self._mail.put(partial(self._examine, task), cancels=False)

    def find_rate(self) -> None:
        """Searches for a learning rate on a copy of the run; training waits meanwhile.

        A RateFound event has the result.
        """
        self.stop_finding_rate()
        self._stop_finding = threading.Event()
        self._mail.put(partial(self._requests.find_rate, self._stop_finding.is_set))

    def stop_finding_rate(self) -> None:
        """Cancels the search; training continues."""
        self._stop_finding.set()

    def measure_along_step(self, step: int) -> None:
        """Measures the loss along the next step, or the last one after the end, while paused.

        Any command cancels it; then it is repeated, unless the run is no longer there.
        """
        self._mail.put(partial(self._requests.measure_along_step, step), cancels=False)

    def close(self, timeout: float = 1.0) -> bool:
        """Ends the thread after the current batch; False if that takes over `timeout` seconds."""
        self.stop_finding_rate()
        return self._thread.close(timeout)

    def _classify(self) -> None:
        picture, self._picture = self._picture, None
        if picture is not None:
            self._requests.classify(picture)

    def _examine(self, task: str) -> None:
        work = self._examinations.pop(task, None)
        if work is None or self._requests.examine(task, work):
            return
        if not self._thread.is_closing:
            self._examinations.setdefault(task, work)
            self._mail.put(partial(self._examine, task), cancels=False)

    def _begin(self) -> None:
        if self._resumption:
            self._commands.resume_run(self._resumption)
        else:
            data = load(self._mail, self._data, self._reading)
            self._commands.start_run(self._config, data, self._plan)
