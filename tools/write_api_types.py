"""Write the page's types of what the server sends, from the API's description of the running code.

    write_api_types.py [--check]

With --check nothing is written: it fails if the page's types say something else than the server.
"""

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from convivium.accounts.passwords import Passwords
from convivium.app import Instance, http
from convivium.core.clock import SystemClock
from convivium.core.config import Settings
from convivium.media.fake import FakeEngine

FILE = Path(__file__).resolve().parent.parent / "web" / "src" / "api" / "shapes.ts"
HEAD = "/** What the server sends: written by `make fix` from its API's description. */\n"
# What the server says of its answers; requests are named by the functions that send them.
ROOTS = (
    "MeView",
    "SignUpView",
    "AccountPage",
    "WholeAccountView",
    "WayBackView",
    "WaitingPage",
    "SignUpInvitationPage",
    "OwnInvitationsView",
    "MadeInvitationView",
    "CamePage",
    "SignInsView",
    "WaysView",
    "VisitView",
    "ReturnedView",
    "TokensView",
    "RecoveryCodesView",
    "MadeTokenView",
    "Card",
    "CardPage",
    "EventData",
    "InviteePage",
    "LinksView",
    "MadeLinkView",
    "MyEventData",
    "NotificationPage",
    "NotificationSettingsView",
    "EmailView",
    "PushesView",
    "TriedView",
    "ProfileView",
    "PeoplePage",
    "RelatedPage",
    "ListenerPage",
    "ConversationPage",
    "MessagePage",
    "WrittenView",
    "CasePage",
    "PersonRecordView",
    "SuspensionPage",
    "LogPage",
    "OverviewView",
    "BrandingView",
    "InstanceView",
    "TriedColoursView",
    "JobPage",
    "Found",
    "ForEveryoneView",
    "PostPage",
    "ThreadView",
    "TimelinePage",
    "History",
    "MadePicture",
    "MadeVoiceNote",
)
# As Biome has it (biome.jsonc), with the end of the line.
LINE_MAX = 111
PLAIN = {
    "string": "string",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "null": "null",
}

Schema = Mapping[str, Any]


def main(arguments: Sequence[str]) -> int:
    """Bring the file up to date, or say that it is not."""
    wanted = HEAD + "".join(declarations(description()["components"]["schemas"]))
    if "--check" not in arguments:
        FILE.write_text(wanted)
    elif not FILE.exists() or FILE.read_text() != wanted:
        print("web/src/api/shapes.ts: the server sends something else; `make fix` writes it anew")
        return 1
    return 0


def description() -> dict[str, Any]:
    """Ask a server that was never started what its API is."""
    with tempfile.TemporaryDirectory() as folder:
        instance = Instance(
            Settings(data=Path(folder)),
            engine=FakeEngine(),
            clock=SystemClock(),
            passwords=Passwords(PasswordHasher()),
        )
        return http(instance).openapi()


def declarations(schemas: Mapping[str, Schema]) -> Iterator[str]:
    """Yield an interface for each schema the roots are made of, in the order of the alphabet."""
    for name in sorted(reached(schemas, ROOTS)):
        yield f"\n{comment(schemas[name])}export interface {named(name)} {{\n"
        properties = schemas[name]["properties"]
        always = schemas[name].get("required", ())
        for key, value in properties.items():
            yield line(key if key in always else f"{key}?", shown(value))
        yield "}\n"


def line(key: str, kind: str) -> str:
    """Write one member; a union too long for a line has a line for each of its kinds."""
    whole = f"  {key}: {kind};\n"
    if len(whole) <= LINE_MAX or " | " not in kind:
        return whole
    return f"  {key}:" + "".join(f"\n    | {one}" for one in kind.split(" | ")) + ";\n"


def reached(schemas: Mapping[str, Schema], roots: Sequence[str]) -> set[str]:
    """Find the names of all schemas that these are made of, and their own."""
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += references(schemas[name])
    return found


def references(schema: object) -> Iterator[str]:
    """Yield the names of the schemas that this one refers to."""
    if isinstance(schema, Mapping):
        if "$ref" in schema:
            yield last_part(schema["$ref"])
        for value in schema.values():
            yield from references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from references(value)


def shown(schema: Schema) -> str:
    """Say a schema in TypeScript. Raises KeyError for a kind that nothing has had so far."""
    if "$ref" in schema:
        return named(last_part(schema["$ref"]))
    if "anyOf" in schema:
        return " | ".join(shown(one) for one in schema["anyOf"])
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(json.dumps(value, ensure_ascii=False) for value in schema["enum"])
    if "propertyNames" in schema:
        names, values = schema["propertyNames"], schema["additionalProperties"]
        return f"Partial<Record<{shown(names)}, {shown(values)}>>"
    if schema["type"] == "object":
        values = schema["additionalProperties"]
        return f"Record<string, {'unknown' if values is True else shown(values)}>"
    if schema["type"] == "array":
        item = shown(schema["items"])
        return f"({item})[]" if " | " in item else f"{item}[]"
    return PLAIN[schema["type"]]


def comment(schema: Schema) -> str:
    """Say what a schema is, in its own words."""
    return f"/** {schema['description']} */\n" if "description" in schema else ""


def named(schema: str) -> str:
    """Name a schema as the page calls it."""
    return schema.removesuffix("View")


def last_part(reference: str) -> str:
    """Name what a reference points to."""
    return reference.rpartition("/")[2]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
