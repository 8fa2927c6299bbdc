"""JSON as people like to read it: what fits on a line stands on one. Knows no contract."""

from __future__ import annotations

import json
from typing import Any

WIDTH = 120


def laid_out(value: Any) -> str:
    """The text of a document, with a line feed at its end."""
    return f"{_text(value, 0, 0)}\n"


def _text(value: Any, depth: int, before: int) -> str:
    """`before` characters stand on the line already; a list or an object breaks where it does not fit."""
    flat = _flat(value)
    if len(flat) + before + 2 * depth < WIDTH and (depth > 1 or not isinstance(value, dict)):
        return flat
    inner = "  " * (depth + 1)
    if isinstance(value, dict) and value:
        rows = [f"{json.dumps(name, ensure_ascii=False)}: " for name in value]
        lines = [row + _text(each, depth + 1, len(row)) for row, each in zip(rows, value.values(), strict=True)]
        return "{\n" + ",\n".join(inner + line for line in lines) + "\n" + "  " * depth + "}"
    if isinstance(value, list) and value:
        lines = [_text(each, depth + 1, 0) for each in value]
        return "[\n" + _filled(lines, inner) + "\n" + "  " * depth + "]"
    return flat


def _flat(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _filled(lines: list[str], inner: str) -> str:
    """Short items side by side, as many as fit on a line."""
    rows: list[str] = []
    for line in lines:
        plain = "\n" not in line and not line.startswith(("{", "["))
        if rows and plain and not rows[-1].endswith(("}", "]")) and len(rows[-1]) + len(line) + 2 < WIDTH:
            rows[-1] += f", {line}"
        else:
            rows.append(inner + line)
    return ",\n".join(rows)
