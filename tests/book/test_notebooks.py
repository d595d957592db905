"""A tool that takes notebooks names the one that is not there."""

import pytest
from notebooks import BOOK, asked_for


def test_without_names_it_is_every_chapter():
    assert asked_for([]) == sorted(BOOK.glob("*.ipynb"))
    assert asked_for([str(BOOK / "03_sampler.ipynb")]) == [BOOK / "03_sampler.ipynb"]


@pytest.mark.parametrize("name", ["--help", "book/03.ipynb", "README.md"])
def test_another_name_ends_in_one_line(name):
    with pytest.raises(SystemExit, match=rf"^{name}: no notebook; name files such as"):
        asked_for([name])
