"""Mathematics as MathML, converted while building: no script, no server when read.

latex2mathml passes over what it does not know: an unknown command becomes text, an
unknown environment vanishes. Here both are warnings, which `jupyter-book build -W`
turns into errors. And browsers draw MathML Core, which lacks some of the attributes
that it uses: `polish` puts those another way.
"""

import html
import re
import unicodedata
from itertools import pairwise
from xml.etree import ElementTree

from docutils import nodes
from latex2mathml.converter import convert_to_element
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

logger = logging.getLogger(__name__)

ENVIRONMENT = re.compile(r"\\(begin|end)\{([^}]*)\}")
# Known to latex2mathml, some under another name. Sphinx numbers what has a label.
SAME_ENVIRONMENTS = "split array cases matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix smallmatrix"
ENVIRONMENTS = {
    **{name: name for name in SAME_ENVIRONMENTS.split()},
    **dict.fromkeys(["aligned", "align", "align*", "gathered", "gather", "gather*"], "split"),
    **dict.fromkeys(["equation", "equation*"], ""),
}
# The last of these is where the theme lets the keyboard scroll what is too wide.
BLOCK = "math notranslate nohighlight pst-scrollable-table-container"
CHILDREN = {
    "mfrac": 2,
    "mroot": 2,
    "msub": 2,
    "msup": 2,
    "mover": 2,
    "munder": 2,
    "msubsup": 3,
}
PLAIN_SYMBOLS = ("∞", "∅", "⊤")
OPERATORS = ("Sm", "Ps", "Pe")  # mathematical symbols, brackets
BARS = ("|", "‖")
THIN = "0.167em"
LOW, LEANING = (
    set("fgjpqyβγζημξρφχψ"),
    set("FPTUVWY"),
)  # below the line; with an arm over what stands at the upper right
SIGNS, BEFORE_A_SIGN = ("-", "−", "+", "±"), ("(", "[", "{", ",", "=", "<", ">", "≤", "≥", "≈")
LIMITS = {"max", "min", "sup", "inf", "lim", "argmax", "argmin"}


def to_mathml(latex, display=False):
    """The MathML of a formula, with its LaTeX as the text that a screen reader may use.

    Raises ValueError, with the reason, for what cannot be converted in full.
    """
    source = ENVIRONMENT.sub(known_environment, latex.strip())
    if r"\\" in source and r"\begin" not in source:
        source = rf"\begin{{split}}{source}\end{{split}}"
    try:
        root = convert_to_element(source, display="block" if display else "inline")
    except Exception as error:  # its exceptions share no base class, and few have a text
        raise ValueError(f"{type(error).__name__} {error}".strip()) from error
    for element in root.iter():
        check(element)
        element.text = html.unescape(element.text or "")  # it writes entities
    for element in root.iter():
        polish(element)
    for element in [*root.iter()]:
        enclose(element)
        space_names(element)
    root.set("alttext", latex.strip())
    return ElementTree.tostring(root, encoding="unicode", short_empty_elements=False)


def known_environment(match):
    command, name = match.groups()
    if name not in ENVIRONMENTS:
        raise ValueError(f"unknown environment {name}")
    return rf"\{command}{{{ENVIRONMENTS[name]}}}" if ENVIRONMENTS[name] else ""


def check(element):
    """Refuse what latex2mathml leaves behind where it did not understand."""
    text = element.text or ""
    if "\\" in text:
        raise ValueError(f"unknown command {text}")
    if text == "&":
        raise ValueError("& outside a table")
    if element.tag == "mo" and not text:
        raise ValueError("an operator's name may have plain letters only (\\argmax is known)")
    if len(element) != CHILDREN.get(element.tag, len(element)):
        raise ValueError(f"{element.tag} with {len(element)} parts")


def polish(element):
    """Say in MathML Core what latex2mathml says in MathML 3 or less exactly."""
    if element.tag == "mtd" and "columnalign" in element.attrib:
        element.set("style", f"text-align: {element.attrib.pop('columnalign')}")
    if element.tag == "mtable" and element.get("columnspacing", "").startswith("0em"):
        element.set("class", "aligned")
    if element.get("mathvariant") not in (None, "normal"):
        element.text = styled(element.text, element.attrib.pop("mathvariant"))
    if element.tag in ("mi", "mo"):
        polish_symbol(element)
    if element.tag == "mrow" and len(element) == 1 and element[0].text == ",":
        element[0].attrib.update(lspace="0", rspace="0")  # {,} between thousands
    if element.tag == "msqrt":  # as high as a digit: the sign over an x alone would hang below the line
        ElementTree.SubElement(element, "mspace", height="0.7em", depth="0.1em")
    if element.tag == "msub" and element[0].text in LOW:  # where TeX puts it: not below the letter's tail
        lift(element, 1, "mpadded", voffset="0.14em")
    if element.tag == "msup" and element[0].text in LEANING:
        ElementTree.SubElement(lift(element, 0, "mrow"), "mspace", width="0.09em")
    if element.tag in ("msub", "munder") and is_limit(element[0]):
        element.tag = "munder"  # drawn as an index where the formula stands in a line
        element[0].set("movablelimits", "true")


def lift(element, place, tag, **attributes):
    """A child put into an element of its own, which is returned."""
    around = ElementTree.Element(tag, attributes)
    around.append(element[place])
    element[place] = around
    return around


def polish_symbol(element):
    """Operators as operators, all else as identifiers: the space around hangs on it."""
    text = element.text
    if text in PLAIN_SYMBOLS:
        element.tag = "mi"
    elif text in BARS or is_name(element):
        element.tag = "mo"
        element.attrib.update(lspace="0", rspace="0")
    elif element.tag == "mi" and unicodedata.category(text[:1] or "x") in OPERATORS:
        element.tag = "mo"
        element.set("stretchy", "false")


def enclose(row):
    """A matrix and its brackets in a row of their own: else the brackets are as high as the highest in the line."""
    for place in reversed(range(1, len(row) - 1)):
        if row[place].tag == "mtable" and row[place - 1].tag == row[place + 1].tag == "mo":
            inner = ElementTree.Element("mrow")
            inner.extend(row[place - 1 : place + 2])
            row[place - 1 : place + 2] = [inner]


def space_names(row):
    """A thin space between a function's name and what it meets, but for a bracket; none behind a sign."""
    for left, right in pairwise(row):
        if right.tag == left.tag == "mo" and right.text in SIGNS and left.text in BEFORE_A_SIGN:
            right.set("form", "prefix")
        if is_name(core(left)) and core(right).text not in ("(", "["):
            core(left).set("rspace", THIN)
        if is_name(core(right)) and left.tag not in ("mo", "mspace"):
            core(right).set("lspace", THIN)


def core(element):
    """The operator in the middle of an index, a limit or a group of one."""
    while element.tag in CHILDREN or (element.tag == "mrow" and len(element) == 1):
        element = element[0]
    return element


def is_name(element):
    return element.tag in ("mi", "mo") and len(element.text) > 1 and element.text[0].isalpha()


def is_limit(base):
    return base.tag == "mo" and base.text.replace("\N{THIN SPACE}", "") in LIMITS


def styled(text, variant):
    """Letters in a style ("bold-italic") as Unicode's characters of their own."""

    def letter(char):
        name = unicodedata.name(char, "")
        kind = re.sub(r"^(LATIN|GREEK) (SMALL|CAPITAL) LETTER", r"\2", name)
        try:
            return unicodedata.lookup(f"MATHEMATICAL {variant.replace('bold-', 'bold ')} {kind}")
        except KeyError:
            return char

    return "".join(map(letter, text))


def render(node, display):
    """MathML, or after a warning the formula as code."""
    try:
        return to_mathml(node.astext(), display)
    except ValueError as error:
        logger.warning("mathematics: %s in %s", error, node.astext(), location=node)
        return f"<code>{html.escape(node.astext())}</code>"


def visit_inline(self, node):
    self.body.append(self.starttag(node, "span", "", CLASS="math notranslate nohighlight"))
    self.body.append(render(node, display=False) + "</span>")
    raise nodes.SkipNode


def visit_block(self, node):
    self.body.append(self.starttag(node, "div", CLASS=BLOCK))
    self.body.append(render(node, display=True))
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app):
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
