/** Puts `[redacted]` wherever a secret, or a common encoding of it, stands in a text. */
export type Redact = (text: string) => string;

/** Shorter ones are no secrets but placeholders (`none`, `EMPTY`), and would blot out ordinary words. */
const shortest = 8;

/**
 * Builds the redactor for some secrets: the text itself, as JSON writes it, as a URL writes it, and in base64.
 * Everything that came from a server, or from `fetch`, passes through it before it may become an error or a step.
 */
export function redactor(secrets: readonly string[]): Redact {
  const forms = new Set<string>();
  for (const secret of secrets) {
    if (secret.length < shortest) continue;
    const bytes = new TextEncoder().encode(secret);
    const base64 = btoa(String.fromCharCode(...bytes)).replace(/=+$/, '');
    for (const form of [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), base64])
      forms.add(form);
  }
  const longestFirst = [...forms].sort((a, b) => b.length - a.length);
  return (text) =>
    longestFirst.reduce((kept, form) => (kept.includes(form) ? kept.replaceAll(form, '[redacted]') : kept), text);
}
