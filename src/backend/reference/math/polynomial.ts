/** `c[0] + c[1] x + c[2] x^2 + ...` by Horner's rule. */
export const polynomial = (c: readonly number[], x: number): number => {
  let y = c[c.length - 1]!
  for (let i = c.length - 2; i >= 0; i--) y = y * x + c[i]!
  return y
}
