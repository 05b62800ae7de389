import type { z } from 'zod';
import { policyError } from './errors.ts';

/** Parses JSON and checks its shape; a PolicyError of kind `malformed` says what was wrong and where. */
export function parseJson<Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'not JSON';
    throw policyError('malformed', `the reply is not JSON: ${reason.slice(0, 200)}`);
  }
  return checkShape(schema, value);
}

/** Checks the shape of a parsed value. */
export function checkShape<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues
    .slice(0, 3)
    .map((issue) => `${issue.path.join('.') || 'reply'}: ${issue.message}`);
  throw policyError('malformed', `the reply has another shape than the protocol's: ${problems.join('; ')}`);
}
