/** A process that judges, one row at a time, for the server that started it. It may be killed at any moment. */
import { openVerifier } from '../models/open-verifier.ts';
import { type Asked, type RowVerdict, verdictOn } from '../stages/judging.ts';

/** The longest text of a verdict that is passed on, in UTF-16 units. */
const longest = 4_000;

const cut = (text: unknown): string => String(text).slice(0, longest);

/** A verdict that holds what it should, whatever a verifier of the user's own returned. */
function tidy({ correct, how, extracted }: RowVerdict): RowVerdict {
  const told = correct === true || correct === false ? correct : null;
  return {
    correct: told,
    how: cut(how ?? 'no verdict'),
    ...(extracted !== undefined && { extracted: cut(extracted) }),
  };
}

// Ctrl-C reaches every process of a terminal. The server decides when this one ends.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
process.on('disconnect', () => process.exit());

try {
  const verifier = await openVerifier(process.argv[2]!);
  process.on('message', (asked: Asked) => process.send?.(tidy(verdictOn(asked, verifier))));
  process.send?.({ needsAnswer: verifier.needsAnswer === true });
} catch (error) {
  process.send?.({ failed: cut((error as Error).message) }, () => process.exit());
}
