/** The browser's own storage for one run: keys and records, written together or not at all. */
import type { Kept } from '../story/kept.ts';

const store = 'run';

export interface KeptInBrowser extends Kept {
  readonly clear: () => Promise<void>;
}

/** Opens it; a page and its worker may both. */
export async function keptInBrowser(): Promise<KeptInBrowser> {
  const opening = indexedDB.open('svo-tab', 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(store);
  const database = await answerOf(opening);
  const inTransaction = async (change: (records: IDBObjectStore) => void): Promise<void> => {
    const transaction = database.transaction(store, 'readwrite');
    change(transaction.objectStore(store));
    await new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
    });
  };
  return {
    read: <T>(key: string) => answerOf<T | undefined>(database.transaction(store).objectStore(store).get(key)),
    write: (entries) =>
      inTransaction((records) => {
        for (const [key, value] of Object.entries(entries)) records.put(value, key);
      }),
    clear: () => inTransaction((records) => records.clear()),
  };
}

function answerOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
