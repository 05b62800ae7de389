/** What a program reads and where it speaks: `process` itself, or streams of one's own. */
export interface Streams {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: Out;
  readonly stderr: Out;
}

/** A terminal, a pipe or a file. */
export type Out = NodeJS.WritableStream & { readonly isTTY?: boolean };
