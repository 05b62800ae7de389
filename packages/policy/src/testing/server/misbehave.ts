import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { Fault, KeyForm, KeyPlace } from './faults.ts';
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
export async function refuse(
  fault: Fault,
  request: IncomingMessage,
  response: ServerResponse,
  stream: boolean,
): Promise<boolean> {
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
      page(response, 307, '', { location: fault.location === '' ? (request.url ?? '/') : fault.location });
      return true;
    case 'echo-headers':
      page(response, 500, JSON.stringify(request.headers));
      return true;
    case 'key-in-words':
      quoteKey(response, stream, fault.place, disguised(request.headers.authorization ?? '', fault.form));
      return true;
    case 'gzip-bomb':
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(packedBlanks(fault.bytes));
      return true;
    case 'false-gzip':
      response.writeHead(200, { 'content-encoding': 'gzip' }).end('{"choices":[]}');
      return true;
    case 'drip': {
      response.writeHead(200);
      const drops = setInterval(() => response.write(stream ? ': wait\n\n' : ' '), fault.everyMs);
      response.on('close', () => clearInterval(drops));
      return true;
    }
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
    case 'reply':
      response.writeHead(200).end(stream ? `data: ${JSON.stringify(fault.json)}\n\n` : JSON.stringify(fault.json));
      return true;
    case 'wrong-shape':
      response.writeHead(200).end('{"choices":{"text":5},"meta_info":[],"data":"none"}');
      return true;
    default:
      return false;
  }
}

const packed = new Map<number, Buffer>();

const packedBlanks = (bytes: number): Buffer => {
  const known = packed.get(bytes) ?? gzipSync(Buffer.alloc(bytes, ' '), { level: 1 });
  packed.set(bytes, known);
  return known;
};

const disguised = (authorization: string, form: KeyForm): string => {
  const key = authorization.replace(/^Bearer /, '');
  switch (form) {
    case 'plain':
      return key;
    case 'php':
      return key.replaceAll('/', '\\/');
    case 'url':
      return encodeURIComponent(key);
    case 'hex':
      return Buffer.from(key).toString('hex');
    case 'half':
      return key.slice(key.length / 2);
  }
};

/** Replies that quote a key, by the place where they do. The error is long enough that what quotes it cuts the key in two. */
const keyReplies: Record<Exclude<KeyPlace, 'page'>, (key: string) => string> = {
  json: (key) => `{"choices":${key}`,
  event: (key) => JSON.stringify({ error: { message: `${'x'.repeat(170)}${key}` } }),
  'finish-reason': (key) =>
    JSON.stringify({
      choices: [{ index: 0, text: 'so', finish_reason: key }],
      text: 'so',
      meta_info: { finish_reason: { type: key } },
    }),
  field: (key) =>
    JSON.stringify({
      choices: [{ index: 0, text: 'so', logprobs: { tokens: { [key]: 1 } }, prompt_logprobs: [{ [key]: 1 }] }],
      meta_info: { [key]: 1 },
    }),
};

const quoteKey = (response: ServerResponse, stream: boolean, place: KeyPlace, key: string): void => {
  if (place === 'page') {
    page(response, 500, `no access for ${key}`);
    return;
  }
  const json = keyReplies[place](key);
  response.writeHead(200).end(stream ? `data: ${json}\n\n` : json);
};

/** Faults that are in the choices. */
export function tamper(choices: Choice[], fault: Fault | undefined): Choice[] {
  if (fault?.kind === 'wrong-count') {
    return Array.from({ length: fault.count }, (_, index) => ({ ...choices[index % choices.length]!, index }));
  }
  if (fault?.kind === 'injection') return choices.map((choice) => ({ ...choice, text: fault.text }));
  if (fault?.kind === 'ignored-n') return choices.slice(0, 1);
  if (fault?.kind === 'blank-first') return choices.map((choice) => thoughtFirst(choice, [fault.blank], fault.blank));
  if (fault?.kind === 'reasoning-logps') {
    return choices.map((choice) => thoughtFirst(choice, ['<think>', 'Hm', '</think>'], ''));
  }
  if (fault?.kind === 'only-reasoning') {
    return choices.map((choice) => ({ ...choice, text: '', reasoning: choice.text, finishReason: 'length' }));
  }
  const bad = { 'nan-logps': -12345.5, 'null-logps': null, 'positive-logps': 2.5 }[fault?.kind as 'nan-logps'];
  if (bad === undefined) return choices;
  return choices.map((choice) => ({ ...choice, logps: choice.logps.with(0, bad) }));
}

/** Tokens before those of a choice, and what of them is in its text. The ids are no others' ids. */
const thoughtFirst = (choice: Choice, tokens: readonly string[], shown: string): Choice => ({
  ...choice,
  text: shown + choice.text,
  tokens: [...tokens, ...choice.tokens],
  tokenIds: [...tokens.map((_, at) => 9_000_000 + at), ...choice.tokenIds],
  logps: [...tokens.map(() => -3), ...choice.logps],
});

/** Faults that are in the words of a reply, whole or in events; they leave its JSON well-formed. */
export function garble(text: string, fault: Fault | undefined): string {
  switch (fault?.kind) {
    case 'nan-logps':
      return text.replaceAll('-12345.5', 'NaN');
    case 'finish-word':
      return text
        .replace(/"finish_reason":"(?:stop|length)"/g, `"finish_reason":${JSON.stringify(fault.word)}`)
        .replace(/"finish_reason":\{"type":"\w+"[^}]*\}/g, `"finish_reason":{"type":${JSON.stringify(fault.word)}}`);
    case 'empty-finish':
      return text.replaceAll('"finish_reason":null', '"finish_reason":""');
    case 'one-index':
      return text.replace(/"index":\d+/g, '"index":0');
    case 'no-done':
      return text.replace('data: [DONE]\n\n', '');
    case 'short':
      // The first events alone, of each choice at most its first token.
      return text.startsWith('data: ') ? text.slice(0, text.indexOf('\n\n') + 2) : text;
    case 'wrong-usage':
      return text.replace(/"usage":(\{[^}]*\}|null)/g, '"usage":"plenty"');
    default:
      return text;
  }
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
