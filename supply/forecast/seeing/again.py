"""The job that makes a stored run again and says whether every number is the same."""

from __future__ import annotations

from typing import Any

from supply.core.errors import Conflict
from supply.core.jobs import Progress, job
from supply.core.text import Text
from supply.forecast.services import replay

KIND = "forecast.replay"


@job(KIND, Text("Chạy lại một lượt dự báo và so", "Make a forecast run again and compare"))
def again(progress: Progress, *, district: str, run_id: int) -> dict[str, Any]:
    """Equal, or in which way not: a difference is a finding, not a failure of the job."""
    progress.at(0, 1, Text("Đang tính lại từ số liệu của lượt", "Computing from the run's inputs"))
    why = Text("", "")
    try:
        replay(run_id)
    except Conflict as different:
        why = different.text
    return {
        "run_id": run_id,
        "equal": not why.vi,
        "why_vi": why.vi,
        "why_en": why.en,
        "url": f"/forecast/stamp/?district={district}&run={run_id}&job={progress.job_id}",
    }
