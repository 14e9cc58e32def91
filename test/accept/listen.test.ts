/** Listening sockets. */
import assert from 'node:assert/strict';
import { connect, createServer } from 'node:net';
import { describe, it } from 'node:test';
import { listen } from '../../src/accept/listen.ts';
import { type Journal, type JournalLevel, silentJournal } from '../../src/shared/journal.ts';

const options = { host: '127.0.0.1', port: 0, journal: silentJournal };

describe('listen', () => {
  it('listen: port 0 takes a free one', async () => {
    const server = createServer((socket) => socket.end());
    const port = await listen(server, 'test', options);
    await new Promise<void>((resolve) => connect(port, '127.0.0.1').on('connect', resolve));
    server.close();
  });

  it("listen: rejects with Node's error when the port is in use", async () => {
    const first = createServer();
    const port = await listen(first, 'test', options);
    const second = listen(createServer(), 'test', { ...options, port });
    await assert.rejects(second, { code: 'EADDRINUSE', port });
    first.close();
  });

  it('listen: a later error is written to the journal and ends nothing', async () => {
    const entries: [JournalLevel, string][] = [];
    const journal: Journal = { write: (level, message) => entries.push([level, message]) };
    const server = createServer();
    await listen(server, 'OTLP/test', { ...options, journal });
    server.emit('error', new Error('accept EMFILE'));
    assert.deepEqual(entries, [['warn', 'OTLP/test cannot accept a connection: accept EMFILE']]);
    assert.ok(server.listening);
    server.close();
  });
});
