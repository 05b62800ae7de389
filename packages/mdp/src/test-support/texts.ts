import fc from 'fast-check';

/** Texts of any code units, halves of pairs among them. (fast-check's own tables of characters take a second to make.) */
export const codeUnits = (least = 0, most = 60): fc.Arbitrary<string> =>
  fc
    .array(fc.oneof(fc.nat(0x7f), fc.nat(0xffff)), { minLength: least, maxLength: most })
    .map((units) => String.fromCharCode(...units));
