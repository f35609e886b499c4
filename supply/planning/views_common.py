"""What planning's pages share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request
from flask_appbuilder import BaseView

from supply.core.errors import InvalidInput, SupplyError
from supply.core.i18n import t
from supply.core.lists import chosen
from supply.core.text import Text
from supply.forecast.views_common import Here, address, here
from supply.planning.runs import choices_in_words, run_words

__all__ = ["PlanningPage", "here", "wanted_run"]

_MENDED_IN_PLACE = {403, 409, 422}


class PlanningPage(BaseView):
    """What all of planning's pages are given."""

    def page(self, template: str, at: Here, error: SupplyError | None = None, **values: Any) -> Any:
        """Render; with an error, under the error's status."""
        shown = self.render_template(
            f"planning/{template}.html",
            at=at,
            error=error,
            address=address,
            runs=[(id_, t(words)) for id_, words in choices_in_words(at.district.id)],
            run_words=run_words,
            days_on=lambda day, days: day + dt.timedelta(days=days),
            **values,
        )
        return (shown, error.status) if error else shown


def wanted_run() -> int | None:
    """The run of the address, None for the newest forecast."""
    return chosen("run")


def done(verb: Callable[[], Any], words: Text, to: str, again: Callable[[SupplyError], Any]) -> Any:
    """Do it, say so and go `to`; what can be mended is shown on the page itself."""
    try:
        made = verb()
    except SupplyError as error:
        if error.status not in _MENDED_IN_PLACE:
            raise
        return again(error)
    flash(t(words), "success")
    return redirect(to.replace("{}", str(made)))


def typed() -> dict[str, str]:
    """The form as sent, else the address."""
    return (request.form or request.args).to_dict()


def fault_words(error: SupplyError | None) -> dict[str, str]:
    """Field -> what is wrong with it."""
    return {f.field: t(f.text) for f in error.faults} if isinstance(error, InvalidInput) else {}
