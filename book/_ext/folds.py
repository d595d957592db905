"""A folded cell says what it does: its title stands on the fold, as in Colab."""

import re

SUMMARY = re.compile(
    r'<summary aria-label="Toggle hidden content">\s*'
    r'<p class="collapsed admonition-title">(?P<show>[^<]*)</p>\s*'
    r'<p class="expanded admonition-title">(?P<hide>[^<]*)</p>\s*</summary>'
    r"(?P<between>(?:(?!<summary).)*?<pre><span></span>)"
    r'<span class="c1"># ?@title (?P<title>[^<]*)</span>\n',
    re.DOTALL,
)


def name_folds(app, pagename, templatename, context, doctree):
    if "body" in context:
        context["body"] = SUMMARY.sub(named, context["body"])


def named(found):
    """The fold with its title, which then need not stand in the code as well."""
    title = found["title"]
    return (
        f'<summary><p class="admonition-title">{title} '
        f'<span class="fold-kind">code</span></p></summary>{found["between"]}'
    )


def setup(app):
    app.connect("html-page-context", name_folds)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
