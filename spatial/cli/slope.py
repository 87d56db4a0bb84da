"""``ecopattern slope``: slope classes of heights, and their areas by zone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from spatial.cli.main import Session
from spatial.cli.output import deliver, echo_tables
from spatial.cli.places import date_of, workspace_of
from spatial.errors import InputError
from spatial.io.stated import Stated

if TYPE_CHECKING:
    from spatial.catalog import Layer
    from spatial.terrain.result import Heights, SlopeResult, Wanted, Zoning

_ZONES = "TOWNSHIP"
#: Tables that the terminal shows, and how many rows of each; the workbook has all.
_SHOWN = ("slope_totals", "slope_zones", "slope_parcels", "slope_compared", "slope_differing")
_SHOWN_ROWS = 30


def command(session: Session) -> click.Command:
    """Return the command in the session's language."""

    @click.command("slope", help=session.say("help_slope"), epilog=session.say("help_slope_examples"))
    @click.argument("dem", required=False, type=click.Path(path_type=Path))
    @click.option("-w", "--workspace", help=session.say("help_slope_workspace"))
    @click.option("--zones", type=click.Path(path_type=Path), help=session.say("help_slope_zones"))
    @click.option("--by", default="", help=session.say("help_slope_by"))
    @click.option("--crs", default="", help=session.say("help_slope_crs"))
    @click.option("--parcels", is_flag=True, help=session.say("help_slope_parcels"))
    @click.option("--ridges", type=click.Path(path_type=Path), help=session.say("help_slope_ridges"))
    @click.option("--surface", is_flag=True, help=session.say("help_slope_surface"))
    @click.option("--date", help=session.say("help_date"))
    @click.option("--scheme", type=click.Choice(["survey", "sl190"]), default="survey", show_default=True)
    @click.option("--method", type=click.Choice(["horn", "zevenbergen-thorne"]), default="horn", show_default=True)
    @click.option("--workers", default="threads", show_default=True, help=session.say("help_workers"))
    @click.option("--out", type=click.Path(path_type=Path), help=session.say("help_slope_out"))
    @click.option("--json", "as_json", is_flag=True, help=session.say("help_json"))
    def slope(**options: Any) -> int:
        from spatial.terrain.classes import scheme_of
        from spatial.terrain.result import run_slope

        workers, out = options["workers"], options["out"]
        heights, zoning, wanted = _inputs(options)
        result = run_slope(
            heights,
            zoning,
            scheme_of(options["scheme"]),
            method=options["method"],
            wanted=wanted,
            workers=workers,
            progress=session.progress("progress_slope"),
        )
        return _deliver(session, result, out, workers, as_json=options["as_json"])

    return slope


def _deliver(session: Session, result: SlopeResult, out: Path | None, workers: str, *, as_json: bool) -> int:
    from spatial.report.slope_folder import slope_notice, to_json, without_polygons, write_slope_folder
    from spatial.tables.measures import first_rows
    from spatial.tables.slope import slope_tables

    def write() -> Sequence[Path]:
        drawn = session.progress("progress_rasters")
        return write_slope_folder(result, out or Path(), session.report_lang, workers=workers, progress=drawn)

    def show() -> None:
        click.echo(slope_notice(result, session.lang))
        shown = [table for table in slope_tables(result, session.lang) if table.key in _SHOWN]
        echo_tables(session, [first_rows(table, _SHOWN_ROWS, session.lang) for table in shown])

    return deliver(
        session,
        filter(None, (*result.findings, without_polygons(result) if out else None)),
        write=write if out is not None else None,
        content=(lambda: to_json(result)) if as_json else None,
        show=show,
    )


def _inputs(options: dict[str, Any]) -> tuple[Heights, Zoning, Wanted]:
    """Return heights and zones, those named, else those of the workspace, and what else is wanted."""
    from spatial.loading import only_layer
    from spatial.terrain.farmland import AskedParcels
    from spatial.terrain.result import Heights, Place, Wanted, Zoning

    dem, workspace, zones, by = (options[name] for name in ("dem", "workspace", "zones", "by"))
    if by and zones is None:
        raise InputError("slope_by_alone", value=by)
    _require_parcels(options)
    if dem is not None:
        if workspace is not None:
            raise InputError("slope_both", file=dem, workspace=workspace)
        return Heights(dem, Stated(crs=options["crs"])), Zoning(zones, None, by), Wanted(options["surface"])
    place = workspace_of(workspace)
    date = date_of(options["date"])
    layer = only_layer(place, "DEM", date)
    heights = Heights(layer.path, layer.stated, layer.illustrative, Place(place.name, date))
    parcels = AskedParcels(place, date, options["ridges"]) if options["parcels"] else None
    wanted = Wanted(options["surface"], parcels)
    if zones is not None:
        return heights, Zoning(zones, None, by), wanted
    towns = place.of_role(_ZONES, date)
    return heights, _zoning_of(towns[0]) if towns else Zoning(None), wanted


def _require_parcels(options: dict[str, Any]) -> None:
    """Refuse options that mean nothing as they stand: what needs a workspace, what needs the other classes."""
    if options["dem"] is not None:
        alone = [f"--{name}" for name in ("parcels", "ridges", "date") if options[name]]
        if alone:
            raise InputError("slope_needs_workspace", options=", ".join(alone))
    if options["ridges"] and not options["parcels"]:
        raise InputError("slope_ridges_alone")
    if options["parcels"] and options["scheme"] != "survey":
        raise InputError("slope_parcels_scheme")


def _zoning_of(layer: Layer) -> Zoning:
    from spatial.io.vector import read_vector
    from spatial.schemas import label_column
    from spatial.terrain.result import Zoning

    columns = map(str, read_vector(layer.path, layer.stated).features.columns)
    return Zoning(layer.path, layer.stated, label_column(layer.role, columns, layer.fields), layer.illustrative)
