"""The API for people: one page made of its OpenAPI description; no other host is asked."""

import html
import json
from typing import Any

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "code,pre{font-family:ui-monospace,monospace}pre{overflow-x:auto;padding:.5rem 1rem;"
    "border:1px solid #8886;border-radius:.5rem}summary{cursor:pointer;padding:.3rem 0}"
    ":root{color-scheme:light dark}"
)


def write(description: dict[str, Any], nonce: str) -> str:
    """Write the page: every route by its subject, with what it takes and gives."""
    by_subject: dict[str, list[str]] = {}
    for path, methods in description["paths"].items():
        for method, route in methods.items():
            subject = route.get("tags", ["other"])[0]
            by_subject.setdefault(subject, []).append(_route(method, path, route))
    sections = "".join(
        f"<h2>{html.escape(subject)}</h2>{''.join(routes)}"
        for subject, routes in by_subject.items()
    )
    title = f"{html.escape(description['info']['title'])}: the API"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width">'
        f'<style nonce="{nonce}">{STYLE}</style></head><body><h1>{title}</h1>'
        f'<p>Described for programs in <a href="/api/openapi.json">openapi.json</a>.</p>'
        f"{sections}<h2>schemas</h2>{_schemas(description)}</body></html>"
    )


def _route(method: str, path: str, route: dict[str, Any]) -> str:
    words = html.escape(route.get("description") or route.get("summary", ""))
    name = f"<code>{method.upper()} {html.escape(path)}</code>"
    return f"<details><summary>{name} {words}</summary>{_json(_shape(route))}</details>"


def _shape(route: dict[str, Any]) -> dict[str, Any]:
    return {key: route[key] for key in ("parameters", "requestBody", "responses") if key in route}


def _schemas(description: dict[str, Any]) -> str:
    schemas = description.get("components", {}).get("schemas", {})
    return "".join(
        f"<details><summary><code>{html.escape(name)}</code></summary>{_json(schema)}</details>"
        for name, schema in schemas.items()
    )


def _json(value: object) -> str:
    return f"<pre>{html.escape(json.dumps(value, indent=2, ensure_ascii=False))}</pre>"
