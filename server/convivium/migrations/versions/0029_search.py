"""What posts, spaces and people are found by, kept so by the database itself.

SQLite: a table of FTS5 for each, whose content is a view; triggers take a row out before it changes
and put it in afterwards, as far as the view has it. Whoever builds one of these tables anew
(`batch_alter_table`) has to make its triggers again: a test looks for them.
PostgreSQL: an index over a function of the row, which no writer can go past.

Beside its words a text is found by each pair of neighbouring glyphs of the writings that leave no
room between words; a handle by its ends, so that any part of it is found; a space by its languages.
"""

# ruff: noqa: S608 - all that statements are put together of stands in this file

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"

# Thai to Burmese, Khmer; kana, ideographs, Yi; compatibility ideographs; halfwidth kana; the rest.
GLYPHS = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3040, 0x30FF), (0x31F0, 0x31FF),
    (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0xFF66, 0xFF9D), (0x20000, 0x3FFFF),
)  # fmt: skip
# Marks over and under letters, and the line that lengthens Arabic words.
MARKS = ((0x0300, 0x036F), (0x0640, 0x0640), (0x064B, 0x0652), (0x0670, 0x0670))
# FTS5 takes the marks of Latin letters by itself.
MARKS_OF_ARABIC = (0x0640, *range(0x064B, 0x0653), 0x0670)
SEPARATORS = (
    (0x01, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0xA9), (0xAB, 0xB4), (0xB6, 0xB9),
    (0xBB, 0xBF), (0xD7, 0xD7), (0xF7, 0xF7), (0x060C, 0x060C), (0x061B, 0x061F), (0x0964, 0x0965),
    (0x2000, 0x2BFF), (0x3000, 0x3004), (0x3008, 0x3020), (0x30FB, 0x30FB), (0xFE10, 0xFE6F),
    (0xFF00, 0xFF0F), (0xFF1A, 0xFF20), (0xFF3B, 0xFF40), (0xFF5B, 0xFF65), (0x1F000, 0x1FAFF),
)  # fmt: skip
# What nobody can write (`core/text.py` drops it) says what stands behind it is no word of a text.
LANGUAGE, END = "\ue000", "\ue001"
# A handle has 30 letters at most; of fewer than three nobody wants all that end in them.
ENDS = range(2, 29)

WHAT = ("post", "space", "person")
NUMBER = {"post": "number", "space": "number", "person": "voice"}
SAID_IN = {
    "post": ("text", "gone_at"),
    "space": ("title", "description", "topics", "languages", "state"),
    "person": ("name", "display_name", "kind", "voice"),
}
FOUND = {
    "post": "gone_at IS NULL",
    "space": "state IN ('scheduled', 'live', 'ended')",
    "person": "kind = 'account'",
}


def upgrade() -> None:
    """Make the indexes, and put in what there is."""
    if op.get_bind().dialect.name == "postgresql":
        _in_postgres()
    else:
        _in_sqlite()


# SQLite


def _in_sqlite() -> None:
    for what in WHAT:
        number = NUMBER[what]
        op.execute(
            _literal(
                f"CREATE VIEW searched_{what} AS SELECT {number} AS number,"
                f" said || coalesce(' ' || {_pairs('said')}, '') AS said"
                f" FROM (SELECT {number}, {_without_marks('said')} AS said"
                f" FROM (SELECT {number}, {_SAID[what]} AS said"
                f" FROM {what} WHERE {FOUND[what]}))"
            )
        )
        op.execute(
            _literal(
                f"CREATE VIRTUAL TABLE search_{what} USING fts5("
                f"said, content='searched_{what}', content_rowid='number', prefix='2 3',"
                " tokenize=\"unicode61 remove_diacritics 2 categories 'L* N* Co M*'\")"
            )
        )
        op.execute(f"INSERT INTO search_{what}(search_{what}) VALUES ('rebuild')")
        _keep(what, number, ", ".join(SAID_IN[what]))


def _keep(what: str, number: str, columns: str) -> None:
    """Let the index follow the table, whoever writes there."""
    for name, when, act, row in (
        ("put_in", "AFTER INSERT", _put_in, "new"),
        ("before", f"BEFORE UPDATE OF {columns}", _take_out, "old"),
        ("after", f"AFTER UPDATE OF {columns}", _put_in, "new"),
        ("take_out", "BEFORE DELETE", _take_out, "old"),
    ):
        op.execute(
            f"CREATE TRIGGER search_{what}_{name} {when} ON {what}"
            f" BEGIN {act(what)} WHERE number = {row}.{number}; END"
        )


def _put_in(what: str) -> str:
    return f"INSERT INTO search_{what}(rowid, said) SELECT number, said FROM searched_{what}"


def _take_out(what: str) -> str:
    return (
        f"INSERT INTO search_{what}(search_{what}, rowid, said)"
        f" SELECT 'delete', number, said FROM searched_{what}"
    )


_SAID = {
    "post": "text",
    # A function and no table: FTS5 asks its content with other tables' functions forbidden.
    "space": "title || ' ' || description"
    + "".join(
        f" || coalesce(' ' || json_extract(topics, '$[{at}]'), '')"
        f" || coalesce(' {LANGUAGE}' || replace(json_extract(languages, '$[{at}]'), '-', ''), '')"
        for at in range(3)
    ),
    "person": "display_name || ' ' || name || ' ' || "
    + " || ' ' || ".join(f"'{END}' || substr(name, {at})" for at in ENDS),
}


def _without_marks(said: str) -> str:
    for mark in MARKS_OF_ARABIC:
        said = f"replace({said}, char({mark}), '')"
    return said


def _pairs(said: str) -> str:
    """Write what gives every two neighbours of which the first is a glyph, where there are any."""
    glyphs = "".join(f"{chr(first)}-{chr(last)}" for first, last in GLYPHS)
    return (
        f"CASE WHEN {said} GLOB '*[{glyphs}]*' THEN (WITH RECURSIVE rest(text) AS"
        f" (SELECT {said} UNION ALL SELECT substr(text, 2) FROM rest WHERE length(text) > 1)"
        " SELECT group_concat(substr(text, 1, 2), ' ') FROM rest"
        f" WHERE text GLOB '[{glyphs}]*') END"
    )


def _literal(statement: str) -> sa.TextClause:
    """Take a statement as it is: what looks like a parameter in it is none."""
    return sa.text(statement.replace(":", r"\:"))


# PostgreSQL


def _in_postgres() -> None:
    here = op.get_bind().scalar(sa.text("SELECT quote_ident(current_schema())"))
    op.execute(_literal(_words()))
    for name, takes, said in (
        ("post", "said text", "said"),
        ("space", "title text, about text, topics json, languages json", _SPACE),
        ("person", "name text, display_name text", "display_name || ' ' || name"),
    ):
        more = {"space": _LANGUAGES, "person": _ENDS}.get(name, "'{}'::text[]")
        op.execute(
            _literal(
                f"CREATE FUNCTION search_{name}({takes}) RETURNS tsvector LANGUAGE sql"
                " IMMUTABLE PARALLEL SAFE COST 1000 AS $$ SELECT array_to_tsvector("
                f"{here}.search_words({said}) || {more}) $$"
            )
        )
    op.execute(_index("post", "text"))
    op.execute(_index("space", "title, description, topics, languages"))
    op.execute(_index("person", "name, display_name"))


_SPACE = (
    "title || ' ' || about || ' ' || coalesce("
    "(SELECT string_agg(topic, ' ') FROM json_array_elements_text(topics) AS topic), '')"
)
_LANGUAGES = (
    f"ARRAY(SELECT '{LANGUAGE}' || lower(replace(language, '-', '') COLLATE \"C\")"
    " FROM json_array_elements_text(languages) AS language)"
)
_ENDS = f"ARRAY(SELECT '{END}' || substr(name, at) FROM generate_series(2, length(name) - 2) AS at)"


def _index(what: str, columns: str) -> sa.TextClause:
    return _literal(
        f"CREATE INDEX search_{what} ON {what} USING gin (search_{what}({columns}))"
        f" WHERE {FOUND[what]}"
    )


def _words() -> str:
    """Write the function that gives each word and each pair of glyphs of a text.

    Written out, letter by letter: what a letter is must not depend on how a database was made.
    Small letters of all writings need ICU, which nearly every PostgreSQL has.
    """
    has_icu = op.get_bind().scalar(
        sa.text("SELECT count(*) FROM pg_collation WHERE collname = 'und-x-icu'")
    )
    collation = 'pg_catalog."und-x-icu"' if has_icu else 'pg_catalog."default"'
    glyphs, separators = _in_brackets(GLYPHS), _in_brackets(SEPARATORS)
    return f"""
CREATE FUNCTION search_words(said text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
COST 1000 AS $$
    WITH bare AS (SELECT regexp_replace(
        normalize(said, NFKD) COLLATE pg_catalog."C", '{_in_brackets(MARKS)}', '', 'g') AS text),
    folded AS (SELECT
        lower(normalize(text, NFKC) COLLATE {collation}) COLLATE pg_catalog."C" AS text FROM bare),
    word AS (
        SELECT regexp_split_to_table(text, '{separators}+') AS word FROM folded
        UNION ALL SELECT regexp_replace(substr(text, at, 2), '{separators}', '')
        FROM folded, generate_series(1, length(text)) AS at
        WHERE text ~ '{glyphs}' AND substr(text, at, 1) ~ '{glyphs}')
    SELECT coalesce(array_agg(DISTINCT left(word, 60)), '{{}}') FROM word WHERE word <> ''
$$"""


def _in_brackets(ranges: tuple[tuple[int, int], ...]) -> str:
    said = "".join(rf"\U{first:08X}-\U{last:08X}" for first, last in ranges)
    return f"[{said}]"
