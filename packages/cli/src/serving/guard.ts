import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Refusal } from './refusal.ts';

/** Who may ask a server. */
export interface Guard {
  /** The address it listens at. */
  readonly host: string;
  /** What a request has to bring as `Authorization: Bearer …`; none: nothing. */
  readonly token: string | undefined;
}

/** Addresses that only this machine reaches. */
export const isLoopback = (host: string): boolean => /^(127(\.\d{1,3}){3}|localhost|::1)$/.test(host);

/** @throws Refusal for another site's name, which a page in a browser may have pointed here, and for a wrong token */
export function admit({ headers }: IncomingMessage, { host, token }: Guard): void {
  const name = (headers.host ?? '').replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  if (isLoopback(host) && !isLoopback(name)) throw new Refusal(421, 'this server answers 127.0.0.1 alone');
  if (token !== undefined && !equal(headers.authorization ?? '', `Bearer ${token}`))
    throw new Refusal(401, 'Authorization must be Bearer and the token the server was started with (SVO_JUDGE_TOKEN)');
}

function equal(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
