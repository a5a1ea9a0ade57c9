"""The coach on the screen and in `train`: one quiet line, its dialog, and the change it makes."""

import json
from dataclasses import replace

import numpy as np
from canned import evaluation, frame, run_started, screen, start_over, step, text, toasts, until
from textual.widgets import OptionList

from core import Config, Trainer, presets
from core.coach.finding import Finding, Proposal, Seriousness
from core.coach.finding_log import FindingLog, Noted
from core.events import Change, LayersMeasured, Phase, PhaseChanged, Warned
from core.history.branch_history import BranchHistory
from core.inspection.layer_stats import layer_stats
from core.training.tracing import trace_step
from tui.headless.advice import advice
from tui.panes.status_bar import figures
from tui.preferences import PreferencesFile
from tui.screens.coach import CoachScreen
from tui.screens.coach_levels import spoken

ZEROS = Config(initialization="zeros", learning_rate=0.01)
PROBLEM = Finding(
    "rate too high",
    Seriousness.WARNING,
    "the learning rate is too high",
    "A step changes the weights by 0.97%. The loss is 1.30.",
    "Why.",
    Proposal("learning_rate", 0.003),
)
NOTE = Finding("last batch of one", Seriousness.NOTE, "the last batch has one image", "1.", "Why.")


def canned_evaluation(step, accuracy):
    """An evaluation about which the coach has no note, because its loss is above the others."""
    return replace(evaluation(step, accuracy), loss=3.0)


def zeros(steps=20, accuracy=0.1):
    """The events of a run whose initial weights are 0."""
    events = [run_started(ZEROS), PhaseChanged(Phase.PAUSED), canned_evaluation(0, 0.1)]
    events += [step(number) for number in range(1, steps + 1)]
    return [*events, canned_evaluation(steps, accuracy)]


def line(pilot):
    return text(pilot).splitlines()[0]


def chosen(pilot):
    """What the options of the dialog say."""
    options = pilot.app.screen.query_one(OptionList)
    return [str(options.get_option_at_index(n).prompt) for n in range(options.option_count)]


def footer(pilot):
    """The keys below the dialog."""
    return str(pilot.app.screen.query_one(OptionList).border_subtitle)


async def test_one_line_names_the_finding_and_its_key_and_takes_no_row():
    async with screen(*zeros(accuracy=0.9), size=(80, 24)) as pilot:
        sizes = ((80, 24), (120, 40), (200, 60))
        before = []
        for size in sizes:
            await pilot.resize_terminal(*size)
            before.append(pilot.app.screen.query_one("#panes").size)
            assert "(k)" not in line(pilot), size
        await frame(pilot, canned_evaluation(21, 0.1))
        for size, rows in zip(reversed(sizes), reversed(before), strict=True):
            await pilot.resize_terminal(*size)
            assert "! the initial weights are all 0" in line(pilot), size
            assert "(k)" in line(pilot), size
            assert pilot.app.screen.query_one("#panes").size == rows, size


def test_a_wide_line_has_the_evidence_and_a_narrow_one_the_title_only():
    from canned import run

    from core.history.history import History

    history = History()
    for event in run():
        history.add(event)
    snapshot, noted = history.snapshot(), [Noted(PROBLEM, 3)]
    assert "! the learning rate is too high (k)" in figures(snapshot, 78, noted)
    full = "! the learning rate is too high: A step changes the weights by 0.97% (k)"
    assert full in figures(snapshot, 190, noted)


async def test_the_dialog_has_evidence_reason_and_proposal_and_enter_makes_the_change():
    async with screen(*zeros(), config=ZEROS, is_covered=True) as pilot:
        await pilot.press("k")
        await pilot.pause()
        [shown] = chosen(pilot)
        assert "The initial weights of all 3 layers are 0" in shown
        assert "Random initial weights make them different." in shown
        assert "→ initialization zeros → he (restart)" in shown
        assert "noticed at step 20" in shown
        assert "Enter: make the change   c: off" in footer(pilot)
        await pilot.press("enter")
        await pilot.pause()
        draft = pilot.app.screen.draft
        assert (draft["initialization"], draft.pending) == ("he", ["initialization"])
        assert "Press r to restart with it" in toasts(pilot)[-1]
        await pilot.press("k")
        await pilot.pause()
        assert "Pending: press r to restart." in chosen(pilot)[0]
        assert "r: restart   c: off" in footer(pilot)
        await pilot.press("k", "ctrl+z")
        assert pilot.app.screen.draft["initialization"] == "zeros"
        await pilot.press("r")
        assert ("restart", ZEROS) in pilot.session.commands


async def test_the_toast_about_a_change_goes_when_it_is_undone():
    async with screen(*zeros(), config=ZEROS, is_covered=True) as pilot:
        await pilot.press("k", "enter")
        await pilot.pause()
        assert "Initialization set to he." in toasts(pilot)[-1]
        await pilot.press("u")
        await pilot.pause()
        assert toasts(pilot) == ["Undone: initialization back to zeros"]


async def test_in_the_dialog_r_starts_the_run_that_a_change_waits_for():
    async with screen(*zeros(), config=ZEROS, is_covered=True) as pilot:
        await pilot.press("k", "r")
        assert "No change is pending." in toasts(pilot)[-1]
        assert pilot.session.commands == []
        await pilot.press("enter", "k", "r")
        await pilot.pause()
        assert pilot.session.commands == [("restart", ZEROS.replace(initialization="he"))]


def test_the_line_asks_for_a_restart_while_only_that_is_left():
    from canned import run

    from core.history.history import History

    history = History()
    for event in run():
        history.add(event)
    snapshot = history.snapshot()
    rate = snapshot.config.learning_rate
    for value, keys in ((rate, "(r restarts, k)"), (rate / 2, "(k)")):
        noted = Noted(replace(PROBLEM, proposal=Proposal("learning_rate", value, restart=True)), 3)
        assert f"! the learning rate is too high {keys}" in figures(snapshot, 90, [noted])


async def test_a_change_of_the_next_batch_is_sent_at_once_and_undone():
    config = Config(learning_rate=0.01, batch_norm=True, batch_size=4)
    async with screen(run_started(config), *zeros()[1:], config=config, is_covered=True) as pilot:
        await pilot.press("k")
        await pilot.pause()
        assert any("→ batch size 4 → 64 (next batch)" in shown for shown in chosen(pilot))
        await pilot.press("enter")
        await pilot.pause()
        assert ("change", {"batch_size": 64}) in pilot.session.commands
        assert "Press u to undo" in toasts(pilot)[-1]
        await start_over(pilot, config)
        assert pilot.app.screen.draft["batch_size"] == 4


async def test_after_the_end_a_change_of_the_next_batch_says_that_there_is_none():
    config = Config(learning_rate=0.01, batch_norm=True, batch_size=4)
    events = (run_started(config), *zeros()[1:], PhaseChanged(Phase.FINISHED))
    async with screen(*events, config=config, is_covered=True) as pilot:
        await pilot.press("k")
        await pilot.pause()
        change = "→ batch size 4 → 64 (with more epochs or a restart)"
        assert any(change in shown for shown in chosen(pilot))
        await pilot.press("enter")
        await pilot.pause()
        assert toasts(pilot)[-1] == (
            "Batch size 64 is pending: add epochs to continue with it, press r to restart with it, "
            "or u to undo."
        )
        await frame(pilot, Change(20, "batch_size", 4, 64))
        await pilot.press("u")
        await pilot.pause()
        assert toasts(pilot) == ["Undone: batch size back to 4"]


async def test_after_a_divergence_the_run_goes_back_before_the_change():
    config = Config(learning_rate=1000)
    events = [run_started(config), PhaseChanged(Phase.PAUSED), step(1)]
    events.append(PhaseChanged(Phase.DIVERGED, "no"))
    async with screen(*events, config=config, is_covered=True) as pilot:
        await pilot.press("k", "enter")
        back, (name, changed) = pilot.session.commands
        assert back == ("step_back", 1)
        assert (name, list(changed)) == ("change", ["learning_rate"])


async def test_a_finding_that_has_passed_leaves_the_line_and_stays_in_the_dialog():
    async with screen(*zeros()) as pilot:
        assert "the initial weights are all 0" in line(pilot)
        await frame(pilot, step(21), canned_evaluation(21, 0.9))
        assert "the initial weights are all 0" not in line(pilot)
        await pilot.press("k")
        await pilot.pause()
        [shown] = chosen(pilot)
        title, evidence, reason = shown.splitlines()
        assert title == "  The initial weights are all 0 (noticed at step 20, gone at step 21)"
        assert evidence.startswith("At step 20: The initial weights of all 3 layers are 0")
        assert "Random initial weights make them different." in reason
        assert footer(pilot) == "c: off, quiet or on   Escape: close"  # no change to make
        await pilot.press("escape")
        await frame(pilot, *zeros(3, 0.9))  # another run
        await pilot.press("k")
        await pilot.pause()
        assert chosen(pilot)[0].startswith("No findings.")


async def test_at_full_speed_the_coach_also_looks_at_the_steps_between_two_frames(tiny):
    trainer = Trainer(Config(hidden=(4,), batch_size=10), tiny)
    measured = LayersMeasured(layer_stats(trace_step(trainer)))
    start = [run_started(ZEROS), PhaseChanged(Phase.PAUSED), canned_evaluation(0, 0.1)]
    steps = [step(number) for number in range(1, 9)]
    async with screen(*start, config=ZEROS) as pilot:
        running = PhaseChanged(Phase.RUNNING)
        await frame(pilot, running, *steps[:3], canned_evaluation(3, 0.1), measured, *steps[3:])
        await pilot.press("k")
        await pilot.pause()
        assert "noticed at step 3" in chosen(pilot)[0]


PASSED = (
    Noted(replace(PROBLEM, rule="b", title="b"), 3, until=9, at=8),
    Noted(replace(PROBLEM, rule="a", title="a"), 2, until=5),
)


async def test_of_what_has_passed_no_note_is_listed_and_only_the_selected_finding_has_its_reason():
    heads = [
        "  B (noticed at step 3, gone at step 9)",
        "  A (noticed at step 2, gone at step 5)",
    ]
    async with screen(*zeros(), config=ZEROS, is_covered=True) as pilot:
        note = Noted(replace(PROBLEM, seriousness=Seriousness.NOTE), 3, until=9)
        pilot.app.screen._coach._finding_log.past = (note,)
        await pilot.press("k")
        await pilot.pause()
        assert len(chosen(pilot)) == 1
        await pilot.press("escape")

        pilot.app.screen._coach._finding_log.past = PASSED
        for size in ((120, 40), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.press("k")
            await pilot.pause()
            assert chosen(pilot)[1:] == heads, size
            await pilot.press("down")
            await pilot.pause()
            b, a = chosen(pilot)[1:]
            assert b == f"{heads[0]}\nAt step 8: {PROBLEM.evidence}\n{PROBLEM.reason}", size
            assert a == heads[1], size
            await pilot.press("down")
            await pilot.pause()
            b, a = chosen(pilot)[1:]
            assert b == heads[0], size
            assert a == f"{heads[1]}\nAt step 2: {PROBLEM.evidence}\n{PROBLEM.reason}", size
            pilot.app.clear_notifications()
            await pilot.press("enter")
            assert "This has passed, so there is no change to make." in toasts(pilot)[-1]
            assert isinstance(pilot.app.screen, CoachScreen), size
            await pilot.press("escape")


async def test_the_selected_finding_stays_selected_when_another_one_is_made(monkeypatch):
    a, b, c = (replace(PROBLEM, rule=name, title=name) for name in "abc")
    found = {21: (a,), 22: (b,), 24: (c,)}
    monkeypatch.setattr(
        "core.coach.finding_log.review", lambda snapshot: found.get(snapshot.steps, ())
    )
    async with screen(*zeros()) as pilot:
        for number in (21, 22, 23):
            await frame(pilot, step(number))
        await pilot.press("k", "down")
        await pilot.pause()
        assert [text[2] for text in chosen(pilot)] == ["B", "A"]
        pilot.app.session.events += [step(24)]
        pilot.app.screen_stack[0].fetch()
        await pilot.pause()
        shown = chosen(pilot)
        assert [text[2] for text in shown] == ["C", "B", "A"]
        assert ["At step" in text for text in shown] == [False, False, True]
        assert pilot.app.screen.query_one(OptionList).highlighted == 2


async def test_in_a_resumed_run_the_list_says_that_it_lacks_what_was_found_before():
    sentence = "Findings from before the run was resumed are not kept."
    started, *events = zeros()
    resumed = replace(started, records=[BranchHistory()])
    async with screen(resumed, *events, config=ZEROS, is_covered=True) as pilot:
        await pilot.press("k")
        await pilot.pause()
        [found, last] = chosen(pilot)
        assert found.startswith("! The initial weights are all 0")
        assert last == sentence
        await pilot.press("down")  # there is nothing to select
        assert pilot.app.screen.query_one(OptionList).highlighted == 0
        await pilot.press("escape")
        await frame(pilot, step(21), canned_evaluation(21, 0.9))
        await pilot.press("k")
        await pilot.pause()
        assert [text[:10] for text in chosen(pilot)] == ["  The init", sentence[:10]]
        await pilot.press("escape")
        await frame(pilot, replace(resumed), PhaseChanged(Phase.PAUSED))
        await pilot.press("k")
        await pilot.pause()
        assert [text[:10] for text in chosen(pilot)] == ["No finding", sentence[:10]]
        await pilot.press("c", "c")  # on, then off
        assert len(chosen(pilot)) == 1


async def test_what_the_coach_explains_is_neither_a_toast_nor_named_a_second_time():
    warning = "the network predicts only one class"
    async with screen(*zeros()) as pilot:
        warned = canned_evaluation(21, 0.1)
        object.__setattr__(warned, "warnings", (warning,))
        await frame(pilot, step(21), warned, Warned(warning, is_symptom=True))
        assert toasts(pilot) == []
        assert warning not in text(pilot)
        assert any(warning in logged for logged in pilot.app.journal.lines)
        await pilot.press("k", "c", "c")  # on, then off
        await pilot.press("escape")
        await frame(pilot, Warned(warning, is_symptom=True))
        assert len(toasts(pilot)) == 1
        assert "the initial weights are all 0" not in line(pilot)


async def test_a_warning_without_a_finding_follows_notes_and_earlier_findings():
    warned = canned_evaluation(21, 0.9)
    object.__setattr__(warned, "warnings", ("the network predicts only one class",))
    async with screen(*zeros(), size=(120, 40), config=ZEROS) as pilot:
        await frame(pilot, step(21), warned)
        for size in ((120, 40), (80, 24)):
            await pilot.resize_terminal(*size)
            assert "! the network predicts only one class" in line(pilot), size
        await pilot.press("k")
        await pilot.pause()
        passed, warning = chosen(pilot)
        assert passed.startswith("  The initial weights are all 0 (noticed at step 20, gone")
        assert warning == (
            "! The network predicts only one class.\n"
            "The coach can explain this after some more steps."
        )
        for size in ((80, 24), (120, 40)):
            await pilot.resize_terminal(*size)
            assert warning.splitlines()[0] in text(pilot), size
        await pilot.press("down")  # there is nothing to select
        options = pilot.app.screen.query_one(OptionList)
        assert options.highlighted == 0
        found = (Noted(PROBLEM, 22),)
        pilot.app.screen._finding_log.now = found
        pilot.app.screen._show()
        await pilot.pause()
        assert [each[:10] for each in chosen(pilot)] == ["! The lear", "  The init"]
        assert not options.get_option_at_index(1).disabled


async def test_off_quiet_and_on_are_kept_and_on_shows_problems_as_toasts(tmp_path):
    async with screen(*zeros(accuracy=0.9)) as pilot:
        assert pilot.app.preferences.coach == "quiet"
        await pilot.press("k", "c")
        assert pilot.app.preferences.coach == "on"
        await pilot.press("escape")
        await frame(pilot, step(21), canned_evaluation(21, 0.1))
        [shown] = toasts(pilot)
        assert shown.startswith("The initial weights of all 3 layers are 0")
        await frame(pilot, step(22), canned_evaluation(22, 0.1))
        assert len(toasts(pilot)) == 1  # it does not repeat itself
        await pilot.press("k", "c")
        assert pilot.app.preferences.coach == "off"
        [shown] = chosen(pilot)  # not what it found before it was off
        assert shown.startswith("The coach is off")
        assert "Press c to switch it on" in shown
    file = PreferencesFile(tmp_path / "preferences.toml")
    file.remember(coach="off")
    assert PreferencesFile(tmp_path / "preferences.toml").contents.coach == "off"
    (tmp_path / "preferences.toml").write_text('coach = "loud"\n')
    read = PreferencesFile(tmp_path / "preferences.toml")
    assert read.contents.coach == "quiet"
    assert "coach is ignored: its value cannot be used" in read.fault


async def test_the_palette_sets_how_much_the_coach_says():
    from tui.screens.training.commands import RunCommands

    async with screen() as pilot:
        provider = RunCommands(pilot.app.screen)
        found = {str(hit.text): hit async for hit in provider.search("coach")}
        assert {"Coach: off", "Coach: quiet", "Coach: on"} <= found.keys()
        found["Coach: on"].command()
        assert pilot.app.preferences.coach == "on"


def test_quiet_names_problems_only():
    noted = (Noted(PROBLEM, 1), Noted(NOTE, 1))
    assert [len(spoken(noted, level)) for level in ("off", "quiet", "on")] == [0, 1, 2]


async def test_while_the_run_trains_the_coach_looks_now_and_then_and_after_evaluations(monkeypatch):
    looks = []
    follow = FindingLog.follow
    monkeypatch.setattr(
        FindingLog, "follow", lambda log, seen: looks.append(seen.steps) or follow(log, seen)
    )
    async with screen(*zeros()) as pilot:
        pilot.app.screen._coach._next_look = float("inf")  # as if it had looked just now
        looks.clear()
        await frame(pilot, PhaseChanged(Phase.RUNNING), step(21))
        assert looks == []
        await frame(pilot, step(22), canned_evaluation(22, 0.1))
        assert looks == [22]
        await frame(pilot, PhaseChanged(Phase.PAUSED))
        assert looks == [22, 22]


async def test_the_dialog_follows_the_run():
    async with screen(*zeros(accuracy=0.9), is_covered=True) as pilot:
        await pilot.press("k")
        await until(pilot, lambda: isinstance(pilot.app.screen, CoachScreen))
        assert chosen(pilot)[0].startswith("No findings.")
        pilot.app.session.events += [step(21), canned_evaluation(21, 0.1)]
        pilot.app.screen_stack[0].fetch()
        await pilot.pause()
        assert "The initial weights are all 0" in chosen(pilot)[0]


def test_without_a_screen_the_problems_are_a_list_at_the_end_and_findings_in_the_end_event(
    called, tiny_options
):
    options = ("--initialization", "zeros", "--epochs", "3", "--json", "-")
    done = called("train", *tiny_options, *options)
    end = json.loads(done.stdout.splitlines()[-1])
    first = end["coach"][0]
    assert set(first) == {
        *("rule", "seriousness", "title", "since", "evidence", "reason"),
        *("setting", "value", "applies"),
    }
    assert (first["rule"], first["seriousness"]) == ("zero weights", "error")
    assert (first["setting"], first["value"], first["applies"]) == (
        *("initialization", "he"),
        "restart",
    )
    lines = done.stderr.splitlines()
    [place] = [n for n, shown in enumerate(lines) if shown.startswith("coach: the initial weights")]
    assert "0, noticed at step " in lines[place]
    assert first["since"] == 6  # the first of the three epochs
    assert lines[place + 1] == "       try initialization zeros → he (restart)"


def test_without_a_screen_other_test_images_and_not_the_rate_are_to_blame(
    called, fashion, tmp_path
):
    path = tmp_path / "inverted.npz"
    images = {"x_train": fashion.train_images[:4000], "x_test": 255 - fashion.test_images[:500]}
    labels = {"y_train": fashion.train_labels[:4000], "y_test": fashion.test_labels[:500]}
    np.savez(path, **images, **labels)
    options = ("--hidden", "16", "--learning-rate", "0.01", "--epochs", "4", "--json", "-")
    done = called("train", "--data", str(path), "--no-keep", *options)
    end = json.loads(done.stdout.splitlines()[-1])
    assert [(found["rule"], found["seriousness"]) for found in end["coach"]] == [
        ("test below validation", "warning")
    ]
    assert "coach: the test images are different" in done.stderr
    assert end["warnings"] == []
    assert "far above that of guessing" not in done.stderr


def test_without_a_screen_a_healthy_run_has_no_list(called, tiny_options, tiny):
    options = ("--epochs", "4", "--learning-rate", "0.01", "--json", "-")
    done = called("train", *tiny_options, *options)
    end = json.loads(done.stdout.splitlines()[-1])
    assert [finding for finding in end["coach"] if finding["seriousness"] != "note"] == []
    assert "coach:" not in done.stderr
    changes = {"hidden": (8,), "batch_size": 32, "validation": 30, "learning_rate": 0.01}
    config = presets()["default"].config.replace(epochs=4, **changes)
    alone = Trainer(config, tiny)
    while not alone.finished:
        alone.step()
    assert end["test_loss"] == alone.evaluate(tiny.test).loss


def test_what_only_the_look_at_the_end_has_found_is_not_said_to_begin_there():
    lines = list(advice([Noted(PROBLEM, 430), Noted(PROBLEM, 900)], Config(), 900, False))
    assert lines[0].startswith("coach: the learning rate is too high, noticed at step 430: A step")
    assert lines[2].startswith("coach: the learning rate is too high, noticed at the end: A step")


def test_without_a_screen_a_divergence_is_said_once(called, tiny_options):
    options = ("--optimizer", "sgd", "--learning-rate", "1e12", "--json", "-")
    done = called("train", *tiny_options, *options)
    end = json.loads(done.stdout.splitlines()[-1])
    assert (end["reason"], end["coach"][0]["rule"]) == ("diverged", "diverged")
    assert done.stderr.count("coach:") == 1
    assert "; lower the learning rate\ncoach: try learning rate 1e12 → 0.1 (restart)" in done.stderr
