/** Puts `[redacted]` wherever a secret, or a common encoding of it, stands in a text. */
export type Redact = (text: string) => string;

/** Shorter ones are no secrets but placeholders (`none`, `EMPTY`), and would blot out ordinary words. */
const shortest = 8;

const redacted = '[redacted]';

/** A secret as it may be written: itself, as JSON, PHP's JSON and URLs write it, in base64 of both alphabets, in hexadecimal. */
function formsOf(secrets: readonly string[]): string[] {
  const forms = new Set<string>();
  for (const secret of secrets) {
    if (secret.length < shortest) continue;
    const bytes = new TextEncoder().encode(secret);
    const json = JSON.stringify(secret).slice(1, -1);
    const base64 = btoa(String.fromCharCode(...bytes)).replace(/=+$/, '');
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
    forms.add(secret).add(json).add(json.replaceAll('/', '\\/')).add(encodeURIComponent(secret));
    forms.add(base64).add(base64.replaceAll('+', '-').replaceAll('/', '_')).add(hex).add(hex.toUpperCase());
  }
  return [...forms].sort((a, b) => b.length - a.length);
}

/** Builds the redactor for whole secrets. A step that a server sends passes through it before it becomes a candidate. */
export function redactor(secrets: readonly string[]): Redact {
  const longestFirst = formsOf(secrets);
  return (text) =>
    longestFirst.reduce((kept, form) => (kept.includes(form) ? kept.replaceAll(form, redacted) : kept), text);
}

/**
 * Builds the redactor for messages: errors quote what a server sent, cut where there is no more room, and JSON's own errors
 * a few characters around the fault. So it takes out any eight characters in a row that a secret holds, and what else of it
 * follows them.
 *
 * @example
 * ```ts
 * import { messageRedactor } from '@svo/policy';
 * messageRedactor(['sk-secret-1234'])('the key sk-secret-12… is not known'); // => 'the key [redacted]… is not known'
 * ```
 */
export function messageRedactor(secrets: readonly string[]): Redact {
  const fragments = new Set<string>();
  for (const form of formsOf(secrets)) {
    for (let at = 0; at + shortest <= form.length; at++) fragments.add(form.slice(at, at + shortest));
  }
  if (fragments.size === 0) return (text) => text;
  return (text) => {
    let kept = '';
    for (let at = 0; at < text.length; ) {
      let end = at;
      // Each fragment that begins within the last one's reach makes the stretch longer.
      for (let start = at; start <= end && start < text.length; start++) {
        if (fragments.has(text.slice(start, start + shortest))) end = start + shortest;
        else if (start === at) break;
      }
      kept += end > at ? redacted : text[at];
      at = end > at ? end : at + 1;
    }
    return kept;
  };
}
