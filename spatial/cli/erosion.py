"""``ecopattern erosion``: soil loss of a district by township, land cover and slope, and what measures save."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from spatial.cli.main import Session
from spatial.cli.output import deliver, echo_tables
from spatial.cli.places import date_of, workspace_of
from spatial.errors import InputError

if TYPE_CHECKING:
    from spatial.catalog import Workspace
    from spatial.erosion.result import Asked, ErosionResult

#: Tables that the terminal shows; the workbook has all.
_SHOWN = (
    "erosion_zones",
    "erosion_grades",
    "erosion_sheet",
    "erosion_lost",
    "measures_scenarios",
    "measures_parcels",
    "measures_conversion",
)
#: Parcels that the terminal shows, the first of their ranking.
_SHOWN_PARCELS = 20
_OF_MEASURES = ("plan", "prices", "budget", "rank")


def command(session: Session) -> click.Command:
    """Return the command in the session's language."""
    path = click.Path(path_type=Path)

    @click.command("erosion", help=session.say("help_erosion"), epilog=session.say("help_erosion_examples"))
    @click.option("-w", "--workspace", help=session.say("help_workspace"))
    @click.option(
        "--model",
        type=click.Choice(["csle", "rusle"]),
        default="csle",
        show_default=True,
        help=session.say("help_erosion_model"),
    )
    @click.option("--rain", default="", help=session.say("help_erosion_rain"))
    @click.option("--soil", default="", help=session.say("help_erosion_soil"))
    @click.option("--land", type=path, help=session.say("help_erosion_land"))
    @click.option("--region", default="", help=_help_region(session))
    @click.option("--measures", is_flag=True, help=session.say("help_erosion_measures"))
    @click.option("--plan", type=path, help=session.say("help_erosion_plan"))
    @click.option("--prices", type=path, help=session.say("help_erosion_prices"))
    @click.option("--budget", help=session.say("help_erosion_budget"))
    @click.option("--rank", type=click.Choice(["hm2", "yuan"]), help=session.say("help_erosion_rank"))
    @click.option("--date", help=session.say("help_date"))
    @click.option("--workers", default="threads", show_default=True, help=session.say("help_workers"))
    @click.option("--out", type=path, help=session.say("help_erosion_out"))
    @click.option("--json", "as_json", is_flag=True, help=session.say("help_json"))
    def erosion(**options: Any) -> int:
        from spatial.erosion.result import Chosen, run_erosion

        chosen = Chosen(
            rain=options["rain"],
            soil=options["soil"],
            land=options["land"],
            region=options["region"],
            model=options["model"],
            measures=_asked(options),
            workers=options["workers"],
            progress=session.progress("progress_erosion"),
            # Beside the files that are asked for: a run that is killed goes on there.
            scratch=None if options["out"] is None else options["out"] / "loss",
        )
        place = workspace_of(options["workspace"])
        result = run_erosion(place, date_of(options["date"]), chosen)
        return _deliver(session, result, place, options["out"], as_json=options["as_json"])

    return erosion


def _help_region(session: Session) -> str:
    from spatial.erosion.grades import regions

    known = session.say("list_mark").join(
        f"{code} {region.name.say(session.lang)}" for code, region in regions().items()
    )
    return session.say("help_erosion_region", known=known)


def _asked(options: dict[str, Any]) -> Asked | None:
    """Return what is asked of measures; options that mean nothing without them are refused."""
    from spatial.erosion.result import Asked
    from spatial.erosion.scenarios import RANKINGS, budget_of

    if not options["measures"]:
        alone = [f"--{name}" for name in _OF_MEASURES if options[name] is not None]
        if alone:
            raise InputError("measures_alone", options=", ".join(alone))
        return None
    budget = None if options["budget"] is None else budget_of(options["budget"])
    # A budget is spent best in the order of what it is counted in.
    rank = options["rank"] or (budget.kind if budget else "yuan")
    return Asked(options["plan"], options["prices"], RANKINGS[rank], budget)


def _deliver(session: Session, result: ErosionResult, place: Workspace, out: Path | None, *, as_json: bool) -> int:
    from spatial.report.erosion_folder import erosion_notice, stale_files, to_json, write_erosion_folder
    from spatial.tables.erosion import erosion_tables
    from spatial.tables.measures import first_rows, measures_notice, measures_tables

    def write() -> Sequence[Path]:
        try:
            files = write_erosion_folder(result, place, out or Path(), session.report_lang)
        finally:
            result.loss.discard()
        stale = stale_files(out or Path(), files)
        if stale is not None:
            session.tell(stale.text(session.lang))
        return files

    def show() -> None:
        click.echo(erosion_notice(result, session.lang))
        echo_tables(session, [table for table in erosion_tables(result, session.lang) if table.key in _SHOWN])
        if result.measures is not None:
            click.echo(f"\n{measures_notice(result.measures, session.lang)}")
            for table in measures_tables(result, session.lang):
                if table.key in _SHOWN:
                    few = table.key == "measures_parcels"
                    echo_tables(session, [first_rows(table, _SHOWN_PARCELS, session.lang) if few else table])

    return deliver(
        session,
        result.findings,
        write=write if out is not None else None,
        content=(lambda: to_json(result)) if as_json else None,
        show=show,
    )
