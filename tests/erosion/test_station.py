"""R and K from a user's own tables: by hand, by all three methods, and with what is wrong in them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.cli.main import main
from spatial.erosion.columns import read_table
from spatial.erosion.rainfall import erosive_events
from spatial.erosion.station import rain_factor, soil_factor
from spatial.errors import InputError


def write(folder: Path, text: str, name: str = "own.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_text(text, encoding=encoding)
    return path


def days(year: int = 2020, years: int = 1, amounts: dict[str, float] | None = None) -> str:
    dates = pd.date_range(f"{year}-01-01", f"{year + years - 1}-12-31")
    rain = pd.Series(0.5, index=dates)
    for date, amount in (amounts or {}).items():
        rain[date] = amount
    return "date,rain_mm\n" + "\n".join(f"{date.date()},{amount:g}" for date, amount in rain.items())


def test_daily_rain_by_hand(tmp_path: Path) -> None:
    text = days(years=2, amounts={"2020-07-03": 26.0, "2021-07-04": 55.3, "2021-10-20": 14.2, "2021-08-01": 11.9})
    found, said = rain_factor(write(tmp_path, text))
    expected = (0.3937 * (26.0**1.7265 + 55.3**1.7265) + 0.3101 * 14.2**1.7265) / 2
    assert found == pytest.approx(expected, rel=1e-9)
    assert "2 years" in said.en
    assert "Xie" in said.zh
    assert "1.5 erosive days" in said.en


def test_year_month_and_day_in_columns_of_gbk(tmp_path: Path) -> None:
    text = days(amounts={"2020-07-03": 26.0})
    rows = [line.replace("-", ";").replace(",", ";") for line in text.splitlines()[1:]]
    path = write(tmp_path, "\n".join(["年;月;日;降雨量（mm）", *rows]), encoding="gbk")
    assert rain_factor(path)[0] == rain_factor(write(tmp_path, text, "other.csv"))[0]


def test_monthly_rain_by_hand(tmp_path: Path) -> None:
    once = write(tmp_path, "月份,降水量(mm)\n" + "\n".join(f"{month},100" for month in range(1, 13)))
    # F is 100: 0.1833 x 100^1.9957 (DOMAIN 6.3 prints 1797).
    found, said = rain_factor(once)
    assert found == pytest.approx(0.1833 * 100**1.9957, rel=1e-9)
    assert round(found) == 1797
    assert "not stated" in said.en
    rows = [f"{year},{month},{90 + 20 * (year - 2020)}" for year in (2020, 2021) for month in range(1, 13)]
    twice = write(tmp_path, "year,month,mm\n" + "\n".join(rows), "years.csv")
    assert rain_factor(twice)[0] == pytest.approx(found, rel=1e-12)
    assert "2 years" in rain_factor(twice)[1].en


def storms(step_min: int = 15) -> str:
    """A storm of 20 mm each month from May to September, in steps, and drizzle the day after."""
    rows = []
    for month in range(5, 10):
        start = pd.Timestamp(2020, month, 3, 14)
        rows += [(start + pd.Timedelta(minutes=step_min * place), 5.0) for place in range(4)]
        rows += [(start + pd.Timedelta(days=1), 2.5)]
    return "time,mm\n" + "\n".join(f"{time},{amount}" for time, amount in rows)


def test_breakpoints_by_hand(tmp_path: Path) -> None:
    found, said = rain_factor(write(tmp_path, storms()))
    # 5 mm in 15 minutes are 20 mm/h, and so is I30; five equal storms.
    energy = 20 * 0.29 * (1 - 0.72 * np.exp(-0.05 * 20))
    assert found == pytest.approx(5 * energy * 20, rel=1e-9)
    assert "15 minutes" in said.en
    assert "5 erosive storms" in said.en
    times = pd.to_datetime(["2020-05-03 14:00", "2020-05-03 14:15", "2020-05-03 14:30", "2020-05-03 14:45"])
    one = erosive_events(pd.Series(5.0, index=times), 15)["erosivity"].sum()
    assert found == pytest.approx(5 * one)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("date,rain_in\n2020-07-01,1.2\n", "station_unit"),
        ("date,降水量(0.1mm)\n2020-07-01,12\n", "station_unit"),
        ("name,rain_mm\nx,1.2\n", "station_time"),
        ("date,flow\n2020-07-01,1.2\n", "station_rain"),
        ("station,flow\n2020-07-01,1.2\n", "station_columns"),
        ("date,mm,rain_mm\n2020-07-01,1.2,3\n", "station_twice"),
        ("date,mm\n", "station_short"),
        ("date,mm\n2020-07-01\n", "station_short"),
        ("date,mm\n2020-13-01,3\n", "station_number"),
        ("date,mm\n2020-07-01,\n", "station_number"),
        ("date,mm\n2020-07-01,-3\n", "station_amount"),
        ("date,mm\n2020-07-01,32766\n", "station_amount"),
        ("date,mm\n2020-07-01,30\n2020-08-01,30\n", "station_part"),
        (days().replace(",0.5", ",0.01"), "station_year"),
        (days().replace(",0.5", ",25"), "station_year"),
        (days() + "\n2020-07-01,4", "rain_dates_twice"),
        ("month,mm\n" + "\n".join(f"{month},50" for month in range(1, 12)), "station_months"),
        ("month,mm\n13,50\n", "station_number"),
        (storms() + "\n2020-09-20 14:07:30,3\n2020-09-20 14:20,3", "station_steps"),
        (storms(20), "rain_step"),
    ],
)
def test_rain_that_is_refused(tmp_path: Path, text: str, key: str) -> None:
    with pytest.raises(InputError) as caught:
        rain_factor(write(tmp_path, text))
    assert caught.value.key == key
    assert all(caught.value.text(lang) for lang in ("zh", "en"))


def test_soil_by_hand(tmp_path: Path) -> None:
    carbon = write(tmp_path, "soil,sand,silt,clay,carbon_pct\n褐土,40,42,18,0.9\n")
    # DOMAIN 6.4: loam, 0.04070; Zhang 0.01917.
    found, said = soil_factor(carbon)
    assert found == pytest.approx(0.04070, abs=5e-6)
    assert "0.0192" in said.zh
    zhang = write(tmp_path, "sand,silt,clay,carbon_pct,formula\n40,42,18,0.9,zhang\n", "zhang.csv")
    assert soil_factor(zhang)[0] == pytest.approx(0.01917, abs=5e-6)
    matter = write(
        tmp_path, f"砂粒（%）,粉粒（%）,黏粒（%）,有机质（g/kg）\n40,42,18,{0.9 * 1.724 * 10}\n", "matter.csv"
    )
    assert soil_factor(matter)[0] == pytest.approx(found, rel=1e-12)
    assert soil_factor(write(tmp_path, "k\n0.03\n", "k.csv"))[0] == 0.03


@settings(max_examples=30, deadline=None)
@given(st.floats(0.1, 8), st.sampled_from([("carbon_pct", 1.0), ("carbon_g_kg", 10.0), ("organic_matter_pct", 1.724)]))
def test_units_of_organic_matter_do_not_matter(
    tmp_path_factory: pytest.TempPathFactory, carbon: float, way: tuple[str, float]
) -> None:
    folder = tmp_path_factory.mktemp("soil")
    plain = soil_factor(write(folder, f"sand,silt,clay,carbon_pct\n30,50,20,{carbon!r}\n"))[0]
    other = soil_factor(write(folder, f"sand,silt,clay,{way[0]}\n30,50,20,{carbon * way[1]!r}\n", "other.csv"))[0]
    assert other == pytest.approx(plain, rel=1e-9)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("k\n0.3\n", "factor_american"),
        ("k\n-1\n", "factor_range"),
        ("sand,silt,clay,carbon_pct\n40,42,18,0.9\n30,50,20,1\n", "station_soils"),
        ("sand,silt,carbon_pct\n40,42,0.9\n", "station_texture"),
        ("sand,silt,clay\n40,42,18\n", "station_carbon"),
        ("sand,silt,clay,有机质\n40,42,18,15\n", "station_carbon"),
        ("sand,silt,clay,carbon_pct\n40,42,18,19\n", "station_carbon_range"),
        ("sand,silt,clay,carbon_pct\n40,42,38,1\n", "texture_sum"),
        ("sand,silt,clay,carbon_pct,formula\n40,42,18,0.9,wischmeier\n", "station_formula"),
    ],
)
def test_soil_that_is_refused(tmp_path: Path, text: str, key: str) -> None:
    with pytest.raises(InputError) as caught:
        soil_factor(write(tmp_path, text))
    assert caught.value.key == key
    assert all(caught.value.text(lang) for lang in ("zh", "en"))


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "date,mm\n2020-07-01,3\n\n2020-07-02,x\n"))
    with pytest.raises(InputError) as caught:
        table.numbers("rain_mm")
    assert caught.value.values["line"] == 4


def test_the_command_says_where_its_factors_come_from(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rain = write(tmp_path, days(amounts={"2020-07-03": 60.0, "2020-08-03": 90.0}), "雨量.csv")
    soil = write(tmp_path, "sand,silt,clay,carbon_pct\n40,42,18,0.9\n", "soil.csv")
    args = ["--quiet", "erosion", "-w", "sample:shangdang", "--rain", str(rain), "--soil", str(soil), "--json"]
    assert main(args) == 0
    told = json.loads(capsys.readouterr().out)
    expected = 0.3937 * (60**1.7265 + 90**1.7265)
    assert float(told["basis"]["R"]["en"].split(":")[0]) == pytest.approx(expected, rel=1e-4)
    assert "雨量.csv" in told["basis"]["R"]["zh"]
    assert "EPIC" in told["basis"]["K"]["en"]
    assert [file["option"] for file in told["files"]] == ["--rain", "--soil"]
    # Loss hangs on R and K by their product alone.
    assert main([*args[:4], "--rain", str(expected), "--soil", "0.0407", "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    sums = [sum(row["loss_t_a"] for row in one["whole"]["cube"]) for one in (told, again)]
    assert sums[0] == pytest.approx(sums[1], rel=1e-4)
    assert main(["erosion", "-w", "sample:shangdang", "--rain", str(write(tmp_path, "date,rain_in\n1,1\n"))]) == 2
    assert "25.4" in capsys.readouterr().err
