// What the JavaScript peers share: their inputs, the clock, and one line of JSON for each figure.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [folder, measure, runs, every] = process.argv.slice(2);

/** The words this program was started with. */
export const asked = { measure, runs: Number(runs), every: Number(every) };

export const text = (name) => readFileSync(join(folder, name), 'utf8');

export const save = (name, content) => writeFileSync(join(folder, name), content);

/** The series of a file, as many as were asked for. */
export const series = (name) =>
  text(name)
    .trimEnd()
    .split('\n')
    .filter((_, at) => at % asked.every === 0)
    .map((line) => {
      const [start, rule, ruleUtc] = line.split('\t');
      return { start, rule, ruleUtc };
    });

/** First and last moment of the week, each on the wall clock. */
export const week = () => text('window.tsv').trim().split('\t');

const version = (name) => {
  const require = createRequire(import.meta.url);
  return JSON.parse(readFileSync(join(require.resolve.paths(name)[0], name, 'package.json'), 'utf8')).version;
};

/** Runs the work as often as asked and prints the figure. */
export const measured = (engine, note, work, counted) => {
  const ms = [];
  let last;
  for (let run = 0; run < asked.runs; run += 1) {
    const began = process.cpuUsage();
    last = work();
    const { user, system } = process.cpuUsage(began);
    ms.push((user + system) / 1000);
  }
  const named = `${version(engine)}, Node ${process.versions.node}`;
  const figure = { measure, engine: engine.replace(/(\.js)?$/u, '.js'), version: named, note, every: asked.every, ...counted(last), ms };
  console.log(JSON.stringify(figure));
};
