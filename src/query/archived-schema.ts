/** The schema of a signal's segments, as this version writes and reads them. */
import { schemaMessage } from '../columns/schema.ts';
import { type ArrowSchema, readArrowSchema } from '../disk/ipc/arrow-schema.ts';
import { messagePrefixBytes } from '../disk/ipc/ipc-format.ts';
import { invariant } from '../shared/invariant.ts';
import type { Signal } from '../shared/signal.ts';

const known = new Map<Signal, ArrowSchema>();

export function archivedSchema(signal: Signal): ArrowSchema {
  const found = known.get(signal);
  if (found !== undefined) return found;
  const message = schemaMessage(signal, { writer: '', recorder: '' });
  const schema = readArrowSchema(message.subarray(messagePrefixBytes));
  invariant(typeof schema !== 'string', 'a schema that is written can be read');
  known.set(signal, schema);
  return schema;
}
