"""`/docs`: the gateway's OpenAPI document as one page for people, which loads nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final

POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
"""Content security policy of the page: a browser loads nothing and runs no script."""

_STYLE: Final = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 2.5rem; border-top: 1px solid #ccc; padding-top: 1rem; }
code, pre { font: 14px/1.4 ui-monospace, monospace; }
pre { background: #f4f4f4; padding: .6rem; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid #eee; }
"""


def render(document: Mapping[str, Any]) -> str:
    """Write an OpenAPI document as an HTML page that loads nothing."""
    info = document["info"]
    parts = [
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">',
        f"<title>{escape(info['title'])}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{escape(info['title'])}</h1><p>{escape(info.get('description', ''))}</p>",
        '<p>For programs: <a href="/openapi.json">/openapi.json</a></p>',
    ]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            parts += _operation(method.upper(), path, operation)
    parts.append("<h1>Objects</h1>")
    for name, schema in document["components"]["schemas"].items():
        parts.append(f'<h2 id="{escape(name)}">{escape(name)}</h2><p>{escape(schema.get("description", ""))}</p>')
        rows = [
            (part, _kind(of), of.get("description", ""), _examples(of))
            for part, of in schema.get("properties", {}).items()
        ]
        parts += _table(("member", "kind", "", "for example"), rows)
    return "\n".join([*parts, "</body></html>"])


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield f"<h2><code>{method} {escape(path)}</code></h2><p>{escape(operation.get('summary', ''))}</p>"
    asked = operation.get("parameters", [])
    if asked:
        rows = [
            (
                one["name"] + ("" if one.get("required") else " (optional)"),
                _kind(one["schema"]),
                one.get("description", ""),
                _examples({**one["schema"], **one}),
            )
            for one in asked
        ]
        yield from _table(("parameter", "kind", "", "for example"), rows)
        examples = {one["name"]: _examples({**one["schema"], **one}) for one in asked if one.get("required")}
        query = "&".join(f"{name}={value}" for name, value in examples.items())
        yield f"<pre>GET {escape(path)}?{escape(query)}</pre>"
    if "requestBody" in operation:
        content = operation["requestBody"]["content"]["application/json"]["schema"]
        yield f"<p>Body: {_kind(content)}</p>"
    rows = [
        (status, _content(response), response.get("description", ""), "")
        for status, response in operation["responses"].items()
    ]
    yield from _table(("status", "answer", "", ""), rows)


def _content(response: Mapping[str, Any]) -> str:
    found = [_kind(one.get("schema", {})) or escape(kind) for kind, one in response.get("content", {}).items()]
    return ", ".join(found)


def _kind(schema: Mapping[str, Any]) -> str:
    """Name a schema's kind as HTML: an object is a link to its section of the page."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(_kind(one) for one in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {})) or 'values'}"
    return escape(str(schema.get("type", "")))


def _examples(schema: Mapping[str, Any]) -> str:
    return ", ".join(map(str, schema.get("examples", ())))


def _table(head: tuple[str, ...], rows: list[tuple[str, str, str, str]]) -> Iterator[str]:
    """Write a table; its second column is HTML already."""
    if rows:
        yield "<table><tr>" + "".join(f"<th>{escape(name)}</th>" for name in head) + "</tr>"
        for name, kind, description, example in rows:
            yield (
                f"<tr><td><code>{escape(name)}</code></td><td>{kind}</td><td>{escape(description)}</td>"
                f"<td><code>{escape(example)}</code></td></tr>"
            )
        yield "</table>"
