import type { ServedModel } from './served-model.ts';

/** The reply of a value endpoint, or undefined for another path: one number a text, in the form each server gives it. */
export function valueReply(path: string, body: Readonly<Record<string, unknown>>, model: ServedModel): unknown {
  const given = body.input ?? body.text;
  const texts = (Array.isArray(given) ? given : [given]).map(String);
  const values = texts.map(model.value);
  switch (path) {
    case '/pooling':
      return { object: 'list', data: values.map((value, index) => ({ index, object: 'pooling', data: [value] })) };
    case '/v1/embeddings':
      return {
        object: 'list',
        data: values.map((value, index) => ({ index, object: 'embedding', embedding: [value] })),
      };
    case '/classify':
      return body.text === undefined
        ? {
            object: 'list',
            data: values.map((value, index) => ({ index, label: 'value', probs: [value], num_classes: 1 })),
          }
        : values.map((value) => ({ embedding: [value], meta_info: {} }));
    default:
      return undefined;
  }
}
