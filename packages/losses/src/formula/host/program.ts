import { inOrder } from '../differentiate.ts';
import type { SharedParts } from '../shared.ts';
import type { Shape, Term } from '../term.ts';
import type { Numbers } from './elements.ts';
import { lowered } from './lower.ts';
import { type Instruction, stepOf } from './steps.ts';

/** What a run is given: how long each dimension is, scalars and arrays by name. */
export interface Given {
  readonly sizes: Readonly<Record<string, number>>;
  readonly options: Readonly<Record<string, number>>;
  readonly numbers: (input: string) => ArrayLike<number>;
}

/** A formula ready to run on plain arrays in float64, for any sizes. */
export interface Program {
  /** Runs what the first `results` results need and returns them; they are valid until any program runs again. */
  readonly run: (given: Given, results: number) => readonly Numbers[];
}

/** Where a result lies, and how far the steps go that it needs. */
interface Plan {
  readonly shapes: readonly Shape[];
  readonly steps: readonly Instruction[];
  readonly given: readonly { readonly leaf: Term; readonly place: number }[];
  readonly results: readonly { readonly place: number; readonly after: number }[];
}

/** Compiles terms once: a flat list of loops over numbered places, each used again as soon as nobody reads it any more. */
export function programOf(shared: SharedParts): Program {
  const plan = planOf(shared);
  const columns = plan.shapes.find((shape) => shape.includes(' '))?.split(' ')[1];
  let at: readonly Numbers[] = [];
  let bound = '';
  return {
    run(given, results) {
      const { sizes } = given;
      const lengths = Object.values(sizes).join();
      if (bound !== lengths) {
        at = plan.shapes.map((shape, place) => scratch(place, lengthOf(shape, sizes)));
        bound = lengths;
      }
      for (const { leaf, place } of plan.given) write(at[place]!, leaf, given);
      const width = columns === undefined ? 1 : sizes[columns]!;
      const end = Math.max(...plan.results.slice(0, results).map(({ after }) => after));
      for (let k = 0; k < end; k++) plan.steps[k]!(at, width);
      return plan.results.slice(0, results).map(({ place }) => at[place]!);
    },
  };
}

const leaves: ReadonlySet<string> = new Set(['input', 'option', 'size', 'constant']);

function planOf(shared: SharedParts): Plan {
  const ends = lowered(shared);
  const order = inOrder(ends);
  const [shapes, free] = [[] as Shape[], new Map<Shape, number[]>()];
  const [places, lastUse] = [new Map<Term, number>(), new Map<Term, number>()];
  for (const [k, { operands }] of order.entries()) for (const operand of operands) lastUse.set(operand, k);
  for (const end of ends) lastUse.set(end, order.length);
  const take = (shape: Shape): number => free.get(shape)?.pop() ?? shapes.push(shape) - 1;
  const given = order
    .filter(({ operation }) => leaves.has(operation))
    .map((leaf) => ({ leaf, place: take(leaf.shape) }));
  for (const { leaf, place } of given) places.set(leaf, place);
  const steps: Instruction[] = [];
  const after = new Map<Term, number>();
  for (const [k, value] of order.entries()) {
    if (!places.has(value)) {
      // The result's place is taken before any is given back: a step never writes where it still reads.
      const out = take(value.shape);
      places.set(value, out);
      steps.push(
        stepOf(
          value,
          out,
          value.operands.map((operand) => places.get(operand)!),
        ),
      );
    }
    after.set(value, steps.length);
    for (const operand of new Set(value.operands))
      if (lastUse.get(operand) === k)
        free.set(operand.shape, [...(free.get(operand.shape) ?? []), places.get(operand)!]);
  }
  return { shapes, steps, given, results: ends.map((end) => ({ place: places.get(end)!, after: after.get(end)! })) };
}

function write(out: Numbers, { operation, detail, shape }: Term, { sizes, options, numbers }: Given): void {
  if (operation === 'constant') out[0] = detail.number!;
  else if (operation === 'option') out[0] = options[detail.name!]!;
  else if (operation === 'size') out[0] = Math.max(sizes[detail.name!]!, 1);
  else if (shape === '') out[0] = numbers(detail.name!)[0]!;
  else out.set(numbers(detail.name!));
}

const lengthOf = (shape: Shape, sizes: Given['sizes']): number =>
  shape === '' ? 1 : shape.split(' ').reduce((length, dimension) => length * sizes[dimension]!, 1);

/** Memory all programs share, since only one runs at a time: a place a number, grown to the longest array it ever held. */
const places: Numbers[] = [];

/** The memory of one place, `length` numbers long. Whatever was there is overwritten by who writes next. */
function scratch(place: number, length: number): Numbers {
  const own = places[place];
  if (own === undefined || own.length < length) places[place] = new Float64Array(length);
  return places[place]!.subarray(0, length);
}
