"""Print the pins that packaging selects of a lock (PEP 751): ``selected.py LOCK [TARGET]``."""

import sys

import tomllib
from packaging.markers import default_environment
from packaging.pylock import Pylock
from packaging.tags import compatible_tags, cpython_tags, mac_platforms, sys_tags

_GLIBC = [f"manylinux_2_{each}_x86_64" for each in range(28, 4, -1)]
_OLD = {
    "manylinux_2_17_x86_64": "manylinux2014_x86_64",
    "manylinux_2_5_x86_64": "manylinux1_x86_64",
}
PLATFORMS = {
    "linux_x86_64": (
        "linux", "posix", "Linux", "x86_64",
        [tag for each in _GLIBC for tag in (each, _OLD.get(each, "")) if tag] + ["linux_x86_64"],
    ),
    "macosx_arm64": ("darwin", "posix", "Darwin", "arm64", list(mac_platforms((13, 0), "arm64"))),
    "win_amd64": ("win32", "nt", "Windows", "AMD64", ["win_amd64"]),
}  # fmt: skip
"""What markers call each platform, and the tags of its wheels."""

with open(sys.argv[1], "rb") as file:
    lock = Pylock.from_dict(tomllib.load(file))
environment, tags = default_environment(), list(sys_tags())
if sys.argv[2:]:
    minor, platform = sys.argv[2].split("-")
    version = tuple(map(int, minor.split(".")))
    system, os_name, name, machine, newest = PLATFORMS[platform]
    environment |= {
        "python_version": minor, "python_full_version": f"{minor}.0",
        "implementation_version": f"{minor}.0",
        "sys_platform": system, "platform_system": name, "os_name": os_name,
        "platform_machine": machine,
    }  # fmt: skip
    tags = [
        *cpython_tags(version, platforms=newest),
        *compatible_tags(version, f"cp{minor.replace('.', '')}", newest),
    ]
for package, _ in lock.select(environment=environment, tags=tags):
    print(f"{package.name}=={package.version}")
