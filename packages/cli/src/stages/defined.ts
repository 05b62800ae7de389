/** A record without the keys that hold nothing. */
export const defined = <T extends object>(record: T): { [Key in keyof T]: Exclude<T[Key], undefined> } =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as never;
