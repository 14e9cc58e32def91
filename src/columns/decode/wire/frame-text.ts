/** Remembers where the text of a string field lies in the frame until a column can store it. */
import { position } from './cursor.ts';
import { irregular } from './irregular.ts';
import { Wire } from './wire-reader.ts';

@final
export class FrameText {
  address: usize = 0;
  bytes: u32 = 0;
  isSet: bool = false;

  /** Sets the empty text. */
  clear(): void {
    this.bytes = 0;
    this.isSet = false;
  }

  /** Reads a string field. If the field occurs several times, the last one counts. */
  read(end: usize): void {
    if (this.isSet) irregular();
    const address = Wire.readContent(end);
    this.set(address, <u32>(position - address));
  }

  set(address: usize, bytes: u32): void {
    this.address = address;
    this.bytes = bytes;
    this.isSet = true;
  }
}
