/** The lint rule against loops over results can fail: planted loops are found, and what asserts enough is let be. */
import type { Rule } from 'eslint'
import { Linter } from 'eslint'
import ts from 'typescript-eslint'
import { describe, expect, it } from 'vitest'

const { resultLoops } = (await import(new URL('../scripts/resultLoops.mjs', import.meta.url).href)) as {
  readonly resultLoops: Rule.RuleModule
}

const found = (code: string): number => {
  const messages = new Linter().verify(
    code,
    [
      {
        files: ['**/*.ts'],
        languageOptions: { parser: ts.parser },
        plugins: { adjoint: { rules: { 'result-loops': resultLoops } } },
        rules: { 'adjoint/result-loops': 'error' },
      },
    ],
    { filename: 'planted.test.ts' },
  )
  expect(messages.filter((m) => m.fatal)).toEqual([])
  return messages.length
}

describe('loops over results', () => {
  it.each([
    '[...got.toTypedArray()].forEach((v, i) => { expect(v).toBeCloseTo(want[i], 10) })',
    '[...got.toTypedArray()].forEach((v) => { expect(v).toBe(1) })',
    'got.forEach((v, i) => { expect(v).toBe(want[i]) })',
    'want.forEach((v, i) => expect(got[i]).toBe(v))',
    'for (const v of got.toArray()) expect(v).toBe(1)',
    'for (const [i, v] of got.entries()) expect(v).toBe(want[i])',
    'for (let i = 0; i < got.length; i++) expect(got[i]).toBe(want[i])',
    'const flat = got.toTypedArray(); for (const v of flat) expect(v).toBe(1)',
    'it("x", () => { expect(other.length).toBe(3); flat(got).forEach((v) => { expect(v).toBe(1) }) })',
    'got.forEach((row, i) => row.forEach((v, k) => { expect(v).toBe(want[i][k]) }))',
    '[0, ...got].forEach((v, i) => { expect(v).toBe(want[i]) })',
  ])('are found: %s', (code) => {
    expect(found(code)).toBeGreaterThan(0)
  })
  it.each([
    'for (const dtype of ["float32", "float64"] as const) expect(np.ones([2], { dtype }).dtype).toBe(dtype)',
    '[0.5, 1, 2].forEach((x, i) => { expect(f(x)).toBe(want[i]) })',
    'const cases = [[1, 2], [3, 4]] as const; cases.forEach(([x, y], i) => { expect(f(x, i)).toBe(y) })',
    'for (const [name, f] of Object.entries(functions)) it(name, () => { expect(f(1)).toBe(1) })',
    'it("x", () => { expect(got.length).toBe(want.length); got.forEach((v, i) => { expect(v).toBe(want[i]) }) })',
    'it("x", () => { expect(y.shape).toEqual([2, 3]); for (const v of y.toTypedArray()) expect(v).toBe(1) })',
    'got.forEach((v, i) => { sum += v * i })',
    'expect(got.map((v, i) => v * i)).toEqual(want)',
    'for (let k = 0; k < 3; k++) expect(step(k)).toBe(k)',
  ])('let be: %s', (code) => {
    expect(found(code)).toBe(0)
  })
})
