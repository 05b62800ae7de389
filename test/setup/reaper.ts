/** A process of its own: waits until the one that started it is gone, however it went, and ends what carries its mark. */
import { endMarked } from './marked.ts';

process.stdin.resume();
process.stdin.once('end', () => {
  endMarked(process.argv[2]!);
});
