import type { Connection } from '../wire/connection.ts';
import { isRecord } from '../wire/detail.ts';
import { ProtocolError } from '../wire/errors.ts';
import { ask } from '../wire/request.ts';

/** What a server offers. */
export interface Capabilities {
  readonly models: readonly {
    readonly name: string;
    /** The most tokens of a prompt and its answer, where the server says. */
    readonly maxContextLength?: number;
  }[];
}

/** Asks for the models a server trains. */
export async function capabilitiesOf(wire: Connection, signal: AbortSignal): Promise<Capabilities> {
  const path = 'get_server_capabilities';
  const value = await ask(wire, { method: 'GET', path, signal });
  if (!isRecord(value) || !Array.isArray(value.supported_models))
    throw new ProtocolError(path, 'supported_models must be a list');
  const models = value.supported_models.map((entry: unknown) => {
    if (!isRecord(entry) || typeof entry.model_name !== 'string')
      throw new ProtocolError(path, 'model_name must be a text');
    const length = entry.max_context_length;
    return { name: entry.model_name, ...(typeof length === 'number' && { maxContextLength: length }) };
  });
  return { models };
}
