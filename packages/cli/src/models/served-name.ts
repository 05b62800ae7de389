import { UsageError } from '../errors.ts';

/** The most bytes of a server's list of models, and how long it may take. */
const [mostBytes, patienceMs] = [1 << 20, 30_000];

/** The first model a server lists: most serve one. */
export async function servedName(url: string, apiKey: string | undefined): Promise<string> {
  const base = new URL(url);
  const path = base.pathname === '/' ? '/v1/models' : `${base.pathname.replace(/\/$/, '')}/models`;
  const address = new URL(path, base);
  try {
    const headers = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
    const reply = await fetch(address, { headers, signal: AbortSignal.timeout(patienceMs) });
    if (!reply.ok) throw new RangeError(`it answers ${reply.status}`);
    const text = await bounded(reply);
    const [first] = (JSON.parse(text) as { data?: readonly { id?: unknown }[] }).data ?? [];
    if (typeof first?.id !== 'string') throw new RangeError('it lists no model');
    return first.id;
  } catch (error) {
    const { message, cause } = error as Error;
    const why = cause instanceof Error ? cause.message : message;
    throw new UsageError(
      `model: ${address.origin}${address.pathname}: ${why} (server.name names the model without asking)`,
    );
  }
}

async function bounded(reply: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of reply.body ?? []) {
    length += piece.length;
    if (length > mostBytes) throw new RangeError('its list of models is longer than 1 MiB');
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}
