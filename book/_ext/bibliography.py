"""The bibliography: references.bib as text, and where each of its entries is cited."""

import re

from pybtex.database import parse_file

ITALIC = re.compile(r"(?<!\*)\*([^*]+)\*(?!\*)")
NAMES_SHOWN = 8  # of more authors the first is named


def read_references(path):
    """The entries of a .bib file by key, in its order, each a dictionary of plain text.

    authors: a list of (initials, last name); a last author "others" stands for all that
    are not named. cited: the pattern of a citation.
    """
    entries = {key: fields(entry) for key, entry in parse_file(path).entries.items()}
    return {key: {**entry, "cited": citation(entry)} for key, entry in entries.items()}


def fields(entry):
    authors = [
        (" ".join(person.first_names + person.middle_names), last_name(person))
        for person in entry.persons.get("author", [])
    ]
    texts = {name: " ".join(value.split()) for name, value in entry.fields.items()}
    return {**texts, "authors": authors}


def last_name(person):
    return " ".join(person.prelast_names + person.last_names)


def cited_keys(text, references):
    """The keys of what a text cites: by title, authors and year, or a method's name."""
    flat, letters = re.sub(r"\s+#?\s*", " ", text), simple(text)
    return {key for key, entry in references.items() if cites(flat, letters, entry)}


def cites(flat, letters, entry):
    if simple(entry["title"]) in letters:
        return True
    # Looking for plain names first makes it ten times faster.
    first = [last for _, last in entry["authors"][:1]]
    names = any(name in flat for name in first + called(entry))
    return names and bool(entry["cited"].search(flat))


def listed_keys(item, references):
    """The keys of the titles in an item of a list of sources; one may be cut short."""
    titles = list(filter(None, map(simple, ITALIC.findall(item))))
    return {key for key, entry in references.items() for title in titles if simple(entry["title"]).startswith(title)}


def citation(entry):
    """The pattern of "Yu & Huang 2019", "Cai et al. (2020)" or a name in `called`."""
    forms = [rf"\b{re.escape(name)}\b" for name in called(entry)]
    years = "|".join(filter(None, [entry.get("year"), entry.get("preprint")]))
    if entry["authors"] and years:
        forms.append(rf"\b(?:{names_in_text(entry['authors'])}),? \(?(?:{years})\b")
    return re.compile("|".join(forms) or r"(?!)")


def called(entry):
    return [name.strip() for name in entry.get("called", "").split(";") if name.strip()]


def names_in_text(authors):
    last = [re.escape(name) for _, name in authors]
    if len(last) == 1:
        return last[0]
    if last[-1] == "others":
        return rf"{last[0]} et al\.?"
    joined = rf"{', '.join(last[:-1])},? (?:&|and) {last[-1]}"
    return joined if len(last) == 2 else rf"{last[0]} et al\.?|{joined}"


def simple(text):
    """Letters and digits only, in small letters: titles are compared so."""
    return re.sub(r"[^a-z0-9]+", " ", text.lower()).strip()


def as_markdown(entry):
    """An entry on one line: the method, then authors, title, place, year, address."""
    # Without authors the title is our description.
    title = f"*{entry['title']}*" if entry["authors"] else entry["title"]
    parts = [authors_text(entry["authors"]), title, place(entry)]
    parts += [address(entry), entry.get("note", "")]
    text = ". ".join(part.rstrip(".") for part in parts if part)
    return f"**{entry['method']}**: {text}."


def authors_text(authors):
    names = [f"{first} {last}".strip() for first, last in authors]
    if names[-1:] == ["others"] or len(names) > NAMES_SHOWN:
        return f"{names[0]} et al."
    return ", ".join(names)


def place(entry):
    where = entry.get("journal") or entry.get("booktitle") or entry.get("howpublished")
    volume = entry.get("volume", "")
    if "number" in entry:
        volume += f"({entry['number']})"
    parts = [
        f"{where or ''} {volume}".strip(),
        entry.get("pages", "").replace("--", "–"),
    ]
    return ", ".join(filter(None, [*parts, entry.get("year")]))


def address(entry):
    found = []
    if "eprint" in entry:
        found.append(f"[arXiv:{entry['eprint']}](https://arxiv.org/abs/{entry['eprint']})")
    if "doi" in entry:
        found.append(f"[doi:{entry['doi']}](https://doi.org/{entry['doi']})")
    if "url" in entry:
        found.append(f"<{entry['url']}>")
    return ", ".join(found)
