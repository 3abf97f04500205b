"""Valid image names, as docker, podman, skopeo and registries read them."""

from __future__ import annotations

import pytest

from modelenv.ship.engines.names import ImageName, name_of
from modelenv.ship.errors import NoImageError

TAKEN = {
    "wine": "wine:latest",
    "wine:1": "wine:1",
    "wine:V_1.0-rc": "wine:V_1.0-rc",
    "localhost:5000/plain": "localhost:5000/plain:latest",
    "localhost/plain:x": "localhost/plain:x",
    "Registry.example.com:443/a/b--c__d:1": "Registry.example.com:443/a/b--c__d:1",
    "wine:1/x": "wine:1/x:latest",  # of the registry at port 1
    "team/wine_model": "team/wine_model:latest",
    "w" * 255: "w" * 255 + ":latest",
}
REFUSED = (
    *("wine:1:2", "wine//x", "wine:", "a/", "/a", "wine_", "w..x", "w___x", "w._x", "-w", ".w", ""),
    *("Wine", "team/Wine", "wine:-1", "wine:" + "1" * 129, "wine:ü", "wïne", "wine 1", "wine\n"),
    *("host:port/wine", "-host.x/wine", "host:5000/", "w" * 256, "0" * 64),
    *("wine@sha256:" + "0" * 64, "--wine", "[fd00::1]:5000/wine"),
)


@pytest.mark.parametrize("text", TAKEN)
def test_what_engines_take_is_a_name(text):
    assert str(ImageName.read(text)) == TAKEN[text]


@pytest.mark.parametrize("text", REFUSED)
def test_what_no_engine_loads_is_none(text):
    with pytest.raises(NoImageError):
        ImageName.read(text)


@pytest.mark.parametrize(
    "folder", ["wine", "Wine Model (2)", "_x_", "a..b", "a_.b", "a___b", "模型", "", "x" * 300, "-"]
)
def test_every_folder_has_a_name_for_its_image(folder):
    ImageName.read(name_of(folder))
