"""Print what a uv.lock says that its project or script asks for, and what its groups ask for."""

import sys

import tomllib

with open(sys.argv[1], "rb") as file:
    lock = tomllib.load(file)
groups = sys.argv[2:]
asked = list(lock.get("manifest", {}).get("requirements", []))
for package in lock.get("package", []):
    metadata = package.get("metadata", {})
    asked += metadata.get("requires-dist", [])
    for group in groups:
        asked += metadata.get("requires-dev", {}).get(group, [])
for each in asked:
    marker = f" ; {each['marker']}" if "marker" in each else ""
    print(f"{each['name']}{each.get('specifier', '')}{marker}")
