import { readdirSync, readFileSync } from 'node:fs';

/** Kills the processes that carry a mark in their environment (`NAME=value`); gives back their command lines. Linux only. */
export function endMarked(mark: string, chosen: (command: string) => boolean = () => true): string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((id) => {
      try {
        const read = (file: string): string[] => readFileSync(`/proc/${id}/${file}`, 'utf8').split('\0');
        if (!read('environ').includes(mark)) return [];
        const command = read('cmdline').join(' ').trim();
        if (command === '' || !chosen(command)) return [];
        process.kill(Number(id), 'SIGKILL');
        return [command];
      } catch {
        return []; // Ended meanwhile, or another user's.
      }
    });
}
