"""python -m nas: the command line of the study."""

import os
import sys


def main():
    """Run it. A missing package or a setting that makes no sense gives one line and exit status 2."""
    try:
        from study import command

        sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115 (a service has none)
        for stream in filter(None, (sys.stdout, sys.stderr)):
            stream.reconfigure(errors="replace")  # a terminal that cannot show ± gets a question mark
        return command.main()
    except ModuleNotFoundError as error:
        advice = "`make install`, then .venv/bin/python -m nas; a file of your own is found from its folder only"
        print(f"nas: {error.name} is not installed here: {advice}", file=sys.stderr)
    except ValueError as error:
        print(f"nas: {error}", file=sys.stderr)
    finally:
        try:
            print(end="", flush=True)
        except OSError:  # the reader has gone, or the disk is full: Python would say so once more as it ends
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 2


if __name__ == "__main__":
    sys.exit(main())
