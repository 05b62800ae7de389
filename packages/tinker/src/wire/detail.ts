/** What a server says of a failure, as one short line that repeats nothing of the request. */

const longest = 400;

/** FastAPI's `detail`: a text, or a list of places and messages (whose `input` repeats the request). */
export function detailOf(body: unknown, redact: (text: string) => string): string {
  const detail = isRecord(body) ? (body.detail ?? body.error ?? body.message) : body;
  const text = Array.isArray(detail)
    ? detail.map(placeAndMessage).join('; ')
    : typeof detail === 'string'
      ? detail
      : '';
  return redact(withoutEcho(text)).replace(/\s+/g, ' ').trim().slice(0, longest);
}

/** A category, where the server uses one of the protocol's words. */
export function categoryOf(word: unknown): 'unknown' | 'server' | 'user' {
  return word === 'server' || word === 'user' ? word : 'unknown';
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function placeAndMessage(entry: unknown): string {
  if (!isRecord(entry)) return '';
  const place = Array.isArray(entry.loc) ? entry.loc.map(String).join('.') : '';
  return `${place}: ${typeof entry.msg === 'string' ? entry.msg : 'not valid'}`;
}

/** Pydantic's `input_value=…` and lists of numbers are what was sent. */
function withoutEcho(text: string): string {
  return text
    .replace(/input_value=[\s\S]*?(, input_type|$)/g, 'input_value=…$1')
    .replace(/-?\d[\d.e+-]*(?:\s*,\s*-?\d[\d.e+-]*){3,}/gi, '…');
}
