/** A backend that `useBackend` can be asked for. */
export type BackendName = 'tensorflow-gpu' | 'tensorflow' | 'webgpu' | 'wasm' | 'cpu';

/** What `useBackend` accepts besides the name. */
export interface BackendOptions {
  /** Threads of the wasm backend. Default: what the machine offers (`os.availableParallelism()`). */
  readonly threads?: number;
  /**
   * In a browser: the address, with its last `/`, of a folder that serves tfjs's `.wasm` files, which lie in
   * `@tensorflow/tfjs-backend-wasm/dist`. Default: beside the page's script.
   */
  readonly wasmPath?: string;
}

/** Which backend runs, and why the faster ones do not. */
export interface BackendReport {
  /** The backend that is active now. */
  readonly backend: BackendName;
  /** Threads it computes with; 1 where the question makes no sense (a GPU). */
  readonly threads: number;
  /** The device or library behind it, in words. */
  readonly device: string;
  /** Faster candidates that were tried or ruled out first, each with its reason. Empty unless `'auto'` was asked for. */
  readonly skipped: readonly { readonly backend: BackendName; readonly reason: string }[];
  /** A command that would bring a faster backend on this machine, when one is known. */
  readonly hint?: string;
}
