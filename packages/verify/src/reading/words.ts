import { table } from '../table.ts';

/** The closed vocabularies: functions the evaluator knows, names of constants, units, and the words that join or qualify answers. */

const set = (words: string): ReadonlySet<string> => new Set(words.split(' '));

/** Functions of one argument and a few of two; spelled with or without a backslash. */
export const functionNames: ReadonlySet<string> = set(
  'sin cos tan cot sec csc cosec arcsin arccos arctan arccot arcsec arccsc asin acos atan sinh cosh tanh coth sech csch tg ctg arctg arcctg sh ch th ln log lg exp sqrt abs floor ceil ceiling gcd lcm max min det sgn sign binom Re Im',
);

/** Spellings of one function. */
export const functionAliases: Readonly<Record<string, string>> = table({
  cosec: 'csc',
  asin: 'arcsin',
  acos: 'arccos',
  atan: 'arctan',
  tg: 'tan',
  ctg: 'cot',
  arctg: 'arctan',
  arcctg: 'arccot',
  sh: 'sinh',
  ch: 'cosh',
  th: 'tanh',
  ceiling: 'ceil',
  sign: 'sgn',
});

/** Names that a plain-text answer spells out and LaTeX writes as commands. */
export const plainCommands: ReadonlySet<string> = set(
  'pi theta alpha beta gamma delta lambda mu omega phi psi sigma rho tau epsilon infty infinity oo union cup cap emptyset times cdot frac',
);

/** Words of two or three letters that are words, not products of symbols. */
export const shortWords: ReadonlySet<string> = set(
  'am pm an as at be by do go he if in is it me my no of on or so to up us we and the all any are but can day few for had has he her him his how its man may new nor not now odd off old one our out own per see set she six ten sum the too two use was way who why yes you cm mm km kg mg ml ft mi hr oz lb lbs cc sq min sec hrs mph kph deg rad gal yd mol kmh pct usd rs red map dot cat dog boy cup sin ace end aye',
);

/** Joins the items of a list. */
export const connectives: ReadonlySet<string> = set('and or & und et ou y oder');

/** Text that begins a side condition: "for all x", "where k is an integer". */
export const qualifierStart: RegExp =
  /^(?:for|where|with|if|when|such|given|is|are|as|in which|on|whenever|provided|holds?|works?|only|respectively|so|because|since|that|which)\b/i;

const harmless: ReadonlySet<string> = set(
  'only is are it thus so hence therefore then the answer answers solution solutions final exactly about approximately approx around roughly a an total of value values result equals equal to they we have get find either both be x y rs usd us domain range ratio let all point points when yes simply just that in our would must should will',
);

/** Text before an answer that says nothing about it. */
export const harmlessPrefix = (phrase: string): boolean =>
  phrase.split(/[\s.,]+/).every((word) => word === '' || harmless.has(word.toLowerCase()));

interface Unit {
  readonly dimension: string;
  readonly scale: number;
}

const unitTable: Record<string, Unit> = Object.create(null) as Record<string, Unit>;
const define = (dimension: string, scale: number, names: string): void => {
  for (const name of names.split('|')) unitTable[name] = { dimension, scale };
};
define('length', 1, 'm|meter|meters|metre|metres');
define('length', 0.01, 'cm|centimeter|centimeters|centimetre|centimetres');
define('length', 0.001, 'mm|millimeter|millimeters|millimetre|millimetres');
define('length', 1000, 'km|kilometer|kilometers|kilometre|kilometres|kms');
define('length', 0.1, 'dm|decimeter|decimeters');
define('length', 0.0254, 'in|inch|inches');
define('length', 0.3048, 'ft|foot|feet');
define('length', 0.9144, 'yd|yard|yards|yds');
define('length', 1609.344, 'mi|mile|miles');
define('mass', 1, 'kg|kilogram|kilograms|kilo|kilos|kgs');
define('mass', 0.001, 'g|gram|grams|gm|gms');
define('mass', 1e-6, 'mg|milligram|milligrams');
define('mass', 1000, 't|ton|tons|tonne|tonnes');
define('mass', 0.45359237, 'lb|lbs|pound|pounds');
define('mass', 0.028349523125, 'oz|ounce|ounces');
define('time', 1, 's|sec|secs|second|seconds');
define('time', 60, 'min|mins|minute|minutes');
define('time', 3600, 'h|hr|hrs|hour|hours');
define('time', 86400, 'day|days');
define('time', 604800, 'week|weeks');
define('volume', 1, 'l|liter|liters|litre|litres');
define('volume', 0.001, 'ml|milliliter|milliliters|cc');
define('volume', 3.785411784, 'gal|gallon|gallons');
define('money', 1, 'dollar|dollars|usd|buck|bucks');
define('money', 0.01, 'cent|cents');
define('speed', 1 / 3.6, 'km/h|kmh|kmph|kph|kilometers per hour|km per hour|kilometres per hour');
define('speed', 1, 'm/s|meters per second|metres per second|m per second');
define('speed', 0.44704, 'mph|miles per hour|mi/h|miles/hour');
define('angle', 1, 'degree|degrees|deg');
define('angle', 180 / Math.PI, 'radian|radians|rad|rads');

/** The dimension and scale of a unit's name, with its power; undefined for a word that is no unit we know. */
export function unitOf(text: string): Unit | undefined {
  const match = /^(square |sq\.? |cubic |cu\.? )?([a-z/ ]+?)\.?(?:\s*\^\s*([23]))?$/.exec(text.toLowerCase().trim());
  if (match === null) return undefined;
  const unit = unitTable[match[2]!];
  if (unit === undefined) return undefined;
  const power =
    match[3] !== undefined ? Number(match[3]) : match[1]?.startsWith('s') ? 2 : match[1] !== undefined ? 3 : 1;
  if (power === 1) return unit;
  if (unit.dimension !== 'length') return undefined;
  return power === 3
    ? { dimension: 'volume', scale: unit.scale ** 3 * 1000 }
    : { dimension: 'area', scale: unit.scale ** 2 };
}

const ones =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const tens = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');

/** "thirty-one" → 31, up to ninety-nine; undefined for other words. */
export function numberWord(words: string): number | undefined {
  const [first = '', second, more] = words.toLowerCase().split(/[\s-]+/);
  if (more !== undefined) return undefined;
  const ten = tens.indexOf(first);
  const one = ones.indexOf(second ?? first);
  if (ten < 0) return second === undefined && one >= 0 ? one : undefined;
  if (second === undefined) return 20 + 10 * ten;
  return one >= 1 && one <= 9 ? 20 + 10 * ten + one : undefined;
}

/** Symbols and words that mean "per cent". */
export const percentWords: ReadonlySet<string> = set('percent percentage pct per-cent percents %');
