"""An index that answers on this machine only, and the one configuration that pip sees."""

from __future__ import annotations

import threading

import pytest

from resolver.index.fetcher import Fetcher
from resolver.index.session import Access
from resolver.sources.index import IndexSource

from .index_server import Handler, Index, Server


@pytest.fixture
def index():
    """An index that answers on this machine only; `url` is where."""
    with Server(("127.0.0.1", 0), Handler) as server:
        server.index = Index()
        server.index.url = f"http://127.0.0.1:{server.server_port}/simple"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.index
        server.shutdown()
        thread.join()


@pytest.fixture
def source(index, world):
    """The index as a source, with connections that are closed at the end."""
    fetcher = Fetcher()
    yield IndexSource(index.url, world.target(), Access(fetcher))
    fetcher.close()


@pytest.fixture
def pip_config(tmp_path, monkeypatch):
    """Write the only configuration that pip sees."""

    def write(text):
        file = tmp_path / "pip.conf"
        file.write_text(text)
        for name in (
            "PIP_INDEX_URL",
            "PIP_EXTRA_INDEX_URL",
            "PIP_FIND_LINKS",
            "PIP_CERT",
            "PIP_NO_INDEX",
            "PIP_DEFAULT_TIMEOUT",
            "PIP_CONSTRAINT",
            "PIP_UPLOADED_PRIOR_TO",
            "MODELENV_CACHE_DIR",
            "XDG_CACHE_HOME",
        ):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("PIP_CONFIG_FILE", str(file))
        monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path))
        monkeypatch.setenv("HOME", str(tmp_path))

    return write
