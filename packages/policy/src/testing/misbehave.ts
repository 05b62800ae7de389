import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Fault } from './faults.ts';
import type { Choice } from './jobs.ts';

/** A page of text with a status. */
export function page(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'text/plain', ...headers }).end(body);
}

/** Faults that need no model. True when the request is dealt with. */
export async function refuse(fault: Fault, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  switch (fault.kind) {
    case 'hang':
      return true;
    case 'slow':
      await new Promise((resolve) => setTimeout(resolve, fault.ms));
      return false;
    case 'status':
      page(
        response,
        fault.status,
        fault.body ?? 'no',
        fault.retryAfter === undefined ? {} : { 'retry-after': fault.retryAfter },
      );
      return true;
    case 'redirect':
      page(response, 307, '', { location: fault.location });
      return true;
    case 'echo-headers':
      page(response, 500, JSON.stringify(request.headers));
      return true;
    case 'html':
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end('<!doctype html><title>Gateway</title><p>Come back later');
      return true;
    case 'empty':
      response.writeHead(200).end();
      return true;
    case 'deep':
      response.writeHead(200).end('['.repeat(fault.levels) + ']'.repeat(fault.levels));
      return true;
    case 'wrong-shape':
      response.writeHead(200).end('{"choices":{"text":5},"meta_info":[],"data":"none"}');
      return true;
    default:
      return false;
  }
}

/** Faults that are in the choices. */
export function tamper(choices: Choice[], fault: Fault | undefined): Choice[] {
  if (fault?.kind === 'wrong-count') {
    return Array.from({ length: fault.count }, (_, index) => ({ ...choices[index % choices.length]!, index }));
  }
  if (fault?.kind === 'injection') return choices.map((choice) => ({ ...choice, text: fault.text }));
  const bad = { 'nan-logps': -12345.5, 'null-logps': null, 'positive-logps': 2.5 }[fault?.kind as 'nan-logps'];
  if (bad === undefined) return choices;
  return choices.map((choice) => ({ ...choice, logps: choice.logps.with(0, bad) }));
}

/** Faults that are in the way the reply is sent. */
export function deliver(response: ServerResponse, text: string, fault: Fault | undefined, stream: boolean): void {
  response.writeHead(200, { 'content-type': stream ? 'text/event-stream' : 'application/json' });
  const half = text.slice(0, Math.floor(text.length / 2));
  switch (fault?.kind) {
    case 'cut':
      response.write(half, () => response.destroy());
      return;
    case 'stall':
      response.write(half);
      return;
    case 'malformed':
      response.end(stream ? `${half}\n\n` : half);
      return;
    case 'huge':
      response.write(stream ? ': ' : ' ');
      response.write(' '.repeat(fault.bytes));
      response.end(stream ? `\n\n${text}` : text);
      return;
    default:
      response.end(text);
  }
}
