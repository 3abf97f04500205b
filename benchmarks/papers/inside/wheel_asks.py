"""Print the Requires-Dist of a wheel that a backend built."""

import sys
import zipfile
from email.parser import Parser

with zipfile.ZipFile(sys.argv[1]) as wheel:
    name = next(each for each in wheel.namelist() if each.endswith(".dist-info/METADATA"))
    metadata = Parser().parsestr(wheel.read(name).decode())
print("\n".join(metadata.get_all("Requires-Dist") or []))
