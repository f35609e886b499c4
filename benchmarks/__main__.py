"""`make bench`: every benchmark, one after the other; JSON lines on standard output."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def main() -> int:
    """Each in its own process, so that none warms or burdens another; the worst exit status."""
    names = sorted(p.stem for p in Path(__file__).parent.glob("[a-z]*.py"))
    return max(
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode
        for name in names
    )


if __name__ == "__main__":
    raise SystemExit(main())
