#!/usr/bin/env bash
# CPython 3.15.2, lazy-loader 0.4: whether making a dataclass loads what its annotations name.
#
# With annotations that are texts (PEP 563) up to Python 3.14 the decorator looks a name like
# `shop.Till` up in the module of the class alone, to tell a ClassVar. Python 3.15 follows the dots: it
# asks the module `shop` for `Till`. A package that publishes its names lazily (PEP 562, as by
# lazy-loader) then imports the module that has it, as soon as a class with such a field is made,
# though no statement asks for it; where that import fails the error is dropped. So the same program
# imports more on 3.15 than on 3.14; `if TYPE_CHECKING:` around the import of the package keeps it as
# it was.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.15}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check lazy-loader==0.4
mkdir shop
cat > shop/__init__.py <<'PY'
import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, submod_attrs={"heavy": ["Till"]})
PY
echo 'class Till: ...' > shop/heavy.py
cat > sale.py <<'PY'
from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import shop

if TYPE_CHECKING:
    import shop as typed

@dataclass
class Guarded:
    till: typed.Till

print("guarded:", "loaded" if "shop.heavy" in sys.modules else "not loaded")

class Plain:
    till: shop.Till

print("a plain class:", "loaded" if "shop.heavy" in sys.modules else "not loaded")

@dataclass
class Sale:
    till: shop.Till

print("a dataclass:", "loaded" if "shop.heavy" in sys.modules else "not loaded")
PY
venv/bin/python sale.py > seen.txt
version=$(venv/bin/python -c 'import sys; print(sys.version_info >= (3, 15))')
if [ "$version" = True ]; then last=loaded; else last="not loaded"; fi
printf '%s\n' "guarded: not loaded" "a plain class: not loaded" "a dataclass: $last" > wanted.txt
diff wanted.txt seen.txt || { echo "changed"; exit 1; }
sed 's/^/as seen: /' seen.txt
