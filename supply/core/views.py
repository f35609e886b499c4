"""The frame's own pages: home by role, first sign-in, jobs."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, send_from_directory, session, url_for
from flask_appbuilder import BaseView, expose
from flask_login import current_user, logout_user

from supply.core import accounts, jobs
from supply.core.errors import SupplyError
from supply.core.home import home_tiles
from supply.core.security import guarded
from supply.core.settings import ROOT


class HomeView(BaseView):
    """What needs you today, by role; each figure opens its list."""

    route_base = ""
    default_view = "index"
    class_permission_name = "Home"
    method_permission_name = {"_home": "read"}

    @expose("/")
    def index(self) -> Any:
        """Home, or the sign-in page for a stranger."""
        if not current_user.is_authenticated:
            return redirect(url_for("AuthDBView.login"))
        return self._home()

    @guarded
    def _home(self) -> Any:
        return self.render_template("supply/home.html", home=home_tiles())

    @expose("/first-login/<token>", methods=["GET", "POST"])
    def first_login(self, token: str) -> Any:
        """Set one's own password by the one-time link."""
        user = accounts.user_of_token(token)
        faults: tuple[Any, ...] = ()
        if request.method == "POST":
            try:
                accounts.set_first_password(
                    token, request.form.get("password", ""), request.form.get("again", "")
                )
            except SupplyError as error:
                if error.status != 422:
                    raise
                faults = error.faults
            else:
                session["just_set_password"] = True
                return redirect(url_for("AuthDBView.login"))
        page = self.render_template("supply/first_login.html", user=user, faults=faults)
        return (page, 422) if faults else page

    @expose("/sign-out", methods=["POST"])
    def sign_out(self) -> Any:
        """By POST only: a link elsewhere must not be able to sign anybody out."""
        language = session.get("locale")
        logout_user()
        session.clear()
        session["locale"] = language
        return redirect(url_for("AuthDBView.login"))

    @expose("/healthz")
    def health(self) -> Any:
        """For a supervisor: the process answers."""
        return {"status": "ok"}

    @expose("/favicon.ico")
    def favicon(self) -> Any:
        """Browsers ask for it unasked."""
        return send_from_directory(ROOT / "supply" / "core" / "static", "favicon.svg")


class JobView(BaseView):
    """How a job stands."""

    route_base = "/jobs"
    class_permission_name = "Jobs"
    method_permission_name = {"show": "read", "state": "read"}

    @expose("/<int:job_id>")
    @guarded
    def show(self, job_id: int) -> Any:
        """The progress page; goes on to the result by itself."""
        state = jobs.state(job_id)
        if state.status == "succeeded" and state.result and state.result.get("url"):
            return redirect(state.result["url"])
        return self.render_template("supply/job.html", job=state)

    @expose("/<int:job_id>/state")
    @guarded
    def state(self, job_id: int) -> Any:
        """The moving part of that page."""
        state = jobs.state(job_id)
        page = self.render_template("supply/_job_state.html", job=state)
        if state.status == "succeeded" and state.result and state.result.get("url"):
            return page, 200, {"HX-Redirect": state.result["url"]}
        if state.is_over:  # then all is replaced, not only what is said of the work
            return page, 200, {"HX-Retarget": "#job", "HX-Reselect": "#job"}
        return page
