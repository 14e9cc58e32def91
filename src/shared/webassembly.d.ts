/**
 * The part of WebAssembly's JavaScript interface that is used here. Node's types do not include it,
 * because the DOM's types do.
 */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }

  interface MemoryDescriptor {
    /** Initial size, in pages of 64 KiB. */
    readonly initial: number;
    readonly maximum: number;
    readonly shared: true;
  }

  /**
   * Every memory here is shared. When it grows it gets a new buffer; the old buffer stays valid for
   * the bytes that it covers.
   */
  class Memory {
    constructor(descriptor: MemoryDescriptor);
    readonly buffer: SharedArrayBuffer;
    grow(pages: number): number;
  }

  class Instance {
    constructor(module: Module, imports: Record<string, Record<string, unknown>>);
    readonly exports: Record<string, unknown>;
  }

  function compile(bytes: Uint8Array): Promise<Module>;
}
