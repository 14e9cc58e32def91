/** The files of certificates that are watched, also after a reload. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CertificateWatch } from '../../src/config/certificate-watch.ts';
import { configFrom, temporaryFolder } from './loading.ts';

/** Many times what it takes to report a change. */
const changeMsMax = 10_000;

it('CertificateWatch: files of receivers and destinations, and those that a reload adds', async () => {
  const folder = temporaryFolder();
  const [cert, key, ca, other] = ['cert', 'key', 'ca', 'other'].map((name) => join(folder, name));
  const withCa = (path: string | undefined) => {
    const forwarding = [{ name: 'a', endpoint: 'https://x', tls: { ca_file: path } }];
    return configFrom({
      yaml: JSON.stringify({ tls: { cert_file: cert, key_file: key }, forwarding }),
    });
  };
  let changeCount = 0;
  const onChange = () => {
    changeCount += 1;
  };
  const until = async (count: number) => {
    for (let waitedMs = 0; changeCount < count; waitedMs += 20) {
      assert.ok(waitedMs < changeMsMax, `${changeCount} changes were reported`);
      await sleep(20);
    }
  };
  const watch = new CertificateWatch(withCa(ca), { onChange, onFault: () => {} });
  await watch.ready();
  writeFileSync(key!, '1');
  await until(1);
  writeFileSync(ca!, '1');
  await until(2);
  watch.reconfigure(withCa(ca));
  await watch.ready();
  assert.equal(changeCount, 2, 'the same files are not watched again');
  watch.reconfigure(withCa(other));
  await watch.ready();
  assert.equal(changeCount, 3, 'a change before the watch is not missed');
  writeFileSync(other!, '1');
  await until(4);
  await watch.close();
});
