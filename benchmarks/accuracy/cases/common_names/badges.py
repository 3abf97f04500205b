from __future__ import annotations

from jinja2 import Template
from PIL import ImageColor
from requests import Request


class Badges:
    """Badges as SVG, with the address under which they can be had."""

    def __init__(self, styles: str, template: str) -> None:
        self.styles = styles
        self.template = template

    def predict(self, labels: list[str]) -> list[dict[str, str]]:
        import yaml

        styles = yaml.safe_load(self.styles)
        return [self._badge(label, **styles) for label in labels]

    def _badge(self, label: str, colour: str, address: str) -> dict[str, str]:
        prepared = Request("GET", address, params={"label": label}).prepare()
        svg = Template(self.template).render(label=label, rgb=ImageColor.getrgb(colour))
        return {"address": prepared.url, "svg": svg}
