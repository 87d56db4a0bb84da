"""``ecopattern demo``: everything, on the sample district."""

from __future__ import annotations

from pathlib import Path

import click

from spatial.cli.main import DONE, Session
from spatial.cli.places import sample_folder
from spatial.cli.screen import screen_files

_DISTRICT = "shangdang"


def command(session: Session) -> click.Command:
    """Return the command in the session's language."""

    @click.command("demo", help=session.say("help_demo"), epilog=session.say("help_demo_examples"))
    @click.option(
        "--out",
        type=click.Path(path_type=Path),
        default=Path("out/demo"),
        show_default=True,
        help=session.say("help_out"),
    )
    def demo(*, out: Path) -> int:
        from spatial.cli.warming import warm_up
        from spatial.report.terminal import verdict_counts

        register = sample_folder(_DISTRICT) / "projects.gpkg"
        result = screen_files(session, (register,), f"sample:{_DISTRICT}", out=out)
        # Here, where waiting is expected, rather than in the first slope or soil loss.
        warm_up(lambda: session.tell(session.say("warming")))
        click.echo(verdict_counts(result, session.lang))
        click.echo(
            session.say("demo_done", map=out / "map.html", report=out / "screening.docx", table=out / "screening.xlsx")
        )
        return DONE

    return demo
