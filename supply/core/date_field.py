"""Days in master-data forms as people write them: dd/mm/yyyy, whatever the browser's language."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask_appbuilder.forms import FieldConverter
from wtforms import DateField
from wtforms.widgets import TextInput

from supply.core.i18n import t

FORMATS = ["%d/%m/%Y", "%Y-%m-%d"]


class DayField(DateField):
    """A day written dd/mm/yyyy; ISO is understood too. An empty entry is no day."""

    widget = TextInput()

    def __init__(self, label: Any = None, validators: Any = None, **options: Any) -> None:
        super().__init__(label, validators, format=FORMATS, **(options | {"widget": TextInput()}))

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take the typed day; refuse what is none, such as 31/02."""
        typed = valuelist[0].strip() if valuelist else ""
        self.data = None
        if not typed:
            return
        for form in FORMATS:
            try:
                self.data = dt.datetime.strptime(typed, form).date()
            except ValueError:
                continue
            return
        raise ValueError(
            t(
                f"“{typed}” không phải là ngày. Xin ghi ngày/tháng/năm, ví dụ 05/03/2026.",
                f"“{typed}” is not a day. Please write day/month/year, such as 05/03/2026.",
            )
        )


def install() -> None:
    """FAB makes this field for every date column."""
    FieldConverter.conversion_table = tuple(
        (kind, DayField, TextInput) if kind == "is_date" else (kind, field, widget)
        for kind, field, widget in FieldConverter.conversion_table
    )
