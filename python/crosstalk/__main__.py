"""`python -m crosstalk` is the command `crosstalk`."""

import sys

from crosstalk._cli import main

sys.exit(main())
