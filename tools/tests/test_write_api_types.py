"""The page's types say what the API's description says."""

from typing import Any

import pytest

from write_api_types import ROOTS, declarations, description, reached, shown


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "integer"}, "number"),
        ({"$ref": "#/components/schemas/PersonView"}, "Person"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "string | null"),
        ({"enum": ["host", "speaker"], "type": "string"}, '"host" | "speaker"'),
        ({"const": "ended", "type": "string"}, '"ended"'),
        ({"type": "array", "items": {"type": "boolean"}}, "boolean[]"),
        ({"type": "array", "items": {"enum": ["a", "b"]}}, '("a" | "b")[]'),
        (
            {"propertyNames": {"enum": ["👏"]}, "additionalProperties": {"type": "integer"}},
            'Partial<Record<"👏", number>>',
        ),
        ({"type": "object", "additionalProperties": True}, "Record<string, unknown>"),
        (
            {"type": "object", "additionalProperties": {"type": "integer"}},
            "Record<string, number>",
        ),
    ],
)
def test_every_kind_that_is_sent_has_its_words(schema: dict[str, Any], words: str) -> None:
    assert shown(schema) == words


def test_a_kind_without_words_is_a_fault_and_no_guess() -> None:
    with pytest.raises(KeyError):
        shown({"type": "nothing"})


def test_a_shape_brings_everything_it_is_made_of() -> None:
    schemas: dict[str, dict[str, Any]] = {
        "Card": {"properties": {"host": {"$ref": "#/components/schemas/PersonView"}}},
        "PersonView": {"properties": {"name": {"type": "string"}}},
        "Other": {"properties": {}},
    }

    assert reached(schemas, ["Card"]) == {"Card", "PersonView"}


def test_what_may_be_left_out_is_written_so() -> None:
    words = {name: {"type": "string"} for name in ("id", "badge")}
    schema = {"required": ["id"], "properties": words}

    written = "".join(declarations(dict.fromkeys(ROOTS, schema)))

    assert "  id: string;\n  badge?: string;\n" in written


def test_the_card_of_every_answer_is_the_shape_that_is_written_down() -> None:
    described = description()
    answers = described["paths"]["/api/v1/spaces/{space_id}"]["get"]["responses"]["200"]

    reference = answers["content"]["application/json"]["schema"]["$ref"]
    assert reference == "#/components/schemas/Card"
    assert "x-shape" not in str(described)
    assert "  stage: Seat[] | null;\n" in list(declarations(described["components"]["schemas"]))
