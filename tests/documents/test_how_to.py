"""The how-tos whose surroundings have to be made: an index with a login, a proxy."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from ..small_worlds import Index, index, write_wheel
from .given import Shelf
from .pages import Block, blocks, given
from .running import read_page, reader
from .test_pages import free_port

__all__ = ["index"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="the commands are for a POSIX shell"),
]
PRICING = "def price(rows):\n    return [2 * each for each in rows]\n"
HOST = "pypi.example.org"
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def page_of(name: str, instead: Mapping[str, str]) -> list[Block]:
    """Return the blocks of a how-to, with what is called otherwise here."""
    found = blocks(f"docs/how-to/{name}.md")
    for old, new in instead.items():
        found = [replace(each, text=each.text.replace(old, new)) for each in found]
    return found


def test_a_private_index(
    index: Index, shelf: Shelf, variables: Mapping[str, str], tmp_path: Path
) -> None:
    pytest.importorskip("uv")
    me = tmp_path / "me"
    shelf.place(given("docs/how-to/private-index.md"), me)
    modules = {"acme_pricing/__init__.py": PRICING}
    index.add(write_wheel(tmp_path, "acme_pricing", "1.2", modules=modules))
    own_environment(me / ".venv", index)
    index.login = "reader:hunter2-s3cret"
    local = index.url.replace("127.0.0.1", "localhost")
    instead = {
        f"https://reader:${{ACME_TOKEN}}@{HOST}": local.replace("//", "//reader:${ACME_TOKEN}@"),
        f"https://{HOST}": local,
        HOST: "localhost",
        "PYPI_EXAMPLE_ORG": f"LOCALHOST_{local.rpartition(':')[2]}",
    }
    caches = {
        "NETRC": str(me / "netrc"),
        "MODELENV_CACHE_DIR": str(tmp_path / "cache"),
        "UV_CACHE_DIR": str(tmp_path / "uv"),
    }
    with reader(me, {**variables, **caches}) as here:
        assert read_page(page_of("private-index", instead), here) >= 6
    for file in me.rglob("*"):
        if file.is_file() and file.name != "netrc" and ".venv" not in file.parts:
            assert b"hunter2" not in file.read_bytes(), file


def own_environment(root: Path, index: Index) -> None:
    """Make an environment with what is installed here, and the private distribution besides."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", root], check=True)
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    site = root / "lib" / version / "site-packages"
    above = [sysconfig.get_path("purelib"), str(Path(__file__).parents[2])]
    (site / "above.pth").write_text("".join(f"{each}\n" for each in above))
    program = root / "bin" / "modelenv"
    program.write_text(
        f"#!{root}/bin/python\nimport sys\nfrom modelenv.cli import main\nsys.exit(main())\n"
    )
    program.chmod(0o755)
    install = ["uv", "pip", "install", "--quiet", "--python", str(root / "bin" / "python")]
    install += ["--index-url", f"{index.url}/simple", "--no-deps", "acme-pricing"]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(install, check=True, env={**os.environ, "PATH": path})


def test_a_server_behind_a_proxy(
    shelf: Shelf, variables: Mapping[str, str], tmp_path: Path
) -> None:
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None or shutil.which("curl") is None:
        pytest.skip("nginx and curl are not here")
    me = tmp_path / "me"
    shelf.place(given("docs/how-to/behind-a-proxy.md"), me)
    found = page_of("behind-a-proxy", {"5000": str(free_port()), "8080": str(free_port())})
    first = next(place for place, each in enumerate(found) if "not run" in each.marks)
    with reader(me, variables) as here:
        assert read_page(found[:first], here) == 2
        with proxy(program, me):
            assert read_page(found[first:], here) == 2


@contextlib.contextmanager
def proxy(program: str, folder: Path) -> Iterator[None]:
    """Run nginx by the page's file, without the rights and the folders of a service."""
    own = [f"{name}_temp_path {folder}/{name};" for name in TEMPORARY]
    text = (folder / "nginx.conf").read_text("utf-8")
    text = text.replace("http {", f"http {{ access_log off; {' '.join(own)}", 1)
    file = folder / "own.conf"
    file.write_text(f"daemon off; pid {folder}/pid; error_log stderr;\n{text}", "utf-8")
    running = subprocess.Popen([program, "-c", str(file), "-p", str(folder)])
    try:
        yield
    finally:
        running.terminate()
        running.wait(20)
