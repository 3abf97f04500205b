"""A model of a module that was loaded by its path is refused with the file and ways out."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import cloudpickle
import pytest

import modelenv
from modelenv.save.observe.here.loaded_by_path import loaded_by_path
from modelenv.worker.errors import RunFailedError

SOURCE = "class Model:\n    def predict(self, data):\n        return [each + 1 for each in data]\n"


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Load a plugin as hosts of plugins do: a file whose name no import statement can say."""
    file = tmp_path / "my-plugin.py"
    file.write_text(SOURCE)
    spec = spec_from_file_location("plugin_of_a_host", file)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "plugin_of_a_host", module)
    spec.loader.exec_module(module)
    return module


def test_the_file_is_named_and_the_way_out_works(plugin: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(RunFailedError) as caught:
        modelenv.save_model(plugin.Model(), tmp_path / "model", input_example=[1])
    said = str(caught.value)
    assert f"loaded plugin_of_a_host from {plugin.__file__} by its path" in said
    assert "cloudpickle.register_pickle_by_value(plugin_of_a_host)" in said
    cloudpickle.register_pickle_by_value(plugin)
    try:
        modelenv.save_model(plugin.Model(), tmp_path / "model", input_example=[1])
    finally:
        cloudpickle.unregister_pickle_by_value(plugin)
    assert modelenv.predict(tmp_path / "model", [4]) == [5]


def test_what_a_finder_finds_is_no_case_of_it(plugin: ModuleType) -> None:
    assert plugin.__name__ in sys.modules
    assert list(loaded_by_path(["json.decoder", "yaml", "not_there", "sys"])) == []
    (only,) = loaded_by_path(["plugin_of_a_host.part", "plugin_of_a_host"])
    assert only.startswith("this program loaded plugin_of_a_host from ")
