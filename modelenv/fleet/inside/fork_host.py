"""Import shared modules once, and run each model in a fork. Run by path: see `serving`.

A script is compiled on each run, and a module is not: so this one only imports a module.
"""

import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
if os.path.abspath(sys.path[0]) == here:  # except with -I or -P
    del sys.path[0]
# The files beside this one are a package, without an entry on ``sys.path``.
package = type(sys)("_modelenv_forks")
package.__path__ = [here]
sys.modules["_modelenv_forks"] = package

if __name__ == "__main__":
    __import__("_modelenv_forks.serving").serving.main(sys.argv[1:])
