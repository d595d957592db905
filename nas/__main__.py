"""python -m nas: the command line of the study."""

import sys

from study.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
