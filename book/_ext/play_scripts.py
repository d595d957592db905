"""Gives a page the scripts of the instruments it holds, and no others."""

import re

PLAYED = re.compile(r'data-play="([\w -]+)"')
PREDICTED = re.compile(r'class="predict[" -]')
ASKED = '<details class="quiz">'


def scripts(body):
    """Names of the scripts a page needs, in order: each instrument names its own."""
    names = [name for found in PLAYED.findall(body) for name in ["parts", *found.split()]]
    if PREDICTED.search(body):
        names += ["parts", "predict"]
    if ASKED in body:
        names += ["parts", "predict", "quiz"]  # which reads numbers as predict does
    return list(dict.fromkeys(names))


def add_scripts(app, pagename, templatename, context, doctree):
    names = scripts(context.get("body", ""))
    for name in names:  # classic scripts: a page opened as a file may load no others
        app.add_js_file(f"play/{name}.js", loading_method="defer")
    if names:
        app.add_css_file("play/play.css")


def setup(app):
    app.connect("html-page-context", add_scripts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
