"""ASCII output, for terminals that cannot show other characters."""

import re
import subprocess
import sys
from dataclasses import replace

import canned
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from core.config.config import Config
from tui.ascii_locale import locale_is_ascii
from tui.substitutes import ascii_names, to_ascii

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what it was")


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Mn", "Me", "Cf"])))
def test_the_replacement_of_a_text_is_ascii_with_the_same_width(text):
    assert to_ascii(text).isascii()
    assert cell_len(to_ascii(text)) == cell_len(text)


def test_frames_arrows_and_bars_keep_their_meaning():
    assert to_ascii("╭─ Loss ─╮ ▶ ━━╌ 1×2 …") == "+- Loss -+ > ==. 1x2 ."
    assert to_ascii("0.5±0.2 ✓ ▲ ▼ ▁▄█") == "0.5~0.2 = ^ v -##"


def test_a_change_of_a_value_is_not_read_as_greater():
    assert to_ascii("learning rate 0.005 → 0.01 after") == "learning rate 0.005 ->0.01 after"
    assert to_ascii("Shirt (9%) → Coat") == "Shirt (9%) ->Coat"
    assert to_ascii("← → class, ↑ ↓ → layer") == "< > class, ^ v > layer"


def test_letters_lose_their_accents_and_names_without_letters_get_their_number():
    assert to_ascii("Kätzchen Größe Łódź") == "Katzchen Grose Lodz"
    names = ("T-shirt", "Größe", "日本", "مرحبا", "👩👩👧", "é", "e")
    assert ascii_names(names) == (
        *("T-shirt", "Grosse", "class 2", "class 3", "class 4", "class 5", "e"),
    )


async def test_the_screen_names_such_classes_so():
    start, *events = canned.run()
    names = ("日本", "Ä", *canned.NAMES[2:])
    start = replace(start, dataset=replace(start.dataset, class_names=names))
    async with canned.screen(start, *events, ascii=True) as pilot:
        shown = pilot.app._training.snapshot.run.dataset.class_names
        assert shown == ("class 0", "A", *canned.NAMES[2:])


@pytest.mark.parametrize(
    ("environment", "only"),
    [
        ({"LC_ALL": "C"}, True),
        ({"LANG": "POSIX"}, True),
        ({"LC_ALL": "C", "LANG": "en_US.UTF-8"}, True),
        ({"LANG": "en_US.UTF-8"}, False),
        ({"LC_CTYPE": "en_US.utf8", "LANG": "C"}, False),
        ({}, False),
    ],
    ids=str,
)
def test_the_locale_decides_whether_only_ascii_is_used(monkeypatch, environment, only):
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert locale_is_ascii() == only


@pytest.mark.parametrize(
    ("variables", "only"),
    [
        ({"LANG": "C"}, True),
        ({"LC_CTYPE": "C.UTF-8", "LANG": "C"}, False),
        pytest.param({"LC_CTYPE": "POSIX"}, True, marks=on_linux),
        pytest.param({"LC_CTYPE": "C", "LANG": "en_US.UTF-8"}, True, marks=on_linux),
        ({}, False),
    ],
    ids=str,
)
def test_python_may_have_changed_the_locale_at_its_start(environment, variables, only):
    clean = {n: v for n, v in environment.items() if not n.startswith(("LC_", "LANG"))}
    program = "from tui.ascii_locale import locale_is_ascii; print(locale_is_ascii())"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        encoding="utf-8",
        env=clean | variables,
        timeout=60,
    )
    assert done.stdout == f"{only}\n"


async def test_the_palette_has_a_prompt_and_no_question_marks():
    async with canned.screen(ascii=True) as pilot:
        await pilot.press("colon", *"dropout 0.2")
        await canned.until(pilot, lambda: ">> dropout 0.2" in canned.text(pilot))
        assert "??" not in canned.text(pilot)


async def test_every_pane_is_drawn_in_ascii():
    help_and_go_to = ("escape", "question_mark"), ("escape", "g"), ("escape",)
    async with canned.screen(size=(80, 24), ascii=True) as pilot:
        for size in ((80, 24), (120, 40), (200, 60)):
            await pilot.resize_terminal(*size)
            for keys in (*"1234f", *help_and_go_to):
                await pilot.press(*keys)
                await pilot.pause()
                rows = [strip.text for strip in pilot.app.screen._compositor.render_strips()]
                assert all(row.isascii() for row in rows), "\n".join(rows)


async def test_a_space_stands_before_the_mark_of_a_list_and_takes_no_room_from_the_images():
    async with canned.screen(ascii=True, config=Config(schedule="one-cycle")) as pilot:
        await canned.until(pilot, lambda: re.search("one-cycle +v", canned.text(pilot)))
        assert "1-6, most confident first" in canned.text(pilot)


@pytest.mark.parametrize("variables", [{"LC_ALL": "C"}, {"LC_CTYPE": "", "LC_ALL": "POSIX"}])
def test_commands_print_tables_and_bars_in_ascii_where_the_locale_has_no_more(
    called, tiny_options, tmp_path, variables
):
    runs = ("--runs", str(tmp_path / "runs"))
    done = called("train", *tiny_options, *runs, env=variables)
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert "+-----" in done.stdout
    assert "| 0     |" in done.stdout
    [path] = (tmp_path / "runs").iterdir()
    called("runs", "star", path.stem, *runs)
    for arguments in (
        ("runs", *runs),
        ("runs", "show", path.stem, *runs),
        ("find-rate", *tiny_options),
        ("data", tiny_options[1]),
        ("presets",),
    ):
        done = called(*arguments, env=variables)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.isascii(), arguments
    assert f"{path.stem} *" in called("runs", *runs, env=variables).stdout


def test_paths_are_printed_as_they_are(called, tmp_path, tiny_options):
    """In any locale, because other programs read them."""
    runs = ("--runs", str(tmp_path / "Läufe"))
    assert called("train", *tiny_options, *runs, env={"LC_ALL": "C"}).returncode == 0
    [path] = (tmp_path / "Läufe").iterdir()
    printed = called("runs", "path", path.stem, *runs, env={"LC_ALL": "C"}).stdout
    assert printed == f"{path}\n"


async def test_signs_of_the_main_screen_that_mean_different_things_differ():
    async with canned.screen(*canned.run(), size=(120, 40), ascii=True) as pilot:
        await canned.until(pilot, lambda: "regularization" in canned.text(pilot))
        await pilot.press("3")
        await canned.until(pilot, lambda: "-> " in canned.text(pilot))
        shown = canned.text(pilot)
        assert "+ regularization" in shown  # a folded group
        assert shown.count(">") - shown.count("->") == 1  # the selected image
        assert "~" in shown  # the average in the charts
        assert "*" not in re.sub(r"[.:*#%@=+-]{3,}", "", shown)  # nothing waits for a restart
