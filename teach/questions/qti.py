"""The questions for Canvas: a QTI package of each chapter, made by text2qti."""

import io


def package(quiz_text, name="questions"):
    """The zip of one quiz as bytes, from its text, its answers to be shuffled; RuntimeError without text2qti."""
    try:
        from text2qti.config import Config
        from text2qti.qti import QTI
        from text2qti.quiz import Quiz
    except ImportError:
        raise RuntimeError(
            "text2qti is not installed: `make kit` installs it, as does `uv pip install --group kit`"
        ) from None
    title, rest = quiz_text.split("\n", 1)
    shuffled = f"{title}\nShuffle answers: true\n{rest}"
    quiz = Quiz(shuffled, config=Config(), source_name=name)  # its defaults; load() would write to the home folder
    stream = io.BytesIO()
    QTI(quiz).write(stream)
    return stream.getvalue()
