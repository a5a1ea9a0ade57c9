"""The report of a run: one HTML file that needs no other, with what the run has."""

import dataclasses
import re
import sqlite3
from html.parser import HTMLParser

import pytest
from run_files import dead_owner
from test_kept_runs import CONFIG, KeptWalk

from core.events import Scored
from core.export.source import Source
from core.metrics import confusion_matrix
from core.runs.run import Run
from tui.export.report import as_html

HOSTILE = ("<script>alert(1)</script>", "&lt;\u202e", "plain")
VOID = {"meta", "rect", "circle", "line", "polyline", "image"}


class Page(HTMLParser):
    """The tables of a page by their captions, and everything that its elements refer to."""

    def __init__(self, text):
        super().__init__()
        self.tables, self.references, self.tags, self.open = {}, [], set(), []
        self.text = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.references += [v for k, v in attributes if k in ("src", "href", "action", "data")]
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self.caption, self.rows = "", []
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        if tag == "table":
            self.tables[self.caption] = self.rows

    def handle_data(self, data):
        self.text += data
        if "caption" in self.open:
            self.caption += data
        elif self.open[-1:] in (["td"], ["th"]):
            self.rows[-1][-1] += data


@pytest.fixture
def source(tiny, tmp_path):
    """A run of 40 steps with a change after 20, on classes with hostile names."""
    walk = KeptWalk(CONFIG.replace(learning_rate=0.002), tiny, tmp_path)
    walk.run(20)
    walk.change({"learning_rate": 0.003, "dropout": 0.1})
    walk.run(20)
    trainer = walk.timeline.trainer
    walk.keeper.add(Scored(trainer.evaluate(tiny.test)))
    walk.interrupt(True)
    walk.keeper.close()
    with sqlite3.connect(walk.keeper.path) as file:
        note = (
            """UPDATE meta SET value = '"<img src=x onerror=alert(1)>\x1b"' WHERE key = 'notes'"""
        )
        file.execute(note.replace("\x1b", "\\u001b"))
    with Run(walk.keeper.path) as run:
        source = Source(run)
        source.dataset = dataclasses.replace(tiny, class_names=HOSTILE)
        yield source


def test_it_needs_no_other_file_and_runs_nothing(source):
    text = as_html(source)
    page = Page(text)
    assert page.references
    assert all(reference.startswith("data:image/png;base64,") for reference in page.references)
    assert not page.tags & {"script", "link", "img", "iframe", "object", "form"}
    assert "url(" not in text
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", text)
    assert "<img src=x onerror=alert(1)>" in page.text  # as text


def test_its_tables_have_the_numbers_of_the_run(source):
    page = Page(as_html(source))
    for evaluation in source.evaluations:
        name = evaluation.subset.capitalize()
        matrix = page.tables[
            f"{name} confusion matrix (rows: true class, columns: predicted class)"
        ]
        assert matrix[0][0] == "true ↓ predicted →"
        cells = [[int(cell) for cell in row[1:]] for row in matrix[1:]]
        assert cells == confusion_matrix(evaluation).tolist()
        assert f"Accuracy {evaluation.accuracy:.2%}, loss {evaluation.loss:.4f} nats" in page.text
    assert [e.subset for e in source.evaluations] == ["validation", "test"]
    assert page.tables["Changed during the run"][1:] == [
        ["20", "learning rate", "0.002", "0.003"],
        ["20", "dropout", "0", "0.1"],
    ]
    settings = {row[0]: row[1:] for row in page.tables["All settings"]}
    assert settings["learning rate"] == ["0.002", "0.003"]
    assert settings["hidden"] == ["8", "8"]
    assert "--at 20 learning-rate=0.003 dropout=0.1" in page.text


def test_the_report_of_a_killed_run_says_where_it_stopped(source):
    source.run.meta |= {"phase": "running", "owner": dead_owner()}
    page = Page(as_html(source))
    assert ["state", "interrupted"] in page.tables[""]
    assert "stopped after 40 steps" in page.text
    assert "add --until 40 to stop there." in page.text


def test_the_test_set_is_left_out_unless_the_run_scored_it(tiny, tmp_path):
    walk = KeptWalk(CONFIG, tiny, tmp_path)
    walk.run(3)
    walk.interrupt(True)
    walk.keeper.close()
    with Run(walk.keeper.path) as run:
        source = Source(run)
        source.dataset = tiny
        assert [evaluation.subset for evaluation in source.evaluations] == ["validation"]
