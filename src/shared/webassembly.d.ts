/**
 * As much of WebAssembly's JavaScript interface as is used here; Node's types leave it to the
 * DOM's.
 */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }

  interface MemoryDescriptor {
    /** In pages of 64 KiB. */
    readonly initial: number;
    readonly maximum: number;
    readonly shared: true;
  }

  /**
   * Every memory here is shared; growth gives it a new buffer, the old one stays valid for its
   * part.
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
