/** A chat template, parsed once, and where in its source an error belongs. */
import { type Rendered, runTemplate } from './interpreter.ts';
import { lineOf, type Node, parseTemplate } from './syntax.ts';
import { valueFrom } from './values.ts';

/** A parsed template. */
export interface Template {
  readonly render: (variables: Readonly<Record<string, unknown>>) => Rendered;
}

/** Tags that have a statement of their own in the tree, in the tree's order. */
const statementTag =
  /\{\{-?|\{%[-+]?\s*(?:set|if|elif|for|macro|call|filter|break|continue|generation|endgeneration)\b/g;

/** The statements of a tree that stand for tags, in the order of the source. */
function* statements(body: readonly Node[]): Generator<Node> {
  for (const at of body) {
    if (at.type === 'Comment' || at.type === 'StringLiteral') continue;
    yield at;
    for (const key of ['body', 'alternate', 'defaultBlock'])
      if (Array.isArray(at[key])) yield* statements(at[key] as readonly Node[]);
  }
}

/** Where each statement stands; empty where source and tree cannot be laid side by side. */
const placesOf = (source: string, program: Node): ReadonlyMap<Node, string> => {
  const found = [...statements(program.body as readonly Node[])];
  const tags = [...source.matchAll(statementTag)];
  if (found.length !== tags.length) return new Map();
  return new Map(found.map((at, index) => [at, lineOf(source, tags[index]!.index)]));
};

/** Templates seen before: a data set renders thousands of rows by one. */
const known = new Map<string, Template>();
const mostKnown = 32;

/**
 * Parses a template.
 * @throws RangeError naming the line and the tag that cannot be parsed; from `render`, what is unknown or refused, and its line
 */
export const templateOf = (source: string): Template => {
  const found = known.get(source);
  if (found) return found;
  const program = parseTemplate(source);
  const places = placesOf(source, program);
  const template: Template = {
    render: (variables) => {
      let place: string | undefined;
      try {
        const values = new Map(Object.entries(variables).map(([name, plain]) => [name, valueFrom(plain)]));
        return runTemplate(program, values, (at) => {
          place = places.get(at) ?? place;
        });
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        throw new RangeError(place === undefined ? message : `${message} (${place})`);
      }
    },
  };
  if (known.size >= mostKnown) known.clear();
  known.set(source, template);
  return template;
};
