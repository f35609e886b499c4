"""The WSGI application and every command: `flask --app app …`."""

from __future__ import annotations

from flask import Flask

from seed import commands as seed_commands
from supply.core import web
from supply.core.settings import ROOT


def create_app() -> Flask:
    """A ready application on this process's database."""
    app = Flask("supply", root_path=str(ROOT), static_folder=None)
    web.install(app)
    for command in seed_commands.COMMANDS:
        app.cli.add_command(command)
    return app
