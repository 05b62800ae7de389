/** A value as TypeScript writes it: keys bare where they may be, text in single quotes. */
export function literal(value: unknown, indent = ''): string {
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return `[${value.map((item) => literal(item, indent)).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const fields = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .map(([key, item]) => `${/^[A-Za-z_]\w*$/.test(key) ? key : quoted(key)}: ${literal(item, indent)}`);
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}

const quoted = (text: string): string =>
  `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
