"""A sweep as the command line or the screen requests it, and the study that it opens."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.assets import FASHION_MNIST
from core.config.config import SETTINGS, Config
from core.data.dataset import Dataset
from core.data.reading import Reading
from core.directories import default_directory
from core.errors import ConfigError
from core.experiments.search_space import MOST, SearchSpace
from core.experiments.study import PRUNES_FROM, Study
from core.experiments.study_plan import StudyPlan, plan_from
from core.experiments.study_storage import default_url, make_directory, needs_file, shown
from core.experiments.trained_run import check_validates
from core.experiments.workers import WorkerSetup
from core.nn.blas_threads import usable_cores
from core.runs.description import fingerprint
from core.runs.names import is_name, new_name
from core.text import shell_line
from core.training.limits import check_memory, deviations
from core.training.seeds import split

_HIGHEST = {"trials": MOST, "jobs": 64}


@dataclass(frozen=True, slots=True)
class SweepRequest:
    """What to sweep. None stands for the study's own, or a default.

    space: what to search. config: the settings of all trials that are not searched; given: names
    of those that were chosen, others are the study's if there is one. trials: see `plan_from`.
    study: its name; None: a new one. storage: the URL of its database; None: beside the runs.
    threads: of each job, see `threads_per_job`.
    data, reading: the dataset. runs: where to keep the runs; None: nowhere.
    """

    space: SearchSpace | None
    config: Config
    given: frozenset[str]
    sampler: str | None
    trials: int | None
    jobs: int
    threads: int
    prune: bool
    study: str | None
    storage: str | None
    data: Path
    reading: Reading
    runs: Path | None

    @property
    def worker_setup(self) -> WorkerSetup:
        """What the processes that train have in common."""
        return WorkerSetup(self.data, self.runs, self.threads, self.reading)

    def command(self, study: str) -> str:
        """Returns the line for a shell that continues a study of this name."""
        words = ["fashion-tui", "sweep", "--study", study]
        if self.data != FASHION_MNIST:
            words += ["--data", str(self.data)]
        words += self.reading.options()
        if self.runs is None:
            words.append("--no-keep")
        elif self.runs != default_directory():
            words += ["--runs", str(self.runs)]
        if self.storage:
            words += ["--storage", shown(self.storage)]
        if self.prune:
            words.append("--prune")
        return shell_line(words)

    def open_study(self, data: Dataset) -> Study:
        """Opens the study, or continues it. Raises ConfigError or StudyError, with nothing
        done."""
        directory = self.runs or default_directory()
        url = self.storage or default_url(directory)
        print_of_data = fingerprint(data)

        def plan(before: StudyPlan | None) -> StudyPlan:
            space = self.space or (before.space if before else None)
            if space is None:
                raise ConfigError(
                    "study",
                    f"there is no study {self.study} in {shown(url)}; start one with --set",
                )
            config = self.config
            if before:
                self._check_given(before)
                given = {name: getattr(config, name) for name in self.given}
                config = before.config.replace(**given)
            check_validates(config)
            sampler, trials = self.sampler, self.trials
            if before:
                sampler = sampler or before.sampler
                if sampler != "grid" and trials is None:
                    trials = before.trials
                if sampler == before.sampler == "grid" and trials not in (None, before.trials):
                    raise ConfigError(
                        "trials",
                        f"--trials: the study {self.study} trains each of {before.trials:,} "
                        "combinations once; leave out --trials",
                    )
            fits = memory_check(config, data)
            return plan_from(space, config, sampler, trials, print_of_data, fits)

        if needs_file(url):
            plan(None)  # before it is made, which then is not done
        if not self.storage:
            make_directory(directory)
        study = Study(url, self.study or new_name(), plan)
        if self.prune:
            study.prune_with_median()
        return study

    def _check_given(self, before: StudyPlan) -> None:
        """Raises ConfigError if a setting was given that the study searches.

        Those of a preset or a file hold only where nothing is searched.
        """
        if self.space or self.given == SETTINGS.keys():
            return
        for one in before.space.dimensions:
            option = one.setting.option
            if one.setting.name in self.given:
                raise ConfigError(
                    one.setting.name,
                    f"the study {self.study} searches {option}; leave out --{option}",
                )

    def ignored(self, study: Study) -> tuple[str, ...]:
        """Returns sentences about what an existing study does not do as requested."""
        if study.is_new:
            return ()
        sentences = []
        planned, done = study.plan.trials, len(study.results())
        if self.trials is not None and self.trials < planned:
            sentences.append(f"--trials {self.trials} is ignored: the study has {planned:,} trials")
        if self.prune and done >= planned:
            sentences.append(f"--prune changes nothing: all {planned:,} trials are done")
        elif self.prune and done and (compared := study.compared()) < PRUNES_FROM:
            sentences.append(
                f"--prune begins after {PRUNES_FROM} complete trials that were trained with it; so "
                f"far there {'is' if compared == 1 else 'are'} {compared or 'none'}"
            )
        return tuple(sentences)


def number(name: str, text: str) -> int:
    """Returns the number of trials or jobs that a person entered. Raises ConfigError."""
    highest = _HIGHEST[name]
    if text.isascii() and text.isdecimal() and len(text) < 16 and 1 <= int(text) <= highest:
        return int(text)
    raise ConfigError(
        name, f"--{name}: enter a whole number from 1 to {highest:,} in place of {text}"
    )


def check_name(study: str) -> None:
    """Raises ConfigError if a study cannot have this name."""
    if not is_name(study):
        raise ConfigError(
            "study", "--study: enter letters, digits, dots, hyphens or underscores, at most 80"
        )


def threads_per_job(jobs: int, wanted: int = 0) -> int:
    """Returns how many threads each of the jobs gets: its share of the cores, or those wanted."""
    return wanted or max(1, usable_cores() // jobs)


def memory_check(config: Config, data: Dataset) -> Callable[[Config], None]:
    """Returns a function that raises ConfigError if a config takes more memory than there is."""
    training_set, _ = split(config, data)
    classes = len(data.class_names)

    def check(one: Config) -> None:
        check_memory(one, training_set.pixels, classes, len(training_set))

    return check


def decisions(config: Config, data: Dataset) -> tuple[str, ...]:
    """Returns sentences about what was decided about the data, and where the settings that are the
    same for all runs do not fit it."""
    return data.decisions + deviations(config, data, *map(len, split(config, data)))
