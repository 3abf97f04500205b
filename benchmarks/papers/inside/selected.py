"""Print the pins that packaging selects of a lock (PEP 751): ``selected.py LOCK [TARGET]``."""

import sys

import tomllib
from packaging.markers import default_environment
from packaging.pylock import Pylock
from packaging.tags import compatible_tags, cpython_tags, sys_tags

with open(sys.argv[1], "rb") as file:
    lock = Pylock.from_dict(tomllib.load(file))
environment, tags = default_environment(), list(sys_tags())
if sys.argv[2:]:
    minor, platform = sys.argv[2].split("-")
    version = tuple(map(int, minor.split(".")))
    environment |= {
        "python_version": minor, "python_full_version": f"{minor}.0",
        "implementation_version": f"{minor}.0",
        "sys_platform": "win32", "platform_system": "Windows", "os_name": "nt",
        "platform_machine": "AMD64",
    }  # fmt: skip
    tags = [
        *cpython_tags(version, platforms=[platform]),
        *compatible_tags(version, None, [platform]),
    ]
for package, _ in lock.select(environment=environment, tags=tags):
    print(f"{package.name}=={package.version}")
