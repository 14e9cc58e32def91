/** Random trace requests. */
import { RandomRequests } from './random-requests.ts';
import { type Bytes, field, fixed32Field, fixed64Field, varintField } from './wire-writer.ts';

export class RandomTraces extends RandomRequests {
  record(): Bytes {
    return this.message([
      this.maybe(() => field(1, this.id(16))),
      this.maybe(() => field(2, this.id(8))),
      this.maybe(() => field(3, this.text())),
      this.maybe(() => field(4, this.id(8))),
      this.maybe(() => field(5, this.text())),
      this.maybe(() => varintField(6, this.enumNumber())),
      this.maybe(() => fixed64Field(7, this.time())),
      this.maybe(() => fixed64Field(8, this.time())),
      ...this.attributes(9),
      this.maybe(() => varintField(10, this.number())),
      ...this.random.several(3, () => field(11, this.#event())),
      this.maybe(() => varintField(12, this.number())),
      ...this.random.several(2, () => field(13, this.#link())),
      this.maybe(() => varintField(14, this.number())),
      this.maybe(() => field(15, this.#status())),
      this.maybe(() => fixed32Field(16, this.random.uint32())),
    ]);
  }

  #event(): Bytes {
    return this.message([
      this.maybe(() => fixed64Field(1, this.time())),
      this.maybe(() => field(2, this.text())),
      ...this.attributes(3),
      this.maybe(() => varintField(4, this.number())),
    ]);
  }

  #link(): Bytes {
    return this.message([
      this.maybe(() => field(1, this.id(16))),
      this.maybe(() => field(2, this.id(8))),
      this.maybe(() => field(3, this.text())),
      ...this.attributes(4),
      this.maybe(() => varintField(5, this.number())),
      this.maybe(() => fixed32Field(6, this.random.uint32())),
    ]);
  }

  #status(): Bytes {
    return this.message([
      this.maybe(() => field(2, this.text())),
      this.maybe(() => varintField(3, this.enumNumber())),
    ]);
  }
}
