"""``ecopattern area``: official, stored-vertex and planar areas of a layer."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from spatial.cli.main import DONE, Session, file_options
from spatial.cli.output import echo_json, echo_table
from spatial.errors import InputError
from spatial.io.stated import Stated
from spatial.units import M2_PER_UNIT, AreaUnit, Rounding, from_m2, round_half

if TYPE_CHECKING:
    from spatial.io.vector import VectorFile
    from spatial.tabulate import Adjusted, AreaTable
    from spatial.words import Lang

_UNITS = tuple(M2_PER_UNIT)
#: Digits of each unit in tables (DOMAIN 1.6).
_DECIMALS: dict[AreaUnit, int] = {"m2": 2, "ha": 4, "km2": 4, "mu": 2}


def command(session: Session) -> click.Command:
    """Return the command in the session's language."""

    @click.command("area", help=session.say("help_area"), epilog=session.say("help_area_examples"))
    @click.argument("source", type=click.Path(path_type=Path))
    @file_options(session)
    @click.option("--by", help=session.say("help_by"))
    @click.option("--control", help=session.say("help_control"))
    @click.option("--unit", type=click.Choice(_UNITS), default="m2", show_default=True, help=session.say("help_unit"))
    @click.option(
        "--rounding",
        type=click.Choice(["half_up", "half_even"]),
        default="half_up",
        show_default=True,
        help=session.say("help_rounding"),
    )
    @click.option("--json", "as_json", is_flag=True, help=session.say("help_json"))
    def area(
        *,
        source: Path,
        stated: Stated,
        by: str | None,
        control: str | None,
        unit: AreaUnit,
        rounding: Rounding,
        as_json: bool,
    ) -> int:
        from spatial.io.placing import UNSHIFTED
        from spatial.io.vector import read_vector
        from spatial.tabulate import area_table

        file = read_vector(source, stated)
        for finding in file.findings:
            session.tell(finding.text(session.lang))
        table = area_table(file, by=by)
        adjusted = table.adjusted(*control_area(control)) if control else None
        if as_json:
            echo_json(_json(table, adjusted, file, session.lang))
        else:
            _echo(session, table, adjusted, unit, rounding)
            if UNSHIFTED in file.features.columns:
                click.echo(session.say("notice_unshifted"))
        return DONE

    return area


def control_area(text: str) -> tuple[Decimal, AreaUnit]:
    """Read a control area such as ``397.62ha``; without a unit it is in m2.

    Raises
    ------
    InputError
        If the text is no area.

    Examples
    --------
    >>> control_area("397.62ha")
    (Decimal('397.62'), 'ha')
    """
    match = re.fullmatch(r"\s*([0-9.]+)\s*(m2|ha|km2|mu)?\s*", text)
    if match is None or match.group(1).count(".") > 1 or match.group(1) == ".":
        raise InputError("usage_control", value=text)
    return Decimal(match.group(1)), cast("AreaUnit", match.group(2) or "m2")


def _json(table: AreaTable, adjusted: Adjusted | None, file: VectorFile, lang: Lang) -> dict[str, object]:
    return {
        "schema": "ecopattern.area/1",
        "crs": file.crs.name,
        "rows": [
            {
                "name": name,
                "official_area_m2": official,
                "stored_area_m2": stored,
                "planar_area_m2": planar,
                "adjusted_area": None if adjusted is None else str(adjusted.areas[place]),
            }
            for place, (name, official, stored, planar) in enumerate(table.rows())
        ],
        "adjusted_unit": None if adjusted is None else adjusted.unit,
        "findings": [
            {"severity": found.severity, "code": found.code, "text": found.text(lang)} for found in file.findings
        ],
    }


def _echo(session: Session, table: AreaTable, adjusted: Adjusted | None, unit: AreaUnit, rounding: Rounding) -> None:
    titles = ["col_name", "area_official", "area_stored", "area_planar", *(["area_adjusted"] if adjusted else [])]
    decimals = _DECIMALS[unit]

    def shown(area_m2: float | None) -> str:
        return "-" if area_m2 is None else f"{round_half(from_m2(area_m2, unit), decimals, rounding):.{decimals}f}"

    rows = []
    for place, (name, *areas) in enumerate(table.rows()):
        last = [f"{adjusted.areas[place]} {adjusted.unit}"] if adjusted else []
        rows.append([name, *map(shown, areas), *last])
    total = [f"{sum(adjusted.areas)} {adjusted.unit}"] if adjusted else []
    rows.append([session.say("area_total"), *map(shown, table.totals()), *total])
    echo_table([session.say(title) for title in titles], rows)
    click.echo(session.say("area_note", unit=session.say(f"unit_{unit}"), decimals=decimals, rounding=rounding))
