"""A page says what the plain text says, at every width, and breaks nothing that is copied."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

import envfiles
import modelenv
from modelenv.base.settings import Settings
from modelenv.base.text import visible
from modelenv.cli.shared.look.blocks import (
    Block,
    Branch,
    Command,
    Excerpt,
    Facts,
    Frames,
    Gap,
    Headline,
    LinkTree,
    Page,
    Prose,
    RowTable,
)
from modelenv.cli.shared.look.draw import Pen
from modelenv.cli.shared.look.listed import ListedPins
from modelenv.cli.shared.look.pages.repairs import grown
from modelenv.cli.shared.look.screen import Screen
from modelenv.cli.shared.look.tell import page_of
from modelenv.repair.evidence.chains import Chain
from modelenv.repair.evidence.import_graph import ImportEdge
from modelenv.worker.verdict import Verdict

from ..conftest import made_once
from .test_terminal import HOSTILE, is_plain

ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
WORDS = re.compile(r"[\w./*~-]*\w")
# What the plain text says by a word, a page says by its place or by another word.
NOTES = ("it is told", "and so is this")
GLUE = {"proven", "in", "runs", "differs", "fails", "no", "way", "was", "found", "not", "nothing"}


def drawn(page: Page, width: int, *, verbose: bool = True, unicode: bool = True) -> str:
    screen = Screen(width=width, colours=False, unicode=unicode)
    return Pen(screen, str, verbose=verbose).draw(page)


# The layout

words = st.text(st.sampled_from("abcé中_./-0"), min_size=1, max_size=30)
texts = st.lists(words, min_size=1, max_size=12).map(" ".join)
ITEMS = st.lists(texts, min_size=1, max_size=6).map(tuple)
branches = st.recursive(
    st.builds(Branch, words, st.lists(texts, max_size=3).map(tuple)),
    lambda below: st.builds(
        Branch,
        words,
        st.lists(texts, max_size=2).map(tuple),
        st.lists(below, max_size=3).map(tuple),
    ),
    max_leaves=5,
)
blocks = st.one_of(
    st.builds(Headline, texts, st.sampled_from(["good", "fair", "bad", "plain"]), words),
    st.builds(RowTable, texts, st.lists(st.tuples(words, words, texts), max_size=4).map(tuple)),
    st.builds(Facts, texts, ITEMS, apart=st.booleans()),
    st.builds(Command, texts, texts),
    st.builds(LinkTree, branches),
    st.builds(Excerpt, texts, ITEMS, st.booleans()),
    st.builds(Frames, texts, st.lists(st.tuples(texts, texts), max_size=3).map(tuple)),
    st.builds(Prose, texts, st.booleans()),
    st.just(Gap()),
)


def said(block: Block | Branch) -> Iterator[str]:  # noqa: C901  # a case for each kind
    """Yield the texts of a block."""
    match block:
        case Headline():
            yield from (block.text, block.word)
        case RowTable():
            yield block.title
            yield from (cell for row in block.rows for cell in row)
        case Facts():
            yield from (block.title, *block.items)
        case Command():
            yield from (block.about, block.words)
        case LinkTree():
            yield block.root.name
            yield from (text for each in block.root.branches for text in said(each))
        case Branch():
            yield from (block.name, *block.evidence)
            yield from (text for each in block.branches for text in said(each))
        case Excerpt():
            yield from (block.title, *block.lines)
        case Frames():
            yield block.title
            yield from (text for frame in block.frames for text in frame)
        case Prose():
            yield block.text
        case Gap():
            pass


@settings(max_examples=40)
@given(st.lists(blocks, max_size=2).map(tuple), st.integers(20, 120), st.booleans())
def test_every_word_is_there_whole_at_any_width(page: Page, width: int, unicode: bool) -> None:
    seen = drawn(page, width, unicode=unicode)
    for text in (text for block in page for text in said(block)):
        for word in text.split():
            assert word in seen


@settings(max_examples=40)
@given(texts, texts, st.integers(20, 120))
def test_no_line_is_wider_than_the_screen_unless_by_one_word(
    title: str, text: str, width: int
) -> None:
    for line in drawn((Facts(title, (text,)), Headline(text, "good")), width).splitlines():
        assert cell_len(line) <= width or len(line.split()) <= 2


@pytest.mark.parametrize("width", [20, 40, 80, 120])
def test_what_is_copied_stands_on_one_line(width: int) -> None:
    command = "modelenv requirements add -m /a/long/path/of/a/model opencv-python-headless"
    note = "modelenv lock -m /a/long/path/of/a/model --upgrade forgets that"
    place = "/home/me/my models/a model"
    page = (
        Command("mend", f"{command} 'and<2'"),
        Facts("note", (f"as of 2024-03-01, as the folder records; {note}",)),
        Facts("folder", (place,), whole=True),
        Facts("way out", (f"run `{command}` there, and all is well",)),
    )
    seen = drawn(page, width)
    for whole in (f"{command} 'and<2'", "modelenv lock -m /a/long/path/of/a/model", place):
        assert whole in seen
    assert f"`{command}`" in seen


def test_long_lists_fold_unless_all_is_asked_for() -> None:
    page = (Facts("left out", tuple(f"part-{number} (by somebody)" for number in range(9))),)
    folded, whole = drawn(page, 60, verbose=False), drawn(page, 60)
    assert "left out (9)" in folded
    assert "and 6 more (-v shows all)" in folded
    assert "part-8" not in folded
    short = (Facts("names", tuple("abcdefgh")),)
    assert drawn(short, 60, verbose=False).splitlines()[0] == "names (8)"
    assert drawn(short, 60) == "names: a, b, c, d, e, f, g, h"
    assert "part-8" in whole
    assert "more" not in whole
    note = (Facts("note", ("word " * 100,), folds=False),)
    assert drawn(note, 60, verbose=False).count("word") == 100


def test_marks_and_lines_are_ascii_where_the_encoding_is() -> None:
    tree = LinkTree(Branch("a", (), (Branch("b", ("c",)), Branch("d", ("e", "f")))))
    page = (Headline("it is", "good", "yes"), Headline("it is not", "bad", "no"), tree)
    assert drawn(page, 60, unicode=False).isascii()
    assert drawn(page, 60).splitlines()[:2] == ["✓ yes: it is", "✗ no: it is not"]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_nobody_s_text_moves_a_cursor_or_brings_a_colour(hostile: str) -> None:
    tree = LinkTree(Branch(hostile, (), (Branch(hostile, (hostile, hostile)),)), (hostile,))
    page = (
        Headline(hostile, "good", hostile),
        RowTable(hostile, ((hostile, hostile, hostile),)),
        Facts(hostile, (hostile,)),
        tree,
        Command(hostile, f"[red]{hostile}"),
        Excerpt(hostile, (hostile,), is_diff=True),
        Frames(hostile, ((hostile, hostile),)),
        Prose(hostile),
    )
    pen = Pen(Screen(width=60, colours=True, unicode=True), visible, verbose=True)
    seen = ESCAPES.sub("", pen.draw(page))
    assert is_plain(seen)
    assert "[red]" in seen


def test_chains_are_one_tree_in_which_a_beginning_stands_once() -> None:
    def link(parent: str, child: str, label: str) -> ImportEdge:
        return ImportEdge(parent, child, "import", label)

    first, other = link("the model", "a", "x imports a"), link("the model", "a", "pickled")
    to_b, to_c = link("a", "b", "a/x.py:1 imports b"), link("b", "c", "requires c")
    chains = (Chain((first, to_b)), Chain((other, to_b)), Chain((first, to_b, to_c)))
    assert grown(chains) == (
        Branch(
            "a",
            ("x imports a", "pickled"),
            (Branch("b", ("a/x.py:1 imports b",), (Branch("c", ("requires c",)),)),),
        ),
    )


# The values


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """What commands report, of a real model."""
    with made_once(tmp_path_factory) as project:
        folder = project.root.parent / "a model"
        body = "import yaml, packaging.version\nreturn [yaml.__name__, len(data)]"
        account = modelenv.save_model(project.model(body), folder, input_example=[1, 2])
        edited = modelenv.update_requirements(folder, constraints=["packaging<100"])
        entries = account.environment.requirements
        left = envfiles.read_side(folder)
        right = envfiles.side("other", "3.9.1", ["pyyaml==1.0", "other @ https://h/a.whl"])
        return [
            account,
            account.verdict,
            edited,
            ListedPins(tuple(entries), ("-e .",)),
            envfiles.compare(left, right),
            envfiles.compare(left, left),
            modelenv.inspect_model(folder),
            modelenv.why(folder, "pyyaml"),
            modelenv.minimize(folder),
            modelenv.diagnose("ModuleNotFoundError: No module named 'cv2'", folder),
            Verdict(status="fails", where="here", reason="no module x", stage="load", notes=NOTES),
        ]


@pytest.mark.parametrize("width", [40, 80, 120])
def test_a_page_says_what_the_plain_text_says(values: list[Any], width: int) -> None:
    for value in values:
        seen = set(WORDS.findall(drawn(page_of(value), width)))
        plain = set(WORDS.findall(str(value)))
        assert plain - seen - GLUE == set(), type(value)


def test_the_headline_has_the_answer_in_words(values: list[Any]) -> None:
    heads = [str(page_of(value)[0]) for value in values]
    assert heads[0].startswith(("reproduces: the prediction", "runs: "))
    assert heads[4].startswith("differs: ")
    assert heads[5].endswith("no difference")
    assert heads[-1] == "fails: no module x"


# The screen


class Stream:
    """A stream that says of itself what it is told to."""

    def __init__(self, *, terminal: bool, encoding: str = "utf-8") -> None:
        self.terminal = terminal
        self.encoding = encoding

    def isatty(self) -> bool:
        return self.terminal

    def fileno(self) -> int:
        raise OSError


@pytest.mark.parametrize(
    ("variables", "terminal", "colours"),
    [
        ({}, True, True),
        ({}, False, None),
        ({"TERM": "dumb"}, True, None),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"CLICOLOR": "0"}, True, False),
        ({"CLICOLOR": "1"}, False, None),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"FORCE_COLOR": "0"}, False, None),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, True, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
        ({"CLICOLOR_FORCE": "1", "CLICOLOR": "0"}, False, True),
    ],
)
def test_colours_follow_the_conventions(
    variables: dict[str, str], terminal: bool, colours: bool | None
) -> None:
    stream: Any = Stream(terminal=terminal)
    screen = Screen.of(stream, Settings(variables, None))
    assert (None if screen is None else screen.colours) == colours


def test_the_width_is_the_terminal_s_within_what_can_be_read() -> None:
    def width(columns: str) -> int:
        stream: Any = Stream(terminal=True, encoding="ascii")
        screen = Screen.of(stream, Settings({"COLUMNS": columns}, None))
        assert screen is not None
        assert not screen.unicode
        return screen.width

    assert [width(each) for each in ("", "0", "x", "7", "66", "999")] == [80, 80, 80, 20, 66, 120]
