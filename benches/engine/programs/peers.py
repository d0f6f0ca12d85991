"""python-dateutil and icalendar: one figure per run: python peers.py FOLDER MEASURE RUNS EVERY."""

import json
import platform
import sys
import time
from datetime import datetime, timezone
from importlib.metadata import version
from itertools import dropwhile, takewhile
from pathlib import Path

from dateutil import tz
from dateutil.rrule import rrulestr
from icalendar import Calendar

FOLDER, MEASURE, RUNS, EVERY = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
NEW_YORK = tz.gettz("America/New_York")


def at(basic):
    return datetime.strptime(basic, "%Y%m%dT%H%M%S")


def series(name):
    lines = (FOLDER / name).read_text().splitlines()
    return [line.split("\t") for line in lines[::EVERY]]


def civil(every):
    return lambda: sum(sum(1 for _ in rrulestr(rule, dtstart=at(start))) for start, rule, _ in every)


def utc(every):
    def work():
        count = 0
        for start, _, rule in every:
            for one in rrulestr(rule, dtstart=at(start).replace(tzinfo=NEW_YORK)):
                one.astimezone(timezone.utc)
                count += 1
        return count

    return work


def week(every):
    window = (FOLDER / "window.tsv").read_text().strip().split("\t")
    first, end = (at(one) for one in window)
    rules = [rrulestr(rule, dtstart=at(start)) for start, rule, _ in every]

    def work():
        from_first = (dropwhile(lambda one: one < first, rule) for rule in rules)
        return sum(sum(1 for _ in takewhile(lambda one: one < end, rule)) for rule in from_first)

    return work


def counted(calendar):
    events = calendar.walk("VEVENT")
    guests = sum(len(event["ATTENDEE"]) for event in events)
    return {"count": len(events), "guests": guests}


def measured(engine, note, work, counted):
    ms = []
    for _ in range(RUNS):
        began = time.process_time()
        last = work()
        ms.append((time.process_time() - began) * 1000)
    named = f"{version(engine)}, Python {platform.python_version()}"
    figure = {"measure": MEASURE, "engine": engine, "version": named, "note": note, "every": EVERY}
    print(json.dumps({**figure, **counted(last), "ms": ms}))


def main():
    count = lambda found: {"count": found}
    if MEASURE == "civil":
        measured("python-dateutil", "", civil(series("expansion.tsv")), count)
    elif MEASURE == "utc":
        measured("python-dateutil", "", utc(series("expansion.tsv")), count)
    elif MEASURE == "week":
        note = "rules parsed before; walks from the start"
        measured("python-dateutil", note, week(series("week.tsv")), count)
    else:
        text = (FOLDER / ("calendar.ics" if EVERY == 1 else "calendar-few.ics")).read_bytes()
        if MEASURE == "parse":
            read = lambda calendar: {**counted(calendar), "bytes": len(text)}
            measured("icalendar", "full model", lambda: Calendar.from_ical(text), read)
        elif MEASURE == "write":
            calendar = Calendar.from_ical(text)

            def written(out):
                (FOLDER / "written-icalendar.ics").write_bytes(out)
                return {"count": 0, "bytes": len(out)}

            measured("icalendar", "from its full model", calendar.to_ical, written)
        else:
            sys.exit(2)


main()
