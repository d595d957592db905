"""The file of the claims is that of its commit, and the book's words agree with the records."""

import re
import shutil
import subprocess
from copy import deepcopy
from pathlib import Path

import nbformat
import pytest
from claim_world import CLAIMS

from study.claims import audit as auditing
from study.claims import versions
from study.claims.audit import DIGEST, FIXED_IN, SOURCE, audit, digest, find_claim, read_claims
from study.claims.audit_tables import audit_table, claims_table, report_table, sentence, summary

BOOK = Path(__file__).resolve().parents[2] / "book"
ID = re.compile(r"\bR[013]\.(?:H[1-4]|[a-h])\b")
WORD = re.compile(r"confirm|refut|undecided|no record|not reproduced", re.IGNORECASE)


@pytest.mark.parametrize(
    "old, new",
    [
        ('experiment = "samplers"', 'experiment = "sampler"'),
        ('test = "resolved-pairs"', 'test = "anova"'),
        ("+1 shared-none each", "+1 shared-wide each"),
        ("within = 0.2", "within = 0.3"),
    ],
)
def test_a_file_that_was_edited_is_refused(tmp_path, old, new):
    text = SOURCE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "claims.toml"
    path.write_text(text, encoding="utf-8")
    assert read_claims(path) == CLAIMS
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ValueError, match=f"claims.toml is not the file that commit {FIXED_IN} fixed"):
        read_claims(path)


def test_an_unknown_claim_is_refused():
    with pytest.raises(ValueError, match=r"'R9.a' is unknown: choose one of R0.a"):
        find_claim(CLAIMS, "R9.a")


def test_the_file_is_that_of_the_commit_but_for_remarks(tmp_path):
    assert digest() == DIGEST
    altered = tmp_path / "claims.toml"
    altered.write_text(SOURCE.read_text(encoding="utf-8").replace("within = 0.2", "within = 0.3"), encoding="utf-8")
    assert digest(altered) != DIGEST


@pytest.mark.skipif(not shutil.which("git"), reason="no git on this machine")
def test_the_digest_is_that_of_the_commit(tmp_path):
    shown = subprocess.run(["git", "show", f"{FIXED_IN}:claims.toml"], cwd=SOURCE.parent, capture_output=True)
    if shown.returncode:
        pytest.skip("the history of the file is not here")
    path = tmp_path / "claims.toml"
    path.write_bytes(shown.stdout)
    assert digest(path) == DIGEST


# ---------------------------------------------------------------- prose and verdict


@pytest.fixture(scope="module")
def verdicts():
    return audit(CLAIMS)


def test_every_claim_has_a_verdict_in_words(verdicts):
    assert {verdict.claim for verdict in verdicts} == {claim["id"] for claim in CLAIMS["claim"]}
    assert {verdict.word for verdict in verdicts} <= set(auditing.VERDICTS)
    assert len(audit_table(verdicts).splitlines()) == 2 + len({(v.claim, v.profile) for v in verdicts})


def typed_verdicts(book):
    """Sentences of a notebook's text that name a claim and a verdict: only code may say both."""
    for cell in book.cells:
        if cell.cell_type == "markdown":
            for said in re.split(r"(?<=[.!?:;])\s|\n\s*\n|\n(?=[-|>])", cell.source):
                if (
                    ID.search(said) and WORD.search(said) and not said.rstrip().endswith("?")
                ):  # a question is no verdict
                    yield said


def printed_verdicts(book):
    """Lines of a notebook's outputs that name a claim and a verdict."""
    for cell in book.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            texts = [output.get("text", ""), data.get("text/markdown", ""), data.get("text/html", "")]
            for line in "\n".join(texts).splitlines():
                if ID.search(line) and WORD.search(line):
                    yield line


def by_report():
    """The claims' numbers, those of a report together: a column that none of them needs is left out."""
    names = [claim["id"] for claim in CLAIMS["claim"]]
    return [[name for name in names if name.startswith(report)] for report in ("R0", "R1", "R3")]


def allowed_lines(verdicts):
    second, found = versions.read_second(), versions.second_verdicts(versions.read_second())
    tables = [
        audit_table(verdicts),
        *(report_table(verdicts, CLAIMS, ids) for ids in by_report()),
        summary(verdicts),
        claims_table(CLAIMS),  # quotes the file, and judges nothing
        versions.side_by_side(verdicts, found, second),
        versions.would_decide(verdicts, second),
        versions.decided_since(verdicts, found, second),
        versions.expectation(second),
        *(versions.surprises(found, second, role) for role in ("reported", "recalculated")),
        *(versions.in_row(verdicts, found, second, row) for row in second["rows"]),
    ]
    lines = [line for table in tables for line in table.splitlines()] + [sentence(verdict) for verdict in verdicts]
    return {line.strip() for line in lines}


def notebook(path):
    return nbformat.read(path, as_version=4)


@pytest.fixture(scope="module")
def allowed(verdicts):
    return allowed_lines(verdicts)


@pytest.mark.parametrize("path", sorted(BOOK.glob("*.ipynb")), ids=lambda path: path.stem)
def test_prose_and_verdicts_agree(path, allowed):
    book = notebook(path)
    assert list(typed_verdicts(book)) == []
    stale = [line for line in printed_verdicts(book) if line.strip() not in allowed]
    assert stale == [], "the records say otherwise: run the chapter again (make chapters)"


def test_the_guard_fails_where_it_should(verdicts):
    book = notebook(BOOK / "12_claims_audited.ipynb")
    assert len(list(printed_verdicts(book))) >= len(CLAIMS["claim"])
    altered = deepcopy(book)
    altered.cells.append(nbformat.v4.new_markdown_cell("As we saw, R0.b is\nconfirmed. And more."))
    assert list(typed_verdicts(altered)) == ["As we saw, R0.b is\nconfirmed."]
    turned = [replaced(verdict) for verdict in verdicts]
    assert not set(map(str.strip, printed_verdicts(book))) <= allowed_lines(turned)


def replaced(verdict):
    other = "refuted" if verdict.word == "confirmed" else "confirmed"
    return auditing.replace(verdict, word=other) if verdict.parts else verdict
