// ical.js: one figure per run: node ical.mjs FOLDER MEASURE RUNS EVERY.
import ICAL from 'ical.js';
import { asked, measured, save, series, text, week } from './figure.mjs';

const NAME = 'ical.js';

const time = (basic) => ICAL.Time.fromString(basic.replace(/^(....)(..)(..)T(..)(..)(..)$/u, '$1-$2-$3T$4:$5:$6'));

const expand = (all, zone) => () => {
  let count = 0;
  let sink = 0;
  for (const one of all) {
    const start = time(one.start);
    if (zone) start.zone = zone;
    const steps = ICAL.Recur.fromString(one.rule).iterator(start);
    for (let next = steps.next(); next; next = steps.next()) {
      if (zone) sink += next.toUnixTime();
      count += 1;
    }
  }
  return sink === 1 ? 0 : count;
};

const inWeek = (all) => {
  const [from, to] = week().map(time);
  const parsed = all.map((one) => [ICAL.Recur.fromString(one.rule), time(one.start)]);
  return () => {
    let count = 0;
    for (const [rule, start] of parsed) {
      const steps = rule.iterator(start);
      for (let next = steps.next(); next && next.compare(to) < 0; next = steps.next()) {
        if (next.compare(from) >= 0) count += 1;
      }
    }
    return count;
  };
};

const file = () => text(asked.every === 1 ? 'calendar.ics' : 'calendar-few.ics');

const guests = (calendar) => {
  const events = calendar[2].filter(([name]) => name === 'vevent');
  const all = events.flatMap(([, properties]) => properties.filter(([name]) => name === 'attendee'));
  return { count: events.length, guests: all.length };
};

// Every field a calendar shows, through the library's own types.
const typed = (content) => {
  const calendar = new ICAL.Component(ICAL.parse(content));
  return calendar.getAllSubcomponents('vevent').map((component) => {
    const event = new ICAL.Event(component);
    const { uid, summary, location, description, startDate, endDate, attendees } = event;
    return { uid, summary, location, description, startDate, endDate, guests: attendees.map((one) => one.getFirstValue()) };
  });
};

const bytes = (content) => Buffer.byteLength(content);
const count = (found) => ({ count: found });

switch (asked.measure) {
  case 'civil':
    measured(NAME, '', expand(series('expansion.tsv')), count);
    break;
  case 'utc': {
    const block = new ICAL.Component(ICAL.parse(text('zone.ics'))).getFirstSubcomponent('vtimezone');
    const zone = new ICAL.Timezone(block);
    measured(NAME, 'zone from the VTIMEZONE', expand(series('expansion.tsv'), zone), count);
    break;
  }
  case 'week':
    measured(NAME, 'rules parsed before; walks from the start', inWeek(series('week.tsv')), count);
    break;
  case 'parse': {
    const content = file();
    if (asked.every === 1) {
      measured(NAME, 'arrays, values as text', () => ICAL.parse(content), (found) => ({ ...guests(found), bytes: bytes(content) }));
    } else {
      measured(NAME, 'typed fields of every event', () => typed(content), (found) => ({
        count: found.length,
        guests: found.reduce((sum, one) => sum + one.guests.length, 0),
        bytes: bytes(content),
      }));
    }
    break;
  }
  case 'write': {
    const calendar = ICAL.parse(file());
    measured(NAME, 'from arrays', () => ICAL.stringify(calendar), (written) => {
      save('written-ical.js.ics', written);
      return { count: 0, bytes: bytes(written) };
    });
    break;
  }
  default:
    process.exitCode = 2;
}
