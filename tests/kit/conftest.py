"""What several tests of the kit begin with: six digits, the page that the explorer is without a kernel, and Node."""

import json
import subprocess

import pytest
from javascript import NODE, PLAY
from page_reader import twin

from kit.widgets import explorer

SCRIPTS = (
    "parts",
    "curves",
    "bells",
    "sharing",
    "bench",
    "replay",
    "ranking",
    "ensembling",
    "whose",
    "predict",
    "quiz",
)


@pytest.fixture
def few_digits(digits):
    return digits.test.images[:6], digits.test.labels[:6]


@pytest.fixture
def static(net, few_digits):
    return twin(explorer(net, *few_digits))


@pytest.fixture(scope="module")
def node():
    """node(expression, value): what a JavaScript expression gives for `x`, with all scripts of the instruments read."""
    if NODE is None:
        pytest.skip("no Node here: the instruments' own computing is tested where it is")
    source = "\n".join(f"{{{(PLAY / f'{name}.js').read_text(encoding='utf-8')}\n}}" for name in SCRIPTS)
    source = source.replace("const play = (() =>", "var play = (() =>")

    def run(expression, value=None):
        code = f"{source}\nconst x = {json.dumps(value)};\nconsole.log(JSON.stringify({expression}));"
        done = subprocess.run([NODE, "-"], input=code, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout)

    return run
