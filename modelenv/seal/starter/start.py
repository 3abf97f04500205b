"""Start a program in a seal: the script that is run, see `main`.

A script is compiled each time that it runs, and a module is not: so this one only finds it.
"""

import os
import sys

# The files beside this one are a package, without an entry on ``sys.path``.
package = type(sys)("_modelenv_seal")
package.__path__ = [os.path.dirname(os.path.abspath(__file__))]
sys.modules["_modelenv_seal"] = package
__import__("_modelenv_seal.main").main.main(sys.argv[1:])
