/** Random log requests. */
import { RandomRequests } from './random-requests.ts';
import { type Bytes, field, fixed32Field, fixed64Field, varintField } from './wire-writer.ts';

/** A body is at level 1, like the value of an attribute. */
const bodyLevel = 1;

export class RandomLogs extends RandomRequests {
  record(): Bytes {
    return this.message([
      this.maybe(() => fixed64Field(1, this.time())),
      this.maybe(() => varintField(2, this.enumNumber())),
      this.maybe(() => field(3, this.text())),
      this.maybe(() => field(5, this.anyValue(bodyLevel))),
      ...this.attributes(6),
      this.maybe(() => varintField(7, this.number())),
      this.maybe(() => fixed32Field(8, this.random.uint32())),
      this.maybe(() => field(9, this.id(16))),
      this.maybe(() => field(10, this.id(8))),
      this.maybe(() => fixed64Field(11, this.time())),
      this.maybe(() => field(12, this.text())),
    ]);
  }
}
