"""The frame: registry, database, scope, transaction, errors, security, jobs, web base."""

from supply.core.registry import MenuItem, Module
from supply.core.text import Text

ADMIN = Text("Quản trị", "Administration")

MODULE = Module(
    name="core",
    title=Text("Khung", "Frame"),
    has_models=True,
    views=(
        "views:JobView",
        "views_keys:ApiKeysView",
        "views_lists:ListsView",
        "views_lists:FilesView",
    ),
    apis=("openapi:DescriptionApi",),
    commands=(
        "commands:deploy_cli",
        "commands:serve_cli",
        "commands:worker_cli",
        "commands:user_cli",
    ),
    menu=(
        MenuItem(
            ADMIN,
            Text("Người dùng", "Users"),
            "/users/list/",
            "people",
            "UserDBModelView",
            "can_list",
            910,
        ),
        MenuItem(
            ADMIN,
            Text("Vai trò", "Roles"),
            "/roles/list/",
            "shield",
            "RoleModelView",
            "can_list",
            930,
        ),
    ),
    jobs=("jobs", "files"),
)
