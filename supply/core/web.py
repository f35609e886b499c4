"""The web's edge: sessions, security headers, errors, menu. One place for each."""

from __future__ import annotations

import datetime as dt
from typing import Any

import jinja2
from flask import (
    Blueprint,
    Flask,
    abort,
    current_app,
    g,
    jsonify,
    make_response,
    render_template,
    request,
)
from flask.wrappers import Response
from flask_appbuilder import AppBuilder
from flask_appbuilder.models.sqla.base import SQLA
from flask_login import current_user
from flask_sqlalchemy.session import Session as FlaskSession
from flask_talisman import Talisman
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy import Engine, event, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import CompileError, DBAPIError
from sqlalchemy.orm import Session, SessionTransaction
from werkzeug.exceptions import HTTPException

from supply.core import compression, date_field, i18n, kept
from supply.core.accounts import ROLE_NAMES
from supply.core.around import around, kept_piece, navigation
from supply.core.database import database, derived_secret
from supply.core.errors import SupplyError, TooFast, TooMuch, WrongType
from supply.core.frame import asset, expiry_chip, menu_lines, option_list
from supply.core.i18n import t
from supply.core.registry import import_models, load, modules
from supply.core.scope import enter_scope, set_acting_user
from supply.core.security import may, sign_in_message
from supply.core.settings import ROOT, settings
from supply.core.text import Text
from supply.core.transaction import reading, take_back, translate

UPLOAD_BYTES_MAX = 20 * 1024 * 1024
FORM_BYTES_MAX = 4 * 1024 * 1024
CONTENT_SECURITY_POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "object-src": "'none'",
}


class WebSession(FlaskSession):
    """FAB's session: on our web engine, every transaction in the acting person's scope."""

    def get_bind(self, *_args: Any, **_options: Any) -> Engine:
        """The web engine, first asked for when a query is made: commands that need no database
        start none."""
        return database().web_engine


@event.listens_for(WebSession, "after_begin")
def _enter(_session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    enter_scope(connection)


def configure(app: Flask) -> None:
    """What FAB and the extensions read."""
    at = settings()
    app.config.update(
        SECRET_KEY=derived_secret("web session"),
        SQLALCHEMY_DATABASE_URI="postgresql+psycopg://",  # never connected: see WebSession.get_bind
        APP_NAME="Hậu cần 4 tại chỗ",
        AUTH_TYPE=1,
        AUTH_ROLE_ADMIN="administrator",
        AUTH_ROLE_PUBLIC="Public",
        AUTH_RATE_LIMITED=True,
        AUTH_RATE_LIMIT="30 per minute",
        RATELIMIT_ENABLED=True,
        RATELIMIT_STORAGE_URI="memory://",
        FAB_BASE_TEMPLATE="supply/base.html",
        FAB_CREATE_DB=False,
        FAB_UPDATE_PERMS=False,
        FAB_SECURITY_MANAGER_CLASS="supply.core.security.SupplySecurityManager",
        FAB_INDEX_VIEW="supply.core.views.HomeView",
        FAB_PASSWORD_COMPLEXITY_ENABLED=True,
        FAB_PASSWORD_COMPLEXITY_VALIDATOR=_form_password_rules,
        FAB_API_KEY_ENABLED=False,  # ours end, narrow the scope and are dated: supply/core/api_keys.py
        FAB_API_SWAGGER_UI=True,
        FAB_ADD_SECURITY_PERMISSION_VIEW=False,
        FAB_ADD_SECURITY_VIEW_MENU_VIEW=False,
        FAB_ADD_SECURITY_PERMISSION_VIEWS_VIEW=False,
        SESSION_COOKIE_SECURE=at.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=dt.timedelta(hours=12),
        MAX_CONTENT_LENGTH=UPLOAD_BYTES_MAX,
        MAX_FORM_MEMORY_SIZE=FORM_BYTES_MAX,
        MAX_FORM_PARTS=20_000,
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
        SEND_FILE_MAX_AGE_DEFAULT=dt.timedelta(days=30),
    )


def _form_password_rules(password: str) -> None:
    """FAB's own password forms keep our rules."""
    from flask_appbuilder.exceptions import PasswordComplexityValidationError

    from supply.core.accounts import password_faults

    if faults := password_faults(password):
        raise PasswordComplexityValidationError(faults[0].message(i18n.language()))


def install(app: Flask) -> AppBuilder:
    """Everything between the socket and a page."""
    import_models()
    configure(app)
    i18n.install(app)
    _own_templates_first(app)
    _serve_assets(app)
    compression.install(app)
    date_field.install()
    _forget_person_after(app)
    _let_answers_say_their_policy(app)
    Talisman(
        app,
        force_https=settings().secure_cookies,
        session_cookie_secure=settings().secure_cookies,
        strict_transport_security=settings().secure_cookies,
        content_security_policy=CONTENT_SECURITY_POLICY,
        content_security_policy_nonce_in=["script-src", "style-src"],
        referrer_policy="same-origin",
        frame_options="DENY",
    )
    web_database = SQLA(session_options={"class_": WebSession})
    web_database.init_app(app)
    _refuse_large_early(app)
    _protect_forms(app)
    _change_only_by_post(app)
    _answer_errors(app)
    with app.app_context():
        builder = AppBuilder(update_perms=False)
        builder.init_app(app, web_database.session)
        register_modules(app, builder)
    _page_words(app, builder)
    return builder


def register_modules(app: Flask, builder: AppBuilder) -> None:
    """Pages, API and commands of every module, in the modules' order."""
    for module in modules():
        for reference in module.apis:
            builder.add_api(load(module, reference))
        for reference in module.views:
            view = load(module, reference)
            if view is not type(builder.indexview) and view is not builder.indexview:
                builder.add_view_no_menu(view)
        for reference in module.commands:
            app.cli.add_command(load(module, reference))  # type: ignore[arg-type]


def _serve_assets(app: Flask) -> None:
    """`/assets/<module>/…` for every module with a `static` folder."""
    for module in modules():
        folder = ROOT / "supply" / module.name / "static"
        if folder.is_dir():
            app.register_blueprint(
                Blueprint(
                    f"assets_{module.name}",
                    __name__,
                    static_folder=str(folder),
                    static_url_path=f"/assets/{module.name}",
                )
            )


def _own_templates_first(app: Flask) -> None:
    """Ours shadow FAB's of the same name."""
    folders = [str(ROOT / "supply" / m.name / "templates") for m in modules()]
    own = jinja2.FileSystemLoader(folders)
    app.jinja_loader = jinja2.ChoiceLoader([own, app.jinja_loader]) if app.jinja_loader else own


def _forget_person_after(app: Flask) -> None:
    """A thread serves many people: each request starts with nobody."""

    def nobody(*, whole: bool = False) -> None:
        set_acting_user(None)
        take_back(whole=whole)
        kept.forget()

    app.before_request(nobody)

    @app.teardown_request
    def _nobody_again(error: BaseException | None) -> None:
        nobody(whole=error is None)


def _let_answers_say_their_policy(app: Flask) -> None:
    """A file that somebody sent is served under a policy of its own (`g.content_security_policy`).
    Stands before Talisman, so that it runs after it."""

    @app.after_request
    def _say(response: Response) -> Response:
        policy = g.get("content_security_policy")
        if policy:
            response.headers["Content-Security-Policy"] = policy
        return response


def _protect_forms(app: Flask) -> None:
    """CSRF for whatever rides on the cookie; a request with its own credentials cannot be forged
    from another site (a browser adds no Authorization header by itself)."""
    csrf = CSRFProtect(app)

    @app.before_request
    def _check() -> None:
        by_token = request.headers.get("Authorization", "").startswith("Bearer ")
        signs_in = request.path == "/api/v1/security/login"
        # Without a cookie nothing rides on one: the API says 401 itself.
        nobody = request.path.startswith("/api/") and not _has_session()
        if request.method in {"POST", "PUT", "PATCH", "DELETE"} and not (
            by_token or signs_in or nobody
        ):
            csrf.protect()


def _has_session() -> bool:
    return str(current_app.config["SESSION_COOKIE_NAME"]) in request.cookies


def _refuse_large_early(app: Flask) -> None:
    """Before a byte of the body is read. What says no length is cut off while it comes."""

    @app.before_request
    def _refuse() -> None:
        if (request.content_length or 0) > UPLOAD_BYTES_MAX:
            raise TooMuch()


_CHANGING = frozenset({"delete", "action", "logout"})


def _change_only_by_post(app: Flask) -> None:
    """FAB deletes, acts and signs out by GET, which any link or prefetch could do."""

    @app.before_request
    def _refuse() -> None:
        verb = (request.endpoint or "").rpartition(".")[2]
        if verb in _CHANGING and request.method in {"GET", "HEAD"}:
            abort(405)


_HTTP_TEXTS = {
    400: Text("Yêu cầu không hợp lệ.", "The request is not valid."),
    401: Text("Xin đăng nhập.", "Please sign in."),
    403: Text("Bạn không có quyền xem trang này.", "You may not see this page."),
    404: Text("Không tìm thấy trang này.", "There is no such page."),
    405: Text("Thao tác này không dùng được ở đây.", "This action is not available here."),
    413: TooMuch.default,
    415: WrongType.default,
    429: TooFast.default,
}


def _answer_errors(app: Flask) -> None:
    @app.errorhandler(SupplyError)
    def _ours(error: SupplyError) -> Response:
        return answer(error.status, error.text, error)

    @app.errorhandler(CSRFError)
    def _csrf(_error: CSRFError) -> Response:
        return answer(
            400,
            Text(
                "Phiên làm việc đã cũ. Xin tải lại trang rồi làm lại; chưa có gì thay đổi.",
                "This page is out of date. Reload it and try again; nothing was changed.",
            ),
        )

    @app.errorhandler(DBAPIError)
    def _database(error: DBAPIError) -> Response:
        found = translate(error)
        if found.status == 500:
            app.logger.exception("database error")
        return answer(found.status, found.text, found)

    @app.errorhandler(CompileError)
    def _unknown_column(_error: CompileError) -> Response:
        words = Text(
            "Không có cột để xếp theo tên này.", "There is no column of this name to sort by."
        )
        return answer(400, words)

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Response:
        if error.response is not None or (error.code or 500) < 400:
            return error.get_response()  # type: ignore[return-value]
        code = error.code or 500
        fallback = SupplyError.default if code >= 500 else _HTTP_TEXTS[400]
        response = answer(code, _HTTP_TEXTS.get(code, fallback))
        allowed = getattr(error, "valid_methods", None)
        if allowed:
            response.headers["Allow"] = ", ".join(sorted(allowed))
        return response

    @app.errorhandler(Exception)
    def _unforeseen(error: Exception) -> Response:
        app.logger.exception("unforeseen error", exc_info=error)
        return answer(500, SupplyError.default)


def wants_json() -> bool:
    """An API client or a script of ours asks, not a person's browser."""
    return request.path.startswith("/api/") or (
        request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"
    )


def answer(status: int, words: Text, error: SupplyError | None = None) -> Response:
    """An error as a page, or as RFC 9457 problem details."""
    lang = i18n.language()
    faults = error.faults if error else ()
    if wants_json():
        body = {
            "type": f"urn:supply:{error.code if error else f'http-{status}'}",
            "title": words.in_language(lang),
            "status": status,
            # Our pages' scripts read `errors`, other programs `faults`.
            "faults" if request.path.startswith("/api/") else "errors": [
                {"line": f.line, "field": f.field, "message": f.text.in_language(lang)}
                for f in faults
            ],
        }
        response = jsonify(body)
        response.mimetype = "application/problem+json"
        response.headers["Content-Language"] = lang
        if status == 401:
            response.headers["WWW-Authenticate"] = "Bearer"
        if status == 429:
            response.headers["Retry-After"] = "60"
    else:
        response = make_response(
            render_template("supply/error.html", status=status, words=words, faults=faults)
        )
    response.status_code = status
    return response


def _page_words(app: Flask, builder: AppBuilder) -> None:
    """What every template may use."""
    app.jinja_env.globals["appbuilder"] = builder
    app.jinja_env.filters["role_name"] = lambda word: (
        t(ROLE_NAMES[word]) if word in ROLE_NAMES else word
    )

    app.jinja_env.filters["role_words"] = _role_words
    # Globals rather than a context processor: FAB renders its widgets without the latter.
    app.jinja_env.globals.update(
        around=around,
        kept_piece=kept_piece,
        nav=navigation,
        menu_lines=menu_lines,
        expiry_chip=expiry_chip,
        option_list=option_list,
        asset=asset,
        scope_label=scope_label,
        role_label=role_label,
        may=may,
        sign_in_message=sign_in_message,
    )


def _role_words(options: str) -> str:
    """FAB's select boxes offer roles by their stored names; people read theirs."""
    options = str(options)  # a Markup would escape what it is given
    for role, name in ROLE_NAMES.items():
        options = options.replace(f">{role}</option>", f">{t(name)}</option>")
    return options


def scope_label() -> str:
    """The person's facility, or how many, or the district."""
    if "scope_label" not in g:
        names = kept.kept("scope names", _scope_names)
        first = t(names[0]) if names else ""
        g.scope_label = first if len(names) < 2 else f"{first} +{len(names) - 1}"
    return str(g.scope_label)


def _scope_names() -> tuple[Text, ...]:
    with reading() as session:
        rows = session.execute(
            text(
                "SELECT coalesce(f.name_vi, d.name) AS vi, coalesce(f.name_en, d.name) AS en"
                " FROM user_scope s LEFT JOIN facility f ON f.id = s.facility_id"
                " LEFT JOIN district d ON d.id = s.district_id"
                " WHERE s.user_id = supply_user_id() ORDER BY 1"
            )
        )
        return tuple(Text(r.vi, r.en) for r in rows)


def role_label() -> str:
    """The names of the person's roles."""
    return ", ".join(t(ROLE_NAMES[r.name]) for r in current_user.roles if r.name in ROLE_NAMES)
