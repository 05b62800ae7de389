/** `pnpm fuzz` tries everything; `npm test` a part of what would take long. */
export const whole: boolean = process.env.SVO_EVERY_PLACE !== undefined;
