/** The fields of LogRecord, in ascending order, with their columns. */
import { attributes } from '../field/attributes-field.ts';
import type { Field } from '../field/field.ts';
import { fixed32, fixed64, int32, uint32 } from '../field/number-fields.ts';
import { id, text } from '../field/text-fields.ts';
import { body } from './log-body.ts';

export function logRecordFields(): readonly Field[] {
  return [
    fixed64(1, 'time'),
    int32(2, 'severity_number'),
    text(3, 'severity_text'),
    body(5),
    attributes(6, 'attributes'),
    uint32(7, 'dropped_attributes_count'),
    fixed32(8, 'flags'),
    id(9, 'trace_id'),
    id(10, 'span_id'),
    fixed64(11, 'observed_time'),
    text(12, 'event_name'),
  ];
}
