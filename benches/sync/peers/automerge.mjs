// automerge-repo: an event is a document, a folder document lists them, and its own server keeps
// them on disk: node automerge.mjs FOLDER MEASURES EVENTS. Server and fresh device are processes
// of their own.
import { Repo } from '@automerge/automerge-repo';
import { WebSocketClientAdapter, WebSocketServerAdapter } from '@automerge/automerge-repo-network-websocket';
import { NodeFSStorageAdapter } from '@automerge/automerge-repo-storage-nodefs';
import { join } from 'node:path';
import { WebSocketServer } from 'ws';
import { again, answer, apart, asked, calendar, endWithParent, line, median, percentile, sinceMs, tell, version } from './figure.mjs';

const EDITS = 200;
const WARM_UP = 20;
const FETCHED_AT_ONCE = 100;

const device = async (folder, url) => {
  const repo = new Repo({ network: [new WebSocketClientAdapter(url)], storage: new NodeFSStorageAdapter(folder) });
  await repo.networkSubsystem.whenReady();
  return repo;
};

/** A document; asked for again where the server does not have it yet. */
const found = async (repo, url) => {
  for (let turn = 0; ; turn += 1) {
    try {
      const handle = await repo.find(url);
      await handle.whenReady();
      return handle;
    } catch (error) {
      if (turn === 500) throw error;
      repo.delete(url);
      await new Promise((done) => {
        setTimeout(done, 20);
      });
    }
  }
};

const server = (folder) => {
  const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  const network = [new WebSocketServerAdapter(sockets)];
  const keeper = new Repo({ network, storage: new NodeFSStorageAdapter(folder), sharePolicy: async () => false });
  process.once('exit', () => void keeper.shutdown());
  sockets.on('listening', () => tell({ port: sockets.address().port }));
};

const fetched = async (repo, urls) => {
  for (let at = 0; at < urls.length; at += FETCHED_AT_ONCE) {
    await Promise.all(urls.slice(at, at + FETCHED_AT_ONCE).map((url) => found(repo, url)));
  }
};

const fresh = async (folder, url, index, wanted) => {
  const began = process.hrtime.bigint();
  const repo = await device(folder, url);
  const list = await found(repo, index);
  const urls = list.doc().events;
  await fetched(repo, urls);
  await repo.flush();
  const took = sinceMs(began);
  if (urls.length !== Number(wanted)) throw new Error(`${urls.length} of ${wanted} events`);
  tell({ ms: took, rss: process.memoryUsage().rss });
  process.exit(0);
};

/** Until the server has everything: a second repo of this process asks it for the last ones. */
const filled = async (folder, url, count) => {
  const repo = await device(join(folder, 'writer'), url);
  const handles = [];
  for (const event of calendar(asked.folder, count)) {
    handles.push(repo.create(JSON.parse(JSON.stringify(event))));
    // Lets the network breathe.
    if (handles.length % FETCHED_AT_ONCE === 0) await new Promise((done) => setImmediate(done));
  }
  const index = repo.create({ events: handles.map((handle) => handle.url) });
  await repo.flush();
  const check = await device(join(folder, 'check'), url);
  const list = await found(check, index.url);
  await again(async () => list.doc().events?.length === count);
  await fetched(check, list.doc().events);
  await check.shutdown();
  return { repo, index, handles };
};

const freshFigures = async (count) => {
  const folder = join(asked.folder, `fresh-${count}`);
  const relay = await apart(['server', join(folder, 'server')]);
  const { repo, index } = await filled(folder, `ws://127.0.0.1:${relay.said.port}`, count);
  const counted = await line(relay.said.port);
  const url = `ws://127.0.0.1:${counted.port}`;
  const device = await apart(['fresh', join(folder, 'fresh'), url, index.url, String(count)]);
  await repo.shutdown();
  relay.stop();
  return { ...device.said, bytes: counted.down() };
};

const editFigures = async (measures) => {
  const folder = join(asked.folder, 'edit');
  const relay = await apart(['server', join(folder, 'server')]);
  const counted = await line(relay.said.port);
  const { repo, handles } = await filled(folder, `ws://127.0.0.1:${counted.port}`, 1);
  const reader = await device(join(folder, 'reader'), `ws://127.0.0.1:${relay.said.port}`);
  const seen = await found(reader, handles[0].url);
  const times = [];
  let before = counted.up();
  for (let turn = 0; turn < WARM_UP + EDITS; turn += 1) {
    if (turn === WARM_UP) before = counted.up();
    const came = new Promise((done) => {
      seen.once('change', () => done());
    });
    const began = process.hrtime.bigint();
    handles[0].change((doc) => {
      doc.place = `Room ${turn}`;
    });
    await came;
    if (turn >= WARM_UP) times.push(sinceMs(began));
  }
  const bytes = (counted.up() - before) / EDITS;
  await Promise.all([repo.shutdown(), reader.shutdown()]);
  relay.stop();
  const figures = [];
  if (measures.includes('edit')) {
    figures.push({ measure: 'edit', what: 'in memory on both and at the server, p50', value: median(times), unit: 'ms' });
    figures.push({ measure: 'edit', what: 'in memory on both and at the server, p99', value: percentile(times, 99), unit: 'ms' });
  }
  if (measures.includes('wire')) figures.push({ measure: 'wire', what: 'sent by the device that edits', value: bytes, unit: 'B' });
  return figures;
};

const measured = async () => {
  const figures = [];
  if (asked.measures.includes('edit') || asked.measures.includes('wire')) figures.push(...(await editFigures(asked.measures)));
  for (const count of asked.needs('fresh', 'memory')) {
    const { ms, rss, bytes } = await freshFigures(count);
    if (asked.measures.includes('fresh')) {
      figures.push({ measure: 'fresh', what: `${count} events: all documents here and on disk`, value: ms / 1000, unit: 's' });
      figures.push({ measure: 'fresh', what: `${count} events: bytes per event of what it downloads`, value: bytes / count, unit: 'B' });
    }
    if (asked.measures.includes('memory')) {
      figures.push({ measure: 'memory', what: `${count} events: after it has fetched them`, value: rss / 1e6, unit: 'MB' });
    }
  }
  answer({
    version: `automerge-repo ${version('@automerge/automerge-repo')}, Automerge ${version('@automerge/automerge')}, Node ${process.versions.node}`,
    durability: 'writes files some time later, without fsync',
    encryption: 'none: its server reads everything; nothing is signed',
    note: 'one document an event; messages wait up to 100 ms, as they do by default; no search and no occurrences are made; one process holds writer and reader of an edit',
    figures,
  });
};

const [word, ...words] = asked.words;
const parts = { server, fresh };
if (word in parts) {
  endWithParent();
  await parts[word](...words);
} else {
  await measured();
}
