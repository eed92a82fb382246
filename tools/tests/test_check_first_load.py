"""The first load counts what the entry needs at once, and nothing that comes later."""

from check_first_load import first_scripts

MANIFEST: dict[str, dict[str, object]] = {
    "index.html": {
        "isEntry": True,
        "file": "assets/index.js",
        "imports": ["_shared.js"],
        "dynamicImports": ["room"],
    },
    "_shared.js": {"file": "assets/shared.js", "imports": ["_deep.js"]},
    "_deep.js": {"file": "assets/deep.js"},
    "room": {"isDynamicEntry": True, "file": "assets/room.js", "imports": ["_shared.js"]},
    "style.css": {"isEntry": True, "file": "assets/style.css"},
}


def test_imports_of_imports_count_and_later_chunks_do_not() -> None:
    assert first_scripts(MANIFEST) == {"assets/index.js", "assets/shared.js", "assets/deep.js"}


def test_where_one_comes_by_a_link_its_own_scripts_count_too() -> None:
    assert first_scripts(MANIFEST, "room") == first_scripts(MANIFEST) | {"assets/room.js"}
