"""``ecopattern slope``: slope classes of heights, and their areas by zone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from spatial.cli.main import DONE, Session
from spatial.cli.output import echo_json, echo_tables
from spatial.cli.places import date_of, workspace_of
from spatial.errors import InputError
from spatial.io.stated import Stated

if TYPE_CHECKING:
    from spatial.catalog import Layer
    from spatial.terrain.result import Heights, Zoning

_ZONES = "TOWNSHIP"


def command(session: Session) -> click.Command:
    """Return the command in the session's language."""

    @click.command("slope", help=session.say("help_slope"), epilog=session.say("help_slope_examples"))
    @click.argument("dem", required=False, type=click.Path(path_type=Path))
    @click.option("-w", "--workspace", help=session.say("help_slope_workspace"))
    @click.option("--zones", type=click.Path(path_type=Path), help=session.say("help_slope_zones"))
    @click.option("--by", default="", help=session.say("help_slope_by"))
    @click.option("--crs", default="", help=session.say("help_slope_crs"))
    @click.option("--scheme", type=click.Choice(["survey", "sl190"]), default="survey", show_default=True)
    @click.option("--method", type=click.Choice(["horn", "zevenbergen-thorne"]), default="horn", show_default=True)
    @click.option("--workers", default="threads", show_default=True, help=session.say("help_workers"))
    @click.option("--out", type=click.Path(path_type=Path), help=session.say("help_slope_out"))
    @click.option("--json", "as_json", is_flag=True, help=session.say("help_json"))
    def slope(
        *,
        dem: Path | None,
        workspace: str | None,
        zones: Path | None,
        by: str,
        crs: str,
        scheme: str,
        method: str,
        workers: str,
        out: Path | None,
        as_json: bool,
    ) -> int:
        from spatial.report.slope_folder import slope_notice, to_json, write_slope_folder
        from spatial.tables.slope import slope_tables
        from spatial.terrain.classes import scheme_of
        from spatial.terrain.result import run_slope

        heights, zoning = _inputs(dem, workspace, zones, by, crs)
        result = run_slope(
            heights,
            zoning,
            scheme_of(scheme),
            method=method,  # type: ignore[arg-type]
            workers=workers,
            progress=session.progress("progress_slope"),
        )
        for finding in result.findings:
            if finding.severity != "note":
                session.tell(finding.text(session.lang))
        # First the files: who pipes the tables into `head` wants them all the same.
        if out is not None:
            drawn = session.progress("progress_rasters")
            files = write_slope_folder(result, out, session.report_lang, workers=workers, progress=drawn)
            session.tell(session.say("written_to", files=", ".join(map(str, files))))
        if as_json:
            echo_json(to_json(result))
        else:
            click.echo(slope_notice(result, session.lang))
            echo_tables(session, slope_tables(result, session.lang)[:2])
        return DONE

    return slope


def _inputs(dem: Path | None, workspace: str | None, zones: Path | None, by: str, crs: str) -> tuple[Heights, Zoning]:
    """Return heights and zones: those named, else those of the workspace."""
    from spatial.loading import only_layer
    from spatial.terrain.result import Heights, Zoning

    if by and zones is None:
        raise InputError("slope_by_alone", value=by)
    if dem is not None:
        if workspace is not None:
            raise InputError("slope_both", file=dem, workspace=workspace)
        return Heights(dem, Stated(crs=crs)), Zoning(zones, None, by)
    place = workspace_of(workspace)
    date = date_of(None)
    layer = only_layer(place, "DEM", date)
    heights = Heights(layer.path, layer.stated, layer.illustrative)
    if zones is not None:
        return heights, Zoning(zones, None, by)
    towns = place.of_role(_ZONES, date)
    return heights, _zoning_of(towns[0]) if towns else Zoning(None)


def _zoning_of(layer: Layer) -> Zoning:
    from spatial.io.vector import read_vector
    from spatial.schemas import label_column
    from spatial.terrain.result import Zoning

    columns = map(str, read_vector(layer.path, layer.stated).features.columns)
    return Zoning(layer.path, layer.stated, label_column(layer.role, columns, layer.fields), layer.illustrative)
