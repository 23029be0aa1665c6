/** The lint rule against names of dtypes can fail: planted comparisons are found, and names as values are let be. */
import type { Rule } from 'eslint'
import { ESLint, Linter } from 'eslint'
import ts from 'typescript-eslint'
import { describe, expect, it } from 'vitest'
import { dtypes } from '../src/core/dtype.js'

const { dtypeNames, names } = (await import(new URL('../scripts/dtypeNames.mjs', import.meta.url).href)) as {
  readonly dtypeNames: Rule.RuleModule
  readonly names: readonly string[]
}

const found = (code: string): number => {
  const messages = new Linter().verify(
    code,
    [
      {
        files: ['**/*.ts'],
        languageOptions: { parser: ts.parser },
        plugins: { adjoint: { rules: { 'dtype-names': dtypeNames } } },
        rules: { 'adjoint/dtype-names': 'error' },
      },
    ],
    { filename: 'planted.ts' },
  )
  expect(messages.filter((m) => m.fatal)).toEqual([])
  return messages.length
}

describe('names of dtypes', () => {
  it('are all known to the rule', () => {
    expect([...names].sort()).toEqual(Object.keys(dtypes).sort())
  })
  it.each([
    ...Object.keys(dtypes).map((d) => `const f = (x) => x.dtype === '${d}'`),
    "if (x.dtype !== 'bool') f(x)",
    "const y = 'float64' === x.dtype ? 1 : 2",
    "const y = x.dtype == 'float64'",
    "const y = x.dtype === ('float64' as DType)",
    "const double = 'float64' as const; const f = (x) => x.dtype === double",
    "switch (x.dtype) { case 'int32': f(); break; default: g() }",
    "const y = ['float32', 'float64'].includes(x.dtype)",
    "const floats: readonly DType[] = ['float32', 'float64']; const f = (x) => floats.includes(x.dtype)",
    "const floats = new Set(['float32', 'float64']); const f = (x) => floats.has(x.dtype)",
  ])('are found where they are compared: %s', (code) => {
    expect(found(code)).toBe(1)
  })
  it.each([
    "const y = cast(x, 'float32')",
    "const y = isBool(x.dtype) ? 'int32' : x.dtype",
    'const y = x.dtype === y.dtype',
    'const y = x.dtype === indexType',
    "const y = dtypes[x.dtype].kind === 'signed'",
    'const table: Record<DType, number> = { bool: 0, int32: 1, uint32: 2, float32: 3, float64: 4 }; const y = table[x.dtype]',
    "const y = ['int', 'float'].includes(x.kind)",
  ])('let be as values: %s', (code) => {
    expect(found(code)).toBe(0)
  })
  it.each([
    ['src/numpy/planted.ts', true],
    ['src/index.ts', true],
    ['src/core/format.ts', true],
    ['src/core/dtype.ts', false],
    ['src/backend/reference/float.ts', false],
    ['src/io/npy.ts', false],
  ])('of %s are looked at: %s', async (file, looked) => {
    const { rules } = (await new ESLint().calculateConfigForFile(file)) as { readonly rules: Readonly<Record<string, unknown>> }
    expect('adjoint/dtype-names' in rules).toBe(looked)
  })
})
