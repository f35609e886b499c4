"""The commands as a person runs them: files in, files out, faults named and nothing written."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from supply.forecast.commands import forecast
from supply.forecast.score import HUB_QUANTILES


def _run(*arguments: object) -> Result:
    return CliRunner().invoke(forecast, [str(argument) for argument in arguments])


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    rng = np.random.default_rng(5)
    days = np.datetime64("2021-06-27") + np.arange(7 * 14)  # from a Sunday, 14 whole weeks
    lines = ["date,place,population,cases"]
    for place in ("Hà Nội", "NA"):
        counts = rng.poisson(40 + 20 * np.sin(np.arange(len(days)) / 15))
        lines += [f"{day},{place},,{count}" for day, count in zip(days, counts, strict=True)]
    file = tmp_path / "cases.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def test_project_writes_one_row_per_key_at_the_23_quantiles(cases: Path, tmp_path: Path) -> None:
    out = tmp_path / "q.csv"
    assert _run("project", "--cases", cases, "--out", out).exit_code == 0
    table = pd.read_csv(out, keep_default_na=False)
    assert list(table) == ["origin", "place", "horizon_weeks", "quantile", "value"]
    keys = ["origin", "place", "horizon_weeks"]
    assert not table.duplicated([*keys, "quantile"]).any()
    assert (table.groupby(keys)["quantile"].agg(tuple) == HUB_QUANTILES).all()
    assert table.groupby(keys)["value"].apply(lambda v: v.is_monotonic_increasing).all()
    assert set(table["place"]) == {"Hà Nội", "NA"}
    assert table["origin"].min() == "2021-07-31"  # the fifth week: four differences
    assert table["origin"].max() == "2021-10-02"


def test_project_takes_chosen_origins_and_horizons(cases: Path, tmp_path: Path) -> None:
    everything, one = tmp_path / "all.csv", tmp_path / "one.csv"
    _run("project", "--cases", cases, "--out", everything)
    found = _run(
        "project", "--cases", cases, "--out", one, "--origins", "2021-09-04", "--horizons", "2,4"
    )
    assert found.exit_code == 0
    table = pd.read_csv(everything, keep_default_na=False, dtype=str)
    chosen = (table["origin"] == "2021-09-04") & table["horizon_weeks"].isin(["2", "4"])
    pd.testing.assert_frame_equal(
        table[chosen].reset_index(drop=True), pd.read_csv(one, keep_default_na=False, dtype=str)
    )


def test_patients_in_hospital_have_a_narrower_prior_of_their_own(
    cases: Path, tmp_path: Path
) -> None:
    def width(*more: str) -> float:
        out = tmp_path / "q.csv"
        assert _run("project", "--cases", cases, "--out", out, *more).exit_code == 0
        table = pd.read_csv(out, keep_default_na=False).set_index("quantile")["value"]
        return float(table[0.9].mean() - table[0.1].mean())

    assert width("--measure", "hospital") < width() * 0.9
    assert _run("project", "--cases", cases, "--out", "x", "--measure", "beds").exit_code == 2


def test_truncating_the_file_and_shifting_its_dates_change_no_value(
    cases: Path, tmp_path: Path
) -> None:
    table = pd.read_csv(cases, dtype=str, keep_default_na=False)
    cut, shifted = tmp_path / "cut.csv", tmp_path / "shifted.csv"
    table[table["date"] <= "2021-09-04"].to_csv(cut, index=False)
    later = pd.to_datetime(table["date"]) + pd.Timedelta(days=7 * 60)
    table.assign(date=later.dt.strftime("%Y-%m-%d")).to_csv(shifted, index=False)
    outs = []
    for number, (file, origin) in enumerate(
        [(cases, "2021-09-04"), (cut, "2021-09-04"), (shifted, "2022-10-29")]
    ):
        out = tmp_path / f"{number}.csv"
        assert _run("project", "--cases", file, "--out", out, "--origins", origin).exit_code == 0
        outs.append(out.read_bytes())
    assert outs[0] == outs[1]
    assert outs[2].replace(b"2022-10-29", b"2021-09-04") == outs[0]


def test_score_prints_a_line_per_horizon(cases: Path, tmp_path: Path) -> None:
    out = tmp_path / "q.csv"
    _run("project", "--cases", cases, "--out", out)
    found = _run("score", "--cases", cases, "--quantiles", out, "--first-origin", "2021-08-07")
    lines = found.stdout.splitlines()
    assert lines[0].startswith("horizon_weeks,n,relative_wis")
    assert [line.split(",")[:2] for line in lines[1:]] == [
        ["1", "16"],
        ["2", "14"],
        ["3", "12"],
        ["4", "10"],
    ]


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        (["--origins", "2021-09-05"], "origins: 2021-09-05 is not a Saturday"),
        (["--origins", "2031-09-06"], "origins: 2031-09-06 is not a Saturday"),
        (["--origins", "05/09/2021"], "origins: “05/09/2021” is not a date"),
        (["--horizons", "5"], "horizons: “5”"),
        (["--horizons", "1,1"], "horizons: “1,1”"),
    ],
)
def test_bad_options_exit_2_and_write_nothing(
    cases: Path, tmp_path: Path, extra: list[str], said: str
) -> None:
    out = tmp_path / "q.csv"
    found = _run("project", "--cases", cases, "--out", out, *extra)
    assert found.exit_code == 2
    assert said in found.stderr
    assert not out.exists()


def test_bad_rows_exit_2_with_a_line_each_and_leave_the_old_file(
    cases: Path, tmp_path: Path
) -> None:
    out = tmp_path / "q.csv"
    out.write_text("before")
    cases.write_text(cases.read_text(encoding="utf-8") + "2021-07-01,NA,,5\n2021-13-01,NA,,x\n")
    found = _run("project", "--cases", cases, "--out", out)
    assert found.exit_code == 2
    assert len(found.stderr.splitlines()) == 3
    assert out.read_text() == "before"
    assert [file.name for file in tmp_path.iterdir() if file.suffix == ".part"] == []


def test_a_folder_that_is_not_there_is_refused(cases: Path, tmp_path: Path) -> None:
    found = _run("project", "--cases", cases, "--out", tmp_path / "no" / "q.csv")
    assert found.exit_code == 2
    assert "out:" in found.stderr


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (",0.5,", ",0.51,", "quantile: not one of the 23"),
        (",0.5,", ",0.55,", "quantile"),
        ("2021-09-04,NA,1,0.5,", "2021-09-04,NA,9,0.5,", "horizon_weeks: must be 1, 2, 3 or 4"),
        ("2021-09-04,NA,1,0.5,", "2021-09-04,NA,1,0.5,nan", "value: must be a finite number"),
        ("horizon_weeks", "horizon", "horizon_weeks: column missing"),
    ],
)
def test_a_bad_quantile_file_is_refused(
    cases: Path, tmp_path: Path, old: str, new: str, said: str
) -> None:
    out = tmp_path / "q.csv"
    _run("project", "--cases", cases, "--out", out, "--origins", "2021-09-04")
    out.write_text(out.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    found = _run("score", "--cases", cases, "--quantiles", out)
    assert found.exit_code == 2
    assert said in found.stderr


def test_nothing_to_score_is_said(cases: Path, tmp_path: Path) -> None:
    out = tmp_path / "q.csv"
    _run("project", "--cases", cases, "--out", out, "--origins", "2021-10-02")
    found = _run("score", "--cases", cases, "--quantiles", out)
    assert found.exit_code == 2
    assert "no forecast has an outcome" in found.stderr


def test_fit_prior_without_data_is_refused(tmp_path: Path) -> None:
    found = _run("fit-prior", "--data", tmp_path, "--out", tmp_path / "prior.json")
    assert found.exit_code == 2
    assert not (tmp_path / "prior.json").exists()
