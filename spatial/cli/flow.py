"""``ecopattern flow``: filled heights, directions, contributing areas, streams and watersheds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from spatial.cli.main import Session
from spatial.cli.output import deliver, echo_tables
from spatial.cli.places import date_of, workspace_of
from spatial.errors import InputError
from spatial.io.stated import Stated
from spatial.settings import setting


def command(session: Session) -> click.Command:
    """Return the command in the session's language."""
    path = click.Path(path_type=Path)
    least, snap = setting("flow_stream_km2"), setting("flow_snap_m")

    @click.command("flow", help=session.say("help_flow"), epilog=session.say("help_flow_examples"))
    @click.argument("dem", required=False, type=path)
    @click.option("-w", "--workspace", help=session.say("help_flow_workspace"))
    @click.option("--date", help=session.say("help_date"))
    @click.option(
        "--accumulation",
        type=click.Choice(["d8", "shared"]),
        default="d8",
        show_default=True,
        help=session.say("help_flow_accumulation"),
    )
    @click.option("--stream", type=float, default=least, show_default=True, help=session.say("help_flow_stream"))
    @click.option("--outlets", type=path, help=session.say("help_flow_outlets"))
    @click.option("--by", default="", help=session.say("help_flow_by"))
    @click.option("--snap", type=float, default=snap, show_default=True, help=session.say("help_flow_snap"))
    @click.option("--crs", default="", help=session.say("help_slope_crs"))
    @click.option("--out", type=path, help=session.say("help_flow_out"))
    @click.option("--json", "as_json", is_flag=True, help=session.say("help_json"))
    def flow(**options: Any) -> int:
        from spatial.report.flow_folder import flow_notice, to_json, write_flow_folder
        from spatial.tables.flow import flow_tables
        from spatial.terrain.drainage import Outlets, run_flow

        heights, illustrative = _heights(options)
        if options["by"] and options["outlets"] is None:
            raise InputError("flow_by_alone", value=options["by"])
        if not options["snap"] > 0:
            raise InputError("flow_snap", value=f"{options['snap']:g}")
        outlets = options["outlets"] and Outlets(options["outlets"], None, options["by"], options["snap"])
        found = run_flow(
            heights,
            sharing=options["accumulation"],
            stream_km2=options["stream"],
            outlets=outlets,
            illustrative=illustrative,
        )
        for name, moved in zip(found.watersheds["name"], found.watersheds["moved_m"], strict=True):
            session.tell(session.say("flow_moved", name=name, distance=f"{moved:.1f}"))
        out = options["out"]

        def show() -> None:
            click.echo(flow_notice(found, session.lang))
            echo_tables(session, flow_tables(found, session.lang))

        return deliver(
            session,
            found.findings,
            write=None if out is None else lambda: write_flow_folder(found, out),
            content=(lambda: to_json(found)) if options["as_json"] else None,
            show=show,
        )

    return flow


def _heights(options: dict[str, Any]) -> tuple[tuple[Path, Stated | None], bool]:
    """Return the file of heights, what is said of it, and whether it was drawn: the one named, else the workspace's."""
    from spatial.loading import only_layer

    dem, workspace = options["dem"], options["workspace"]
    if dem is not None:
        if workspace is not None:
            raise InputError("slope_both", file=dem, workspace=workspace)
        if options["date"]:
            raise InputError("slope_needs_workspace", options="--date")
        return (dem, Stated(crs=options["crs"])), False
    layer = only_layer(workspace_of(workspace), "DEM", date_of(options["date"]))
    return (layer.path, layer.stated), layer.illustrative
