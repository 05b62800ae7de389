/** Jinja's tests: `x is …`. */
import { isLower, isUpper } from './methods.ts';
import {
  compare,
  contains,
  equal,
  fail,
  isCallable,
  isDict,
  isFloat,
  isList,
  isTuple,
  numberOf,
  textOf,
  typeName,
  type Value,
} from './values.ts';

type Test = (value: Value, args: readonly Value[]) => boolean;

const whole = (value: Value, test: string): number =>
  numberOf(value) ?? fail(`is ${test}: must be a number, got ${typeName(value)}`);

const ordered =
  (holds: (order: number) => boolean): Test =>
  (value, [other]) =>
    holds(compare(value, other));

const [greater, least, less, most]: Test[] = [
  ordered((order) => order > 0),
  ordered((order) => order >= 0),
  ordered((order) => order < 0),
  ordered((order) => order <= 0),
];
const same: Test = (value, [other]) => equal(value, other);

const tests: Readonly<Record<string, Test | undefined>> = {
  defined: (value) => value !== undefined,
  undefined: (value) => value === undefined,
  none: (value) => value === null,
  boolean: (value) => typeof value === 'boolean',
  true: (value) => value === true,
  false: (value) => value === false,
  string: (value) => typeof value === 'string',
  // A bool is a number in Python, and no integer in Jinja.
  number: (value) => numberOf(value) !== undefined,
  integer: (value) => typeof value === 'number',
  float: isFloat,
  mapping: isDict,
  sequence: (value) =>
    typeof value === 'string' || isList(value) || isTuple(value) || isDict(value) || value === undefined,
  iterable: (value) =>
    typeof value === 'string' || isList(value) || isTuple(value) || isDict(value) || value === undefined,
  // Undefined may be called, to an error.
  callable: (value) => isCallable(value) || value === undefined,
  odd: (value) => Math.abs(whole(value, 'odd') % 2) === 1,
  even: (value) => whole(value, 'even') % 2 === 0,
  divisibleby: (value, [by]) => whole(value, 'divisibleby') % whole(by, 'divisibleby') === 0,
  lower: (value) => isLower(textOf(value)),
  upper: (value) => isUpper(textOf(value)),
  in: (value, [container]) => contains(container, value),
  sameas: (value, [other]) => value === other,
  eq: same,
  equalto: same,
  '==': same,
  ne: (value, args) => !same(value, args),
  '!=': (value, args) => !same(value, args),
  gt: greater,
  greaterthan: greater,
  '>': greater,
  ge: least,
  '>=': least,
  lt: less,
  lessthan: less,
  '<': less,
  le: most,
  '<=': most,
};

/** The test of that name. Throws a RangeError naming one that is not known. */
export const testNamed = (name: string): Test =>
  (Object.hasOwn(tests, name) ? tests[name] : undefined) ?? fail(`no test named '${name}' is known`);
