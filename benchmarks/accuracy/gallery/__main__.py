"""``python -m benchmarks.accuracy.gallery``: run the examples, write their page."""

import sys

from .command import main

sys.exit(main())
