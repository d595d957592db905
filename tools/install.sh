#!/bin/sh
# Hand over to install.py with a Python that runs and is in range.
# Each candidate is run, not only looked up: a pyenv shim exists for versions that are not there.
cd "$(dirname "$0")/.." || exit 1
in_range='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'

if [ -n "$PYTHON" ]; then
    set -- "$PYTHON"
else
    set -- .venv/bin/python python3 python3.13 python3.12 python3.11 python
fi
found=
for python in "$@"; do
    if [ -n "$PYTHON" ] && ! "$python" -c '' 2>/dev/null; then
        found=", and $python does not run"
    fi
    if "$python" -c "$in_range" 2>/dev/null; then
        exec "$python" tools/install.py
    fi
    version=$("$python" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null) &&
        found="$found, $python is $version"
done
echo "install: Python 3.11, 3.12 or 3.13 is needed${found:-, none was found}; name one: make PYTHON=/path/to/python3" >&2
exit 1
