"""What several tests of the kit begin with: six digits, and the page that the explorer is without a kernel."""

import pytest
from page_reader import twin

from kit.widgets import explorer


@pytest.fixture
def few_digits(digits):
    return digits.test.images[:6], digits.test.labels[:6]


@pytest.fixture
def static(net, few_digits):
    return twin(explorer(net, *few_digits))
