"""Reads a page of kit.markup, and says what it shows after a choice, as its handler does in a browser."""

import json
from html.parser import HTMLParser


class Page(HTMLParser):
    """The elements of a page as (tag, attributes, text directly inside)."""

    VOID = ("img", "br", "input", "rect", "polyline", "path")

    def __init__(self, html):
        super().__init__()
        self.elements, self.open = [], []
        self.feed(html)
        self.close()
        assert not self.open, "an element is not closed"

    def handle_starttag(self, tag, attrs):
        assert len(dict(attrs)) == len(attrs), "an attribute stands twice"
        self.elements.append([tag, dict(attrs), ""])
        if tag not in self.VOID:
            self.open.append(len(self.elements) - 1)

    def handle_startendtag(self, tag, attrs):
        self.elements.append([tag, dict(attrs), ""])

    def handle_endtag(self, tag):
        assert self.elements[self.open.pop()][0] == tag

    def handle_data(self, data):
        if self.open:
            self.elements[self.open[-1]][2] += data

    def all(self, tag):
        return [element for element in self.elements if element[0] == tag]

    def first(self):
        """(texts, styles) of what changes, as written out."""
        texts = [text for _, attributes, text in self.elements if "data-texts" in attributes]
        return texts, [attributes["style"] for _, attributes, _ in self.elements if "data-on" in attributes]

    def after(self, k):
        """(texts, styles) of what changes, as the handler sets them for choice number k."""
        texts = [json.loads(found["data-texts"])[k] for _, found, _ in self.elements if "data-texts" in found]
        styles = [
            found["data-lit"] if str(k) in found["data-on"].split(" ") else found["data-faint"]
            for _, found, _ in self.elements
            if "data-on" in found
        ]
        return texts, styles


def twin(box):
    """The page that stands in the place of a live explorer where no kernel runs."""
    return Page(box._repr_mimebundle_()["text/html"])
