"""Mathematics as MathML: what browsers draw, what it says without eyes, and what it refuses."""

from xml.etree import ElementTree

import pytest
from docutils import nodes
from mathml import logger, render, to_mathml


def mathml(latex, display=False):
    root = ElementTree.fromstring(to_mathml(latex, display))
    for element in root.iter():
        element.tag = element.tag.split("}")[1]
    return root


def texts(root, tag):
    return [element.text for element in root.iter(tag)]


def test_a_formula_keeps_its_latex_as_alternative_text():
    root = mathml("a < b")
    assert root.get("alttext") == "a < b"
    assert texts(root, "mo") == ["<"]


@pytest.mark.parametrize(
    ("latex", "tag", "expected"),
    [
        (r"\mathbf{x}", "mi", ["𝐱"]),
        (r"\boldsymbol{\theta}", "mi", ["𝜽"]),
        (r"\mathbb{1}", "mn", ["𝟙"]),
        (r"x \pm y", "mo", ["±"]),
        (r"n \to \infty", "mi", ["n", "∞"]),
        (r"\lfloor x \rfloor", "mo", ["⌊", "⌋"]),
        (r"\operatorname{sgn}(x)", "mo", ["sgn", "(", ")"]),
        (r"5{,}000", "mn", ["5", "000"]),
    ],
)
def test_symbols(latex, tag, expected):
    assert texts(mathml(latex), tag) == expected


def test_brackets_are_as_high_as_their_own_matrix():
    (row,) = mathml(r"\begin{pmatrix}1 & 2\end{pmatrix}\begin{pmatrix}1\\2\end{pmatrix} = x")
    assert [child.tag for child in row] == ["mrow", "mrow", "mo", "mi"]
    assert [[child.tag for child in part] for part in row[:2]] == [["mo", "mtable", "mo"]] * 2


def test_an_index_below_a_tail_is_lifted_and_a_power_clears_an_arm():
    index, power, plain = (mathml(each)[0][0] for each in ("p_y", "T^2", "d_1"))
    assert [child.tag for child in index] == ["mi", "mpadded"] and index[1].get("voffset") == "0.14em"
    assert [child.tag for child in power] == ["mrow", "mn"] and power[0][1].tag == "mspace"
    assert [child.tag for child in plain] == ["mi", "mn"]


def test_a_sign_has_no_space_behind_it_and_an_operator_has():
    signs = {
        text: [mo.get("form") for mo in mathml(text).iter("mo") if mo.text in "-−"] for text in ("(-6, -7)", "6-7")
    }
    assert signs == {"(-6, -7)": ["prefix", "prefix"], "6-7": [None]}


def test_a_root_over_a_low_letter_is_as_high_as_one_over_a_digit():
    (root,) = mathml(r"\sqrt{n}").iter("msqrt")
    assert root[-1].tag == "mspace" and root[-1].get("height") == "0.7em"


def test_limits_stand_below_and_move_beside_in_a_line():
    (operator,) = mathml(r"\max_{a} f(a)", display=True).iter("munder")
    assert operator[0].get("movablelimits") == "true"


@pytest.mark.parametrize("name", ["aligned", "align*", "split", "gathered"])
def test_aligned_lines_become_a_table(name):
    root = mathml(rf"\begin{{{name}}} a &= b \\ c &= d \end{{{name}}}", display=True)
    assert len(list(root.iter("mtr"))) == 2
    assert [cell.get("style") for cell in root.iter("mtd")] == ["text-align: right", "text-align: left"] * 2


def test_two_lines_without_an_environment_become_a_table():
    assert len(list(mathml(r"a &= b \\ c &= d", display=True).iter("mtr"))) == 2


@pytest.mark.parametrize(
    ("latex", "reason"),
    [
        (r"\nosuchcommand x", "unknown command"),
        (r"\begin{nosuch} x \end{nosuch}", "unknown environment nosuch"),
        (r"\frac{1}", "mfrac with 1 parts"),
        (r"\left( x", "ExtraLeft"),
        (r"x_{", "Missing"),
        (r"a & b", "outside a table"),
        (r"\operatorname{arg\,max}", r"\argmax"),
    ],
)
def test_what_cannot_be_converted_is_refused(latex, reason):
    with pytest.raises(ValueError, match=reason.replace("\\", r"\\")):
        mathml(latex)


def test_a_formula_that_cannot_be_converted_is_a_build_warning(caplog):
    logger.logger.propagate, before = True, logger.logger.propagate
    try:
        shown = render(nodes.math("", r"\nosuch < 1"), display=False)
    finally:
        logger.logger.propagate = before
    assert shown == r"<code>\nosuch &lt; 1</code>"
    assert [record.levelname for record in caplog.records] == ["WARNING"]
