/** The fields of Span, in ascending order, with their columns. */
import { attributes } from '../field/attributes-field.ts';
import { enumeration } from '../field/enum-field.ts';
import type { Field } from '../field/field.ts';
import { messages, optionalMessage } from '../field/message.ts';
import { fixed32, fixed64, uint32 } from '../field/number-fields.ts';
import { id, text } from '../field/text-fields.ts';

const kindNames = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
const statusCodeNames = ['UNSET', 'OK', 'ERROR'];

export function spanFields(): readonly Field[] {
  return [
    id(1, 'trace_id'),
    id(2, 'span_id'),
    text(3, 'trace_state'),
    id(4, 'parent_span_id'),
    text(5, 'name'),
    enumeration(6, 'kind', kindNames),
    fixed64(7, 'start_time'),
    fixed64(8, 'end_time'),
    attributes(9, 'attributes'),
    uint32(10, 'dropped_attributes_count'),
    messages(11, 'events', [
      fixed64(1, 'time'),
      text(2, 'name'),
      attributes(3, 'attributes'),
      uint32(4, 'dropped_attributes_count'),
    ]),
    uint32(12, 'dropped_events_count'),
    messages(13, 'links', [
      id(1, 'trace_id'),
      id(2, 'span_id'),
      text(3, 'trace_state'),
      attributes(4, 'attributes'),
      uint32(5, 'dropped_attributes_count'),
      fixed32(6, 'flags'),
    ]),
    uint32(14, 'dropped_links_count'),
    optionalMessage(15, 'status_code', [
      text(2, 'status_message'),
      enumeration(3, 'status_code', statusCodeNames),
    ]),
    fixed32(16, 'flags'),
  ];
}
