"""The live subnet explorer, which needs a kernel; kit.widgets.explorer makes it."""

from html import escape

import ipywidgets

from kit import pen
from kit.explorer import ask, body, whole_page
from kit.markup import picture_uri

HINT = "Draw one on the pad of the book's first page, press “copy for Jupyter” there, and paste it here."


class Explorer(ipywidgets.VBox):
    """Controls above, HTML below. Each choice extracts its subnet and asks it.

    data: the Dataset that the net was trained on; with it, a digit of the reader's own can be asked for too, pasted as
    the text that the pad in the page writes. Where no kernel runs, its static twin stands in its place: that page
    is part of the widget's output.
    """

    def __init__(self, facts, ident, data=None):
        style = {"description_width": "initial"}
        self.facts, self.ident, self.asked = facts, ident, {}
        self.data, self.image = data, None
        self.choices = [
            ipywidgets.Dropdown(options=[(str(value), value) for value in values], description=label, style=style)
            for label, values in facts.controls
        ]
        self.told = ipywidgets.HTML()
        for choice in self.choices:
            choice.observe(self.redraw, names="index")
        self.drawing = ipywidgets.Text(description="your digit", placeholder="paste it here", style=style)
        self.drawing.observe(self.read, names="value")
        self.own = ipywidgets.HTML()
        self.read()
        below = [] if data is None else [ipywidgets.HBox([self.drawing, self.own], layout={"flex_flow": "row wrap"})]
        super().__init__([ipywidgets.HBox(self.choices, layout={"flex_flow": "row wrap"}), self.told, *below])

    def read(self, change=None):
        """Read the reader's digit from its text, or say what is wrong with it."""
        self.image, self.problem, text = None, HINT, self.drawing.value.strip()
        if text:
            try:
                self.image = pen.image_for(self.data, pen.read(text))
            except ValueError as error:
                self.problem = str(error)
        self.redraw()

    def redraw(self, change=None):
        """Extract what is chosen, ask it, and show what it says."""
        place = 0
        for choice in self.choices:
            place = place * len(choice.options) + choice.index
        state = self.facts.states[place]
        self.asked[state] = ask(self.facts, state)
        self.told.value = body(self.facts, self.asked, [state])
        self.own.value = f"<p>{escape(self.problem)}</p>"
        if self.image is not None:
            (answer,) = ask(self.facts, state, self.image)
            self.own.value = (
                f'<div style="display:flex;gap:0.6em;align-items:center"><img src="{picture_uri(self.image[0, 0])}" '
                f'alt="your digit, as the subnet sees it" width="44" height="44"> path {state[0]} says {answer}</div>'
            )

    def _repr_mimebundle_(self, **kwargs):
        shown = super()._repr_mimebundle_(**kwargs)
        return shown | {"text/html": whole_page(self.facts, self.ident).data, "text/plain": "the subnet explorer"}
