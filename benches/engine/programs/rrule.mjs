// rrule.js: one figure per run: node rrule.mjs FOLDER MEASURE RUNS EVERY. Its dates are UTC dates
// that stand for a wall clock, unless a TZID makes them instants.
import rrule from 'rrule';
import { asked, measured, series, week } from './figure.mjs';

const NAME = 'rrule';
const count = (found) => ({ count: found });

const parsed = ({ start, ruleUtc }, zone) =>
  rrule.rrulestr(`DTSTART${zone ? `;TZID=${zone}` : ''}:${start}${zone ? '' : 'Z'}\nRRULE:${ruleUtc}`, { cache: false });

const expand = (all, zone) => () => all.reduce((sum, one) => sum + parsed(one, zone).all().length, 0);

const instant = (basic) => new Date(basic.replace(/^(....)(..)(..)T(..)(..)(..)$/u, '$1-$2-$3T$4:$5:$6Z'));

switch (asked.measure) {
  case 'civil':
    measured(NAME, '', expand(series('expansion.tsv')), count);
    break;
  case 'utc':
    measured(NAME, 'zone from the runtime', expand(series('expansion.tsv'), 'America/New_York'), count);
    break;
  case 'week': {
    const [from, to] = week().map(instant);
    const last = new Date(to.getTime() - 1000);
    const rules = series('week.tsv').map((one) => parsed(one));
    const work = () => rules.reduce((sum, rule) => sum + rule.between(from, last, true).length, 0);
    measured(NAME, 'rules parsed before; walks from the start', work, count);
    break;
  }
  default:
    process.exitCode = 2;
}
