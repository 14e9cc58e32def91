/** What was written into a stream so far. */
import type { PassThrough } from 'node:stream';

/** From Node 26 on each read gives what one write gave. */
export function writtenText(stream: PassThrough): string {
  let text = '';
  for (let chunk = stream.read(); chunk !== null; chunk = stream.read()) text += chunk;
  return text;
}
