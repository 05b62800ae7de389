/** tokenizer.json's post-processors: which special tokens go around a text. */
import { type Json, partsOf, typeOf } from '../json.ts';

/** Puts special tokens around ids. */
export type PostProcessor = (ids: readonly number[]) => number[];

const idOf = (pair: unknown, where: string): number => {
  const id = Array.isArray(pair) ? pair[1] : undefined;
  if (typeof id === 'number') return id;
  throw new RangeError(`${where} must be [token, id], got ${JSON.stringify(pair)}`);
};

interface TemplateItem {
  readonly SpecialToken?: { readonly id: string };
  readonly Sequence?: { readonly id: string };
}

const template = (json: Json, where: string): PostProcessor => {
  const known = (json.special_tokens ?? {}) as Readonly<Record<string, { readonly ids?: readonly number[] }>>;
  const items = partsOf(json, 'single', where) as readonly TemplateItem[];
  const parts = items.map(({ SpecialToken: special }): readonly number[] | undefined => {
    if (!special) return undefined;
    const ids = Object.hasOwn(known, special.id) ? known[special.id]?.ids : undefined;
    if (ids) return ids;
    throw new RangeError(
      `${where}: special_tokens must hold '${special.id}', got ${Object.keys(known).join(', ') || 'none'}`,
    );
  });
  return (ids) => parts.flatMap((special) => special ?? ids);
};

/**
 * A post-processor from its part of tokenizer.json; without one, nothing is added.
 * @throws RangeError naming a type that is not understood
 */
export const postProcessorOf = (part: unknown, where = 'post_processor'): PostProcessor => {
  if (part === null || part === undefined) return (ids) => [...ids];
  const type = typeOf(part, where);
  const at = `${where}: ${type}`;
  const json = part as Json;
  switch (type) {
    case 'Sequence': {
      const processors = partsOf(json, 'processors', at).map((one) => postProcessorOf(one, where));
      return (ids) => processors.reduce((current, process) => process(current), [...ids]);
    }
    case 'ByteLevel':
      return (ids) => [...ids];
    case 'BertProcessing':
    case 'RobertaProcessing': {
      const [cls, sep] = [idOf(json.cls, `${at}: cls`), idOf(json.sep, `${at}: sep`)];
      return (ids) => [cls, ...ids, sep];
    }
    case 'TemplateProcessing':
      return template(json, at);
    default:
      throw new RangeError(
        `${at} is not supported (known: BertProcessing, ByteLevel, RobertaProcessing, Sequence, TemplateProcessing)`,
      );
  }
};
