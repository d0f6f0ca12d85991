// What the JavaScript peers share: what was asked for, processes of their own, a line that counts,
// and the answer as one line of JSON.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';

const words = process.argv.slice(2);
const [folder, measures = '', events = ''] = words;

/** The words this program was started with. */
export const asked = {
  words,
  folder,
  measures: measures.split(','),
  events: events.split(',').map(Number),
  /** The sizes to measure, if one of these measures was asked for. */
  needs: (...names) => (names.some((name) => asked.measures.includes(name)) ? asked.events : []),
};

export const sinceMs = (began) => Number(process.hrtime.bigint() - began) / 1e6;

export const percentile = (times, percent) => {
  const sorted = times.toSorted((one, other) => one - other);
  return sorted[Math.min(Math.floor((sorted.length * percent) / 100), sorted.length - 1)];
};

export const median = (times) => percentile(times, 50);

/** A process that was started by another ends with it. */
export const endWithParent = () => process.stdin.on('end', () => process.exit(0)).resume();

/** Says one line of JSON to the process that waits for it. */
export const tell = (said) => console.log(`>${JSON.stringify(said)}`);

/** The last line of all. */
export const answer = (figures) => {
  console.log(JSON.stringify(figures));
  process.exit(0);
};

/** Starts this very program with other words, and waits for the first line that it tells. */
export const apart = (args) => {
  const child = spawn(process.execPath, [process.argv[1], ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  let awaited = [];
  const next = (isIt) => new Promise((done) => awaited.push({ isIt, done }));
  return new Promise((done, failed) => {
    child.once('exit', () => failed(new Error(`“${args[0]}” ended before it spoke`)));
    createInterface({ input: child.stdout }).on('line', (text) => {
      if (!text.startsWith('>')) return;
      const said = JSON.parse(text.slice(1));
      done({ said, next, stop: () => child.kill('SIGKILL') });
      for (const one of awaited.filter(({ isIt }) => isIt(said))) one.done(said);
      awaited = awaited.filter(({ isIt }) => !isIt(said));
    });
  });
};

const field = (block, name) => new RegExp(`^${name}[;:].*?([^:]*)$`, 'mu').exec(block)?.[1];

/** The first events of the file that ours imports, too. */
export const calendar = (folder, count) => {
  const text = readFileSync(`${folder}/calendar.ics`, 'utf8').replaceAll(/\r\n[ \t]/gu, '').replaceAll('\r', '');
  const blocks = text.split('BEGIN:VEVENT\n').slice(1, count + 1);
  return blocks.map((block) => ({
    title: field(block, 'SUMMARY'),
    place: field(block, 'LOCATION'),
    notes: field(block, 'DESCRIPTION'),
    start: field(block, 'DTSTART'),
    finish: field(block, 'DURATION'),
    zone: /TZID=([^:]*)/u.exec(block)?.[1] ?? 'UTC',
  }));
};

/** A line to a port that counts the bytes each way. */
export const line = (port) => {
  const passed = { up: 0, down: 0 };
  const carry = (from, into, way) => {
    from.on('data', (bytes) => {
      passed[way] += bytes.length;
      into.write(bytes);
    });
    from.on('close', () => into.destroy());
    from.on('error', () => into.destroy());
  };
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ port, host: '127.0.0.1', noDelay: true });
    carry(near, far, 'up');
    carry(far, near, 'down');
  });
  server.unref();
  return new Promise((done) => {
    server.listen(0, '127.0.0.1', () => {
      done({ port: server.address().port, up: () => passed.up, down: () => passed.down });
    });
  });
};

/** Asks again until it is so. */
export const again = async (isSo) => {
  const began = process.hrtime.bigint();
  while (!(await isSo())) {
    if (sinceMs(began) > 600_000) throw new Error('waited ten minutes for nothing');
    await new Promise((done) => {
      setTimeout(done, 5);
    });
  }
};

export const version = (name) => {
  const require = createRequire(import.meta.url);
  const at = require.resolve.paths(name).find((path) => {
    try {
      return readFileSync(`${path}/${name}/package.json`);
    } catch {
      return false;
    }
  });
  return JSON.parse(readFileSync(`${at}/${name}/package.json`, 'utf8')).version;
};
