"""The API's documentation as a plain page, without anything from elsewhere, and a page for each problem's type."""

from html import escape
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.responses import HTMLResponse

from shared.web.catalogues import LANGUAGES, Catalogues

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c2430}
h1{font-size:1.6rem} h2{font-size:1.1rem;margin-top:2.2rem;border-bottom:1px solid #d5dbe3}
table{border-collapse:collapse;width:100%} td{padding:.35rem .6rem;border-bottom:1px solid #edf0f4;vertical-align:top}
td:first-child{width:5rem;font-weight:600} code{font-size:.92rem;overflow-wrap:anywhere} p.note{color:#4a5666}
"""


def docs_router(app: FastAPI, service: str, catalogues: Catalogues) -> APIRouter:
    """The routes ``/docs`` and ``/problems/{service}/{code}``."""
    router = APIRouter(include_in_schema=False)

    @router.get("/docs")
    async def show_docs() -> HTMLResponse:
        return HTMLResponse(_page(app.openapi()))

    @router.get("/problems/{service}/{code}")
    async def show_problem(service: str, code: str) -> HTMLResponse:
        titles = [(language, catalogues.text(code, language, service)) for language in LANGUAGES]
        lines = "".join(f'<p lang="{language}">{escape(words)}</p>' for language, words in titles if words)
        return HTMLResponse(_frame(code, lines or "<p>?</p>"), 200 if lines else 404)

    return router


def _page(schema: dict[str, Any]) -> str:
    info = schema["info"]
    groups: dict[str, list[str]] = {}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            tag = (operation.get("tags") or ["other"])[0]
            summary = escape(operation.get("summary", ""))
            row = f"<tr><td>{method.upper()}</td><td><code>{escape(path)}</code><br>{summary}</td></tr>"
            groups.setdefault(tag, []).append(row)
    tables = "".join(f"<h2>{escape(tag)}</h2><table>{''.join(rows)}</table>" for tag, rows in sorted(groups.items()))
    note = (
        f'<p class="note">{escape(info.get("description", ""))} Shapes, examples and answers are in '
        f'<a href="openapi.json">openapi.json</a>.</p>'
    )
    return _frame(f"{info['title']} {info['version']}", note + tables)


def _frame(heading: str, content: str) -> str:
    """A page; ``heading`` is text, ``content`` is HTML."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(heading)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{escape(heading)}</h1>{content}</body></html>"
    )
