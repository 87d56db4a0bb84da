"""``ecopattern publish``: a map of a district as one file, by a recipe; and the check of a finished one."""

from __future__ import annotations

from pathlib import Path

import click

from spatial.cli.main import DONE, FOUND, Session
from spatial.cli.places import date_of, recipe_of, workspace_of
from spatial.errors import InputError


def command(session: Session) -> click.Command:
    """Return the command in the session's language."""

    @click.command("publish", help=session.say("help_publish"), epilog=session.say("help_publish_examples"))
    @click.argument("recipe", required=False)
    @click.option("-w", "--workspace", help=session.say("help_workspace"))
    @click.option("--date", help=session.say("help_date"))
    @click.option("--public", is_flag=True, help=session.say("help_publish_public"))
    @click.option("--tiles", default="", help=session.say("help_publish_tiles"))
    @click.option("--embed-key", default="", help=session.say("help_publish_embed"))
    @click.option("--out", type=click.Path(path_type=Path), help=session.say("help_publish_out"))
    @click.option("--verify", type=click.Path(path_type=Path), help=session.say("help_publish_verify"))
    def publish(
        *,
        recipe: str | None,
        workspace: str | None,
        date: str | None,
        public: bool,
        tiles: str,
        embed_key: str,
        out: Path | None,
        verify: Path | None,
    ) -> int:
        if verify is not None:
            return _verify(session, verify)
        if recipe is None:
            raise InputError("publish_no_recipe")
        from spatial.publish.backgrounds import tiles_of
        from spatial.publish.compose import compose
        from spatial.publish.folder import write_publication
        from spatial.publish.recipe import read_recipe
        from spatial.publish.sources.registry import SOURCES
        from spatial.publish.sources.scene import Scene

        path = recipe_of(recipe)
        read = read_recipe(path, {name: source.options for name, source in SOURCES.items()})
        page = out or Path(f"{path.stem}.html")
        if page.resolve() == path.resolve():
            raise InputError("recipe_output", file=page)
        background = tiles_of(tiles, embed_key, page)
        scene = Scene(workspace_of(workspace), date_of(date), session.report_lang)
        made = compose(read, scene, public=public, tiles=background)
        for finding in made.findings:
            if finding.severity != "note":
                session.tell(finding.text(session.lang))
        files = write_publication(made, page, session.report_lang)
        for line in files.said(session.lang):
            session.tell(line)
        session.tell(session.say("written_to", files=", ".join(map(str, files.paths))))
        return DONE

    return publish


def _verify(session: Session, path: Path) -> int:
    """Say what a finished map holds that it must not, and return the exit code."""
    from spatial.publish.verify import verify

    faults = verify(path)
    for fault in faults:
        click.echo(fault.text(session.lang))
    click.echo(session.say("publish_verified" if not faults else "publish_faults", file=path, count=len(faults)))
    return FOUND if faults else DONE
