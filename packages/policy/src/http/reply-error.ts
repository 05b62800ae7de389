import type { Failure } from '@svo/mdp';

/** What the status of an HTTP answer comes to. Only the model's own words are `too-large` or `unparsable`, so none of these is. */
export function kindOfStatus(status: number): Failure['kind'] {
  if (status === 429) return 'rate-limit';
  if (status === 408 || status === 504) return 'timeout';
  return status >= 500 ? 'server' : 'refused';
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * The error that a reply of status 200 holds, as the failure it would be under its own status: `{ error: { code: 429 } }`,
 * `{ choices: [], error }`, `{ object: 'error' }`, `{ type: 'error' }`, an `error` that is only words. Undefined for a sound reply.
 * Where a reply is of no use otherwise, `unusable`, words in `detail`, `message` or `errors` count as well.
 */
export function errorInReply(reply: unknown, unusable = false): Failure | undefined {
  if (!isFields(reply)) return undefined;
  const named = reply.error;
  if (named !== undefined && named !== null && named !== '' && named !== false)
    return failureFrom([reply, ...nested(named)]);
  if (reply.object === 'error' || reply.type === 'error') return failureFrom([reply]);
  if (!unusable) return undefined;
  const inside = reply.errors ?? reply.detail ?? reply.message;
  return inside === undefined || inside === null ? undefined : failureFrom([reply, ...nested(inside)]);
}

/** The failure that words stand for: an `error` event of a stream, JSON or not. */
export function errorInWords(words: string): Failure {
  let value: unknown = words;
  try {
    value = JSON.parse(words);
  } catch {
    // Plain words, then.
  }
  return errorInReply(value, true) ?? failureFrom(nested(value));
}

/** Gateways wrap what they were told: an error in an error, a list of one. Innermost last. */
function nested(value: unknown): Fields[] {
  const layers: Fields[] = [];
  for (let inner = value; layers.length < 4; ) {
    if (Array.isArray(inner)) inner = inner[0];
    if (typeof inner === 'string') layers.push({ message: inner });
    if (!isFields(inner)) break;
    layers.push(inner);
    inner = inner.error ?? inner.detail;
    if (inner === undefined || inner === null) break;
  }
  return layers;
}

/** How much of a server's own words is worth quoting. */
const quoted = 240;

function failureFrom(layers: readonly Fields[]): Failure {
  const innermostFirst = layers.toReversed();
  const labels = innermostFirst.flatMap((layer) => labelFields.map((field) => layer[field])).filter(isLabel);
  const words = innermostFirst.flatMap((layer) => wordFields.map((field) => layer[field])).find(isWords);
  const status = labels.map(statusIn).find((found) => found !== undefined) ?? statusInWords(words ?? '');
  const names = labels.filter((label) => typeof label === 'string' && label !== 'error');
  const kind =
    status === undefined
      ? (kindOfWords(names.join(' ')) ?? kindOfWords(words ?? '') ?? 'server')
      : kindOfStatus(status);
  const head = status === undefined ? 'an error' : `HTTP ${status}`;
  const said = words ?? (names.join(' ') || 'no words');
  const waits = layers.map((layer) => Number(layer.retry_after)).find((seconds) => seconds >= 0 && seconds < 1e6);
  return {
    kind,
    message: `${head}, told inside a reply of status 200: ${said.slice(0, quoted)}`,
    ...(waits === undefined ? {} : { retryAfterMs: waits * 1000 }),
  };
}

const labelFields = ['code', 'status', 'status_code', 'statusCode', 'http_code', 'type', 'error_type', 'err_type'];
const wordFields = ['message', 'msg', 'error_description', 'reason', 'detail', 'error'];

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isWords = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';
const isLabel = (value: unknown): value is string | number =>
  typeof value === 'number' || (typeof value === 'string' && value.length <= 100);

/** 429, '429', '429 Too Many Requests'. */
function statusIn(label: string | number): number | undefined {
  const found = /^\D{0,8}([45]\d\d)(?!\d)/.exec(String(label))?.[1];
  return found === undefined ? undefined : Number(found);
}

/** 'Error code: 429 - …', 'HTTP 503': a number that is said to be a status. */
function statusInWords(words: string): number | undefined {
  const found = /\b(?:http|status|code)[^\d\n]{0,12}([45]\d\d)(?!\d)/i.exec(words.slice(0, quoted))?.[1];
  return found === undefined ? undefined : Number(found);
}

/** Words that servers name errors by: OpenAI's, Anthropic's and vLLM's types, TGI's error types, gRPC's codes. */
const kinds: readonly (readonly [Failure['kind'], RegExp])[] = [
  ['rate-limit', /rate.?limit|too.?many.?requests|resource.?exhausted|quota|throttl/i],
  ['timeout', /time.?out|timed.?out|deadline/i],
  ['server', /internal|server.?error|unavailable|overloaded|upstream|gateway/i],
  [
    'refused',
    /invalid|bad.?request|unauth|authentication|permission|forbidden|not.?found|unsupported|too.?large|context.?length|validation|payment|billing|unprocessable/i,
  ],
];

function kindOfWords(words: string): Failure['kind'] | undefined {
  const start = words.slice(0, quoted);
  return kinds.find(([, pattern]) => pattern.test(start))?.[0];
}
