"""The training thread: carries out commands, lets the run continue, and survives any error."""

from collections.abc import Callable
from queue import Empty
from threading import Thread

from core.errors import ConfigError, CoreError
from core.events import Phase, Refused
from tui.journal import LOGGER
from tui.run.commands import Commands
from tui.run.mailbox import Command, Mailbox
from tui.run.runner import Runner

_WAY_OUT = "Press r to restart the run, q to quit, or : and enter data PATH to open other data."


class TrainingThread(Thread):
    """begin: called first, to begin a run. is_closing: whether the thread ends soon."""

    def __init__(
        self, mail: Mailbox, commands: Commands, runner: Runner, begin: Callable[[], None]
    ) -> None:
        # A daemon, so that the program can exit even during a step that takes minutes.
        super().__init__(name="training", daemon=True)
        self._mail, self._commands, self._runner, self._begin = mail, commands, runner, begin
        self.is_closing = False

    def close(self, timeout: float) -> bool:
        """Ends the thread after the current batch; False if that takes over `timeout` seconds."""
        self.is_closing = True
        self._mail.put(lambda: None)
        self.join(timeout)
        return not self.is_alive()

    def run(self) -> None:
        try:
            self._begin()
        except Exception as error:
            self._report(error, "Start again with other data (--data) or other settings.")
            return
        while not self.is_closing:
            try:
                self._work()
            except ConfigError as error:
                self._mail.post(Refused(error.field, str(error)), urgent=True)
            except Exception as error:
                # The thread survives any error, so that the user can still look at the run.
                self._report(error, _WAY_OUT)
        self._commands.close()

    def _work(self) -> None:
        """Carries out the next command; if there is none, lets the run continue."""
        command: Command | None
        try:
            command = self._mail.take(self._runner.timeout)
        except Empty:
            command = None
        if command is None:
            self._runner.work()
            return
        try:
            self._commands.carry_out(command)
        finally:
            self._mail.notify(urgent=True)

    def _report(self, error: Exception, advice: str) -> None:
        """Ends the run as failed, with what the user can do. The thread rests until a command."""
        message = str(error)
        if not isinstance(error, CoreError):
            LOGGER.error("the training thread failed", exc_info=error)
            message = f"{type(error).__name__}: {error}. {advice}"
        if isinstance(error, MemoryError):
            smaller = "Choose smaller hidden layers or a smaller batch size."
            message = f"There is not enough memory. {smaller} {advice}"
        self._runner.set_phase(Phase.FAILED, message)
