"""`make bench-peers`: a transfer of 5 lines, ours against Tryton's internal shipment, same server, same run.

Ours is what the shipment does and more: a dispatch and its receipt, each validated, numbered, hashed and
committed. Tryton has an environment of its own, whose interpreter is named by the first argument.

    python -m benchmarks.peers PEER_PYTHON [--seconds 5]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote
from uuid import uuid4

import psycopg
from sqlalchemy.engine import URL

from benchmarks.posting import LINES, _prepare, _rate, _stock_up

PEER_DATABASE = "peer_tryton"
SCRIPT = Path(__file__).with_name("tryton_shipments.py")


def ours() -> tuple[Callable[[int], Callable[[int], None]], URL]:
    """What makes a client of ours, whose every call is one transfer; the server's address."""
    from supply.core.database import database
    from supply.core.scope import acting_as
    from supply.inventory.documents import IssueLine, TransferDispatch, TransferReceipt
    from supply.inventory.services import post

    _, places, user, items, fund = _prepare()
    sender, receiver = places[:2]
    with acting_as(user):
        _stock_up([sender], items, fund)

    def make(_client: int) -> Callable[[int], None]:
        def transfer(nth: int) -> None:
            lines = tuple(
                IssueLine(item_code=items[(nth * LINES + k) % len(items)], quantity=1)
                for k in range(LINES)
            )
            with acting_as(user):
                sent = post(
                    TransferDispatch(
                        facility_id=sender,
                        counterpart_facility_id=receiver,
                        lines=lines,
                        client_key=uuid4(),
                    )
                )
                post(TransferReceipt(facility_id=receiver, follows_id=sent.document_id))

        return transfer

    return make, database().owner_url


def tryton(python: Path, server: URL, seconds: float) -> float:
    """Internal shipments per second of Tryton on a fresh database of the same server."""
    with psycopg.connect(
        server.set(drivername="postgresql", database="postgres").render_as_string(False),
        autocommit=True,
    ) as connection:
        connection.execute(f'CREATE DATABASE "{PEER_DATABASE}"')
    # Tryton's settings file gives % a meaning of its own.
    address = unquote(server.set(drivername="postgresql", database="").render_as_string(False))
    with tempfile.TemporaryDirectory(prefix="supply-peer-") as folder:
        settings, password = Path(folder, "trytond.conf"), Path(folder, "password")
        settings.write_text(f"[database]\nuri = {address}\n")
        password.write_text(uuid4().hex)
        subprocess.run(
            [
                python.with_name("trytond-admin"), "-c", settings, "-d", PEER_DATABASE,
                "-u", "stock", "--activate-dependencies", "--email", "admin@example.invalid",
            ],
            env={**os.environ, "TRYTONPASSFILE": str(password)},
            check=True,
            capture_output=True,
        )  # fmt: skip
        answer = subprocess.run(
            [python, SCRIPT, address, PEER_DATABASE, str(LINES), str(seconds)],
            check=True,
            capture_output=True,
            text=True,
        )
    return float(json.loads(answer.stdout.splitlines()[-1])["documents_per_second"])


def main() -> None:
    """Print JSON lines: a whole transfer, and each of its two documents, against one shipment."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("python", type=Path, help="the interpreter of Tryton's environment")
    parser.add_argument("--seconds", type=float, default=5.0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="supply-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        os.environ.setdefault("SUPPLY_DATA", folder)
        make, server = ours()
        before = _rate(1, asked.seconds, make)
        theirs = tryton(asked.python, server, asked.seconds)
        mine = (before + _rate(1, asked.seconds, make)) / 2
    for name, times, unit in (
        (f"transfer_{LINES}_lines_1_client", 1, "transfers/s (ours: dispatch and receipt)"),
        (f"post_{LINES}_lines_1_client_against_tryton", 2, "documents/s"),
    ):
        print(
            json.dumps(
                {
                    "name": name,
                    "ours": round(times * mine, 1),
                    "other": round(theirs, 2),
                    "other_is": "Tryton 8.2 internal shipment, draft to done",
                    "ratio": round(times * mine / theirs, 1),
                    "unit": unit,
                }
            )
        )


if __name__ == "__main__":
    main()
