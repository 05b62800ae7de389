/** What a story keeps, so that a page that was closed goes on where it was. */
export interface Kept {
  readonly read: <T>(key: string) => Promise<T | undefined>;
  /** All entries or none. */
  readonly write: (entries: Readonly<Record<string, unknown>>) => Promise<void>;
}
