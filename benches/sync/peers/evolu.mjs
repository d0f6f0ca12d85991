// Evolu: an event is a row: node evolu.mjs FOLDER MEASURES EVENTS. Its client runs as it does on
// platforms without workers, everything on one thread; relay, writer and reader are processes of
// their own.
import * as evolu from '@evolu/common';
import * as local from '@evolu/common/local-first';
import { installPolyfills } from '@evolu/common/polyfills';
import { timingSafeEqual } from 'node:crypto';
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { WebSocketServer } from 'ws';
import { again, answer, apart, asked, calendar, endWithParent, line, median, percentile, sinceMs, tell, version } from './figure.mjs';

installPolyfills();

const EDITS = 200;
const WARM_UP = 20;
const ROWS_AT_ONCE = 500;

const Text = evolu.NonEmptyString;
const Schema = {
  event: {
    id: evolu.id('Event'),
    title: Text,
    place: evolu.nullOr(Text),
    notes: evolu.nullOr(Text),
    start: Text,
    finish: Text,
    zone: Text,
  },
};
const createQuery = local.createQueryBuilder(Schema);
const countQuery = createQuery((db) => db.selectFrom('event').select((of) => of.fn.countAll().as('count')));
const placeQuery = createQuery((db) => db.selectFrom('event').select(['place']).orderBy('createdAt', 'desc').limit(1));

/** SQLite as Node brings it, each commit durable. */
const driver = (folder) => (name) => () => {
  const database = new DatabaseSync(join(folder, `${name}.db`));
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
  const prepared = new Map();
  const statement = (sql) => {
    if (!prepared.has(sql)) prepared.set(sql, database.prepare(sql));
    return prepared.get(sql);
  };
  const close = () => database.close();
  return evolu.ok({
    exec: ({ sql, parameters }) => {
      const one = statement(sql);
      if (one.columns().length > 0) return { rows: one.all(...parameters), changes: 0 };
      return { rows: [], changes: Number(one.run(...parameters).changes) };
    },
    export: () => new Uint8Array(),
    deleteDatabase: close,
    [Symbol.dispose]: close,
  });
};

/** What its relay for Node does: the same storage and messages of its library, on a WebSocket. */
const relay = async (folder) => {
  mkdirSync(folder, { recursive: true });
  const run = evolu.createRun({ createSqliteDriver: driver(folder), timingSafeEqual });
  const sqlite = await run.orThrow(evolu.createSqlite(evolu.Name.orThrow('relay')));
  const deps = { ...run.deps, sqlite };
  local.createBaseSqliteStorageTables(deps);
  local.createRelayStorageTables(deps);
  const storage = local.createRelaySqliteStorage(deps)({ isOwnerWithinQuota: () => true });
  const served = run.create({ ...run.deps, storage });
  const listeners = new Set();
  const server = createServer();
  const sockets = new WebSocketServer({ server, maxPayload: local.defaultProtocolMessageMaxSize });
  sockets.on('connection', (socket) => {
    const options = {
      subscribe: () => listeners.add(socket),
      unsubscribe: () => listeners.delete(socket),
      broadcast: (_owner, message) => {
        for (const other of listeners) if (other !== socket) other.send(message, { binary: true });
      },
    };
    socket.on('message', async (message) => {
      const done = await served(local.applyProtocolMessageAsRelay(message, options));
      if (!done.ok) throw new Error(JSON.stringify(done.error));
      socket.send(done.value.message, { binary: true });
    });
    socket.on('close', () => listeners.delete(socket));
  });
  server.listen(0, '127.0.0.1', () => tell({ port: server.address().port }));
};

const owner = () => {
  const bytes = new Uint8Array(32).fill(7);
  return local.createAppOwner(local.OwnerSecret.orThrow(bytes));
};

/** A device: the library's own parts, joined in one process. */
const device = async (folder, port) => {
  mkdirSync(folder, { recursive: true });
  const output = evolu.createConsoleStoreOutput();
  const channels = {
    createBroadcastChannel: evolu.createBroadcastChannel,
    createMessageChannel: evolu.createMessageChannel,
    createMessagePort: evolu.createMessagePort,
    consoleStoreOutputEntry: output.entry,
    lockManager: navigator.locks,
  };
  const inside = evolu.createRun({
    ...channels,
    createSqliteDriver: driver(folder),
    createWebSocket: evolu.createWebSocket,
  });
  const deps = local.createEvoluDeps({
    ...channels,
    createDbWorker: () => evolu.createWorker((self) => void inside(local.startDbWorker(self))),
    sharedWorker: evolu.createSharedWorker((self) => void inside(local.initSharedWorker(self))),
    reloadApp: () => undefined,
  });
  deps.evoluError.subscribe(() => {
    throw new Error(JSON.stringify(deps.evoluError.get()));
  });
  const appOwner = owner();
  const transports = [local.createOwnerWebSocketTransport({ url: `ws://127.0.0.1:${port}`, ownerId: appOwner.id })];
  const config = { appName: local.AppName.orThrow('bench'), appOwner, transports };
  return evolu.createRun(deps).orThrow(local.createEvolu(Schema, config));
};

const put = (one, { title, place, notes, start, finish, zone }) =>
  new Promise((done) => {
    one.insert('event', { title, place: place ?? null, notes: notes ?? null, start, finish, zone }, { onComplete: done });
  });

/** Calls back with the rows of a query, now and whenever they change. */
const watch = (one, query, seen) => {
  one.subscribeQuery(query)(() => seen(one.getQueryRows(query)));
  void one.loadQuery(query).then(seen);
};

const counted = (one, count) =>
  new Promise((done) => {
    watch(one, countQuery, (rows) => {
      if (rows[0]?.count === count) done();
    });
  });

const fresh = async (folder, port, count) => {
  const began = process.hrtime.bigint();
  const one = await device(folder, port);
  await counted(one, Number(count));
  tell({ ms: sinceMs(began), rss: process.memoryUsage().rss });
};

/** With nothing left in the write-ahead log. */
const diskOf = (folder) => {
  const database = new DatabaseSync(join(folder, 'relay.db'));
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
  return bytesBelow(folder);
};

const bytesBelow = (folder) =>
  readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);

const filled = async (top, words) => {
  const count = Number(words);
  const folder = join(top, `fresh-${count}`);
  const { said, stop } = await apart(['relay', join(folder, 'relay')]);
  const writing = await line(said.port);
  const writer = await device(join(folder, 'writer'), writing.port);
  const events = calendar(top, count);
  for (let at = 0; at < events.length; at += ROWS_AT_ONCE) {
    await Promise.all(events.slice(at, at + ROWS_AT_ONCE).map((event) => put(writer, event)));
  }
  // What was written is at the relay when a device that knows nothing finds all of it there.
  const check = await apart(['fresh', join(folder, 'check'), String(said.port), String(count)]);
  check.stop();
  const near = await line(said.port);
  const one = await apart(['fresh', join(folder, 'fresh'), String(near.port), String(count)]);
  one.stop();
  tell({ ...one.said, bytes: near.down(), disk: diskOf(join(folder, 'relay')) / writing.up() });
  stop();
};

const reader = async (folder, port) => {
  const one = await device(folder, port);
  let last;
  watch(one, placeQuery, ([row]) => {
    if (row?.place !== last) tell({ place: row.place });
    last = row?.place;
  });
};

const edited = async (top) => {
  const folder = join(top, 'edit');
  const { said, stop } = await apart(['relay', join(folder, 'relay')]);
  const near = await line(said.port);
  const writer = await device(join(folder, 'writer'), near.port);
  let began;
  const times = [];
  const [event] = calendar(top, 1);
  const id = writer.insert('event', { ...event, place: 'Room', notes: null });
  const other = await apart(['reader', join(folder, 'reader'), String(said.port)]);
  let before = 0;
  for (let turn = 0; turn < WARM_UP + EDITS; turn += 1) {
    if (turn === WARM_UP) before = near.up();
    const came = other.next((told) => told.place === `Room ${turn}`);
    began = process.hrtime.bigint();
    writer.update('event', { id: id.id ?? id, place: `Room ${turn}` });
    await came;
    if (turn >= WARM_UP) times.push(sinceMs(began));
  }
  const bytes = (near.up() - before) / EDITS;
  other.stop();
  tell({ times, bytes });
  stop();
};

const measured = async () => {
  const figures = [];
  const add = (measure, what, value, unit) => {
    if (asked.measures.includes(measure)) figures.push({ measure, what, value, unit });
  };
  if (asked.measures.includes('edit') || asked.measures.includes('wire')) {
    const { said, stop } = await apart(['edited', asked.folder]);
    const { times, bytes } = said;
    stop();
    add('edit', 'shown by a query on the reader, a pipe included, p50', median(times), 'ms');
    add('edit', 'shown by a query on the reader, a pipe included, p99', percentile(times, 99), 'ms');
    add('wire', 'sent by the device that edits', bytes, 'B');
  }
  for (const count of asked.needs('fresh', 'memory')) {
    // Each in a process of its own: two devices of one process would wait for each other's locks.
    const { said, stop } = await apart(['filled', asked.folder, String(count)]);
    const { ms, rss, bytes, disk } = said;
    stop();
    add('fresh', `${count} events: all rows here; no search, no occurrences`, ms / 1000, 's');
    add('fresh', `${count} events: bytes per event of what it downloads`, bytes / count, 'B');
    add('wire', `relay's disk per byte that was sent, import of ${count} events`, disk, '×');
    add('memory', `${count} events: after it has fetched them`, rss / 1e6, 'MB');
  }
  answer({
    version: `Evolu ${version('@evolu/common')}, SQLite ${process.versions.sqlite}, Node ${process.versions.node}`,
    durability: 'commits wait for the disk (write-ahead log, synchronous=FULL) at device and relay',
    encryption: 'the relay cannot read values; nothing is signed; local databases are plain here, since the SQLite of Node cannot encrypt',
    note: 'client and relay are its library on one thread each, with a socket around the relay: its package for servers is not to be had for this version',
    figures,
  });
};

const [word, ...words] = asked.words;
const parts = { relay, fresh, reader, edited, filled };
if (word in parts) {
  endWithParent();
  await parts[word](...words);
} else {
  await measured();
}
