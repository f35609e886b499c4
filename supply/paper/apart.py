"""A long paper set in a process of its own (`python -m supply.paper.apart`): order in, PDF out."""

from __future__ import annotations

import datetime as dt
import json
import sys

from supply.paper.render import compile_form


def main() -> None:
    """Read the order as JSON, write the file."""
    order = json.load(sys.stdin.buffer)
    day = dt.date.fromisoformat(order["day"]) if order["day"] else None
    sys.stdout.buffer.write(compile_form(order["template"], order["data"], day, "pdf")[0])


if __name__ == "__main__":
    main()
