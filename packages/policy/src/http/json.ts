import type { z } from 'zod';
import { PolicyError, policyError } from './errors.ts';
import { errorInReply } from './reply-error.ts';

/** A text as JSON, or a PolicyError of kind `malformed`. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'not JSON';
    throw policyError('malformed', `the reply is not JSON: ${reason.slice(0, 200)}`);
  }
}

/**
 * Parses JSON and checks its shape. An error that the reply holds is thrown as what it is; a PolicyError of kind `malformed`
 * says what else was wrong and where.
 */
export function parseJson<Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> {
  const value = readJson(text);
  const failure = errorInReply(value);
  if (failure !== undefined) throw new PolicyError(failure);
  return checkShape(schema, value);
}

/** Checks the shape of a parsed value; one of another shape may hold an error all the same. */
export function checkShape<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const failure = errorInReply(Array.isArray(value) ? value[0] : value, true);
  if (failure !== undefined) throw new PolicyError(failure);
  throw policyError('malformed', `the reply has another shape than the protocol's: ${problemsOf(result.error)}`);
}

/** The first few things wrong with a value's shape, with their places. */
export function problemsOf(error: z.ZodError): string {
  return error.issues
    .slice(0, 3)
    .map(({ path, message }) => `${path.join('.') || 'reply'}: ${message}`)
    .join('; ');
}
