/**
 * What is accepted although a number of its kind is a mistake elsewhere, each with the reason. Everything else of the public surface
 * refuses NaN, infinities, negative, fractional and huge numbers where its parameter is a number.
 */

/** `function.parameter` -> why any number is right there. */
export const values: Readonly<Record<string, string>> = {}
