"""The live subnet explorer, which needs a kernel; kit.widgets.explorer makes it."""

import ipywidgets

from kit.explorer import ask, body, whole_page


class Explorer(ipywidgets.VBox):
    """Controls above, HTML below. Each choice extracts its subnet and asks it.

    Where no kernel runs, its static twin stands in its place: the page is part of what the widget shows of itself.
    """

    def __init__(self, facts, ident):
        style = {"description_width": "initial"}
        self.facts, self.ident, self.asked = facts, ident, {}
        self.choices = [
            ipywidgets.Dropdown(options=[(str(value), value) for value in values], description=label, style=style)
            for label, values in facts.controls
        ]
        self.told = ipywidgets.HTML()
        for choice in self.choices:
            choice.observe(self.redraw, names="index")
        self.redraw()
        super().__init__([ipywidgets.HBox(self.choices, layout={"flex_flow": "row wrap"}), self.told])

    def redraw(self, change=None):
        """Extract what is chosen, ask it, and show what it says."""
        place = 0
        for choice in self.choices:
            place = place * len(choice.options) + choice.index
        state = self.facts.states[place]
        self.asked[state] = ask(self.facts, state)
        self.told.value = body(self.facts, self.asked, [state], 0)

    def _repr_mimebundle_(self, **kwargs):
        shown = super()._repr_mimebundle_(**kwargs)
        return shown | {"text/html": whole_page(self.facts, self.ident).data, "text/plain": "the subnet explorer"}
