"""``ecopattern rules``: list, check and dry-run a rule set."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from spatial.cli.main import DONE, FOUND, Session
from spatial.cli.output import echo_table
from spatial.cli.places import date_of, workspace_of

if TYPE_CHECKING:
    from spatial.screening.rules import RuleBook


def command(session: Session) -> click.Group:
    """Return the group of commands in the session's language."""
    group = click.Group("rules", help=session.say("help_rules"), epilog=session.say("help_rules_examples"))
    workspace = click.Option(["-w", "--workspace"], help=session.say("help_rules_workspace"))
    date = click.Option(["--date"], help=session.say("help_date"))
    zone = click.Option(["--zone"], help=session.say("help_zone"))
    nature = click.Option(["--nature"], help=session.say("help_rules_nature"))
    register = click.Argument(["register"], required=False, type=click.Path(path_type=Path))

    def check(workspace: str | None) -> int:
        return _check(session, _book(workspace))

    def listing(workspace: str | None, date: str | None, zone: str | None, nature: str | None) -> int:
        return _list(session, _book(workspace), date, zone, nature)

    def dry_run(workspace: str | None, register: Path | None) -> int:
        return _try(session, _book(workspace), register)

    commands: dict[str, tuple[Callable[..., int], list[click.Parameter]]] = {
        "check": (check, [workspace]),
        "list": (listing, [workspace, date, zone, nature]),
        "try": (dry_run, [register, workspace]),
    }
    for name, (callback, params) in commands.items():
        text = session.say(f"help_rules_{name}")
        group.add_command(click.Command(name, callback=callback, params=params, help=text))
    return group


def _book(workspace: str | None) -> RuleBook:
    from spatial.screening.rule_files import load_rule_book

    return load_rule_book(() if workspace is None else workspace_of(workspace).rule_files)


def _check(session: Session, book: RuleBook) -> int:
    """Say what the rule set holds; loading it has refused gaps, overlaps and unknown codes already."""
    for source, digest in book.sources.items():
        level, _, name = source.partition(": ")
        count = sum(rule.level == level and Path(rule.place).name.startswith(f"{name}:") for rule in book.rules)
        click.echo(session.say("rules_source", source=source, count=count, digest=digest[:12]))
    by_confidence = {grade: sum(rule.confidence == grade for rule in book.rules) for grade in "HML"}
    click.echo(
        session.say(
            "rules_checked", count=len(book.rules), zones=len({rule.zone for rule in book.rules}), **by_confidence
        )
    )
    return DONE


def _list(session: Session, book: RuleBook, date: str | None, zone: str | None, nature: str | None) -> int:
    from spatial.errors import InputError
    from spatial.roles import natures, nearest_code, zone_roles
    from spatial.screening.rules import ANY_ZONE
    from spatial.validity import in_force

    if zone is not None and zone != ANY_ZONE and zone not in zone_roles():
        raise InputError(
            "unknown_role", file="--zone", feature=zone, code=zone, nearest=nearest_code(zone, zone_roles())
        )
    if nature is not None and nature not in natures():
        nearest = nearest_code(nature, natures())
        raise InputError("unknown_nature", file="--nature", feature=nature, code=nature, nearest=nearest)
    day = date_of(date)
    rows = [
        (
            rule.rule_id,
            rule.decision.value if rule.decision else "-",
            rule.when_text or "-",
            " ".join(rule.documents) or "-",
            rule.confidence,
            rule.level,
            book.clause(rule, day),
        )
        for rule in book.rules
        if in_force(rule.valid_from, rule.valid_to, day)
        and (zone is None or rule.zone == zone)
        and (nature is None or not rule.natures or nature in rule.natures)
    ]
    titles = ["rule_id", "decision", "when", "documents", "confidence", "level", "clause"]
    if not rows:
        click.echo(session.say("rules_none", date=day.isoformat()))
        return DONE
    echo_table([session.say(f"col_{title}") for title in titles], rows)
    decisions = [f"{verdict} {session.say(f'verdict_{verdict}')}" for verdict in "XRCP"]
    click.echo(session.say("rules_legend", decisions=", ".join(decisions), date=day.isoformat()))
    return DONE


def _try(session: Session, book: RuleBook, register: Path | None) -> int:
    from importlib.resources import as_file, files

    from spatial.screening.cases import read_cases, try_case

    if register is None:
        with as_file(files("spatial").joinpath("data", "rules", "cases.csv")) as shipped:
            cases = read_cases(shipped)
    else:
        cases = read_cases(register)
    tried = [try_case(book, case) for case in cases]
    rows = [
        (
            one.case.name,
            one.case.expected.value,
            one.verdict.value,
            " ".join(one.documents) or "-",
            session.say("case_agrees" if one.agrees else "case_differs"),
        )
        for one in tried
    ]
    echo_table([session.say(f"case_{title}") for title in ("name", "expected", "found", "documents", "outcome")], rows)
    differing = sum(not one.agrees for one in tried)
    click.echo(session.say("cases_summary", count=len(tried), differing=differing))
    click.echo(session.say("notice_aid"))
    return FOUND if differing else DONE
