"""The page in a real browser: it asks for nothing, keys do what a mouse does, nothing is cut."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

import modelenv
from modelenv.base.siblings import resolver

from ..conftest import Site, made_once
from .test_page import HOSTILE, hostile  # noqa: F401  # a fixture

pytestmark = pytest.mark.slow
pytest.importorskip("jinja2")
playwright = pytest.importorskip("playwright.sync_api")

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
REAL = """
import own_words

class Model:
    def __init__(self):
        from sklearn.linear_model import LinearRegression
        self.inner = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
    def predict(self, data):
        return self.inner.predict(own_words.doubled(data))
"""
THOUSAND = 1_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip(f"none of {', '.join(NAMES)} is on PATH")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield opened
        opened.close()


@dataclass
class Seen:
    """A page that is open, and all that it said and asked for."""

    page: Any
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def value(self, script: str) -> Any:
        return self.page.evaluate(script)


Open = Callable[..., Seen]


@pytest.fixture
def show(browser: Any) -> Iterator[Open]:
    """Open a page; at the end it has said nothing, and asked for nothing but itself."""
    shown: list[Seen] = []

    def show(file: Path, width: int = 1280, scheme: str = "light") -> Seen:
        view = {"width": width, "height": 844}
        seen = Seen(browser.new_page(viewport=view, color_scheme=scheme))
        seen.page.on("console", lambda each: seen.said.append(each.text))
        seen.page.on("pageerror", lambda each: seen.said.append(str(each)))
        seen.page.on("dialog", lambda each: seen.said.append(each.message))
        seen.page.on("request", lambda each: seen.asked.append(each.url))
        seen.page.goto(file.as_uri())
        shown.append(seen)
        return seen

    yield show
    for seen in shown:
        seen.page.wait_for_timeout(50)
        assert seen.said == []
        assert len(seen.asked) == 1
        seen.page.close()


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a model of scikit-learn with code of its own."""
    with made_once(tmp_path_factory) as project:
        project.write(
            "own_words.py", "import numpy as np\ndef doubled(data): return np.asarray(data) * 2\n"
        )
        made = project.root.parent / "churn"
        model = project.get("own_model", REAL, "Model")()
        modelenv.save_model(model, made, input_example=[[1.0], [2.0]])
        page = project.root.parent / "report.html"
        modelenv.report_model(made, page)
    return page


@pytest.fixture(scope="module")
def thousand(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a model with a thousand distributions, each of which needs some others."""
    root = tmp_path_factory.mktemp("thousand")
    site = Site(root / "site-packages")
    names = [f"own-{number}" for number in range(THOUSAND)]
    for number, name in enumerate(names):
        needs = {number * 2 + 1, number * 2 + 2, number + 40, number * 3 + 7}
        needs |= {0} if number % 100 == 99 else set()  # which closes circles
        site.install(name, requires=[names[each] for each in sorted(needs) if each < THOUSAND])
    place = root / "model"
    place.mkdir()
    function = {"loader_module": "mlflow.sklearn", "python_version": "3.11.7", "env": "conda.yaml"}
    (place / "MLmodel").write_text(yaml.safe_dump({"flavors": {"python_function": function}}))
    lines = [f"{name}==1.0" for name in names]
    (place / "requirements.txt").write_text("\n".join(lines))
    (place / "python_env.yaml").write_text("python: 3.11.7\ndependencies: [-r requirements.txt]\n")
    conda = {"dependencies": ["python=3.11.7", "pip", {"pip": lines}]}
    (place / "conda.yaml").write_text(yaml.safe_dump(conda))
    installed = resolver.Installed([str(site.root)], resolver.Target.current())
    modelenv.report_model(place, root / "report.html", installed=installed)
    return root / "report.html"


def overlapping(page: Any) -> int:
    """Return how many pairs of nodes, in the order of their places, cover one another."""
    found: int = page.evaluate("""() => {
        const boxes = [...document.querySelectorAll('.node rect')].map(each => each.getBBox());
        boxes.sort((a, b) => a.y - b.y || a.x - b.x);
        return boxes.slice(1).filter((box, i) =>
            box.y < boxes[i].y + boxes[i].height && box.x < boxes[i].x + boxes[i].width).length;
    }""")
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_is_shown_whole_at_any_width(real: Path, show: Open, width: int, scheme: str) -> None:
    seen = show(real, width, scheme)
    assert seen.value("document.documentElement.scrollWidth") <= width
    assert seen.page.title() == "churn · model report"
    shown = seen.value("[...document.querySelectorAll('.node')].map(each => each.textContent)")
    assert {"the model", "own_words.py", "scikit-learn", "numpy"} <= {*shown}
    assert overlapping(seen.page) == 0
    wide = """[...document.querySelectorAll('main *')].filter(each =>
        !each.closest('.hidden') && each.getBoundingClientRect().right > innerWidth + 1).length"""
    assert seen.value(wide) == 0
    ground = seen.value("getComputedStyle(document.body).backgroundColor")
    bright = sum(int(each) for each in ground.strip("rgb()").split(",")) > 384
    assert bright == (scheme == "light")


def test_a_real_model_s_page_is_small_and_opens_at_once(real: Path, show: Open) -> None:
    assert real.stat().st_size < 400_000
    took = "performance.timing.loadEventEnd - performance.timing.navigationStart"
    assert min(show(real).value(took) for _ in range(3)) < 1_000


def test_keys_lead_through_the_graph_to_the_evidence(real: Path, show: Open) -> None:
    page = show(real).page
    page.focus("#focus")
    page.keyboard.press("Tab")
    focused = "document.activeElement.textContent"
    assert page.evaluate(focused) == "the model"
    page.keyboard.press("ArrowDown")
    assert page.evaluate(focused) == "own_model.py"
    page.keyboard.press("Enter")
    assert page.text_content("#evidence h3") == "own_model.py"
    assert "its pickle names own_model" in page.text_content("#evidence")
    assert page.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"
    page.keyboard.press("Escape")
    assert page.text_content("#evidence h3") == "Why is it there?"
    assert page.evaluate("document.querySelectorAll('.node[tabindex=\"0\"]').length") == 1


def test_what_is_found_by_its_name_shows_each_line_that_needs_it(real: Path, show: Open) -> None:
    page = show(real).page
    page.fill("#find", "scipy")
    evidence = page.text_content("#evidence")
    assert "imports scipy" in evidence
    assert "requires scipy>=" in evidence
    page.click("#evidence .link:text-is('scikit-learn')")
    assert page.text_content("#evidence h3") == "scikit-learn"
    page.check("#focus")
    few = page.locator(".node").count()
    page.uncheck("#focus")
    assert 1 < few < page.locator(".node").count()
    page.click("th a[data-node='numpy']")
    assert page.text_content("#evidence h3") == "numpy"


def test_tables_are_sorted_and_searched(real: Path, show: Open) -> None:
    page = show(real).page
    table = "#needs table"
    page.click(f"{table} thead button:text('Here')")
    assert page.get_attribute(f"{table} thead th:nth-child(3)", "aria-sort") == "descending"
    sizes = """[...document.querySelectorAll('#needs tbody tr')]
        .map(row => Number(row.cells[2].dataset.sort))"""
    found = page.evaluate(sizes)
    assert found == sorted(found, reverse=True)
    page.focus(f"{table} thead button:text('Here')")
    page.keyboard.press("Enter")
    assert page.evaluate(sizes) == sorted(found)
    page.fill("#folder input[type=search]", "own_ words")
    left = page.locator("#folder tbody tr:visible")
    assert left.count() == 1
    assert "code/own_words.py" in left.first.text_content()
    page.fill("#folder input[type=search]", "nowhere")
    assert "Nothing has these words" in page.text_content("#folder tbody tr:visible")


def test_imports_are_looked_into_by_key(real: Path, show: Open) -> None:
    page = show(real).page
    page.focus("#icicle [tabindex='0']")
    assert " modules in " in page.text_content("#reading")
    page.keyboard.press("ArrowDown")
    name = page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == name
    assert "with all below it" in page.text_content("#reading")
    wide = "document.activeElement.querySelector('rect').getBBox().width"
    assert page.evaluate(wide) == pytest.approx(
        page.evaluate("document.querySelector('#icicle').clientWidth"), abs=1
    )
    page.keyboard.press("Escape")
    page.click("#owners button >> nth=0")
    assert page.locator(".bar-of.other").count() > 0


def test_a_button_changes_between_light_and_dark(real: Path, show: Open) -> None:
    page = show(real).page
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.click("#theme")
    assert (page.get_attribute("#theme", "aria-label"), page.evaluate(ground)) == (
        "Theme: light",
        light,
    )
    page.click("#theme")
    assert page.evaluate(ground) != light
    page.click("#theme")
    assert page.evaluate(ground) == light


def test_all_that_can_be_used_has_a_name(real: Path, show: Open) -> None:
    nameless = """[...document.querySelectorAll('button, a, input, [role=button], svg, aside')]
        .filter(each => !(each.getAttribute('aria-label') || each.textContent.trim() ||
            each.labels?.[0]?.textContent.trim())).map(each => each.outerHTML)"""
    assert show(real).value(nameless) == []


def test_on_paper_nothing_is_hidden_behind_a_scroll_bar(real: Path, show: Open) -> None:
    page = show(real, scheme="dark").page
    page.set_viewport_size({"width": 700, "height": 1000})  # A4 between its margins
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth") <= 700
    assert not page.is_visible("nav")
    cut = """[...document.querySelectorAll('.scroll, .graph, .icicle')]
        .filter(each => each.scrollHeight > each.clientHeight + 1).length"""
    assert page.evaluate(cut) == 0
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(27, 29, 33)"


def test_a_thousand_distributions_stay_fluid(thousand: Path, show: Open) -> None:
    page = show(thousand).page
    assert page.locator(".node").count() == THOUSAND + 1
    assert page.locator("#needs tbody tr").count() == THOUSAND
    assert overlapping(page) == 0
    choose = """async name => {
        const find = document.getElementById('find');
        find.value = name;
        const begun = performance.now();
        find.dispatchEvent(new Event('input', { bubbles: true }));
        await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
        return performance.now() - begun;
    }"""
    took = [page.evaluate(choose, f"own-{number}") for number in (3, 77, 500, 990)]
    assert sorted(took)[1] < 200, took
    assert page.text_content("#evidence h3") == "own-990"
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_markup_in_a_folder_is_shown_as_text(
    hostile: Path,  # noqa: F811
    tmp_path: Path,
    show: Open,
) -> None:
    file = tmp_path / "report.html"
    modelenv.report_model(hostile, file)
    page = show(file, 390).page
    assert page.text_content("h1") == "<b>churn"
    name = HOSTILE.replace("\u202e", "\\u202e")
    labels = page.evaluate("[...document.querySelectorAll('.node')].map(each => each.ariaLabel)")
    assert f"{name}, left out" in labels
    page.fill("#find", name)
    assert page.text_content("#evidence h3") == name
    assert page.locator("img").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    data = json.loads(page.text_content("#data"))
    assert name in [each["name"] for each in data["nodes"]]
