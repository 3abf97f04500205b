#!/usr/bin/env bash
# Pillow 13.0.0, wheel for Linux: what a font that travels with the code still needs of the system.
#
# One would guess that text drawn by a wheel that brings FreeType, HarfBuzz and Raqm, with a font of
# one's own, looks the same on every Linux: the wheel links to nothing of the system for it. But
# FriBiDi is not in the wheel: it is looked for on the system when the module is loaded, and where it
# is not found all of Raqm is left out without a word. Then not only text from right to left differs:
# plain Latin letters stand elsewhere, since no kerning of the font's GPOS table is applied, and their
# widths are other ones. Nothing raises, and no list of linked libraries names it. Slim images have
# no libfribidi0.
#
# To be shown where the library is, on Linux: a file of that name that is no library hides it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check pillow==13.0.0 matplotlib==3.10.6
cat > draw.py <<'PY'
import hashlib, pathlib, sys
from PIL import Image, ImageDraw, ImageFont, features

(fonts,) = pathlib.Path(sys.prefix).glob("lib/python3.*/site-packages/matplotlib/mpl-data/fonts/ttf")
font = ImageFont.truetype(str(fonts / "DejaVuSans.ttf"), 40)
image = Image.new("L", (400, 60))
ImageDraw.Draw(image).text((5, 5), "AVATAR To 12", 255, font=font)
print("raqm", features.check("raqm"), "width", font.getlength("AVATAR To 12"),
      hashlib.sha256(image.tobytes()).hexdigest()[:8])
PY
venv/bin/python -c "import ctypes; ctypes.CDLL('libfribidi.so.0')" 2> said ||
  { echo "this cannot be shown without libfribidi.so.0: $(tail -1 said)"; exit 1; }
mkdir hidden && : > hidden/libfribidi.so.0
expect() { # expect WHAT WANTED SEEN
  [ "$2" = "$3" ] || { echo "changed: $1: $3"; exit 1; }
  echo "as seen: $1"
}
with=$(venv/bin/python -I draw.py)
without=$(LD_LIBRARY_PATH=hidden venv/bin/python -I draw.py 2> errors)
expect "with FriBiDi, Latin text is kerned" "raqm True width 268.78125" "${with% *}"
expect "without it, it is wider" "raqm False width 283.703125" "${without% *}"
expect "nothing is said" "" "$(cat errors)"
[ "${with##* }" != "${without##* }" ] || { echo "changed: the pixels are the same"; exit 1; }
echo "as seen: the pixels differ"
linked=$(find venv -name '_imagingft*.so' -o -path '*pillow.libs*' -name '*.so*' |
  xargs -n1 objdump -p 2> /dev/null | grep -c 'NEEDED.*fribidi' || true)
expect "no file of the wheel is linked to it" 0 "$linked"
